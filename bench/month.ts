/** Lets numbers live for a month in which their owners write from the app every day; each echo comes as a signed webhook. */
import type { World } from '../src/launch/world.ts';

const DAY_MS = 86_400_000;
const HALF_A_DAY_MS = DAY_MS / 2;
const DAYS = 30;
/** Meta puts up to 1,000 changes into one POST. */
const ECHOES_PER_WEBHOOK = 500;

export interface BusyNumber {
  readonly digits: string;
  readonly echoesADay: number;
}

/** All of them side by side under the one clock. */
export async function liveAMonth(world: World, numbers: readonly BusyNumber[]): Promise<void> {
  await world.advance(HALF_A_DAY_MS); // the first of them come on the first day, or the number is taken for quiet
  for (let day = 0; day < DAYS; day += 1) {
    for (const number of numbers) await sendEchoes(world, number);
    await world.settle();
    await world.advance(DAY_MS);
  }
}

/** The day's echoes, spread over the half of it that has just passed. */
async function sendEchoes(world: World, { digits, echoesADay }: BusyNumber): Promise<void> {
  const phone = await world.meta.readPhone(digits);
  const nowMs = world.nowMs();
  const times = Array.from(
    { length: echoesADay },
    (_, index) => nowMs - HALF_A_DAY_MS * (1 - (index + 1) / echoesADay),
  );
  for (let from = 0; from < times.length; from += ECHOES_PER_WEBHOOK) {
    const echoes = times.slice(from, from + ECHOES_PER_WEBHOOK).map((atMs, index) => ({
      from: digits,
      to: '15550177001',
      id: `wamid.BENCH${digits}.${nowMs}.${from + index}`,
      timestamp: String(Math.floor(atMs / 1000)),
      type: 'text',
      text: { body: 'Yes, from 8:00' },
    }));
    const metadata = { display_phone_number: digits, phone_number_id: phone['phoneNumberId'] };
    const value = { messaging_product: 'whatsapp', metadata, message_echoes: echoes };
    await world.meta.post('webhooks', { field: 'smb_message_echoes', entryId: phone['wabaId'], value });
  }
}

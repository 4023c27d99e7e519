/** Plays one onboarding through the real doors, with what Meta sends in a lucky, an unlucky or a late order of arrival. */
import type { World } from '../src/launch/world.ts';

export type Order = 'lucky' | 'unlucky' | 'late news';

const MINUTE_MS = 60_000;
/** As many chunks as a history of six months has; the last of them carries progress 100. */
const CHUNKS = 12;
/** Later than the number is claimed: then the news is routed to it and not parked. */
const LATE_NEWS_MS = 30_000;
/** Batches of contacts of a phone of the local Meta. */
const BATCHES = 2;

interface HeldWebhook {
  readonly id: number;
  readonly field: string;
}

/** From the invitation until both imports are complete; answers the number's id. */
export async function onboard(world: World, digits: string, order: Order): Promise<string> {
  await world.meta.makePhone({ digits, history: { chunks: CHUNKS, messages: 240, days: 180 } });
  const { id } = await world.backend.invite(`+${digits}`);
  await world.advance(2 * MINUTE_MS);
  if (order === 'unlucky') await holdImports(world);
  await finishSignup(world, { numberId: id, digits, order });
  if (order === 'unlucky') await letImportsGo(world);
  await until(world, 'both imports are complete', async () => {
    const { syncs } = await world.backend.readNumber(id);
    return syncs.contacts.state === 'complete' && syncs.history.state === 'complete';
  });
  await world.settle();
  return id;
}

/** Lucky: the code before the result. Unlucky: the account's news first, then the result, and the code last. Late: the news last. */
async function finishSignup(world: World, at: { numberId: string; digits: string; order: Order }): Promise<void> {
  const { state } = await world.backend.openDialog(at.numberId);
  const { code, message } = await world.meta.finishSignup(at.digits, {
    partnerAddedDelayMs: at.order === 'late news' ? LATE_NEWS_MS : 0,
  });
  if (code === null) throw new Error('the dialog gave no code');
  if (at.order === 'unlucky') await world.settle();
  const parts = [() => world.backend.sendCode(state, code), () => world.backend.sendResult(state, message)];
  for (const send of at.order === 'unlucky' ? parts.toReversed() : parts) {
    const { status } = await send();
    if (status !== 202) throw new Error(`a part of the signup was answered ${status}`);
  }
  await world.settle();
}

async function holdImports({ meta }: World): Promise<void> {
  await meta.post('webhook-faults', { field: 'history', times: CHUNKS, fault: 'hold' });
  await meta.post('webhook-faults', { field: 'smb_app_state_sync', times: BATCHES, fault: 'hold' });
}

/** The chunks in reverse, so that progress 100 comes first; then the contacts. */
async function letImportsGo(world: World): Promise<void> {
  let held: HeldWebhook[] = [];
  await until(world, 'the imports are held', async () => {
    held = heldOf(await world.meta.get('webhooks/held'));
    return held.length === CHUNKS + BATCHES;
  });
  const idsOf = (field: string): number[] => held.filter((webhook) => webhook.field === field).map(({ id }) => id);
  await world.meta.post('webhooks/release', { order: idsOf('history').toReversed() });
  await world.settle();
  await world.meta.post('webhooks/release', { order: idsOf('smb_app_state_sync') });
  await world.settle();
}

/** The control plane is ours, and tested in its own ring. */
function heldOf(answer: unknown): HeldWebhook[] {
  return (answer as { webhooks: HeldWebhook[] }).webhooks;
}

async function until(world: World, what: string, isDone: () => Promise<boolean>): Promise<void> {
  if (!(await world.advanceUntil(isDone, 60 * MINUTE_MS))) throw new Error(`not within an hour: ${what}`);
}

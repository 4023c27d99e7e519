/** Account events in every order, Meta's times unchanged: each life ends as the one in which they came in time. */
import { expect, test } from 'vitest';
import type { NumberView } from '../../src/launch/backend.ts';
import type { World } from '../../src/launch/world.ts';
import {
  clearFaults,
  finishDialog,
  heldOf,
  HOUR_MS,
  isConnected,
  MINUTE_MS,
  reach,
  sendParts,
  sentencesOf,
} from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld();
const NO_IMPORT = { importContacts: false, importHistory: false };
const EVENTS = ['ACCOUNT_OFFBOARDED', 'ACCOUNT_RECONNECTED', 'PARTNER_REMOVED'];

interface Life {
  title: string;
  acts: readonly Record<string, unknown>[];
  ends: string;
}

const AWAY = { action: 'replacePhone', reconnect: false };
const BACK = { action: 'reconnect' };
const REMOVED = { action: 'disconnect', shape: 'full', reason: 'ACCOUNT_DISCONNECTED' };

const LIVES: readonly Life[] = [
  { title: 'a new phone, back', acts: [AWAY, BACK], ends: 'connected' },
  { title: 'removed, and back within the hold', acts: [REMOVED, BACK], ends: 'connected' },
  { title: 'a new phone, never back, removed', acts: [AWAY, REMOVED], ends: 'disconnected' },
  { title: 'a new phone, back, then removed', acts: [AWAY, BACK, REMOVED], ends: 'disconnected' },
  { title: 'a new phone, removed meanwhile, then back', acts: [AWAY, REMOVED, BACK], ends: 'connected' },
];

function permutationsOf<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((first, index) => permutationsOf(list.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

/** Numbers side by side, connected. */
async function connectAll(world: World, all: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const digits of all) {
    const invited = await finishDialog(world, digits, { wanted: NO_IMPORT });
    await sendParts(world, invited);
    ids.set(digits, invited.numberId);
  }
  for (const id of ids.values()) await reach(world, id, isConnected);
  return ids;
}

/** Each phone lives the acts, an hour apart, and nobody hears of it. */
async function liveInSilence(world: World, all: readonly string[], acts: Life['acts']): Promise<void> {
  for (const event of EVENTS) {
    await world.meta.post('webhook-faults', { event, times: all.length * acts.length, fault: 'hold' });
  }
  for (const act of acts) {
    await world.advance(HOUR_MS);
    for (const digits of all) await world.meta.act(digits, act);
  }
  await world.advance(HOUR_MS);
  await clearFaults(world);
}

const endOf = ({ connection, headline, cycle, link, attempt }: NumberView): object => ({
  connection,
  headline,
  cycle,
  link: link.state,
  reason: link.end?.reason ?? null,
  attempt: attempt.state,
});

let made = 0;

test.each(LIVES)('in whatever order the news comes: $title, ends $ends', async ({ acts, ends }) => {
  const { world } = bench;
  const orders = permutationsOf(acts.map((_act, index) => index));
  const all = orders.map(() => `1555011${String((made += 1)).padStart(4, '0')}`);
  const ids = await connectAll(world, all);
  await liveInSilence(world, all, acts);
  const held = await heldOf(world);
  expect(held.length).toBe(all.length * acts.length);
  for (let place = 0; place < acts.length; place += 1) {
    const order = all.map((digits, row) => held.filter((one) => one.digits === digits)[orders[row]?.[place] ?? -1]?.id);
    await world.meta.post('webhooks/release', { order });
    await world.settle();
    await world.advance(10 * MINUTE_MS);
  }
  await world.advance(HOUR_MS);
  const seen = [];
  for (const [row, digits] of all.entries()) {
    const id = ids.get(digits) ?? '';
    const number = await world.backend.readNumber(id);
    seen.push({ order: orders[row]?.join(), end: endOf(number), told: await sentencesOf(world, id) });
  }
  const reference = seen[0];
  expect(reference?.end).toMatchObject({ connection: ends });
  for (const { order, end, told } of seen) expect(end, `order ${order}\n${told.join('\n')}`).toEqual(reference?.end);
});

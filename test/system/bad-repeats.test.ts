/** Everything that Meta or the browser says comes twice: the life is the one in which it came once. */
import { expect, test } from 'vitest';
import type { World } from '../../src/launch/world.ts';
import {
  accountEvent,
  acceptedTimes,
  clearFaults,
  finishDialog,
  heldOf,
  HOUR_MS,
  isConnected,
  isImported,
  PARTNER,
  query,
  reach,
  SECRETS,
  sendParts,
  sendWebhook,
  sentencesOf,
  wabaOf,
} from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld({ secrets: SECRETS });
const ONCE = '15550111001';
const TWICE = '15550111002';

/** Connected, imported, paused by a new phone, back, and removed. */
async function live(world: World, digits: string, partsSent: number): Promise<string> {
  const invited = await finishDialog(world, digits);
  for (let sent = 0; sent < partsSent; sent += 1) await sendParts(world, invited);
  await reach(world, invited.numberId, isConnected);
  await reach(world, invited.numberId, isImported);
  for (let sent = 1; sent < partsSent; sent += 1) await sendParts(world, invited);
  await world.advance(2 * HOUR_MS);
  await world.meta.act(digits, { action: 'replacePhone', afterMs: 240_000 });
  await reach(world, invited.numberId, ({ connection }) => connection === 'paused');
  await reach(world, invited.numberId, isConnected);
  await world.advance(2 * HOUR_MS);
  await world.meta.act(digits, { action: 'disconnect', shape: 'full', reason: 'ACCOUNT_DISCONNECTED' });
  await reach(world, invited.numberId, ({ connection }) => connection === 'disconnected');
  return invited.numberId;
}

/** Sentences without their dates: the two lives are lived one after the other. */
async function storyOf(world: World, numberId: string): Promise<string[]> {
  return (await sentencesOf(world, numberId)).map((sentence) =>
    sentence.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\dZ/g, '…'),
  );
}

const ledgerOf = (numberId: string): Promise<Record<string, unknown>[]> =>
  query(
    bench.world,
    'select type, chunks, counted, progress, phases from sync_ledger where number_id = $1 order by type',
    [numberId],
  );

let once = '';
let twice = '';

test('a life in which each webhook and each part of the signup comes twice is told once, and asks Meta once', async () => {
  const { world } = bench;
  once = await live(world, ONCE, 1);
  await world.meta.post('webhook-faults', { times: 1_000, fault: 'twice' });
  twice = await live(world, TWICE, 2);
  await world.settle();
  await clearFaults(world);

  const repeated = await query(world, 'select count(*)::int as count from webhook_deliveries where repeats > 0');
  expect(Number(repeated[0]?.['count']), 'the repeats really came').toBeGreaterThan(15);
  expect(await storyOf(world, twice)).toEqual(await storyOf(world, once));
  expect(await ledgerOf(twice)).toEqual(await ledgerOf(once));
  const { activity: _a, ...seen } = await world.backend.readNumber(twice);
  const { activity: _b, ...reference } = await world.backend.readNumber(once);
  expect({ ...seen.link.end, ...seen.syncs, headline: seen.headline, cycle: seen.cycle }).toMatchObject({
    reason: reference.link.end?.reason,
    contacts: { state: reference.syncs.contacts.state },
    history: { state: reference.syncs.history.state },
    headline: reference.headline,
    cycle: reference.cycle,
  });
  for (const call of ['exchangeCode', 'syncContacts', 'syncHistory']) {
    expect(await acceptedTimes(world, TWICE, call), call).toBe(1);
  }
});

test('news that comes again in other bytes, or beside other news, is still the same news', async () => {
  const { world } = bench;
  const before = await storyOf(world, twice);
  const [told] = await query(
    world,
    `select envelope::text as text from number_facts where number_id = $1 and envelope::text like '%partnerRemoved%'`,
    [twice],
  );
  const removedAtMs = Number(JSON.parse(String(told?.['text'])).occurredAtMs);
  const value = {
    event: 'PARTNER_REMOVED',
    waba_info: { waba_id: wabaOf(TWICE), owner_business_id: '1' },
    disconnection_info: { initiated_by: 'USER', reason: 'ACCOUNT_DISCONNECTED' },
  };
  const again = accountEvent(PARTNER, value, removedAtMs);
  const { entry } = JSON.parse(again);
  expect(await sendWebhook(world, again)).toBe(200);
  expect(await sendWebhook(world, JSON.stringify(JSON.parse(again), null, 2))).toBe(200);
  expect(await sendWebhook(world, JSON.stringify({ entry: [...entry, ...entry] }))).toBe(200);
  await world.settle();
  expect(await storyOf(world, twice)).toEqual(before);
});

test('case 56, mistake 9: a second removal, at another time, is no repeat', async () => {
  const { world } = bench;
  const before = await storyOf(world, once);
  const value = { event: 'PARTNER_REMOVED', waba_info: { waba_id: wabaOf(ONCE) } };
  expect(await sendWebhook(world, accountEvent(PARTNER, value, world.nowMs()))).toBe(200);
  await world.settle();
  const after = await storyOf(world, once);
  expect(after.length).toBe(before.length + 1);
  expect(after.at(-1)).toMatch(/partnerRemoved changed nothing/);
  expect((await world.backend.readNumber(once)).connection).toBe('disconnected');
});

test('case 20: a chunk of the history in other bytes is counted once', async () => {
  const { world } = bench;
  await world.meta.post('webhook-faults', { field: 'history', times: 3, fault: 'hold' });
  const invited = await finishDialog(world, '15550111003', {
    phone: { history: { chunks: 3, messages: 30, days: 180 } },
  });
  await sendParts(world, invited);
  const { numberId } = invited;
  expect(await world.advanceUntil(async () => (await heldOf(world)).length === 3, HOUR_MS)).toBe(true);
  for (const { body } of await heldOf(world)) {
    expect(await sendWebhook(world, JSON.stringify(JSON.parse(body), null, 1))).toBe(200);
  }
  await world.meta.post('webhooks/release', { order: 'as-queued' });
  await world.settle();
  expect(await ledgerOf(numberId)).toContainEqual(
    expect.objectContaining({ type: 'history', chunks: 3, counted: 30, progress: 100 }),
  );
  await reach(world, numberId, isImported);
});

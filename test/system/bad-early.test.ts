/** News that arrives before its cause waits for it; an import in any order is the same import. */
import { expect, test } from 'vitest';
import {
  accountEvent,
  connect,
  finishDialog,
  heldOf,
  HOUR_MS,
  isConnected,
  isImported,
  MINUTE_MS,
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
const SHARED = 'Meta says that the account was shared with us.';

const phoneIdOf = (digits: string): string => `41${digits.padStart(15, '0')}`;

const parkedFor = (digits: string): Promise<Record<string, unknown>[]> =>
  query(bench.world, 'select claimed_by from unrouted_facts where waba_id = $1 order by position', [wabaOf(digits)]);

const ledgerOf = (id: string): Promise<Record<string, unknown>[]> =>
  query(
    bench.world,
    `select type, chunks, counted, progress, (select array_agg(phase order by phase) from unnest(phases) as phase) as phases
     from sync_ledger where number_id = $1 order by type`,
    [id],
  );

test('PARTNER_ADDED before anything from the browser waits, and is told once the number has claimed the account', async () => {
  const { world } = bench;
  const digits = '15550112001';
  const invited = await finishDialog(world, digits);
  await world.settle();
  expect(await parkedFor(digits)).toEqual([{ claimed_by: null }]);
  await sendParts(world, invited);
  await reach(world, invited.numberId, isConnected);
  expect(await parkedFor(digits)).toEqual([{ claimed_by: invited.numberId }]);
  expect((await sentencesOf(world, invited.numberId)).filter((told) => told === SHARED)).toEqual([SHARED]);
});

test('case 37: PARTNER_ADDED long after the number is connected changes nothing', async () => {
  const { world } = bench;
  const digits = '15550112002';
  await world.meta.post('webhook-faults', { event: 'PARTNER_ADDED', fault: 'hold' });
  const invited = await finishDialog(world, digits);
  await sendParts(world, invited);
  await reach(world, invited.numberId, isConnected);
  await world.advance(HOUR_MS);
  const before = await sentencesOf(world, invited.numberId);
  await world.meta.post('webhooks/release', { order: 'as-queued' });
  await world.settle();
  expect(await sentencesOf(world, invited.numberId)).toEqual(before);
  // kept in the inbox alone: the number rests on that grant, and a signal would change nothing (decision 12)
  expect(await parkedFor(digits)).toEqual([]);
  expect((await world.backend.readNumber(invited.numberId)).connection).toBe('connected');
});

test('a change of the phone that is told before the code arrives is heard once, with the claim', async () => {
  const { world } = bench;
  const digits = '15550112003';
  const invited = await finishDialog(world, digits);
  await world.advance(3_000);
  await world.meta.act(digits, { action: 'replacePhone', reconnect: false });
  await world.settle();
  expect(await parkedFor(digits)).toEqual([{ claimed_by: null }, { claimed_by: null }]);
  await sendParts(world, invited);
  await world.settle();
  await world.advance(20 * MINUTE_MS);
  expect(await parkedFor(digits)).toEqual([{ claimed_by: invited.numberId }, { claimed_by: invited.numberId }]);
  const heard = (await sentencesOf(world, invited.numberId)).filter((told) =>
    /accountOffboarded|^Paused|^The phone was changed while connecting/.test(told),
  );
  expect(heard.length).toBe(1);
  await world.meta.act(digits, { action: 'reconnect' });
  await reach(world, invited.numberId, isConnected);
  await reach(world, invited.numberId, isImported);
});

test('a removal from before the invitation is record only', async () => {
  const { world } = bench;
  const digits = '15550112004';
  const value = { event: 'PARTNER_REMOVED', waba_info: { waba_id: wabaOf(digits) } };
  expect(await sendWebhook(world, accountEvent(PARTNER, value, world.nowMs() - 2 * HOUR_MS))).toBe(200);
  await world.settle();
  const numberId = await connect(world, digits);
  await world.advance(HOUR_MS);
  expect((await world.backend.readNumber(numberId)).connection).toBe('connected');
  const told = await sentencesOf(world, numberId);
  expect(told.filter((sentence) => sentence.startsWith('Disconnected'))).toEqual([]);
});

test('history and contacts for ids that no number has are counted as strays, and the import is not harmed', async () => {
  const { world } = bench;
  const digits = '15550112005';
  const metadata = { display_phone_number: digits, phone_number_id: phoneIdOf(digits) };
  const value = { messaging_product: 'whatsapp', metadata };
  const history = [{ metadata: { phase: 0, chunk_order: 1, progress: 100 }, threads: [] }];
  const change = {
    action: 'add',
    type: 'contact',
    contact: { phone_number: '1' },
    metadata: { timestamp: '1780000000' },
  };
  const bodyOf = (field: string, more: object): string =>
    JSON.stringify({ entry: [{ id: wabaOf(digits), changes: [{ field, value: { ...value, ...more } }] }] });
  expect(await sendWebhook(world, bodyOf('history', { history }))).toBe(200);
  expect(await sendWebhook(world, bodyOf('smb_app_state_sync', { state_sync: [change] }))).toBe(200);
  await world.settle();
  const strays = await query(world, 'select stray_count from webhook_deliveries order by position desc limit 2');
  expect(strays).toEqual([{ stray_count: 1 }, { stray_count: 1 }]);
  const numberId = await connect(world, digits);
  expect(await ledgerOf(numberId)).toMatchObject([
    { type: 'contacts', counted: 150 },
    { type: 'history', chunks: 12, counted: 240 },
  ]);
});

test('an import that arrives backwards, its 100 % first and the contacts last, ends as one in order', async () => {
  const { world } = bench;
  const inOrder = await connect(world, '15550112006');
  for (const field of ['history', 'smb_app_state_sync']) {
    await world.meta.post('webhook-faults', { field, times: 12, fault: 'hold' });
  }
  const invited = await finishDialog(world, '15550112007');
  await sendParts(world, invited);
  const hasAll = async (): Promise<boolean> => (await heldOf(world)).length === 14;
  expect(await world.advanceUntil(hasAll, 20 * MINUTE_MS)).toBe(true);
  await world.meta.post('webhooks/release', { order: 'reversed' });
  await reach(world, invited.numberId, isImported);
  expect(await ledgerOf(invited.numberId)).toEqual(await ledgerOf(inOrder));
  const { syncs } = await world.backend.readNumber(invited.numberId);
  const { syncs: reference } = await world.backend.readNumber(inOrder);
  expect(syncs.history.progress).toBe(100);
  expect(syncs.history.progress).toBe(reference.history.progress);
});

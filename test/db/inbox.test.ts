import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { alerts } from '../../src/db/schema-alerts.ts';
import { webhookDeliveries } from '../../src/db/schema-inbox.ts';
import { phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import type { NewsItem } from '../../src/domain/news.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { connectNumber, ids, live, recordOf, START_MS } from './builders.ts';
import { clock, useDatabase } from './database.ts';
import { account, chunk, deliver, factsOf, NOWHERE, onPhone } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;

async function rowOf(deliveryId: string) {
  const isRow = eq(webhookDeliveries.position, Number(deliveryId));
  const [row] = await bench.store.db.select().from(webhookDeliveries).where(isRow);
  return row;
}

describe('the inbox', () => {
  it('stores a delivery once and counts its repeats', async () => {
    const delivery = { key: 'sha256=aa', body: '{"entry":[]}', receivedAtMs: AT_MS };
    const answers = await Promise.all([1, 2, 3].map(() => bench.stores.inbox.accept(delivery)));
    expect(answers.toSorted()).toEqual(['known', 'known', 'stored']);
    const [waiting] = await bench.stores.inbox.listUnprocessed(AT_MS, 10);
    expect(waiting).toMatchObject({ body: delivery.body, receivedAtMs: AT_MS });
    expect(await rowOf(waiting?.deliveryId ?? '')).toMatchObject({ repeats: 2 });
    await bench.stores.inbox.process(waiting?.deliveryId ?? '', [], AT_MS);
  });

  it('keeps any body, and a poisoned one harms no neighbour', async () => {
    const bodies = [
      '{"a":"\u0000"}',
      '{"a":"\\u0000"}',
      '{"a":"\ud800"}',
      `{"a":"${'x'.repeat(3_000_000)}"}`,
      '{"b":1}',
    ];
    await Promise.all(
      bodies.map((body, index) => bench.stores.inbox.accept({ key: `poison-${index}`, body, receivedAtMs: AT_MS })),
    );
    const waiting = await bench.stores.inbox.listUnprocessed(AT_MS, 10);
    expect(waiting.map(({ body }) => body).toSorted()).toEqual(
      bodies.map((body) => Buffer.from(body).toString()).toSorted(),
    );
    for (const { deliveryId } of waiting) await bench.stores.inbox.process(deliveryId, [], AT_MS);
  });

  it('takes ids that no database can store for ids that nobody claims', async () => {
    const scope = { phoneNumberId: phoneNumberId('5\u0000'), wabaId: wabaId('9\ud800\u0000'), digits: '1\u0000' };
    const news = { kind: 'partnerAdded', wabaId: scope.wabaId } as const;
    const items: NewsItem[] = [
      account(news, scope, { key: 'poison\u0000', occurredAtMs: AT_MS }),
      { kind: 'evidence', scope, evidence: 'echo', atMs: AT_MS },
    ];
    await bench.stores.inbox.touch(items, AT_MS);
    const deliveryId = await deliver(bench, items, AT_MS);
    expect(await rowOf(deliveryId)).toMatchObject({ isProcessed: true, strayCount: 1 });
  });

  it('lets a delivery that failed wait for its time, and keeps the reason', async () => {
    await bench.stores.inbox.accept({ key: 'late', body: '{}', receivedAtMs: AT_MS });
    const [waiting] = await bench.stores.inbox.listUnprocessed(AT_MS, 1);
    const deliveryId = waiting?.deliveryId ?? '';
    await bench.stores.inbox.postpone(deliveryId, 'not understood: \u0000', AT_MS + 5_000);
    expect(await bench.stores.inbox.listUnprocessed(AT_MS + 4_999, 1)).toEqual([]);
    expect(await bench.stores.inbox.listUnprocessed(AT_MS + 5_000, 1)).toHaveLength(1);
    expect(await rowOf(deliveryId)).toMatchObject({ postponements: 1, reason: 'not understood: \uFFFD' });
    await bench.stores.inbox.process(deliveryId, [], AT_MS);
  });

  it('raises one alert for a delivery that has failed for an hour, whatever comes after', async () => {
    await bench.stores.inbox.accept({ key: 'stuck', body: '{}', receivedAtMs: AT_MS });
    const [waiting] = await bench.stores.inbox.listUnprocessed(AT_MS, 1);
    const deliveryId = waiting?.deliveryId ?? '';
    const raised = async () =>
      bench.store.db
        .select()
        .from(alerts)
        .where(eq(alerts.subject, `delivery/${deliveryId}`));
    clock.atMs = AT_MS + 7;
    for (let time = 0; time < 11; time += 1) await bench.stores.inbox.postpone(deliveryId, 'Error', AT_MS);
    expect(await raised()).toEqual([]);
    for (let time = 0; time < 3; time += 1) await bench.stores.inbox.postpone(deliveryId, 'Error', AT_MS);
    expect(await raised()).toMatchObject([{ kind: 'delivery-stuck', count: 1, firstAtMs: AT_MS + 7 }]);
    await bench.stores.inbox.process(deliveryId, [], AT_MS);
  });

  it('drops the body of a delivery that could not be taken apart for 30 days, and keeps its alert and reason', async () => {
    const key = 'never-read';
    await bench.stores.inbox.accept({ key, body: '{"text":"rye bread"}', receivedAtMs: AT_MS });
    const [waiting] = await bench.stores.inbox.listUnprocessed(AT_MS, 1);
    const deliveryId = waiting?.deliveryId ?? '';
    const endMs = AT_MS + 30 * DAY_MS;
    const failAt = async (atMs: number): Promise<void> => {
      clock.atMs = atMs;
      await bench.stores.inbox.postpone(deliveryId, 'Error', atMs);
    };
    await failAt(endMs); // a service that was down for so long has tried once
    for (let time = 0; time < 12; time += 1) await failAt(endMs - 1);
    expect((await rowOf(deliveryId))?.body).not.toBeNull();
    await failAt(endMs);
    expect(await rowOf(deliveryId)).toMatchObject({ isProcessed: true, body: null, reason: 'Error' });
    expect(await bench.stores.inbox.listUnprocessed(endMs, 9)).toEqual([]);
    expect(await bench.stores.inbox.accept({ key, body: '{"text":"rye bread"}', receivedAtMs: endMs })).toBe('known');
    await failAt(endMs + 1);
    const isAbout = eq(alerts.subject, `delivery/${deliveryId}`);
    const raised = await bench.store.db.select().from(alerts).where(isAbout);
    const detail = 'its body was dropped unread, postponed 14 times: Error';
    expect(raised).toMatchObject([{ kind: 'delivery-stuck', count: 2, detail, lastAtMs: endMs }]);
  });

  it('drops the body once it is processed; of one with something unknown the shape stays, without what was written', async () => {
    const known = await deliver(bench, [{ kind: 'traffic', scope: NOWHERE, atMs: AT_MS }], AT_MS);
    expect(await rowOf(known)).toMatchObject({ isProcessed: true, body: null, unknownCount: 0 });
    const body = '{"field":"novel","value":{"text":{"body":"Is the rye bread back?"},"to":15550177001,"isNew":true}}';
    const items: NewsItem[] = [{ kind: 'unknown', field: 'novel', name: 'x' }];
    const row = await rowOf(await deliver(bench, items, { atMs: AT_MS, body }));
    expect(row).toMatchObject({ isProcessed: true, unknownCount: 1 });
    expect(JSON.parse(Buffer.from(row?.body ?? []).toString())).toEqual({
      field: 'novel',
      value: { text: { body: '(22 characters)' }, to: 0, isNew: true },
    });
  });

  it('gives what is light before bursts of history, and two bursts a turn', async () => {
    const accept = (key: string, size: number) =>
      bench.stores.inbox.accept({ key, body: JSON.stringify('x'.repeat(size)), receivedAtMs: AT_MS });
    for (const key of ['h1', 'h2', 'h3']) await accept(`burst-${key}`, 70_000);
    await accept('burst-light', 100);
    const turn = await bench.stores.inbox.listUnprocessed(AT_MS, 50);
    expect(turn.map(({ body }) => body.length)).toEqual([102, 70_002, 70_002]);
    for (const { deliveryId } of turn) await bench.stores.inbox.process(deliveryId, [], AT_MS);
    const [rest] = await bench.stores.inbox.listUnprocessed(AT_MS, 50);
    await bench.stores.inbox.process(rest?.deliveryId ?? '', [], AT_MS);
  });

  it('applies a delivery once, however often it is processed', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const items = [chunk(id, 'first')];
    const deliveryId = await deliver(bench, items, AT_MS);
    await Promise.all([1, 2].map(() => bench.stores.inbox.process(deliveryId, [chunk(id, 'second')], AT_MS)));
    expect((await bench.stores.syncs.readLedger(id.numberId, 1)).history.chunks).toBe(1);
  });
});

describe('the ledger', () => {
  it('case 20: counts a chunk once per cycle, and tells one fact a phase and one for the end', async () => {
    const id = ids();
    await connectNumber(bench, id);
    await deliver(bench, [chunk(id, 'a'), chunk(id, 'b', { chunkOrder: 2, progress: 20 })], AT_MS);
    await deliver(bench, [chunk(id, 'a')], AT_MS + 1);
    await deliver(
      bench,
      [chunk(id, 'c', { phase: 1, progress: 60 }), chunk(id, 'd', { phase: 1, progress: 100 })],
      AT_MS + 2,
    );
    await deliver(bench, [chunk(id, 'e', { phase: 1, progress: 100 }), chunk(id, 'f', { progress: 30 })], AT_MS + 3);
    const { history } = await bench.stores.syncs.readLedger(id.numberId, 1);
    const expected = {
      chunks: 6,
      counted: 30,
      progress: 100,
      hasSeenFull: true,
      firstAtMs: AT_MS,
      lastAtMs: AT_MS + 3,
    };
    expect(history).toEqual(expected);
    expect((await factsOf(bench, id)).map(({ fact }) => fact)).toEqual([
      { kind: 'historyChunkArrived', phase: 0, chunkOrder: 1, progress: 10 },
      { kind: 'historyChunkArrived', phase: 1, chunkOrder: 1, progress: 60 },
      { kind: 'historyChunkArrived', phase: 1, chunkOrder: 1, progress: 100 },
    ]);
    const row = await bench.stores.numbers.read(id.tenantId, id.numberId);
    expect(row?.history).toEqual({ chunks: 6, messages: 30, progress: 100, phases: [0, 1] });
  });

  it('counts the same chunk again in the next cycle', async () => {
    const id = ids();
    await connectNumber(bench, id);
    await deliver(bench, [chunk(id, 'same')], AT_MS);
    await bench.stores.projection.record(recordOf(live(id, { cycle: 2 }), { sequence: 2 }), `run-${id.numberId}`);
    await deliver(bench, [chunk(id, 'same')], AT_MS + 1);
    expect((await bench.stores.syncs.readLedger(id.numberId, 1)).history.chunks).toBe(1);
    expect((await bench.stores.syncs.readLedger(id.numberId, 2)).history.chunks).toBe(1);
    expect(await factsOf(bench, id)).toHaveLength(2);
  });

  it('tells that contacts arrived only while the workflow does not know whether they were asked for', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const contacts: NewsItem = {
      kind: 'contacts',
      scope: onPhone(id),
      count: 3,
      removedCount: 1,
      changedAtMs: AT_MS,
      items: [],
    };
    await deliver(bench, [contacts], AT_MS);
    expect(await factsOf(bench, id)).toEqual([]);
    const sync = { ...live(id).contacts, state: 'unknown' } as const;
    await bench.stores.projection.record(recordOf(live(id, { contacts: sync }), { sequence: 2 }), `run-${id.numberId}`);
    await deliver(bench, [contacts], AT_MS + 1);
    await deliver(bench, [contacts], AT_MS + 2);
    expect((await factsOf(bench, id)).map(({ fact }) => fact)).toEqual([{ kind: 'contactsArrived' }]);
    expect((await bench.stores.syncs.readLedger(id.numberId, 1)).contacts).toMatchObject({ chunks: 3, counted: 9 });
  });

  it('tells a declined history once per cycle', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const declined: NewsItem = { kind: 'history-declined', scope: onPhone(id) };
    await deliver(bench, [declined], AT_MS);
    await deliver(bench, [declined], AT_MS + 1);
    expect(await factsOf(bench, id)).toMatchObject([{ occurredAtMs: AT_MS, fact: { kind: 'historyDeclined' } }]);
  });

  it('case 29: drops and counts what names a number that is not under care', async () => {
    const deliveryId = await deliver(bench, [chunk(ids(), 'stray')], AT_MS);
    expect(await rowOf(deliveryId)).toMatchObject({ strayCount: 1 });
  });
});

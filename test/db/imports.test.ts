/** Bursts of history, and what support reads of an import. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { processDelivery } from '../../src/db/delivery-processing.ts';
import { importedContent } from '../../src/db/schema-content.ts';
import type { ContentItem, NewsItem } from '../../src/domain/news.ts';
import { connectNumber, ids, live, recordOf, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { chunk, deliver } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;

async function connected(): Promise<Ids> {
  const id = ids();
  await connectNumber(bench, id);
  await bench.stores.projection.record(recordOf(live(id), { sequence: 2 }), `run-${id.numberId}`);
  return id;
}
const tracesOf = (id: Ids, cycle = 1) => bench.stores.syncs.readTraces(id.tenantId, id.numberId, cycle);
const many = (length: number): ContentItem[] =>
  Array.from({ length }, (_none, index) => {
    return {
      kind: 'message',
      id: `wamid.${index}`,
      alsoId: null,
      atMs: AT_MS,
      isRemoval: false,
      json: '{"text":"Bread?"}',
    };
  });

/** Runs the items of one delivery; answers how many statements it began. */
async function statementsOf(items: readonly NewsItem[]): Promise<number> {
  let statements = 0;
  const { secretBox, db } = bench.store;
  await db.transaction(async (tx) => {
    const counting = new Proxy(tx, {
      get: (target, name): unknown => {
        if (['select', 'insert', 'update', 'delete', 'execute'].includes(String(name))) statements += 1;
        const found: unknown = Reflect.get(target, name);
        if (typeof found !== 'function') return found;
        const bound: unknown = found.bind(target);
        return bound;
      },
    });
    await processDelivery(counting, items, { receivedAtMs: AT_MS, debounceMs: 1, secretBox });
  });
  return statements;
}

describe('case 35: a burst', () => {
  it('of 100 messages takes as many statements as one of 2, and 3,000 in one webhook a few more', async () => {
    const counts: number[] = [];
    await statementsOf([chunk(await connected(), 'first', { messageCount: 1, items: many(1) })]); // makes the tenant's key
    for (const size of [2, 100, 3_000]) {
      const id = await connected();
      counts.push(await statementsOf([chunk(id, 'a', { messageCount: size, items: many(size) })]));
      const isOwn = eq(importedContent.numberId, id.numberId);
      expect((await bench.store.db.select().from(importedContent).where(isOwn)).length).toBe(size);
      expect((await tracesOf(id)).history.counted).toBe(size);
    }
    const [few = 0, hundred = 0, thousands = 0] = counts;
    expect(hundred).toBe(few);
    expect(thousands).toBe(few + 5); // 500 rows a statement
    expect(few).toBeLessThanOrEqual(12);
  });
});

describe('what support reads', () => {
  it('case 21: names each request with its id, and each phase with its chunks, messages, progress and last time', async () => {
    const id = await connected();
    const key = { numberId: id.numberId, cycle: 1, type: 'history' } as const;
    for (const [ask, outcome] of [
      [1, 'unknown'],
      [2, 'requested'],
    ] as const) {
      await bench.stores.syncs.intend({ ...key, ask }, AT_MS + ask);
      await bench.stores.syncs.settle({ ...key, ask }, outcome, ask === 2 ? 'rq_2' : null);
    }
    await deliver(bench, [chunk(id, 'a', { groupCount: 2 }), chunk(id, 'b', { chunkOrder: 2, progress: 40 })], AT_MS);
    await deliver(bench, [chunk(id, 'c', { phase: 2, progress: 100, messageCount: 7 })], AT_MS + 5);
    const { history, phases } = await tracesOf(id);
    expect(history.requests).toEqual([
      { ask: 1, atMs: AT_MS + 1, outcome: 'unknown', requestId: null },
      { ask: 2, atMs: AT_MS + 2, outcome: 'requested', requestId: 'rq_2' },
    ]);
    expect(history).toMatchObject({ groups: 2, chunks: 3, counted: 17, progress: 100, firstAtMs: AT_MS });
    expect(phases).toEqual([
      { phase: 0, chunks: 2, messages: 10, progress: 40, lastAtMs: AT_MS },
      { phase: 2, chunks: 1, messages: 7, progress: 100, lastAtMs: AT_MS + 5 },
    ]);
    expect((await bench.stores.syncs.readTraces(ids('ten_b').tenantId, id.numberId, 1)).history).toMatchObject({
      requests: [],
      chunks: 0,
    });
    expect((await tracesOf(id, 2)).history).toMatchObject({ requests: [], chunks: 0, firstAtMs: null });
  });
});

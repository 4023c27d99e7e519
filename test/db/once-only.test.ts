import { describe, expect, it } from 'vitest';
import { tenantId } from '../../src/domain/ids.ts';
import { connectNumber, createNumber, ids, live, recordOf, START_MS } from './builders.ts';
import { useDatabase } from './database.ts';
import { account, deliver } from './deliveries.ts';

const bench = useDatabase();

describe('a sync request', () => {
  it('may be sent by one caller alone; an intent without an answer is unknown', async () => {
    const id = ids();
    await createNumber(bench, id);
    const key = { numberId: id.numberId, cycle: 1, type: 'history', ask: 1 } as const;
    const answers = await Promise.all([1, 2, 3].map(() => bench.stores.syncs.intend(key, START_MS)));
    expect(answers.filter(({ kind }) => kind === 'go')).toHaveLength(1);
    expect(await bench.stores.syncs.intend(key, START_MS)).toEqual({ kind: 'found', outcome: 'unknown' });
    await bench.stores.syncs.settle(key, 'requested', 'req-1');
    expect(await bench.stores.syncs.intend(key, START_MS)).toEqual({ kind: 'found', outcome: 'requested' });
    expect(await bench.stores.syncs.intend({ ...key, ask: 2 }, START_MS)).toEqual({ kind: 'go' });
    expect(await bench.stores.syncs.intend({ ...key, type: 'contacts' }, START_MS)).toEqual({ kind: 'go' });
  });

  it('that surely was not sent may be sent again', async () => {
    const id = ids();
    await createNumber(bench, id);
    const key = { numberId: id.numberId, cycle: 1, type: 'contacts', ask: 1 } as const;
    await bench.stores.syncs.intend(key, START_MS);
    await bench.stores.syncs.settle(key, 'due', null);
    expect(await bench.stores.syncs.intend(key, START_MS)).toEqual({ kind: 'go' });
  });
});

describe('a repeated request', () => {
  const request = { tenantId: tenantId('ten_a'), key: 'key-1', digest: 'd1', resourceId: 'num_first', atMs: START_MS };

  it('acts with the first id until it is answered, and then gets that answer', async () => {
    const { idempotency } = bench.stores;
    expect(await idempotency.begin(request)).toEqual({ kind: 'run', resourceId: 'num_first' });
    expect(await idempotency.begin({ ...request, resourceId: 'num_second' })).toEqual({
      kind: 'run',
      resourceId: 'num_first',
    });
    const body = { text: 'a\u0000\ud800', list: [1] };
    await idempotency.finish(request.tenantId, request.key, { status: 201, body });
    expect(await idempotency.begin(request)).toEqual({ kind: 'answered', status: 201, body });
    expect(await idempotency.begin({ ...request, digest: 'd2' })).toEqual({ kind: 'mismatch' });
    const foreign = { ...request, tenantId: tenantId('ten_b'), digest: 'd2', resourceId: 'num_b' };
    expect(await idempotency.begin(foreign)).toEqual({ kind: 'run', resourceId: 'num_b' });
  });
});

describe('the queue of facts', () => {
  it('offers the oldest fact of each number, and nothing overtakes a postponed one', async () => {
    const [first, second] = [ids(), ids()];
    for (const id of [first, second]) await connectNumber(bench, id);
    for (const [index, id] of [first, first, second].entries()) {
      const news = { kind: 'accountOffboarded', wabaId: id.wabaId } as const;
      await deliver(
        bench,
        [account(news, { wabaId: id.wabaId }, { key: `queue-${index}`, occurredAtMs: START_MS + index })],
        START_MS + index,
      );
    }
    const { facts } = bench.stores;
    const next = async (nowMs: number) =>
      (await facts.listNext(nowMs, 10)).map(({ numberId, envelope }) => [numberId, envelope.occurredAtMs - START_MS]);
    expect(await next(START_MS)).toEqual([
      [first.numberId, 0],
      [second.numberId, 2],
    ]);
    expect(await facts.listNext(START_MS, 1)).toHaveLength(1);
    const [oldest] = await facts.listNext(START_MS, 1);
    await facts.postpone(oldest?.position ?? 0, START_MS + 50);
    expect(await next(START_MS + 49)).toEqual([[second.numberId, 2]]);
    expect(await next(START_MS + 50)).toEqual([
      [first.numberId, 0],
      [second.numberId, 2],
    ]);
    await facts.markDispatched(oldest?.position ?? 0, 'posted', START_MS + 51);
    expect(await next(START_MS)).toEqual([
      [first.numberId, 1],
      [second.numberId, 2],
    ]);
  });
});

describe('facts that a run took with it', () => {
  it('are queued again at their places, save those that the stored snapshot has heard', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const post = (factId: string, atMs: number) => {
      const envelope = { factId, occurredAtMs: atMs, fact: { kind: 'historyDeclined' } } as const;
      return bench.stores.facts.keepPosted(id.numberId, envelope, atMs);
    };
    const recordedMs = START_MS + 3_600_000;
    await post('long-ago', recordedMs - 61_000);
    for (const name of ['taken', 'waiting', 'lost-1', 'lost-2']) await post(name, recordedMs);
    const mailbox = [{ factId: 'waiting', occurredAtMs: recordedMs, fact: { kind: 'historyDeclined' } }] as const;
    const stored = recordOf(live(id, { factIds: ['taken'], mailbox }), { sequence: 2, atMs: recordedMs });
    await bench.stores.projection.record(stored, `run-${id.numberId}`);

    expect(await bench.stores.facts.requeueUnheard(id.numberId)).toBe(2);

    const next = async () =>
      (await bench.stores.facts.listNext(recordedMs, 64)).find((one) => one.numberId === id.numberId);
    const first = await next();
    expect(first?.envelope.factId).toBe('lost-1');
    await bench.stores.facts.markDispatched(first?.position ?? 0, 'posted', recordedMs);
    expect((await next())?.envelope.factId).toBe('lost-2');
    expect(await bench.stores.facts.requeueUnheard(id.numberId)).toBe(1);
  });
});

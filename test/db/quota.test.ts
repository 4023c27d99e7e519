import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createQuota } from '../../src/db/quota.ts';
import { openStore } from '../../src/db/connect.ts';
import { alerts } from '../../src/db/schema-alerts.ts';
import { numberFacts } from '../../src/db/schema-inbox.ts';
import { quotaSlots } from '../../src/db/schema-quota.ts';
import { ensureTenant } from '../../src/db/tenants.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/policy.ts';
import { queuedForSlot } from '../../src/domain/quota-queue.ts';
import { createNumber, gone, ids, invited, live, recordOf, START_MS, type Ids } from './builders.ts';
import { KEYS } from './database.ts';
import { useQuota } from './quota-scene.ts';

const { bench, quota, reserve, begin, withdraw } = useQuota();

async function connect(id: Ids, atMs: number, over: Parameters<typeof live>[1] = {}): Promise<void> {
  const record = recordOf(live(id, over), { atMs, goesLive: { attempt: 1, evidenceAtMs: atMs } });
  await bench.stores.projection.record(record, `run-${id.numberId}`);
}

async function slotOf(id: Ids) {
  const [row] = await bench.store.db.select().from(quotaSlots).where(eq(quotaSlots.numberId, id.numberId));
  return row;
}

const factsOf = async (id: Ids) =>
  (await bench.store.db.select().from(numberFacts).where(eq(numberFacts.numberId, id.numberId))).map(
    ({ envelope }) => envelope,
  );

async function limitTo(limit: number): Promise<void> {
  await quota().setLimit(limit, 'for this test', START_MS);
}

describe('the slots of the quota', () => {
  it('ten at first: without a word of an operator the limit is that of the rule', async () => {
    expect(await quota().read(START_MS)).toMatchObject({ limit: 10, isOverridden: false, left: 10, taken: 0 });
  });

  it('are never more than the limit, though two servers give them out at once', async () => {
    await limitTo(5);
    const other = openStore({ url: bench.url, encryptionKeys: KEYS, max: 8 });
    try {
      const all = Array.from({ length: 24 }, () => ids('ten_race'));
      const server = (index: number) => (index % 2 === 0 ? quota() : createQuota(other));
      const answers = await Promise.all(all.map((id, index) => server(index).reserve({ ...id, nowMs: START_MS })));
      expect(answers.filter((answer) => answer.kind === 'granted')).toHaveLength(5);
      const promises = answers.flatMap((answer) => (answer.kind === 'queued' ? [answer.promisedAtMs] : []));
      const dates = [...new Set(promises)].toSorted((a, b) => a - b);
      expect(dates.map((date) => promises.filter((one) => one === date).length)).toEqual([5, 5, 5, 4]);
      for (const id of all) await createNumber(bench, id);
      for (const id of all) if ((await slotOf(id))?.grantedAtMs !== null) await connect(id, START_MS + 1);

      const laterMs = START_MS + 7 * DAY_MS + 1;
      const rounds = await Promise.all(
        Array.from({ length: 8 }, (_none, index) => server(index).grantNext(laterMs, 50)),
      );
      expect(rounds.flatMap((round) => round.granted)).toHaveLength(5);
      expect(await quota().read(laterMs)).toMatchObject({ taken: 5, left: 0, waiting: 14 });
    } finally {
      await other.close();
    }
  });

  it('are asked for once a number: a repeat is told the same', async () => {
    await limitTo(1);
    const [first, second] = [ids(), ids()];
    expect([await reserve(first), await reserve(first)]).toEqual([{ kind: 'granted' }, { kind: 'granted' }]);
    const queued = await reserve(second);
    expect(queued).toMatchObject({ kind: 'queued', position: 1, promisedAtMs: START_MS + 15 * DAY_MS });
    expect(await reserve(second, START_MS + HOUR_MS)).toEqual(queued);
    expect(await quota().read(START_MS)).toMatchObject({ taken: 1, waiting: 1 });
  });

  it('come back with an onboarding that ended without a connection, in the transaction of its end', async () => {
    await limitTo(1);
    const [first, second] = [ids(), ids()];
    await begin(first);
    await withdraw(first, START_MS + HOUR_MS);
    expect(await slotOf(first)).toMatchObject({ releasedAtMs: START_MS + HOUR_MS, usedAtMs: null });
    expect(await reserve(second, START_MS + HOUR_MS)).toEqual({ kind: 'granted' });
    expect(await reserve(first, START_MS + 2 * HOUR_MS)).toEqual({ kind: 'granted' });
    expect(await quota().read(START_MS + HOUR_MS)).toMatchObject({ taken: 1 });
  });

  it('case 19: count for seven days from the first connection, and a later cycle uses none', async () => {
    await limitTo(1);
    const id = ids();
    await begin(id);
    await connect(id, START_MS + DAY_MS);
    await bench.stores.projection.record(recordOf(gone(id, 'held'), { sequence: 2 }), `run-${id.numberId}`);
    await connect(id, START_MS + 6 * DAY_MS, { cycle: 2, sequence: 3 });
    expect(await slotOf(id)).toMatchObject({ usedAtMs: START_MS + DAY_MS });
    const endMs = START_MS + 8 * DAY_MS;
    expect([(await quota().read(endMs - 1)).left, (await quota().read(endMs)).left]).toEqual([0, 1]);
  });
});

describe('a look for whose turn it is', () => {
  it('takes no lock where somebody waits and nothing is free', async () => {
    await limitTo(1);
    const [first, second] = [ids(), ids()];
    await begin(first);
    await begin(second);
    await bench.store.lockDb.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('onboarding-quota', 3))`);
      expect(await quota().grantNext(START_MS + HOUR_MS, 50)).toEqual({ granted: [], late: [] });
    });
    await connect(first, START_MS + HOUR_MS);
    const endMs = START_MS + HOUR_MS + 7 * DAY_MS;
    expect((await quota().grantNext(endMs - 1, 50)).granted).toEqual([]);
    expect((await quota().grantNext(endMs, 50)).granted).toEqual([second.numberId]);
  });

  it('gives what an onboarding that was never made has held for an hour', async () => {
    await limitTo(1);
    const next = ids();
    await reserve(ids());
    await begin(next);
    expect((await quota().grantNext(START_MS + HOUR_MS - 1, 50)).granted).toEqual([]);
    expect((await quota().grantNext(START_MS + HOUR_MS, 50)).granted).toEqual([next.numberId]);
  });

  it('is left to the dispatcher, but for a few, where a request finds many who wait', async () => {
    await limitTo(1);
    const all = Array.from({ length: 30 }, () => ids());
    for (const id of all) await begin(id);
    await limitTo(100);
    expect((await reserve(ids(), START_MS + 1)).kind).toBe('queued');
    expect(await quota().read(START_MS + 1)).toMatchObject({ taken: 21, waiting: 10 });
    expect((await quota().grantNext(START_MS + 2, 50)).granted).toHaveLength(9);
  });
});

describe('a connection', () => {
  it('counts also where no slot was asked for, and once', async () => {
    await limitTo(1);
    const id = ids();
    await createNumber(bench, id);
    await connect(id, START_MS + 5);
    await connect(id, START_MS + DAY_MS, { cycle: 2, sequence: 2 });
    expect(await slotOf(id)).toMatchObject({
      tenantId: id.tenantId,
      grantedAtMs: START_MS + 5,
      usedAtMs: START_MS + 5,
    });
    expect((await quota().read(START_MS + DAY_MS)).left).toBe(0);
  });
});

describe('who waits', () => {
  it('is given what comes free, and told by one fact, whoever looks how often', async () => {
    await limitTo(1);
    const [first, second] = [ids(), ids()];
    await begin(first);
    await begin(second);
    await withdraw(first, START_MS + HOUR_MS);
    const nowMs = START_MS + 2 * HOUR_MS;
    const rounds = await Promise.all([quota().grantNext(nowMs, 50), quota().grantNext(nowMs, 50)]);
    expect(rounds.flatMap(({ granted }) => granted)).toEqual([second.numberId]);
    expect(await factsOf(second)).toEqual([
      { factId: `slot/${second.numberId}/${nowMs}`, occurredAtMs: nowMs, cycle: 1, fact: { kind: 'slotGranted' } },
    ]);
  });

  it('of two tenants the one with fewer slots is served first, though it came later', async () => {
    await limitTo(4);
    for (const name of ['ten_a', 'ten_b']) {
      const tenant = { tenantId: tenantId(name), name, apiKeyHash: name, isEntitled: true };
      await ensureTenant(bench.store, tenant);
    }
    const held = [ids('ten_a'), ids('ten_a'), ids('ten_a'), ids('ten_a')];
    for (const id of held) await begin(id);
    const crowd = [ids('ten_a'), ids('ten_a'), ids('ten_a')];
    for (const id of crowd) await begin(id, START_MS + 1);
    const late = ids('ten_b');
    expect(await begin(late, START_MS + 2)).toMatchObject({ kind: 'queued' });
    for (const id of held.slice(0, 2)) await withdraw(id, START_MS + HOUR_MS);
    const { granted } = await quota().grantNext(START_MS + HOUR_MS, 50);
    expect(granted).toEqual([late.numberId, crowd[0]?.numberId]);
  });

  it('has no slot before its row is there, and keeps its place meanwhile', async () => {
    await limitTo(1);
    const [first, unmade, third] = [ids(), ids(), ids()];
    await begin(first);
    await reserve(unmade);
    await begin(third, START_MS + 1);
    await withdraw(first, START_MS + 2);
    expect((await quota().grantNext(START_MS + 3, 50)).granted).toEqual([third.numberId]);
    await withdraw(third, START_MS + 4);
    expect((await quota().grantNext(START_MS + 5, 50)).granted).toEqual([]);
    await createNumber(bench, unmade);
    expect((await quota().grantNext(START_MS + 6, 50)).granted).toEqual([unmade.numberId]);
  });

  it('is forgotten after an hour where its number was never made', async () => {
    await limitTo(1);
    await reserve(ids());
    const next = ids();
    expect((await reserve(next, START_MS + HOUR_MS - 1)).kind).toBe('queued');
    await bench.store.db.delete(quotaSlots).where(eq(quotaSlots.numberId, next.numberId));
    expect((await reserve(ids(), START_MS + HOUR_MS)).kind).toBe('granted');
  });

  it('is told late once, with an alert, where the promised date passes without a slot', async () => {
    await limitTo(1);
    const [first, second] = [ids(), ids()];
    await begin(first);
    const answer = await begin(second);
    const promisedAtMs = answer.kind === 'queued' ? answer.promisedAtMs : 0;
    expect((await quota().grantNext(promisedAtMs - 1, 50)).late).toEqual([]);
    expect((await quota().grantNext(promisedAtMs, 50)).late).toEqual([second.numberId]);
    expect((await quota().grantNext(promisedAtMs + 1, 50)).late).toEqual([]);
    const raised = await bench.store.db.select().from(alerts).where(eq(alerts.subject, second.numberId));
    expect(raised.map(({ kind, count }) => [kind, count])).toEqual([['quota-late', 1]]);
  });

  it('gives up its place when it is withdrawn', async () => {
    await limitTo(1);
    const [first, second, third] = [ids(), ids(), ids()];
    await begin(first);
    await begin(second);
    await begin(third, START_MS + 1);
    const queued = queuedForSlot(invited(second), START_MS + DAY_MS);
    const closed = recordOf({ ...queued, closed: 'withdrawn' }, { to: 'closed' });
    await bench.stores.projection.record(closed, `run-${second.numberId}`);
    await withdraw(first, START_MS + 2);
    expect((await quota().grantNext(START_MS + 3, 50)).granted).toEqual([third.numberId]);
  });
});

import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { appActivity } from '../../src/db/schema-numbers.ts';
import { numberTraffic } from '../../src/db/schema-traffic.ts';
import { DAY_MS, HOUR_MS, standardPolicy } from '../../src/domain/policy.ts';
import type { NewsItem } from '../../src/domain/news.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { connectNumber, gone, ids, live, recordOf, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { chunk, deliver, echo, factsOf, onPhone } from './deliveries.ts';

const bench = useDatabase();
const QUIET_MS = START_MS + 24 * HOUR_MS;
const MANY = 1_000;

async function connected(): Promise<Ids> {
  const id = ids();
  await connectNumber(bench, id);
  return id;
}

const message = (id: Ids, atMs: number): NewsItem => ({ kind: 'traffic', scope: onPhone(id), atMs });
const status = (id: Ids, atMs: number): NewsItem => ({ kind: 'traffic', scope: onPhone(id), atMs, isStatus: true });
const tell = (nowMs = QUIET_MS) => bench.stores.traffic.tellQuiet(nowMs, MANY);
const record = (id: Ids, sequence: number, over: Parameters<typeof recordOf>[1] & { snapshot?: never } = {}) =>
  bench.stores.projection.record(recordOf(live(id), { sequence, ...over }), `run-${id.numberId}`);
const toldOf = async (id: Ids) => (await factsOf(bench, id)).map(({ fact }) => fact.kind);

/** Statements that wait for a lock. */
async function waiting(): Promise<number> {
  const waits = await bench.store.db.execute(
    sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return waits.length;
}

async function rowOf(id: Ids) {
  const [row] = await bench.store.db.select().from(numberTraffic).where(eq(numberTraffic.numberId, id.numberId));
  return row;
}

describe('LI20: a number without traffic since it went live', () => {
  it('is told once, when its hours have passed, also under two dispatchers', async () => {
    const id = await connected();
    await tell(QUIET_MS - 1);
    expect(await toldOf(id)).toEqual([]);
    await Promise.all([tell(), tell()]);
    await tell(QUIET_MS + DAY_MS);
    const fact = { kind: 'trafficMissed', connectedAtMs: START_MS };
    expect(await factsOf(bench, id)).toMatchObject([{ fact, occurredAtMs: QUIET_MS }]);
  });

  it('has the hours of its own policy', async () => {
    const id = await connected();
    const goesLive = { attempt: 1, evidenceAtMs: START_MS };
    const snapshot = live(id, { policy: standardPolicy({ trafficHours: 2 }) });
    await bench.stores.projection.record(recordOf(snapshot, { sequence: 2, goesLive }), `run-${id.numberId}`);
    expect((await rowOf(id))?.dueAtMs).toBe(START_MS + 2 * HOUR_MS);
  });

  it('has the hours of today where older code has told that it went live', async () => {
    const id = await connected();
    const { trafficHours: _hours, ...older } = standardPolicy();
    const snapshot = JSON.parse(JSON.stringify({ ...live(id), policy: older })) as Snapshot; // as a run of then tells it
    const goesLive = { attempt: 1, evidenceAtMs: START_MS };
    const told = recordOf(snapshot, { sequence: 2, atMs: START_MS + DAY_MS, goesLive });
    await bench.stores.projection.record(told, `run-${id.numberId}`);
    expect((await rowOf(id))?.dueAtMs).toBe(QUIET_MS + DAY_MS);
  });

  it.each([
    ['a status', (id: Ids) => bench.stores.inbox.touch([status(id, START_MS + 1)], START_MS + 1)],
    ['an echo', (id: Ids) => bench.stores.inbox.touch([echo(id, START_MS + 1)], START_MS + 1)],
    ['a message', (id: Ids) => bench.stores.inbox.touch([message(id, START_MS + 1)], START_MS + 1)],
    ['a message among other news', (id: Ids) => deliver(bench, [chunk(id, 'c'), message(id, START_MS + 1)], START_MS)],
  ] as const)('is none after %s', async (_name, come) => {
    const id = await connected();
    await come(id);
    await tell();
    expect((await toldOf(id)).filter((kind) => kind !== 'historyChunkArrived')).toEqual([]);
  });

  it('is one all the same after what its imports brought, and after messages of an earlier link', async () => {
    const id = await connected();
    await deliver(bench, [chunk(id, 'c')], START_MS + 1);
    await bench.stores.inbox.touch([message(id, START_MS - HOUR_MS)], START_MS + 1);
    await tell();
    expect(await toldOf(id)).toContain('trafficMissed');
  });

  it('is asked about only while it is connected', async () => {
    const id = await connected();
    const paused = live(id);
    const away = { ...paused, link: { ...paused.link, state: 'suspended' as const } };
    await bench.stores.projection.record(recordOf(away, { sequence: 2 }), `run-${id.numberId}`);
    await tell();
    expect(await toldOf(id)).toEqual([]);
    await record(id, 3);
    await tell(QUIET_MS + HOUR_MS);
    expect(await toldOf(id)).toEqual(['trafficMissed']);
  });

  it('is watched anew from its next link on', async () => {
    const id = await connected();
    await bench.stores.inbox.touch([message(id, START_MS + 1)], START_MS + 1);
    const againMs = START_MS + DAY_MS;
    await record(id, 2, { cycle: 2, atMs: againMs, goesLive: { attempt: 1, evidenceAtMs: againMs } });
    await tell(againMs + DAY_MS - 1);
    expect(await toldOf(id)).toEqual([]);
    await tell(againMs + DAY_MS);
    expect(await factsOf(bench, id)).toMatchObject([{ fact: { kind: 'trafficMissed', connectedAtMs: againMs } }]);
  });

  it('is asked about no more once its link has ended, and watched anew when it comes back', async () => {
    const id = await connected();
    await bench.stores.projection.record(recordOf(gone(id, 'held'), { sequence: 2 }), `run-${id.numberId}`);
    expect(await rowOf(id)).toBeUndefined();
    const backMs = START_MS + 2 * DAY_MS;
    await record(id, 3, { atMs: backMs });
    await tell(backMs + DAY_MS - 1);
    expect(await toldOf(id)).toEqual([]);
    await tell(backMs + DAY_MS);
    expect(await factsOf(bench, id)).toMatchObject([{ fact: { kind: 'trafficMissed', connectedAtMs: backMs } }]);
    await record(id, 4, { atMs: backMs + 2 * DAY_MS });
    expect((await rowOf(id))?.connectedAtMs).toBe(backMs);
  });

  it('locks its row after that of the activity, as deliveries do', async () => {
    const id = await connected();
    const { db } = bench.store;
    let recorded: Promise<void> | undefined;
    await db.transaction(async (tx) => {
      await tx.select().from(appActivity).where(eq(appActivity.numberId, id.numberId)).for('update');
      const goesLive = { attempt: 1, evidenceAtMs: START_MS + DAY_MS };
      recorded = record(id, 2, { atMs: START_MS + DAY_MS, goesLive });
      await expect.poll(waiting).toBeGreaterThan(0);
      // the record waits for the activity and holds no row of the traffic: this does not wait
      await tx
        .select()
        .from(numberTraffic)
        .where(eq(numberTraffic.numberId, id.numberId))
        .for('update', { noWait: true });
    });
    await recorded;
    expect((await rowOf(id))?.connectedAtMs).toBe(START_MS + DAY_MS);
  });

  it('leaves no row behind when its record closes', async () => {
    const id = await connected();
    const closed = { ...gone(id, 'forgotten'), closed: 'retired' as const };
    await bench.stores.projection.record(recordOf(closed, { sequence: 2, to: 'closed' }), `run-${id.numberId}`);
    expect(await rowOf(id)).toBeUndefined();
  });
});

describe('the first message', () => {
  it('is written once, and nothing of it but its time', async () => {
    const id = await connected();
    await bench.stores.inbox.touch([message(id, START_MS + 9), message(id, START_MS + 5)], START_MS + 10);
    await bench.stores.inbox.touch([message(id, START_MS + HOUR_MS)], START_MS + HOUR_MS);
    expect(await rowOf(id)).toEqual({
      numberId: id.numberId,
      tenantId: id.tenantId,
      connectedAtMs: START_MS,
      dueAtMs: QUIET_MS,
      seenAtMs: START_MS + 9,
      toldAtMs: null,
    });
    expect(await toldOf(id)).toEqual([]);
  });

  it('of a number that was told to be quiet is one fact, however many come at once', async () => {
    const id = await connected();
    await tell();
    const come = (after: number) => bench.stores.inbox.touch([message(id, QUIET_MS + after)], QUIET_MS + after);
    await Promise.all([1, 2, 3, 4].map(come));
    await come(5);
    expect(await toldOf(id)).toEqual(['trafficMissed', 'trafficSeen']);
  });

  it('is not a status of what we sent: that tests nothing, and the message after it is told', async () => {
    const id = await connected();
    await tell();
    await bench.stores.inbox.touch([status(id, QUIET_MS + 1)], QUIET_MS + 1);
    expect([(await rowOf(id))?.seenAtMs, await toldOf(id)]).toEqual([null, ['trafficMissed']]);
    await bench.stores.inbox.touch([status(id, QUIET_MS + 9), message(id, QUIET_MS + 2)], QUIET_MS + 9);
    expect([(await rowOf(id))?.seenAtMs, await toldOf(id)]).toEqual([QUIET_MS + 2, ['trafficMissed', 'trafficSeen']]);
  });

  it('is of the number that it names alone', async () => {
    const [one, other] = [await connected(), await connected()];
    await bench.stores.inbox.touch([echo(one, START_MS + 1)], START_MS + 1);
    expect([(await rowOf(one))?.seenAtMs, (await rowOf(other))?.seenAtMs]).toEqual([START_MS + 1, null]);
  });
});

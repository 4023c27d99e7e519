import { and, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { cycles } from '../../src/db/schema-numbers.ts';
import { phoneNumber, tenantId } from '../../src/domain/ids.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import type { TimelineLine } from '../../src/domain/timeline.ts';
import { claimNumber, connectNumber, createNumber, gone, ids, invited, live, recordOf, START_MS } from './builders.ts';
import type { Ids } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();

async function stored(id: Ids): Promise<Snapshot | null> {
  return bench.stores.numbers.readSnapshot(id.numberId);
}

async function cycleOf(id: Ids, cycle: number) {
  const isRow = and(eq(cycles.numberId, id.numberId), eq(cycles.cycle, cycle));
  const [row] = await bench.store.db.select().from(cycles).where(isRow);
  return row;
}

const withSequence = (id: Ids, sequence: number) => recordOf({ ...live(id), sequence }, { sequence });
const line = (atMs: number): TimelineLine => ({ atMs, row: 'ST5', key: 'numberClaimed', params: {} });

describe('the fence', () => {
  it('lets a sequence of one run rise only', async () => {
    const id = ids();
    await createNumber(bench, id);
    await bench.stores.projection.record(withSequence(id, 5), 'run-1');
    await bench.stores.projection.record(withSequence(id, 4), 'run-1');
    await bench.stores.projection.record({ ...withSequence(id, 5), snapshot: live(id, { cycle: 9 }) }, 'run-1');
    expect(await stored(id)).toMatchObject({ sequence: 5, cycle: 1 });
    await bench.stores.projection.record(withSequence(id, 6), 'run-1');
    expect(await stored(id)).toMatchObject({ sequence: 6 });
  });

  it('gives the row to a new run, also to a reset one that goes back, and never again to an old one', async () => {
    const id = ids();
    await createNumber(bench, id);
    await bench.stores.projection.record(withSequence(id, 5), 'run-1');
    await bench.stores.projection.record(withSequence(id, 2), 'run-2');
    expect(await stored(id)).toMatchObject({ sequence: 2 });
    await bench.stores.projection.record(withSequence(id, 9), 'run-1');
    expect(await stored(id)).toMatchObject({ sequence: 2 });
    await bench.stores.projection.record(withSequence(id, 3), 'run-3');
    await bench.stores.projection.record(withSequence(id, 8), 'run-2');
    expect(await stored(id)).toMatchObject({ sequence: 3 });
  });

  it('keeps the record of one number from another tenant', async () => {
    const id = ids();
    await createNumber(bench, id);
    const foreign = { ...withSequence(id, 1), tenantId: tenantId('ten_other') };
    await expect(bench.stores.projection.record(foreign, 'run-1')).rejects.toThrow('no such number');
  });
});

describe('the timeline', () => {
  it('tells each line once: of the row, of a repeated record, of a run that took over', async () => {
    const id = ids();
    await createNumber(bench, id);
    const first = invited(id).unsaid;
    const record = recordOf({ ...live(id), unsaid: first }, { lines: [...first, line(START_MS + 1)] });
    await bench.stores.projection.record(record, 'run-1');
    await bench.stores.projection.record(record, 'run-1');
    const told = await bench.stores.numbers.readTimeline(id.tenantId, id.numberId, { after: 0, limit: 10 });
    expect(told.map(({ key }) => key)).toEqual(['onboardingStarted', 'numberClaimed']);
    expect(told[1]?.sentence).toBe('The number is claimed for this tenant.');
    expect(await stored(id)).toMatchObject({ unsaid: [] });

    const after = told[0]?.position ?? 0;
    expect(await bench.stores.numbers.readTimeline(id.tenantId, id.numberId, { after, limit: 1 })).toHaveLength(1);
    const foreign = tenantId('ten_other');
    expect(await bench.stores.numbers.readTimeline(foreign, id.numberId, { after: 0, limit: 9 })).toEqual([]);
  });
});

describe('going live', () => {
  it('writes the proved phone number and the first evidence, and dates the cycle', async () => {
    const id = ids();
    await createNumber(bench, id, phoneNumber('+4915112345'));
    expect(await bench.stores.claims.readExpectations(id.numberId, id.wabaId)).toMatchObject({
      expectedDigits: '4915112345',
    });
    await claimNumber(bench, id);
    const goesLive = { attempt: 1, evidenceAtMs: START_MS - 5 };
    const nextDeadline = { kind: 'activity-look', atMs: START_MS + DAY_MS } as const;
    await bench.stores.projection.record(recordOf(live(id), { goesLive, nextDeadline, atMs: START_MS + 7 }), 'run-1');
    expect(await bench.stores.numbers.read(id.tenantId, id.numberId)).toMatchObject({
      phoneNumber: `+${id.digits}`,
      nextDeadline,
      lastAppActivity: { atMs: START_MS - 5, evidence: 'signup' },
      updatedAtMs: START_MS + 7,
    });
    expect(await cycleOf(id, 1)).toMatchObject({ openedAtMs: START_MS, connectedAtMs: START_MS + 7, endedAtMs: null });
  });

  it('is ended on the cycle that made the link, and undone by a return', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const over = { ...gone(id, 'held'), cycle: 2, attempt: { ...live(id).attempt, state: 'open' as const } };
    await bench.stores.projection.record(recordOf(over, { sequence: 2 }), `run-${id.numberId}`);
    expect(await cycleOf(id, 1)).toMatchObject({ endedAtMs: START_MS + DAY_MS, endReason: 'inactivity' });
    expect(await cycleOf(id, 2)).toMatchObject({ connectedAtMs: null, endedAtMs: null });
    const lapsed = { ...gone(id, 'held'), cycle: 2 };
    await bench.stores.projection.record(recordOf(lapsed, { sequence: 3, atMs: START_MS + 9 }), `run-${id.numberId}`);
    expect(await cycleOf(id, 2)).toMatchObject({ endedAtMs: START_MS + 9, endReason: 'lapsed' });
    await bench.stores.projection.record(recordOf(live(id, { cycle: 2 }), { sequence: 4 }), `run-${id.numberId}`);
    expect(await cycleOf(id, 1)).toMatchObject({ endedAtMs: null, endReason: null });
  });
});

describe('numbers', () => {
  it('are created once, and wait to be started, oldest first', async () => {
    const [first, second, third] = [ids('ten_start'), ids('ten_start'), ids('ten_start')];
    for (const id of [first, second, third]) await createNumber(bench, id);
    await createNumber(bench, first);
    const own = async () =>
      (await bench.stores.numbers.listUnstarted(100)).filter(({ tenantId: of }) => of === 'ten_start');
    expect((await own()).map(({ numberId }) => numberId)).toEqual(
      [first, second, third].map(({ numberId }) => numberId),
    );
    await bench.stores.numbers.markStarted(second.numberId, START_MS);
    await bench.stores.projection.record(recordOf(live(third)), 'run-1');
    expect((await own()).map(({ numberId }) => numberId)).toEqual([first.numberId]);
  });

  it('are shown to their own tenant alone, page by page', async () => {
    const mine = [ids('ten_page'), ids('ten_page'), ids('ten_page')];
    for (const id of mine) await createNumber(bench, id);
    const [first, second, third] = mine.map(({ numberId }) => numberId);
    const page = async (after: typeof first | null, limit: number) =>
      (await bench.stores.numbers.list(tenantId('ten_page'), { after: after ?? null, limit })).map(
        (row) => row.numberId,
      );
    expect(await page(null, 2)).toEqual([first, second]);
    expect(await page(second, 2)).toEqual([third]);
    expect(await bench.stores.numbers.read(tenantId('ten_other'), mine[0]?.numberId ?? ids().numberId)).toBeNull();
  });

  it('can be restarted while open, and no more once closed', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const listed = async () =>
      (await bench.stores.numbers.listOpen(null, 1_000)).some(({ numberId }) => numberId === id.numberId);
    expect(await stored(id)).toEqual(live(id));
    expect(await listed()).toBe(true);
    const closed = { ...gone(id, 'forgotten'), closed: 'retired' as const };
    await bench.stores.projection.record(recordOf(closed, { sequence: 2 }), `run-${id.numberId}`);
    expect(await stored(id)).toBeNull();
    expect(await listed()).toBe(false);
  });
});

describe('the last sign of the app', () => {
  it('follows a return that the workflow has verified, forward only', async () => {
    const id = ids();
    await createNumber(bench, id);
    const seenAt = (anyAtMs: number, sequence: number) => {
      const snapshot = live(id);
      return recordOf({ ...snapshot, sequence, activity: { ...snapshot.activity, anyAtMs } }, { sequence });
    };
    await bench.stores.projection.record(seenAt(START_MS + DAY_MS, 1), 'run-1');
    await bench.stores.projection.record(seenAt(START_MS, 2), 'run-1');
    const seen = await bench.stores.activity.read(id.numberId);
    expect(seen).toEqual({ anyAtMs: START_MS + DAY_MS, evidence: 'reconnected' });
  });
});

/** An owner who does not open the app: reminded on time, once, and never early, whatever happens to the run meanwhile. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { expect, test } from 'vitest';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { partnerAddedAgain } from './news.ts';
import { DAY_MS, HOUR_MS, told, useStage, type PlayedNumber } from './stage.ts';

const stage = useStage();
/** The stored evidence may lag by this much, so every rung lies this much later. */
const DEBOUNCE_MS = 6 * HOUR_MS;
/** A timer of the server fires within it; a run that follows a young one begins up to a second late. */
const PUNCTUAL_MS = 5_000;

function rungAt(evidenceAtMs: number, days: number): number {
  return evidenceAtMs + days * DAY_MS + DEBOUNCE_MS;
}

test('silence: reminded on days 7, 10, 12 and 13, overdue on day 14, each once and on time, over a new run on day 9', async () => {
  const number = await stage.play({ policy: { runEventsMax: 40 }, keptAs: 'silence' });
  const evidenceAtMs = await number.connect();
  await number.moveTo(rungAt(evidenceAtMs, 9));
  const before = (await number.handle.describe()).runId;
  for (let sent = 0; sent < 12; sent += 1) {
    await number.send(partnerAddedAgain);
    await number.settle();
  }
  expect((await number.handle.describe()).runId, 'a fresh run in the middle of day 9').not.toBe(before);
  await number.liveUntil(rungAt(evidenceAtMs, 14));

  expect(number.fakes.reminders.map(({ rung }) => rung)).toEqual(['7', '10', '12', '13']);
  for (const { rung, atMs } of number.fakes.reminders) {
    const lateMs = atMs - rungAt(evidenceAtMs, Number(rung));
    expect(lateMs, `day ${rung}`).toBeGreaterThanOrEqual(0);
    expect(lateMs, `day ${rung}`).toBeLessThan(PUNCTUAL_MS);
  }
  const { overdueSinceMs } = (await number.status()).activity;
  const lateMs = (overdueSinceMs ?? 0) - rungAt(evidenceAtMs, 14);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(PUNCTUAL_MS);
  expect(told(number.fakes).filter((key) => key === 'overdue')).toHaveLength(1);
});

test('after the third overdue reminder nothing is due by itself, and no deadline is left to search for', async () => {
  const number = await stage.play();
  const evidenceAtMs = await number.connect();
  await number.liveUntil(rungAt(evidenceAtMs, 16) + HOUR_MS); // counted from the moment of overdue
  const { runId } = await number.handle.describe();
  expect(await deadlineShown(number)).toBeInstanceOf(Date);
  await number.liveUntil(rungAt(evidenceAtMs, 17) + HOUR_MS);
  expect(number.fakes.reminders.map(({ rung }) => rung).slice(-1)).toEqual(['overdue-3']);
  expect(nextDueOf(await number.status(), number.nowMs)).toBeNull();
  expect(await deadlineShown(number)).toBeUndefined();
  expect((await number.handle.describe()).runId, 'unset, not left behind').toBe(runId);
});

/** What the running number can be found by. */
async function deadlineShown({ handle }: Pick<PlayedNumber, 'handle'>): Promise<Date | undefined> {
  const { typedSearchAttributes } = await handle.describe();
  return typedSearchAttributes.get(defineSearchAttributeKey('TandemNextDeadline', SearchAttributeType.DATETIME));
}

test('nobody is overdue a moment before the limit', async () => {
  const number = await stage.play();
  const evidenceAtMs = await number.connect();
  await number.moveTo(rungAt(evidenceAtMs, 14) - 1_000);
  expect((await number.status()).activity.overdueSinceMs).toBeNull();
  expect(told(number.fakes)).not.toContain('overdue');
});

test('an app that was used between two rungs starts the ladder again, and the rung that was due is not told', async () => {
  const number = await stage.play();
  const evidenceAtMs = await number.connect();
  await number.moveTo(evidenceAtMs + 8 * DAY_MS);
  const seenAtMs = evidenceAtMs + 8 * DAY_MS;
  number.fakes.evidenceAtMs = seenAtMs;
  await number.moveTo(rungAt(evidenceAtMs, 10));
  expect(number.fakes.reminders.map(({ rung }) => rung)).toEqual(['7']);
  expect(told(number.fakes)).toContain('appSeen');

  await number.moveTo(rungAt(seenAtMs, 7) - 1_000);
  expect(number.fakes.reminders).toHaveLength(1);
  await number.moveTo(rungAt(seenAtMs, 7));
  expect(number.fakes.reminders.map(({ rung }) => rung)).toEqual(['7', '7']);
});

test('a number that nobody served from day 9 to day 12 is told the highest rung alone', async () => {
  const served = await stage.play();
  const evidenceAtMs = await served.connect();
  await served.moveTo(rungAt(evidenceAtMs, 9));
  const saved = await served.status();
  await served.stopWorker();

  const awayMs = rungAt(evidenceAtMs, 12) + HOUR_MS - Date.now();
  const later = await stage.play({ saved: earlier(saved, awayMs) });
  await later.until('reminded', () => later.fakes.reminders.length > 0);
  await later.settle();
  expect(later.fakes.reminders.map(({ rung }) => rung)).toEqual(['12']);
  await later.moveTo(rungAt(evidenceAtMs, 14) - awayMs);
  expect(later.fakes.reminders.map(({ rung }) => rung)).toEqual(['12', '13']);
});

/** The same state with every moment moved back: to the run that starts from it, so much time has passed. */
function earlier(saved: Snapshot, byMs: number): Snapshot {
  const isMoment = (value: unknown): value is number => typeof value === 'number' && value > 1e12;
  const moved: Snapshot = JSON.parse(JSON.stringify(saved), (_key, value: unknown) =>
    isMoment(value) ? value - byMs : value,
  );
  return moved;
}

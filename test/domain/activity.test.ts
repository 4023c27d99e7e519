import { describe, expect, it } from 'vitest';
import {
  activityStatusOf,
  afterLimitRead,
  appSeen,
  nextWatchStep,
  overdueRung,
  reminded,
} from '../../src/domain/activity.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Activity, Snapshot } from '../../src/domain/snapshot.ts';
import {
  days,
  envelope,
  gone,
  hours,
  ignoredAs,
  lastLine,
  live,
  offboarded,
  reconnected,
  suspended,
  T0,
} from './builders.ts';
import { Life } from './life.ts';

/** Day and hour of a story that begins on day 0 at 10:00. */
const at = (day: number, hour: number): number => T0 - hours(10) + days(day) + hours(hour);
const told = (life: Life): [string, number][] => life.reminders.map(({ rung, atMs }) => [rung, atMs]);
const begin = (state = live(), nowMs = T0): Life => new Life({ state, nowMs });

describe('6.3 stories', () => {
  it('silence: reminders on days 7, 10, 12, 13 at 16:00, overdue on day 14, three more one a day, then Meta decides', () => {
    const life = begin();
    life.runTo(at(30, 0));
    const ladder = [7, 10, 12, 13].map((day): [string, number] => [String(day), at(day, 16)]);
    const overdue = [1, 2, 3].map((ordinal): [string, number] => [overdueRung(ordinal), at(14 + ordinal, 16)]);
    expect(told(life)).toEqual([...ladder, ...overdue]);
    expect(life.overdueAtMs).toEqual([{ toldAtMs: at(14, 16), evidenceAtMs: T0 }]);
    expect(life.connection).toBe('connected');
  });

  it('an echo on day 6 at 23:00 is found on day 7, and the next rung is day 14 at 05:00', () => {
    const life = begin();
    life.meta.use(at(6, 23));
    life.runTo(at(14, 5));
    expect(told(life)).toEqual([['7', at(14, 5)]]);
  });

  it('a reminder on day 7 and an echo on day 8: "seen" is told once, the next rung is day 15 at 15:00', () => {
    const life = begin();
    life.runTo(at(8, 9));
    life.meta.use(at(8, 9));
    life.hear({ kind: 'activitySeen', evidence: 'echo', evidenceAtMs: at(8, 9) });
    life.runTo(at(15, 15));
    expect(told(life)).toEqual([
      ['7', at(7, 16)],
      ['7', at(15, 15)],
    ]);
    expect(life.sentences.filter((sentence) => sentence.startsWith('AC04'))).toHaveLength(1);
  });

  it('an echo in the second of the limit: the read decides, and only one of overdue and fresh is told', () => {
    const life = begin();
    life.meta.use(at(14, 16));
    life.runTo(at(14, 16));
    expect([life.overdueAtMs, life.headline]).toEqual([[], 'connected']);
    const late = begin();
    late.runTo(at(14, 16));
    late.hear({ kind: 'activitySeen', evidence: 'echo', evidenceAtMs: at(14, 16) });
    late.runTo(at(14, 16));
    expect([late.overdueAtMs.length, late.headline]).toEqual([1, 'connected']);
  });

  it('a worker down from day 9 to day 12 at 20:00: one reminder for rung 12, rung 13 on its day', () => {
    const before = begin();
    before.runTo(at(9, 0));
    const after = begin(before.state, at(12, 20));
    after.runTo(at(13, 16));
    expect(told(after)).toEqual([
      ['12', at(12, 20)],
      ['13', at(13, 16)],
    ]);
  });

  it('a worker down until day 17: overdue is told first, and the reminders are a day apart', () => {
    const life = begin(live(), at(17, 0));
    life.runTo(at(25, 0));
    expect(life.overdueAtMs).toEqual([{ toldAtMs: at(17, 0), evidenceAtMs: T0 }]);
    expect(told(life)).toEqual([1, 2, 3].map((ordinal) => [overdueRung(ordinal), at(17 + ordinal, 0)]));
  });

  it('a worker down while overdue: only the latest overdue reminder is sent', () => {
    const before = begin();
    before.runTo(at(14, 20));
    const after = begin(before.state, at(16, 20));
    after.runTo(at(20, 0));
    expect(told(after)).toEqual([
      [overdueRung(2), at(16, 20)],
      [overdueRung(3), at(17, 16)],
    ]);
  });

  it('paused on day 8 and back on day 9 at 12:00: nothing is sent, the next rung is day 16 at 18:00', () => {
    const life = begin();
    life.runTo(at(8, 0));
    life.hear(offboarded());
    life.runTo(at(9, 12));
    life.hear(reconnected());
    life.runTo(at(16, 18));
    expect(told(life)).toEqual([
      ['7', at(7, 16)],
      ['7', at(16, 18)],
    ]);
  });

  it('AC06 rests while the owner is leaving, and tells the highest rung due afterwards', () => {
    const life = begin();
    life.command({ kind: 'requestDisconnect' });
    life.runTo(at(10, 20));
    expect(told(life)).toEqual([]);
    life.command({ kind: 'withdrawDisconnect' });
    life.runTo(at(10, 20));
    expect(told(life)).toEqual([['10', at(10, 20)]]);
  });
});

describe('the watch', () => {
  const seenAt = (anyAtMs: number | null, over: Partial<Activity> = {}): Snapshot =>
    live({}, { activity: { anyAtMs, remindedDays: [], overdueSinceMs: null, overdueReminders: 0, ...over } });

  it.each([7, 10, 12, 13])('AC02 rung %i is due the debounce after its day, never before', (day) => {
    const dueAtMs = T0 + days(day) + hours(6);
    const reached = [7, 10, 12, 13].filter((rung) => rung < day);
    expect(nextWatchStep(seenAt(T0, { remindedDays: reached }), dueAtMs - 1)).toMatchObject({
      kind: 'wait',
      untilMs: dueAtMs,
    });
    expect(nextWatchStep(seenAt(T0, { remindedDays: reached }), dueAtMs)).toMatchObject({
      kind: 'remind',
      days: day,
      dueAtMs,
    });
  });

  it('AC05 the limit is read the debounce after day 14, never before', () => {
    const s = seenAt(T0, { remindedDays: [7, 10, 12, 13] });
    expect(nextWatchStep(s, T0 + days(14) + hours(6) - 1).kind).toBe('wait');
    expect(nextWatchStep(s, T0 + days(14) + hours(6))).toEqual({ kind: 'read-limit' });
  });

  it('AC02 a rung that was told is not told again, nor one below it', () => {
    expect(nextWatchStep(seenAt(T0, { remindedDays: [12] }), T0 + days(12.5))).toMatchObject({ kind: 'wait' });
  });

  it('AC02 the highest rung due is told, and with it goes its key', () => {
    const step = nextWatchStep(seenAt(T0), T0 + days(12.5));
    expect(step).toMatchObject({ kind: 'remind', rung: '12', evidenceAtMs: T0 });
    if (step.kind !== 'remind') return;
    expect(reminded(seenAt(T0), step, T0 + days(12.5)).activity.remindedDays).toEqual([12]);
  });

  it.each([suspended(), gone(), seenAt(null)])('AC06 rests without a live link or without any evidence', (s) => {
    expect(nextWatchStep(s, T0 + days(20))).toEqual({ kind: 'rest' });
  });

  it('AC05 newer evidence at the limit starts the ladder again; older does not', () => {
    const s = seenAt(T0, { remindedDays: [7, 10, 12, 13] });
    const newer = afterLimitRead(s, { anyAtMs: T0 + 1, evidence: 'echo' }, T0 + days(15));
    expect(newer.activity).toEqual({ anyAtMs: T0 + 1, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 });
    for (const anyAtMs of [T0, null]) {
      expect(afterLimitRead(s, { anyAtMs, evidence: null }, T0 + days(15)).activity.overdueSinceMs).toBe(T0 + days(15));
    }
  });

  it('AC04 older evidence changes nothing; newer is told only after a warning', () => {
    const warned = seenAt(T0, { remindedDays: [7] });
    expect(appSeen(warned, { row: 'AC04', atMs: T0, evidence: 'echo' })).toBe(warned);
    expect(lastLine(appSeen(seenAt(T0), { row: 'AC04', atMs: T0 + 1, evidence: 'echo' }))).toBe('nothing');
    expect(lastLine(appSeen(seenAt(T0, { remindedDays: [7] }), { row: 'AC04', atMs: T0 + 1, evidence: 'echo' }))).toBe(
      'AC04 appSeen',
    );
    expect(lastLine(appSeen(seenAt(T0, { overdueSinceMs: T0 }), { row: 'AC04', atMs: T0 + 1, evidence: null }))).toBe(
      'AC04 appSeen',
    );
  });

  it('FA37 finds nothing to move without a link', () => {
    const seen = envelope({ kind: 'activitySeen', evidence: 'echo', evidenceAtMs: T0 + 1 }, T0 + 1);
    expect(ignoredAs(takeFact(gone(), seen, T0 + 1))).toBe('AC04 n');
    expect(ignoredAs(takeFact(seenAt(T0 + 2), seen, T0 + 2))).toBe('AC04 d');
  });

  it('6.3 the status in one word', () => {
    expect(activityStatusOf(suspended())).toBe('off');
    expect(activityStatusOf(seenAt(T0))).toBe('fresh');
    expect(activityStatusOf(seenAt(T0, { remindedDays: [7] }))).toBe('due-soon');
    expect(activityStatusOf(seenAt(T0, { overdueSinceMs: T0 }))).toBe('overdue');
  });
});

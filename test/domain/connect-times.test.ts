import { describe, expect, it } from 'vitest';
import { CONNECT_MOMENTS, CONNECT_OBJECTIVE, connectStepsOf } from '../../src/domain/connect-times.ts';
import { eventTypeOf } from '../../src/domain/events.ts';

describe('the steps of connecting (C23)', () => {
  it('stand in their order, however they were kept, each with the time since the one before it', () => {
    const kept = [
      { moment: 'connected', atMs: 170 },
      { moment: 'dialog-opened', atMs: 100 },
      { moment: 'dialog-finished', atMs: 130 },
    ] as const;
    expect(connectStepsOf(kept)).toEqual([
      { step: 'dialog-opened', atMs: 100, tookMs: null },
      { step: 'dialog-finished', atMs: 130, tookMs: 30 },
      { step: 'connected', atMs: 170, tookMs: 40 },
    ]);
    expect(connectStepsOf([])).toEqual([]);
  });

  it('take no negative time where two clocks disagree', () => {
    const kept = [
      { moment: 'account-subscribed', atMs: 105 },
      { moment: 'gate-passed', atMs: 100 },
    ] as const;
    expect(connectStepsOf(kept).map(({ tookMs }) => tookMs)).toEqual([null, 0]);
  });

  it('begin with the dialog and end connected, which 95 in 100 reach within 45 s of its end', () => {
    expect([CONNECT_MOMENTS[0], CONNECT_MOMENTS.at(-1)]).toEqual(['dialog-opened', 'connected']);
    expect(CONNECT_OBJECTIVE).toMatchObject({ withinMs: 45_000, share: 0.95 });
    expect(CONNECT_OBJECTIVE.source).toMatch(/2026-\d\d/);
  });
});

describe('the types of events', () => {
  it.each([
    ['number.connected', null, 'number.connected'],
    ['reminder', '13', 'activity.due'],
    ['reminder', 'overdue-2', 'activity.overdue'],
  ] as const)('%s of the rung %s is told as %s', (kind, rung, type) => {
    expect(eventTypeOf(kind, rung)).toBe(type);
  });
});

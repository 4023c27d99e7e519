import { describe, expect, it } from 'vitest';
import { deadlinesOf, nextDueOf } from '../../src/domain/deadlines.ts';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import type { DeadlineKind } from '../../src/domain/record.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { subscriptionDoubt } from '../../src/domain/subscription.ts';
import {
  connecting,
  days,
  gone,
  hours,
  invited,
  live,
  minutes,
  suspended,
  T0,
  waitFor,
  waiting,
  withAttempt,
} from './builders.ts';

const END = T0 + days(1);
const kindsOf = (s: Snapshot): DeadlineKind[] => deadlinesOf(s, T0 + days(20)).map(({ kind }) => kind);
const wait = waitFor();
const leaving: Snapshot = { ...suspended(END), leave: { state: 'asked', untilMs: END + days(14) } };

describe('the next thing that the clock alone will bring', () => {
  const ROWS: readonly [string, Snapshot, [DeadlineKind, number] | null][] = [
    ['an invitation', invited(), ['invitation-expires', invited().attempt.expiresAtMs]],
    ['a cooling attempt', withAttempt(invited(), { state: 'cooling', opensAtMs: T0 + 5 }), ['attempt-opens', T0 + 5]],
    ['a step', connecting(), ['gate-look', T0]],
    ['a waiting gate', connecting({ state: 'waiting', wait }), ['gate-look', T0 + minutes(1)]],
    ['a step that is tried again', waiting({ for: 'resume', step: 'subscribe' }), ['step-again', T0 + minutes(1)]],
    ['a waiting choice', waiting({ for: 'choice', lookAtMs: null }), ['wait-ends', T0 + hours(1)]],
    ['silence of the app', live(), ['activity-look', T0 + days(7) + hours(6)]],
    ['an import that is due', live({}, { contacts: { ...SYNC_OFF, state: 'due' } }), ['sync-look', T0]],
    ['a pause', suspended(END), ['pause-ends', END + hours(72)]],
    ['a wish to leave outlives the pause', leaving, ['pause-ends', END + hours(72)]],
    ['a held credential', gone(), ['hold-ends', END + hours(72)]],
    ['a settled end', gone({ hold: null }, { compensation: [] }), ['retires', END + days(365)]],
    ['a closed record', { ...gone(), closed: 'retired' }, null],
  ];

  it.each(ROWS)('%s', (_name, s, expected) => {
    const due = nextDueOf(s, T0);
    expect(due && [due.kind, due.atMs]).toEqual(expected);
  });

  it('everything but the attempt rests while it runs, and while the phone is awaited', () => {
    const running = withAttempt(live(), { state: 'running', step: 'gate' });
    const away = withAttempt(live(), {
      state: 'waiting',
      step: 'gate',
      wait: waitFor({ for: 'device', lookAtMs: null }),
    });
    expect(kindsOf(running)).toEqual(['gate-look']);
    expect(kindsOf(away)).toEqual(['wait-ends']);
  });

  it('while the attempt waits, what is due of the link that stands is due', () => {
    const due = { ...SYNC_OFF, state: 'due' } as const;
    const over = live({}, { history: due, subscription: subscriptionDoubt('look', T0) });
    const waits = (s: Snapshot): Snapshot => withAttempt(s, { state: 'waiting', step: 'gate', wait });
    expect(kindsOf(waits(over))).toEqual(['gate-look', 'subscription-look', 'sync-look', 'activity-look']);
    expect(kindsOf(waits(suspended()))).toEqual(['gate-look', 'pause-ends']);
    const verify = { startedAtMs: T0, lookAtMs: T0 + 1, looks: 0 };
    expect(kindsOf(waits(gone({ verify })))).toEqual(['gate-look']);
  });

  it('a look in a pause or after an end has its own name', () => {
    const verify = { startedAtMs: T0, lookAtMs: T0 + 1, looks: 0 };
    expect(nextDueOf({ ...suspended(), link: { ...suspended().link, verify } }, T0)?.kind).toBe('return-look');
    expect(nextDueOf({ ...gone(), link: { ...gone().link, verify } }, T0)?.kind).toBe('return-look');
  });
});

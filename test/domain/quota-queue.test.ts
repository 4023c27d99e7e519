import { describe, expect, it } from 'vitest';
import { attemptAfterClock } from '../../src/domain/attempt.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { headlineOf } from '../../src/domain/headline.ts';
import { queuedForSlot } from '../../src/domain/quota-queue.ts';
import { takeCommand, takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { days, envelope, hours, ignoredAs, invited, lastLine, live, T0 } from './builders.ts';

const PROMISED = T0 + days(10);
const granted: Fact = { kind: 'slotGranted' };
const queued = (): Snapshot => queuedForSlot(invited(), PROMISED);
const hear = (s: Snapshot, atMs: number, cycle = 1): Snapshot => takeFact(s, envelope(granted, atMs, { cycle }), atMs);

describe('a number that waits for a slot', () => {
  it('AT02 is queued with a date, told once and recorded at once', () => {
    const s = queued();
    expect([headlineOf(s), connectionOf(s), s.attempt.opensAtMs]).toEqual(['queued', 'awaiting-signup', PROMISED]);
    expect([s.unsaid.length, lastLine(s), mustRecord(s)]).toEqual([1, 'AT02 slotPromised', true]);
    expect(nextDueOf(s, T0)).toEqual({ kind: 'attempt-opens', atMs: PROMISED, because: 'a slot is promised' });
  });

  it('AT06 is opened by the slot, and the invitation lives from then on', () => {
    const { attempt, ...s } = hear(queued(), T0 + days(3));
    expect(attempt).toMatchObject({
      state: 'open',
      queuedFor: null,
      opensAtMs: null,
      openedAtMs: T0 + days(3),
      expiresAtMs: T0 + days(10),
    });
    expect(lastLine({ attempt, ...s })).toBe('AT06 slotGranted');
  });

  it('is not opened and not ended by the clock', () => {
    expect(attemptAfterClock(queued(), PROMISED)).toBeNull();
    expect(attemptAfterClock(queued(), PROMISED + hours(1) - 1)).toBeNull();
    expect(nextDueOf(queued(), PROMISED)?.atMs).toBe(PROMISED + hours(1));
  });

  it('tells once that the promise is broken, and still waits for the life of an invitation', () => {
    const late = attemptAfterClock(queued(), PROMISED + hours(1));
    if (!late) throw new Error('nothing was told');
    expect([late.attempt.state, late.attempt.opensAtMs, lastLine(late)]).toEqual(['queued', null, 'AT02 slotLate']);
    const endsAtMs = PROMISED + days(late.policy.inviteDays);
    expect(nextDueOf(late, PROMISED + days(1))).toMatchObject({ kind: 'invitation-expires', atMs: endsAtMs });
    expect(attemptAfterClock(late, endsAtMs - 1)).toBeNull();
    expect(hear(late, endsAtMs - 1).attempt.state).toBe('open');
    expect(attemptAfterClock(late, endsAtMs)?.closed).toBe('expired');
  });

  it('AT07 can be withdrawn', () => {
    const { next } = takeCommand(queued(), { by: 'tenant', command: { kind: 'cancelOnboarding' } }, T0);
    expect([next.closed, next.attempt.state]).toEqual(['withdrawn', 'none']);
  });

  it('AT06 a slot for a number that does not wait for it changes nothing', () => {
    expect(ignoredAs(hear(invited(), T0))).toBe('AT06 s');
    expect(ignoredAs(hear(live(), T0))).toBe('AT06 s');
    expect(ignoredAs(hear(queued(), T0, 2))).toBe('AT06 s');
    const waitsForUs: Snapshot = { ...queued(), attempt: { ...queued().attempt, queuedFor: 'our-fix' } };
    expect(ignoredAs(hear(waitsForUs, T0))).toBe('AT06 s');
  });
});

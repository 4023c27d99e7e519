/**
 * What passes by the clock alone, without asking anybody: invitations open and expire, a wish to leave gets stuck, a
 * number retires.
 */
import { attemptAfterClock } from './attempt.ts';
import { close, movedOnBy, nextSettleStep } from './settle.ts';
import type { Snapshot } from './snapshot.ts';
import { say } from './story.ts';

/** The state after what is due by now; null when nothing is. */
export function afterClock(s: Snapshot, nowMs: number): Snapshot | null {
  return attemptAfterClock(s, nowMs) ?? leaveAfterClock(s, nowMs) ?? retireAfterClock(s, nowMs);
}

/** LE06: the phone did not do it in time. */
function leaveAfterClock(s: Snapshot, nowMs: number): Snapshot | null {
  const { state, untilMs } = s.leave;
  if (state !== 'asked' || untilMs === null || nowMs < untilMs) return null;
  return say({ ...s, leave: { state: 'stuck', untilMs: null } }, 'disconnectStuck', { row: 'LE06', atMs: nowMs });
}

/**
 * LI56, LI57, LI59: a number that was changed closes after its hold; any other when it was kept long enough without a link.
 */
function retireAfterClock(s: Snapshot, nowMs: number): Snapshot | null {
  if (s.link.state !== 'gone' || s.attempt.state !== 'none') return null;
  if (nextSettleStep(s, nowMs).kind !== 'retire') return null;
  const movedOnWhy = movedOnBy(s);
  if (movedOnWhy === null) return close(s, { row: 'LI59', why: 'retired' }, nowMs);
  return close(s, { row: movedOnWhy === 'claimed-elsewhere' ? 'LI56' : 'LI57', why: movedOnWhy }, nowMs);
}

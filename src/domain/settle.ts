/**
 * After a link has ended: the hold, the clean-up, retirement; and what an operator's cancel leaves
 * (LI57 to LI62).
 */
import { endLink } from './end-link.ts';
import { noAttempt } from './fresh-snapshot.ts';
import { DAY_MS } from './policy.ts';
import type { CloseReason, Snapshot, UndoStep } from './snapshot.ts';
import { say } from './story.ts';
import { voidTasksOfClosed } from './tasks.ts';
import { tellUndone, type Undone } from './undo-results.ts';

export type SettleStep =
  /** 8.3, in reverse of registration: unsubscribe before the credential that can do it is forgotten. */
  | { kind: 'compensate'; step: UndoStep }
  | { kind: 'compensated' }
  | { kind: 'retire' }
  | { kind: 'wait'; untilMs: number; because: string };

/** What a number without a link needs next. */
export function nextSettleStep(s: Snapshot, nowMs: number): SettleStep {
  const { hold, end } = s.link;
  if (hold && nowMs < hold.untilMs) {
    return { kind: 'wait', untilMs: hold.untilMs, because: 'the credential is held in case the number returns' };
  }
  const step = s.compensation.at(-1);
  if (step) return { kind: 'compensate', step };
  if (hold) return { kind: 'compensated' };
  const retireAtMs = hasMovedOn(s) ? nowMs : (end?.atMs ?? 0) + s.policy.retireDays * DAY_MS;
  if (nowMs >= retireAtMs) return { kind: 'retire' };
  return { kind: 'wait', untilMs: retireAtMs, because: 'disconnected; a new onboarding may begin at any time' };
}

const MOVED_ON = ['number-changed', 'waba-deleted', 'claimed-elsewhere'] as const;

/** LI56, LI57: a number that was changed or proved elsewhere, or whose account was deleted, is not coming back. */
export function hasMovedOn(s: Snapshot): boolean {
  return movedOnBy(s) !== null;
}

/** How the record of such a number closes; null for any other. */
export function movedOnBy(s: Snapshot): (typeof MOVED_ON)[number] | null {
  const reason = s.link.end?.reason;
  return MOVED_ON.find((one) => one === reason) ?? null;
}

/** One clean-up step has ended; the number moves on either way. */
export function afterCompensation(s: Snapshot, undone: Undone, nowMs: number): Snapshot {
  const compensation = s.compensation.filter((one) => one !== undone.step);
  return tellUndone({ ...s, compensation }, undone, nowMs);
}

/** LI57: the hold is over and all is cleaned up. */
export function compensated(s: Snapshot, nowMs: number): Snapshot {
  const settled: Snapshot = { ...s, credential: 'forgotten', link: { ...s.link, hold: null, verify: null } };
  const steps =
    s.incompleteUndo.length === 0 ? 'nothing of ours is left at Meta' : `left undone: ${s.incompleteUndo.join(', ')}`;
  return say(settled, 'compensated', { row: 'LI57', atMs: nowMs, steps });
}

/** Claim, secrets and an open invitation go with the record of it; the workflow ends. */
export function close(s: Snapshot, { row, why }: { row: string; why: CloseReason }, nowMs: number): Snapshot {
  const attempt = s.attempt.state === 'none' ? s.attempt : noAttempt(s.attempt);
  return say(voidTasksOfClosed({ ...s, attempt, closed: why }), 'closed', { row, atMs: nowMs, why });
}

/**
 * LI62: an operator cancelled the run: a link that stands ends without a hold, so that the clean-up runs at once; a
 * return is no longer looked for.
 */
export function cancelLink(s: Snapshot, nowMs: number): Snapshot {
  const stands = s.link.state === 'live' || s.link.state === 'suspended';
  if (stands) return endLink(s, { row: 'LI62', reason: 'cancelled', initiator: null, atMs: nowMs }, nowMs);
  const hold = s.link.hold && { untilMs: nowMs };
  return { ...s, link: { ...s.link, verify: null, hold } };
}

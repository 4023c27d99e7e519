/** What follows when the rules were looked at again on the promised date (AT06). */
import { endAttempt } from './attempt.ts';
import { queueUntil, waitsForComeBack } from './come-back-queue.ts';
import type { Eligibility } from './eligibility.ts';
import { openedAnew } from './fresh-snapshot.ts';
import { HOUR_MS, MINUTE_MS } from './policy.ts';
import { queueForSlot } from './quota-queue.ts';
import type { AttemptFailure, Snapshot } from './snapshot.ts';
import { say } from './story.ts';

/** A date that has just passed while the rules were looked at is no refusal; this keeps the loop from spinning. Ours. */
const AGAIN_AT_LEAST_MS = MINUTE_MS;
/** How long after a look that could not be made the next is tried. Ours. */
const AGAIN_AFTER_FAULT_MS = HOUR_MS;

/** What a new look at the rules found. `slotPromisedAtMs`: allowed, but Meta's quota has no room before that date. */
export interface Recheck extends Pick<Eligibility, 'verdict' | 'comeBackAtMs'> {
  slotPromisedAtMs: number | null;
}

/**
 * AT06. Not `no`: the invitation opens and lives from now on, or waits for a slot of the quota. `no` with a date: queued until then. `no`
 * for good: the attempt ends refused. Nothing changes where nobody waits for it any more.
 */
export function afterRecheck(
  s: Snapshot,
  { verdict, comeBackAtMs, slotPromisedAtMs }: Recheck,
  nowMs: number,
): Snapshot {
  if (!waitsForComeBack(s.attempt)) return s;
  if (verdict !== 'no' && slotPromisedAtMs !== null) return queueForSlot(s, slotPromisedAtMs, nowMs);
  if (verdict !== 'no') return invite(s, verdict, nowMs);
  if (comeBackAtMs === null) return refuse(s, nowMs);
  return queueUntil(s, Math.max(comeBackAtMs, nowMs + AGAIN_AT_LEAST_MS), { row: 'AT02', atMs: nowMs });
}

/** The look itself failed: nothing is decided, it is made again. */
export function afterRecheckFault(s: Snapshot, nowMs: number): Snapshot {
  if (!waitsForComeBack(s.attempt)) return s;
  return { ...s, attempt: { ...s.attempt, opensAtMs: nowMs + AGAIN_AFTER_FAULT_MS } };
}

function invite(s: Snapshot, verdict: string, nowMs: number): Snapshot {
  const attempt = openedAnew(s, nowMs);
  const told = { row: 'AT06', atMs: nowMs, outcome: verdict, untilMs: attempt.expiresAtMs };
  return say({ ...s, attempt }, 'comeBackInvited', told);
}

function refuse(s: Snapshot, nowMs: number): Snapshot {
  const failure: AttemptFailure = {
    code: 'ELIGIBILITY_REFUSED',
    atMs: nowMs,
    retryAtMs: null,
    phoneStillLinked: s.attempt.failure?.phoneStillLinked ?? 'no',
    step: null,
    detail: null,
    metaCode: null,
    supportReference: null,
  };
  const refused = say({ ...s, attempt: { ...s.attempt, failure } }, 'comeBackRefused', { row: 'AT06', atMs: nowMs });
  return endAttempt(refused, { row: 'AT06', why: 'refused' }, nowMs);
}

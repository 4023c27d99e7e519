/** The next thing that the clock alone will bring, with its kind: what Postgres and the Temporal UI show as next. */
import { nextWatchStep } from './activity.ts';
import { isBeforeCode, isFixAwaited } from './attempt.ts';
import { nextConnectStep } from './connect-steps.ts';
import { waitsForComeBack } from './come-back-queue.ts';
import { connectionOf } from './connection.ts';
import { lookDueAt, type LookPurpose } from './link-looks.ts';
import { slotDueOf, waitsForSlot } from './quota-queue.ts';
import type { Deadline, DeadlineKind } from './record.ts';
import { nextSettleStep } from './settle.ts';
import type { Attempt, Snapshot } from './snapshot.ts';
import { isCaredForMeanwhile } from './standing-link.ts';
import { nextSubscriptionStep } from './subscription.ts';
import { nextSyncStep, plannedLookAt } from './syncs.ts';

/** A deadline together with the reason that people read in the Temporal UI. */
export interface Due extends Deadline {
  because: string;
}

const LOOK_KINDS: Record<LookPurpose, { kind: DeadlineKind; because: string }> = {
  access: { kind: 'link-look', because: 'ask Meta: is our access still valid?' },
  doubt: { kind: 'link-look', because: 'look at Meta: is the connection alive?' },
  return: { kind: 'return-look', because: 'look at Meta: is the phone back?' },
  'pause-end': { kind: 'pause-ends', because: 'the pause ends: did the phone come back?' },
};

/** Every deadline that is open now. What is due already carries a time that is not later than now. */
export function deadlinesOf(s: Snapshot, nowMs: number): readonly Due[] {
  const connection = connectionOf(s);
  if (connection === 'closed') return [];
  if (connection === 'connecting') {
    return [...attemptDues(s, nowMs), ...(isCaredForMeanwhile(s) ? careDues(s, nowMs) : [])]; // all else rests till its end
  }
  return [...attemptDues(s, nowMs), ...careDues(s, nowMs), ...leaveDues(s), ...settleDues(s, nowMs)];
}

/** The earliest of them; null when only news or a person can change something. */
export function nextDueOf(s: Snapshot, nowMs: number): Due | null {
  return deadlinesOf(s, nowMs).reduce<Due | null>(
    (first, due) => (first && first.atMs <= due.atMs ? first : due),
    null,
  );
}

/** Of the link and what comes with it. */
function careDues(s: Snapshot, nowMs: number): Due[] {
  return [...linkDues(s), ...subscriptionDues(s, nowMs), ...syncDues(s, nowMs), ...watchDues(s, nowMs)];
}

function attemptDues(s: Snapshot, nowMs: number): Due[] {
  const { attempt } = s;
  if (waitsForComeBack(attempt)) return comeBackDues(attempt);
  if (isBeforeCode(attempt)) return [...expiryOf(s), ...openingOf(attempt, nowMs)];
  if (attempt.state === 'none') return [];
  const step = nextConnectStep(s, nowMs);
  const kind = kindOfWait(attempt.wait);
  return [step.kind === 'wait' ? { kind, atMs: step.untilMs, because: step.because } : dueNow(kind, nowMs)];
}

function expiryOf(s: Snapshot): Due[] {
  const because = isFixAwaited(s) ? 'the invitation is prolonged: our fix is awaited' : 'the invitation expires';
  return [{ kind: 'invitation-expires', atMs: s.attempt.expiresAtMs, because }];
}

function openingOf(attempt: Attempt, nowMs: number): Due[] {
  const { opensAtMs } = attempt;
  if (opensAtMs === null) return [];
  const slot = waitsForSlot(attempt) ? slotDueOf(attempt, nowMs) : null;
  return [{ kind: 'attempt-opens', ...(slot ?? { atMs: opensAtMs, because: 'the invitation opens again' }) }];
}

function kindOfWait(wait: Attempt['wait']): DeadlineKind {
  if (wait?.lookAtMs === null) return 'wait-ends';
  return wait?.for === 'resume' ? 'step-again' : 'gate-look';
}

function comeBackDues({ opensAtMs }: Attempt): Due[] {
  if (opensAtMs === null) return [];
  return [{ kind: 'attempt-opens', atMs: opensAtMs, because: 'the rules are looked at again' }];
}

function dueNow(kind: DeadlineKind, nowMs: number): Due {
  return { kind, atMs: nowMs, because: 'at work' };
}

function linkDues({ link }: Snapshot): Due[] {
  const look = lookDueAt(link);
  return look ? [{ ...LOOK_KINDS[look.purpose], atMs: look.atMs }] : [];
}

function subscriptionDues(s: Snapshot, nowMs: number): Due[] {
  const step = nextSubscriptionStep(s, nowMs);
  if (step.kind === 'rest') return [];
  if (step.kind === 'wait') return [{ kind: 'subscription-look', atMs: step.untilMs, because: step.because }];
  return [dueNow('subscription-look', nowMs)];
}

function syncDues(s: Snapshot, nowMs: number): Due[] {
  const step = nextSyncStep(s, nowMs);
  if (step.kind === 'none') return [];
  const because = 'look what has arrived of the import';
  if (step.kind === 'wait') return [{ kind: 'sync-look', atMs: step.untilMs, because }];
  if (step.kind === 'look') return [{ kind: 'sync-look', atMs: plannedLookAt(s, nowMs), because }];
  return [dueNow('sync-look', nowMs)];
}

function watchDues(s: Snapshot, nowMs: number): Due[] {
  const step = nextWatchStep(s, nowMs);
  if (step.kind === 'rest') return [];
  if (step.kind === 'wait') return [{ kind: 'activity-look', atMs: step.untilMs, because: step.because }];
  return [dueNow('activity-look', nowMs)];
}

function leaveDues({ leave }: Snapshot): Due[] {
  if (leave.state !== 'asked' || leave.untilMs === null) return [];
  return [{ kind: 'leave-ends', atMs: leave.untilMs, because: 'the disconnect on the phone is overdue' }];
}

function settleDues(s: Snapshot, nowMs: number): Due[] {
  if (s.link.state !== 'gone') return [];
  const step = nextSettleStep(s, nowMs);
  if (step.kind === 'retire') return s.attempt.state === 'none' ? [dueNow('retires', nowMs)] : [];
  if (step.kind !== 'wait') return [dueNow('hold-ends', nowMs)];
  return [{ kind: s.link.hold ? 'hold-ends' : 'retires', atMs: step.untilMs, because: step.because }];
}

/** What facts and the clock do to a signup on its way (AT rows). */
import { queueAfterRefusal, waitsForComeBack } from './come-back-queue.ts';
import type { Fact, FactEnvelope, SignupEnding } from './facts.ts';
import { FAILURES, type Failure, type FailureCode } from './failures.ts';
import { noAttempt, openAttempt, opened } from './fresh-snapshot.ts';
import { DAY_MS, MINUTE_MS } from './policy.ts';
import { afterSlotGranted, slotAfterClock, waitsForSlot } from './quota-queue.ts';
import type { Attempt, AttemptFailure, CloseReason, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';
import type { TaskKind } from './task-kinds.ts';
import { closeTask, openTask, voidTasksOfClosed } from './tasks.ts';

type CodeReceived = Extract<Fact, { kind: 'signupCodeReceived' }>;
type Finished = Extract<Fact, { kind: 'signupFinished' }>;
type ErrorReported = Extract<Fact, { kind: 'signupErrorReported' }>;

/** The dialog has its owner's attention, or had it: a code may still come. */
const BEFORE_CODE: readonly Attempt['state'][] = ['queued', 'open', 'cooling'];
const AT_WORK: readonly Attempt['state'][] = ['running', 'waiting'];

export function isBeforeCode(attempt: Attempt): boolean {
  return BEFORE_CODE.includes(attempt.state);
}

export function isAtWork(attempt: Attempt): boolean {
  return AT_WORK.includes(attempt.state);
}

export function attemptAfterFact(s: Snapshot, envelope: FactEnvelope): Snapshot {
  switch (envelope.fact.kind) {
    case 'signupCodeReceived':
      return afterCode(s, envelope, envelope.fact);
    case 'signupFinished':
      return afterFinish(s, envelope, envelope.fact);
    case 'signupErrorReported':
      return afterError(s, envelope, envelope.fact);
    case 'partnerAdded':
      return afterPartnerAdded(s, envelope);
    case 'slotGranted':
      return afterSlotGranted(s, envelope);
    default:
      return s;
  }
}

/**
 * GR4: our own facts carry cycle and attempt; one that is not of the current attempt answers a question nobody asks.
 */
function isStale(s: Snapshot, envelope: FactEnvelope, attempt: number): boolean {
  return envelope.cycle !== s.cycle || attempt !== s.attempt.ordinal || s.attempt.state === 'none';
}

/** AT13, AT15. */
function afterCode(s: Snapshot, envelope: FactEnvelope, fact: CodeReceived): Snapshot {
  if (isStale(s, envelope, fact.attempt)) return ignore(s, envelope, { row: 'AT13', why: 's' });
  if (!isBeforeCode(s.attempt)) return afterFurtherCode(s, envelope, fact);
  const attempt: Attempt = {
    ...s.attempt,
    state: 'running',
    step: 'exchange',
    dialogRunId: fact.dialogRunId,
    finishedAtMs: earliest(s.attempt.finishedAtMs, envelope.occurredAtMs),
    opensAtMs: null,
  };
  return say({ ...s, attempt }, 'codeReceived', { row: 'AT13', atMs: envelope.occurredAtMs, attempt: fact.attempt });
}

/**
 * AT14, AT15: another run's code is kept while nobody knows whether the first is good, and while undoing; afterwards it
 * answers nothing.
 */
function afterFurtherCode(s: Snapshot, envelope: FactEnvelope, { dialogRunId }: CodeReceived): Snapshot {
  const { attempt } = s;
  const row = attempt.state === 'undoing' ? 'AT14' : 'AT15';
  if (dialogRunId === attempt.dialogRunId) return ignore(s, envelope, { row, why: 'd' });
  const isOfUse = attempt.state === 'undoing' ? !attempt.isCancelled : attempt.step === 'exchange';
  if (!isOfUse || attempt.spare !== null) return ignore(s, envelope, { row, why: 's' });
  const kept = { ...s, attempt: { ...attempt, spare: { dialogRunId, atMs: envelope.occurredAtMs } } };
  return say(kept, 'codeReceived', { row, atMs: envelope.occurredAtMs, attempt: attempt.ordinal });
}

const ENDING_FAILURES: Record<Exclude<SignupEnding, 'coexistence'>, FailureCode> = {
  standard: 'SIGNUP_MODE_DRIFTED',
  'waba-only': 'SIGNUP_WITHOUT_NUMBER',
  'grant-only': 'SIGNUP_FLOW_UNSUPPORTED',
  'on-behalf': 'SIGNUP_FLOW_UNSUPPORTED',
  'unknown-finish': 'SIGNUP_FLOW_UNSUPPORTED',
  malformed: 'SIGNUP_FLOW_UNSUPPORTED',
};

/**
 * A result is told under the attempt that its dialog was opened for, which may be the one before (AT14).
 */
export function isOwnResult({ cycle, attempt }: Snapshot, envelope: FactEnvelope): boolean {
  const { fact } = envelope;
  const isOfDialog = fact.kind === 'signupFinished' && [attempt.ordinal, attempt.dialogOrdinal].includes(fact.attempt);
  return isOfDialog && envelope.cycle === cycle && attempt.state !== 'none';
}

/** AT12, AT16, AT17. A coexistence finish is posted only after it has waited in vain for its code. */
function afterFinish(s: Snapshot, envelope: FactEnvelope, fact: Finished): Snapshot {
  if (!isOwnResult(s, envelope)) return ignore(s, envelope, { row: 'AT16', why: 's' });
  if (s.attempt.state === 'undoing') return ignore(s, envelope, { row: 'AT16', why: 's' });
  if (fact.ending !== 'coexistence') {
    const told = say(s, 'dialogEndedOtherwise', { row: 'AT17', atMs: envelope.occurredAtMs, ending: fact.ending });
    return failAttempt(told, { row: 'AT17', code: ENDING_FAILURES[fact.ending] }, envelope.occurredAtMs);
  }
  const finishedAtMs = earliest(s.attempt.finishedAtMs, envelope.occurredAtMs);
  const finished = { ...s, attempt: { ...s.attempt, finishedAtMs } };
  if (isAtWork(s.attempt)) return joinLate(finished, envelope, fact);
  return failAttempt(finished, { row: 'AT12', code: 'SIGNUP_CODE_MISSING' }, envelope.occurredAtMs);
}

/** AT16: nothing new, unless it names another account than the one that the token grants. */
function joinLate(s: Snapshot, envelope: FactEnvelope, { wabaId }: Finished): Snapshot {
  const found = s.attempt.found.wabaId;
  if (found === null || wabaId === null || found === wabaId) return ignore(s, envelope, { row: 'AT16', why: 'd' });
  return failAttempt(s, { row: 'AT16', code: 'SIGNUP_RESULT_CONTRADICTED' }, envelope.occurredAtMs);
}

/** AT10, AT18: Meta's dialog said no before it gave anything, so nothing of ours is to be undone. */
function afterError(s: Snapshot, envelope: FactEnvelope, fact: ErrorReported): Snapshot {
  if (isStale(s, envelope, fact.attempt)) return ignore(s, envelope, { row: 'AT10', why: 's' });
  if (!isBeforeCode(s.attempt)) return ignore(s, envelope, { row: 'AT18', why: 'n' });
  if (s.attempt.state !== 'open') return ignore(s, envelope, { row: 'AT10', why: 's' });
  const { failure: code, metaCode, supportReference } = fact;
  const atMs = envelope.occurredAtMs;
  const failure = { ...failureNow(s.attempt, code, atMs), metaCode, supportReference };
  const told = say({ ...s, attempt: { ...s.attempt, failure } }, 'dialogRefused', {
    row: 'AT10',
    atMs,
    code,
    metaCode: metaCode ?? 'without a code',
  });
  return afterFailure(told, atMs);
}

/** AT24, AT25: never a proof; tells when the dialog ended. */
function afterPartnerAdded(s: Snapshot, envelope: FactEnvelope): Snapshot {
  const { attempt, policy } = s;
  if (isUnclaimedSignup(s, envelope)) return s; // AT39
  if (attempt.state === 'none') return ignore(s, envelope, { row: 'AT25', why: s.link.state === 'live' ? 'd' : 's' });
  const isEarlier = envelope.occurredAtMs < attempt.openedAtMs - policy.boundaryMinutes * MINUTE_MS;
  if (isEarlier) return ignore(s, envelope, { row: 'AT25', why: 'l' });
  const finishedAtMs = earliest(attempt.finishedAtMs, envelope.occurredAtMs);
  return say({ ...s, attempt: { ...attempt, finishedAtMs } }, 'partnerAdded', {
    row: 'AT24',
    atMs: envelope.occurredAtMs,
  });
}

/** AT39: a dialog that ended later than all that we know of, and none of ours is open. */
export function isUnclaimedSignup({ attempt, link, policy }: Snapshot, { fact, occurredAtMs }: FactEnvelope): boolean {
  if (fact.kind !== 'partnerAdded' || attempt.state !== 'none' || link.state === 'none') return false;
  const knownAtMs = Math.max(link.provedAtMs ?? 0, link.end?.atMs ?? 0);
  return occurredAtMs > knownAtMs + policy.boundaryMinutes * MINUTE_MS;
}

function earliest(known: number | null, atMs: number): number {
  return known === null ? atMs : Math.min(known, atMs);
}

/** What Meta told with a failure, and what the code alone does not say. */
export type FailureTold = Pick<AttemptFailure, 'detail' | 'metaCode' | 'supportReference'>;

/** failAttempt, first half: what was done is now undone, step by step; `attemptUndone` says what follows. */
export function failAttempt(
  s: Snapshot,
  { row, code, ...told }: { row: string; code: FailureCode } & Partial<FailureTold>,
  nowMs: number,
): Snapshot {
  const failure = { ...failureNow(s.attempt, code, nowMs), ...told };
  const attempt: Attempt = { ...s.attempt, state: 'undoing', wait: null, isAccessDoubted: false, failure };
  return say({ ...s, attempt }, 'attemptFailing', { row, atMs: nowMs, code });
}

function failureNow(attempt: Attempt, code: FailureCode, atMs: number): AttemptFailure {
  const hasFinished = attempt.finishedAtMs !== null; // a finished dialog cannot be undone by API
  return {
    code,
    atMs,
    retryAtMs: null,
    phoneStillLinked: hasFinished ? 'likely' : 'unknown',
    step: attempt.step,
    detail: null,
    metaCode: null,
    supportReference: null,
  };
}

/** What follows a failure of which nothing is left to undo (AT34, AT36): by its own retry, or ours after too many. */
export function afterFailure(s: Snapshot, nowMs: number): Snapshot {
  const code = s.attempt.failure?.code ?? 'CONNECTION_TIMED_OUT';
  if (FAILURES[code].retry === 'never') return endAttempt(s, { row: 'AT34', why: 'refused' }, nowMs);
  if (s.attempt.ordinal >= s.policy.attemptsMax) return exhausted(s, nowMs);
  return tryAgain(s, code, nowMs);
}

/** AT36: the cycle has used all its attempts. */
function exhausted(s: Snapshot, nowMs: number): Snapshot {
  const failure = s.attempt.failure && { ...s.attempt.failure, code: 'ATTEMPTS_EXHAUSTED' as const };
  return endAttempt({ ...s, attempt: { ...s.attempt, failure } }, { row: 'AT36', why: 'refused' }, nowMs);
}

function tryAgain(s: Snapshot, code: FailureCode, nowMs: number): Snapshot {
  const failuresInARow = s.attempt.failuresInARow + 1;
  const next = { ...openAttempt(s.attempt.ordinal + 1, nowMs, expiryOfNext(s, nowMs)), failuresInARow };
  if (FAILURES[code].retry === 'after-our-fix') return waitForFix(s, next, nowMs);
  const waitMs = Math.max(ownCoolingMs(s, failuresInARow), waitOfRowMs(FAILURES[code], failuresInARow));
  if (waitMs === 0) {
    const open: Attempt = { ...next, failure: s.attempt.failure };
    return say({ ...s, attempt: open }, 'invitationOpened', { row: 'AT34', atMs: nowMs, attempt: next.ordinal });
  }
  const retryAtMs = nowMs + waitMs;
  const failure = s.attempt.failure && { ...s.attempt.failure, retryAtMs };
  if (FAILURES[code].isLookedAtAgain)
    return queueAfterRefusal({ ...s, attempt: { ...next, failure } }, retryAtMs, { atMs: nowMs, code });
  // AT35: it opens as a new link, so the old one's end must not come before.
  const expiresAtMs = Math.max(next.expiresAtMs, retryAtMs + s.policy.inviteDays * DAY_MS);
  const cooling: Attempt = { ...next, failure, state: 'cooling', opensAtMs: retryAtMs, expiresAtMs };
  return say({ ...s, attempt: cooling }, 'attemptCooling', { row: 'AT34', atMs: nowMs, retryAtMs, code });
}

/** AT34: after a run that Meta's dialog let through, its owner has a whole invitation again: the old date may be close, or past. */
function expiryOfNext({ attempt, policy }: Snapshot, nowMs: number): number {
  if (attempt.state !== 'undoing') return attempt.expiresAtMs;
  return Math.max(attempt.expiresAtMs, nowMs + policy.inviteDays * DAY_MS);
}

/** Nobody but us can go on: an operator sees why. */
function waitForFix(s: Snapshot, next: Attempt, nowMs: number): Snapshot {
  const { failure } = s.attempt;
  const queued: Attempt = { ...next, state: 'queued', queuedFor: 'our-fix', failure };
  const code = failure?.code ?? null;
  const told = say({ ...s, attempt: queued }, 'attemptAwaitsFix', { row: 'AT34', atMs: nowMs, code });
  return openTask(told, taskOfFix(failure), { row: 'AT34', atMs: nowMs });
}

function taskOfFix(failure: AttemptFailure | null): TaskKind {
  return failure?.code === 'SIGNUP_MODE_DRIFTED' ? 'op-mode-drift' : 'op-config';
}

/** No date opens it: an operator does, who says that the fix is made (CM07, CM14). */
export function isQueuedForFix({ state, queuedFor }: Pick<Attempt, 'state' | 'queuedFor'>): boolean {
  return state === 'queued' && queuedFor === 'our-fix';
}

/** The owner is not to lose the onboarding by it, however long it takes; unless an operator has dismissed it. */
export function isFixAwaited({ attempt, tasks }: Snapshot): boolean {
  const task = taskOfFix(attempt.failure);
  return isQueuedForFix(attempt) && !tasks.some(({ kind, state }) => kind === task && state === 'dismissed');
}

/** The wait that the catalogue asks for; some double with each failure in a row. */
export function waitOfRowMs({ waitMinutes, waitMaxMinutes }: Failure, failuresInARow: number): number {
  const first = waitMinutes ?? 0;
  const minutes = waitMaxMinutes === null ? first : Math.min(waitMaxMinutes, first * 2 ** (failuresInARow - 1));
  return minutes * MINUTE_MS;
}

/** AT36: from the third failure in a row on, 5 minutes, doubling up to an hour. */
function ownCoolingMs({ policy }: Snapshot, failuresInARow: number): number {
  const over = failuresInARow - policy.attemptFailuresMax;
  if (over < 0) return 0;
  return Math.min(policy.attemptCoolMaxMinutes, policy.attemptCoolMinutes * 2 ** over) * MINUTE_MS;
}

/** The clock's part: AT06, AT08, AT35. Null when nothing is due. */
export function attemptAfterClock(s: Snapshot, nowMs: number): Snapshot | null {
  const { attempt } = s;
  if (!isBeforeCode(attempt)) return null;
  if (waitsForComeBack(attempt)) return null;
  if (nowMs >= attempt.expiresAtMs) return isFixAwaited(s) ? prolonged(s, nowMs) : expired(s, nowMs);
  if (waitsForSlot(attempt)) return slotAfterClock(s, nowMs);
  if (attempt.opensAtMs === null || nowMs < attempt.opensAtMs) return null;
  const row = attempt.state === 'queued' ? 'AT06' : 'AT35';
  const told = { row, atMs: nowMs, attempt: attempt.ordinal };
  return say({ ...s, attempt: opened(attempt) }, 'invitationOpened', told);
}

function expired(s: Snapshot, nowMs: number): Snapshot {
  return endAttempt(s, { row: 'AT08', why: 'expired' }, nowMs);
}

/** AT34: while our fix is awaited. */
function prolonged(s: Snapshot, nowMs: number): Snapshot {
  const expiresAtMs = nowMs + s.policy.inviteDays * DAY_MS;
  const attempt: Attempt = { ...s.attempt, expiresAtMs };
  return say({ ...s, attempt }, 'invitationProlonged', { row: 'AT34', atMs: nowMs, untilMs: expiresAtMs });
}

/** What is told of an invitation that ended without a failure. */
const ENDED_AS: Partial<Record<CloseReason, FailureCode>> = {
  expired: 'INVITATION_EXPIRED',
  withdrawn: 'INVITATION_WITHDRAWN',
};

/** AT07, AT08, AT33, AT36: the cycle's attempt is over. A number that never had a link closes with it. */
export function endAttempt(s: Snapshot, { row, why }: { row: string; why: CloseReason }, nowMs: number): Snapshot {
  const attempt = noAttempt({ ...s.attempt, failure: lastFailure(s.attempt, ENDED_AS[why] ?? null, nowMs) });
  const ended = voidOwnTasks(say({ ...s, attempt }, 'attemptEnded', { row, atMs: nowMs, why }), { row, atMs: nowMs });
  if (s.link.state !== 'none') return ended;
  return say(voidTasksOfClosed({ ...ended, closed: why }), 'closed', { row, atMs: nowMs, why });
}

/** What is to be done for an attempt alone, and for nothing else. */
const TASKS_OF_ATTEMPT: readonly TaskKind[] = ['choose-number', 'op-config', 'op-mode-drift'];

function voidOwnTasks(s: Snapshot, told: { row: string; atMs: number }): Snapshot {
  return TASKS_OF_ATTEMPT.reduce((state, task) => closeTask(state, task, { ...told, as: 'void' }), s);
}

/** What the phone still shows is of the failure before, which nobody can act on any more. */
function lastFailure(attempt: Attempt, code: FailureCode | null, nowMs: number): AttemptFailure | null {
  const { failure } = attempt;
  if (code === null || failure?.code === code) return failure;
  const ended = failureNow(attempt, code, nowMs);
  return { ...ended, phoneStillLinked: failure?.phoneStillLinked ?? ended.phoneStillLinked };
}

/** AT03, AT04: the next cycle opens, at once or when Meta's wait after a disconnect has passed. */
export function openNextCycle(s: Snapshot, nowMs: number): Snapshot {
  const cycle = s.cycle + 1;
  const expiresAtMs = nowMs + s.policy.inviteDays * DAY_MS;
  const mayOpenAtMs = (s.link.end?.atMs ?? 0) + s.policy.platformWaitMinutes * MINUTE_MS;
  const attempt = openAttempt(1, nowMs, expiresAtMs);
  if (nowMs >= mayOpenAtMs) {
    return say({ ...s, cycle, attempt }, 'onboardingStarted', {
      row: 'AT03',
      atMs: nowMs,
      cycle,
      untilMs: expiresAtMs,
    });
  }
  const queued: Attempt = { ...attempt, state: 'queued', opensAtMs: mayOpenAtMs, queuedFor: 'platform-wait' };
  return say({ ...s, cycle, attempt: queued }, 'onboardingQueued', { row: 'AT04', atMs: nowMs, untilMs: mayOpenAtMs });
}

/** What facts and the clock do to a signup on its way (lifecycle.md 4.2). */
import type { Fact, FactEnvelope, SignupEnding } from './facts.ts';
import type { FailureCode } from './failures.ts';
import { noAttempt, openAttempt } from './fresh-snapshot.ts';
import { DAY_MS, MINUTE_MS } from './policy.ts';
import type { Attempt, CloseReason, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';

type CodeReceived = Extract<Fact, { kind: 'signupCodeReceived' }>;
type Finished = Extract<Fact, { kind: 'signupFinished' }>;

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
    case 'partnerAdded':
      return afterPartnerAdded(s, envelope);
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
  if (!isBeforeCode(s.attempt)) {
    return ignore(s, envelope, { row: 'AT15', why: fact.dialogRunId === s.attempt.dialogRunId ? 'd' : 's' });
  }
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

const ENDING_FAILURES: Record<Exclude<SignupEnding, 'coexistence'>, FailureCode> = {
  standard: 'SIGNUP_MODE_DRIFTED',
  'waba-only': 'SIGNUP_FLOW_UNSUPPORTED',
  'grant-only': 'SIGNUP_FLOW_UNSUPPORTED',
  'on-behalf': 'SIGNUP_FLOW_UNSUPPORTED',
  'unknown-finish': 'SIGNUP_FLOW_UNSUPPORTED',
  malformed: 'SIGNUP_FLOW_UNSUPPORTED',
};

/** AT12, AT16, AT17. A coexistence finish is posted only after it has waited in vain for its code. */
function afterFinish(s: Snapshot, envelope: FactEnvelope, fact: Finished): Snapshot {
  if (isStale(s, envelope, fact.attempt)) return ignore(s, envelope, { row: 'AT16', why: 's' });
  if (s.attempt.state === 'undoing') return ignore(s, envelope, { row: 'AT16', why: 's' });
  if (fact.ending !== 'coexistence')
    return failAttempt(s, { row: 'AT17', code: ENDING_FAILURES[fact.ending] }, envelope.occurredAtMs);
  const finishedAtMs = earliest(s.attempt.finishedAtMs, envelope.occurredAtMs);
  const finished = { ...s, attempt: { ...s.attempt, finishedAtMs } };
  if (isAtWork(s.attempt)) return ignore(finished, envelope, { row: 'AT16', why: 'd' });
  return failAttempt(finished, { row: 'AT12', code: 'SIGNUP_CODE_MISSING' }, envelope.occurredAtMs);
}

/** AT24, AT25: never a proof; tells when the dialog ended. */
function afterPartnerAdded(s: Snapshot, envelope: FactEnvelope): Snapshot {
  const { attempt, policy } = s;
  if (attempt.state === 'none') return ignore(s, envelope, { row: 'AT25', why: s.link.state === 'live' ? 'd' : 's' });
  const isEarlier = envelope.occurredAtMs < attempt.openedAtMs - policy.boundaryMinutes * MINUTE_MS;
  if (isEarlier) return ignore(s, envelope, { row: 'AT25', why: 'l' });
  const finishedAtMs = earliest(attempt.finishedAtMs, envelope.occurredAtMs);
  return say({ ...s, attempt: { ...attempt, finishedAtMs } }, 'partnerAdded', {
    row: 'AT24',
    atMs: envelope.occurredAtMs,
  });
}

function earliest(known: number | null, atMs: number): number {
  return known === null ? atMs : Math.min(known, atMs);
}

/** failAttempt, first half: what was done is now undone, step by step; `attemptUndone` says what follows. */
export function failAttempt(s: Snapshot, { row, code }: { row: string; code: FailureCode }, nowMs: number): Snapshot {
  const hasFinished = s.attempt.finishedAtMs !== null; // a finished dialog cannot be undone by API
  const failure = {
    code,
    atMs: nowMs,
    retryAtMs: null,
    phoneStillLinked: hasFinished ? ('likely' as const) : ('unknown' as const),
    metaCode: null,
    supportReference: null,
  };
  const attempt: Attempt = { ...s.attempt, state: 'undoing', gate: null, failure };
  return say({ ...s, attempt }, 'attemptFailing', { row, atMs: nowMs, code });
}

/** The clock's part: AT06, AT08, AT35. Null when nothing is due. */
export function attemptAfterClock(s: Snapshot, nowMs: number): Snapshot | null {
  const { attempt } = s;
  if (!isBeforeCode(attempt)) return null;
  if (nowMs >= attempt.expiresAtMs) return endAttempt(s, { row: 'AT08', why: 'expired' }, nowMs);
  if (attempt.opensAtMs === null || nowMs < attempt.opensAtMs) return null;
  const row = attempt.state === 'queued' ? 'AT06' : 'AT35';
  const opened: Attempt = { ...attempt, state: 'open', opensAtMs: null, queuedFor: null };
  return say({ ...s, attempt: opened }, 'invitationOpened', { row, atMs: nowMs, attempt: attempt.ordinal });
}

/** AT07, AT08, AT33, AT36: the cycle's attempt is over. A number that never had a link closes with it. */
export function endAttempt(s: Snapshot, { row, why }: { row: string; why: CloseReason }, nowMs: number): Snapshot {
  const ended = say({ ...s, attempt: noAttempt(s.attempt) }, 'attemptEnded', { row, atMs: nowMs, why });
  if (s.link.state !== 'none') return ended;
  return say({ ...ended, closed: why }, 'closed', { row, atMs: nowMs, why });
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

/**
 * The saga of connecting: which step is next, what each step's answer or failure leads to (lifecycle.md 4.2, 4.3,
 * 8.1).
 */
import { endAttempt, failAttempt, isAtWork } from './attempt.ts';
import { FAILURES, type FailureCode } from './failures.ts';
import { noAttempt, openAttempt } from './fresh-snapshot.ts';
import type { PhoneNumberId, WabaId } from './ids.ts';
import { linkAfterFact } from './link.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './policy.ts';
import { gateFailureOf, type Probe } from './probe.ts';
import type { Attempt, AttemptStep, PhoneStillLinked, Snapshot, UndoStep } from './snapshot.ts';
import { say } from './story.ts';
import { syncsAtGoLive } from './syncs.ts';

export type ConnectStep =
  | { kind: 'step'; step: AttemptStep }
  /** The soft deadline has passed: look by ourselves, from time to time. */
  | { kind: 'look-at-gate' }
  | { kind: 'wait'; untilMs: number; because: string }
  /** Asked to stop: heard here, at the edge of a step. */
  | { kind: 'stop' }
  /** GR13: what stands is read before the credential that could read it is forgotten. */
  | { kind: 'look-what-stands' }
  | { kind: 'undo'; step: UndoStep }
  | { kind: 'undone' };

/** What is next for an attempt that runs, waits or is being undone. */
export function nextConnectStep({ attempt }: Snapshot, nowMs: number): ConnectStep {
  if (attempt.state === 'undoing') return nextUndoStep(attempt);
  if (attempt.isCancelled) return { kind: 'stop' };
  const { gate } = attempt;
  if (!gate) return { kind: 'step', step: attempt.step ?? 'exchange' };
  if (nowMs >= gate.lookAtMs) return { kind: 'look-at-gate' };
  return { kind: 'wait', untilMs: gate.lookAtMs, because: 'Meta has not finished connecting: look again' };
}

function nextUndoStep(attempt: Attempt): ConnectStep {
  const step = attempt.undo.at(-1);
  if (!step) return { kind: 'undone' };
  const canLook = step === 'forgetCredential' && attempt.found.phoneNumberId !== null && !attempt.hasLooked;
  return canLook ? { kind: 'look-what-stands' } : { kind: 'undo', step };
}

const UNDO_OF: Partial<Record<AttemptStep, UndoStep>> = {
  exchange: 'forgetCredential',
  claim: 'releaseClaim',
  subscribe: 'unsubscribeIfLast',
};

/** Registers the undo of a step, before the step is taken. Registering twice is harmless. */
export function beforeStep(s: Snapshot, step: AttemptStep): Snapshot {
  const undo = UNDO_OF[step];
  if (!undo || s.attempt.undo.includes(undo)) return s;
  return { ...s, attempt: { ...s.attempt, undo: [...s.attempt.undo, undo] } };
}

export type StepAnswer =
  | { step: 'exchange' }
  | { step: 'check-token'; wabaId: WabaId }
  | { step: 'resolve'; phoneNumberId: PhoneNumberId; onboardedAtMs: number | null }
  | { step: 'claim' }
  | { step: 'subscribe' }
  | { step: 'gate'; probe: Probe };

/** The step passed: what it found out, its sentence, and the step after it. */
export function afterStep(s: Snapshot, answer: StepAnswer, nowMs: number): Snapshot {
  switch (answer.step) {
    case 'exchange':
      return say(toStep(s, 'check-token', {}), 'codeStored', { row: 'ST1', atMs: nowMs });
    case 'check-token':
      return say(toStep(s, 'resolve', { wabaId: answer.wabaId }), 'tokenChecked', { row: 'ST2', atMs: nowMs });
    case 'resolve': {
      const { phoneNumberId, onboardedAtMs } = answer;
      return say(toStep(s, 'claim', { phoneNumberId, onboardedAtMs }), 'numberFound', { row: 'ST4', atMs: nowMs });
    }
    case 'claim':
      return say(toStep(s, 'subscribe', {}), 'numberClaimed', { row: 'ST5', atMs: nowMs });
    case 'subscribe':
      return say(toStep(s, 'gate', {}), 'accountSubscribed', { row: 'ST6', atMs: nowMs });
    case 'gate':
      return isAtWork(s.attempt) && !s.attempt.isCancelled ? goLive(s, answer.probe, nowMs) : s;
  }
}

/** Whether the attempt has just become the link: its candidate is the credential now. */
export function hasGoneLive(before: Snapshot, after: Snapshot): boolean {
  return isAtWork(before.attempt) && after.attempt.state === 'none' && after.credential === 'valid';
}

function toStep(s: Snapshot, step: AttemptStep, found: Partial<Attempt['found']>): Snapshot {
  return { ...s, attempt: { ...s.attempt, step, found: { ...s.attempt.found, ...found } } };
}

/** A step said no, or its patience is over (AT21). The gate alone is given more patience (AT19). */
export function stepFailed(
  s: Snapshot,
  failed: { step: AttemptStep; code: FailureCode; probe: Probe | null },
  nowMs: number,
): Snapshot {
  if (failed.step !== 'gate') return failAttempt(s, { row: 'AT21', code: failed.code }, nowMs);
  if (wasRemovedMeanwhile(s.attempt)) return failAttempt(s, { row: 'AT26', code: 'REMOVED_WHILE_CONNECTING' }, nowMs);
  return waitForGate(s, failed.probe?.class ?? 'no-word', nowMs);
}

/** AT26: Meta reported a removal after this dialog's finish, and the gate is not passed. */
function wasRemovedMeanwhile(attempt: Attempt): boolean {
  return attempt.deferred.some(({ fact }) => fact.kind === 'partnerRemoved' && fact.isOnlyNumber);
}

function waitForGate(s: Snapshot, probeClass: Probe['class'], nowMs: number): Snapshot {
  const { extendedMinutes, reviewHours, gateAgainSeconds } = s.policy;
  const isReview = probeClass === 'pending';
  const patienceMs = isReview ? reviewHours * HOUR_MS : extendedMinutes * MINUTE_MS;
  const untilMs = nowMs + patienceMs;
  const gate = { untilMs, lookAtMs: nowMs + gateAgainSeconds * SECOND_MS, class: probeClass, isReview };
  return say({ ...s, attempt: { ...s.attempt, state: 'waiting', gate } }, 'gateWaiting', {
    row: 'AT19',
    atMs: nowMs,
    untilMs,
  });
}

/**
 * One look while waiting: passed (AT22), over (AT23), or later. A number that turns out to be in review gets that
 * patience, once.
 */
export function afterGateLook(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const { gate } = s.attempt;
  if (!gate) return s;
  if (probe.class === 'alive') return s.attempt.isCancelled ? s : goLive(s, probe, nowMs); // AT33 at the next edge
  if (wasRemovedMeanwhile(s.attempt)) return failAttempt(s, { row: 'AT26', code: 'REMOVED_WHILE_CONNECTING' }, nowMs);
  if (probe.class === 'pending' && !gate.isReview) return waitForGate(s, 'pending', nowMs);
  if (nowMs >= gate.untilMs) return failAttempt(s, { row: 'AT23', code: gateFailureOf(probe) }, nowMs);
  const againMs = gate.isReview ? HOUR_MS : s.policy.gateAgainSeconds * SECOND_MS;
  const next = { ...gate, lookAtMs: Math.min(gate.untilMs, nowMs + againMs), class: probe.class };
  return { ...s, attempt: { ...s.attempt, gate: next } };
}

/** goLive (AT20): the gate's read is the proof; the facts that waited for the attempt's end act now. */
export function goLive(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const { attempt } = s;
  const finishedAtMs = attempt.finishedAtMs ?? nowMs;
  const onboardedAtMs = probe.reading?.onboardedAtMs ?? attempt.found.onboardedAtMs;
  const { wabaId, phoneNumberId } = attempt.found;
  const former = [s.wabaId, s.phoneNumberId].filter((id) => id !== null && id !== wabaId && id !== phoneNumberId);
  const live: Snapshot = {
    ...s,
    link: {
      ...s.link,
      state: 'live',
      sinceMs: onboardedAtMs ?? finishedAtMs,
      provedAtMs: probe.startedAtMs,
      aliveReadAtMs: probe.startedAtMs,
      suspect: null,
      pause: null,
      verify: null,
      end: null,
      hold: null,
    },
    attempt: noAttempt({ ...attempt, failure: null }),
    leave: { state: 'none', untilMs: null },
    credential: 'valid',
    compensation: [],
    wabaId,
    phoneNumberId,
    formerIds: [...new Set([...s.formerIds, ...former])].filter(
      (id): id is string => id !== null && id !== wabaId && id !== phoneNumberId,
    ),
    activity: { anyAtMs: finishedAtMs, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 },
  };
  const told = say(live, 'connected', { row: 'AT20', atMs: nowMs, cycle: s.cycle });
  return releaseDeferred(
    syncsAtGoLive(told, { finishedAtMs, onboardedAtMs, before: s.link.sinceMs }, nowMs),
    attempt,
    nowMs,
  );
}

/** Facts that came after the dialog's finish meet the link that the attempt left, in the order of Meta's times. */
function releaseDeferred(s: Snapshot, attempt: Attempt, nowMs: number): Snapshot {
  const inOrder = attempt.deferred.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs);
  return inOrder.reduce((state, envelope) => linkAfterFact(state, envelope, nowMs), s);
}

/** AT33: the wish to stop is heard; what was done is undone. */
export function stopAttempt(s: Snapshot, nowMs: number): Snapshot {
  return failAttempt(s, { row: 'AT33', code: 'INVITATION_WITHDRAWN' }, nowMs);
}

/** What the phone still shows, told by a read with the candidate; `null` where no read was possible. */
export function afterLookWhatStands(s: Snapshot, probe: Probe | null, nowMs: number): Snapshot {
  const { failure } = s.attempt;
  const read = stillLinkedBy(probe);
  const phoneStillLinked = read === 'unknown' ? (s.attempt.failure?.phoneStillLinked ?? read) : read;
  const attempt = { ...s.attempt, hasLooked: true, failure: failure && { ...failure, phoneStillLinked } };
  const shows = { likely: 'still linked', no: 'no longer linked', unknown: 'in a state that could not be read' }[
    phoneStillLinked
  ];
  return say({ ...s, attempt }, 'phoneShows', { row: 'GR13', atMs: nowMs, shows });
}

function stillLinkedBy(probe: Probe | null): PhoneStillLinked {
  if (probe?.reading) return probe.reading.isOnBizApp ? 'likely' : 'no';
  return probe?.class === 'not-visible' ? 'no' : 'unknown';
}

/** An undo step was done, was not needed, or failed for good: it never holds the number. */
export function afterUndo(
  s: Snapshot,
  undone: { step: UndoStep; result: 'done' | 'not-needed' | FailureCode },
  nowMs: number,
): Snapshot {
  const { step, result } = undone;
  const left = { ...s, attempt: { ...s.attempt, undo: s.attempt.undo.filter((one) => one !== step) } };
  if (result === 'done' || result === 'not-needed') {
    return say(left, 'undone', { row: '8.3', atMs: nowMs, step, result });
  }
  const incomplete = { ...left, incompleteUndo: [...new Set([...left.incompleteUndo, step])] };
  return say(incomplete, 'undoIncomplete', { row: '8.3', atMs: nowMs, step, code: result });
}

/** failAttempt, second half (AT34, AT36): by the failure's own retry, or ours after too many in a row. */
export function attemptUndone(s: Snapshot, nowMs: number): Snapshot {
  const { attempt, policy } = s;
  const free = releaseDeferred(s, attempt, nowMs);
  const code = attempt.failure?.code ?? 'CONNECTION_TIMED_OUT';
  if (attempt.isCancelled) return endAttempt(free, { row: 'AT33', why: 'withdrawn' }, nowMs);
  if (FAILURES[code].retry === 'never') return endAttempt(free, { row: 'AT34', why: 'refused' }, nowMs);
  if (attempt.ordinal >= policy.attemptsMax) return exhausted(free, nowMs);
  return tryAgain(free, code, nowMs);
}

/** AT36: the cycle has used all its attempts. */
function exhausted(s: Snapshot, nowMs: number): Snapshot {
  const failure = s.attempt.failure && { ...s.attempt.failure, code: 'ATTEMPTS_EXHAUSTED' as const };
  return endAttempt({ ...s, attempt: { ...s.attempt, failure } }, { row: 'AT36', why: 'refused' }, nowMs);
}

function tryAgain(s: Snapshot, code: FailureCode, nowMs: number): Snapshot {
  const failuresInARow = s.attempt.failuresInARow + 1;
  const next = { ...openAttempt(s.attempt.ordinal + 1, nowMs, s.attempt.expiresAtMs), failuresInARow };
  if (FAILURES[code].retry === 'after-our-fix') {
    const queued: Attempt = { ...next, state: 'queued', queuedFor: 'our-fix', failure: s.attempt.failure };
    const why = 'it waits for a fix of ours';
    return say({ ...s, attempt: queued }, 'attemptEnded', { row: 'AT34', atMs: nowMs, why });
  }
  const waitMs = Math.max(ownCoolingMs(s, failuresInARow), (FAILURES[code].waitMinutes ?? 0) * MINUTE_MS);
  if (waitMs === 0) {
    const open: Attempt = { ...next, failure: s.attempt.failure };
    return say({ ...s, attempt: open }, 'invitationOpened', { row: 'AT34', atMs: nowMs, attempt: next.ordinal });
  }
  const retryAtMs = nowMs + waitMs;
  const failure = s.attempt.failure && { ...s.attempt.failure, retryAtMs };
  const cooling: Attempt = { ...next, failure, state: 'cooling', opensAtMs: retryAtMs };
  return say({ ...s, attempt: cooling }, 'attemptCooling', { row: 'AT34', atMs: nowMs, retryAtMs, code });
}

/** AT36: from the third failure in a row on, 5 minutes, doubling up to an hour. */
function ownCoolingMs({ policy }: Snapshot, failuresInARow: number): number {
  const over = failuresInARow - policy.attemptFailuresMax;
  if (over < 0) return 0;
  return Math.min(policy.attemptCoolMaxMinutes, policy.attemptCoolMinutes * 2 ** over) * MINUTE_MS;
}

/**
 * The saga of connecting: which step is next, what each step's answer or failure leads to (lifecycle.md 4.2, 4.3,
 * 8.1).
 */
import { afterFailure, endAttempt, failAttempt, isAtWork } from './attempt.ts';
import { isPassing, toldOf, waitForGate, waitOnForGate, waitToResume, type StepFailure } from './attempt-waits.ts';
import { FAILURES, type FailureCode } from './failures.ts';
import { goLive, releaseDeferred } from './go-live.ts';
import { missingGrants } from './grants.ts';
import type { DialogRunId, PhoneNumberId, WabaId } from './ids.ts';
import { isBanned, type Probe } from './probe.ts';
import type {
  Attempt,
  AttemptStep,
  AttemptWait,
  Grant,
  PhoneStillLinked,
  Snapshot,
  UndoStep,
  WaitReason,
} from './snapshot.ts';
import { say } from './story.ts';
import { closeTask, openTask } from './tasks.ts';

export type ConnectStep =
  | { kind: 'step'; step: AttemptStep }
  /** AT31: our app may have been removed: the token is read before it is used again. */
  | { kind: 'check-access' }
  /** The soft deadline has passed: look by ourselves, from time to time. */
  | { kind: 'look-at-gate' }
  | { kind: 'wait'; untilMs: number; because: string }
  /** AT23: nobody chose, nothing came back. */
  | { kind: 'give-up' }
  /** Asked to stop: heard here, at the edge of a step. */
  | { kind: 'stop' }
  /** AT14: a code that came while undoing dies in 30 s: it goes before the undo. */
  | { kind: 'exchange-spare'; dialogRunId: DialogRunId }
  /** GR13: what stands is read before the credential that could read it is forgotten. */
  | { kind: 'look-what-stands' }
  | { kind: 'undo'; step: UndoStep }
  | { kind: 'undone' };

/** What is next for an attempt that runs, waits or is being undone. */
export function nextConnectStep(s: Snapshot, nowMs: number): ConnectStep {
  const { attempt } = s;
  if (attempt.state === 'undoing') return nextUndoStep(s);
  if (attempt.isCancelled) return { kind: 'stop' };
  if (attempt.isAccessDoubted && attempt.step !== 'exchange') return { kind: 'check-access' };
  if (attempt.wait) return nextOfWait(attempt.wait, nowMs);
  return { kind: 'step', step: attempt.step ?? 'exchange' };
}

const WAIT_BECAUSE: Record<WaitReason, string> = {
  gate: 'Meta has not finished connecting: look again',
  review: 'Meta reviews the account: look again',
  device: 'the phone was changed: its return is awaited',
  choice: 'a person must choose: the choice is awaited',
  resume: 'a step could not be taken: try it again',
};

function nextOfWait(wait: AttemptWait, nowMs: number): ConnectStep {
  const { lookAtMs, untilMs } = wait;
  if (lookAtMs === null) {
    return nowMs >= untilMs ? { kind: 'give-up' } : { kind: 'wait', untilMs, because: WAIT_BECAUSE[wait.for] };
  }
  if (nowMs < lookAtMs) return { kind: 'wait', untilMs: lookAtMs, because: WAIT_BECAUSE[wait.for] };
  return wait.for === 'resume' ? { kind: 'step', step: wait.step } : { kind: 'look-at-gate' };
}

function nextUndoStep(s: Snapshot): ConnectStep {
  const { attempt } = s;
  const { spare } = attempt;
  if (spare && !spare.isExchanged && hasNextAttempt(s)) {
    return { kind: 'exchange-spare', dialogRunId: spare.dialogRunId };
  }
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
  | { step: 'check-token'; wabaId: WabaId; grants: readonly Grant[] }
  | { step: 'resolve'; phoneNumberId: PhoneNumberId; onboardedAtMs: number | null; hasTimeZone: boolean | null }
  | { step: 'claim' }
  | { step: 'subscribe' }
  | { step: 'gate'; probe: Probe };

/** The step passed: what it found out, its sentence, and the step after it. */
export function afterStep(s: Snapshot, answer: StepAnswer, nowMs: number): Snapshot {
  switch (answer.step) {
    case 'exchange':
      return say(toStep(s, 'check-token', {}), 'codeStored', { row: 'ST1', atMs: nowMs });
    case 'check-token': {
      const { wabaId, grants } = answer;
      const checked = say(toStep(s, 'resolve', { wabaId, grants }), 'tokenChecked', { row: 'ST2', atMs: nowMs });
      return tellMissingGrants(checked, grants, nowMs);
    }
    case 'resolve': {
      const { phoneNumberId, onboardedAtMs } = answer;
      const found = say(toStep(s, 'claim', { phoneNumberId, onboardedAtMs }), 'numberFound', {
        row: 'ST4',
        atMs: nowMs,
      });
      return answer.hasTimeZone === false ? say(found, 'timeZoneMissing', { row: 'C02', atMs: nowMs }) : found;
    }
    case 'claim':
      return say(toStep(s, 'subscribe', {}), 'numberClaimed', { row: 'ST5', atMs: nowMs });
    case 'subscribe':
      return say(toStep(s, 'gate', {}), 'accountSubscribed', { row: 'ST6', atMs: nowMs });
    case 'gate':
      return mayGoLive(s.attempt) ? goLive(s, answer.probe, nowMs) : s;
  }
}

/** Not for one that was cancelled, or whose phone was changed, while the gate was asked. */
function mayGoLive(attempt: Attempt): boolean {
  return isAtWork(attempt) && !attempt.isCancelled && attempt.wait?.for !== 'device';
}

function toStep(s: Snapshot, step: AttemptStep, found: Partial<Attempt['found']>): Snapshot {
  const { attempt } = s;
  const next: Attempt = { ...attempt, state: 'running', wait: null, step, found: { ...attempt.found, ...found } };
  return { ...s, attempt: step === 'check-token' ? { ...next, spare: null } : next };
}

/** C14 to C17: what is not needed to connect, and was not given, is named. */
function tellMissingGrants(s: Snapshot, grants: readonly Grant[], nowMs: number): Snapshot {
  const missing = missingGrants(grants);
  return missing.length === 0 ? s : say(s, 'grantsMissing', { row: 'ST2', atMs: nowMs, scopes: missing.join(', ') });
}

/** A step said no (AT21), or its patience is over for now (AT19): passing faults and the gate are given more. */
export function stepFailed(s: Snapshot, failed: StepFailure, nowMs: number): Snapshot {
  const { step, code, probe } = failed;
  if (step === 'exchange' && s.attempt.spare && !s.attempt.spare.isExchanged) return withSpareCode(s, nowMs);
  if (isPassing(failed)) return waitToResume(s, failed, nowMs);
  if (step !== 'gate' || code === 'ACCOUNT_BANNED') return failAttempt(s, { row: 'AT21', ...toldOf(failed) }, nowMs);
  if (s.attempt.wait?.for === 'device') return s; // the phone was changed while the gate was asked
  if (wasRemovedMeanwhile(s.attempt)) return failAttempt(s, { row: 'AT26', code: 'REMOVED_WHILE_CONNECTING' }, nowMs);
  return waitForGate(s, probe, nowMs);
}

/** AT15: the first code was refused; the other run's is tried. */
function withSpareCode(s: Snapshot, nowMs: number): Snapshot {
  const { spare } = s.attempt;
  const attempt: Attempt = { ...s.attempt, dialogRunId: spare?.dialogRunId ?? s.attempt.dialogRunId, spare: null };
  return say({ ...s, attempt }, 'wentOn', {
    row: 'AT15',
    atMs: nowMs,
    why: 'with the code of another run of the dialog',
  });
}

/** AT26: Meta reported a removal after this dialog's finish, and the gate is not passed. */
function wasRemovedMeanwhile(attempt: Attempt): boolean {
  return attempt.deferred.some(({ fact }) => fact.kind === 'partnerRemoved' && fact.isOnlyNumber);
}

/** One look while waiting for the gate: passed (AT22), over (AT23), or later. */
export function afterGateLook(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const { wait } = s.attempt;
  if (wait?.for !== 'gate' && wait?.for !== 'review') return s; // the phone was changed while we looked
  if (isBanned(probe)) return failAttempt(s, { row: 'AT29', code: 'ACCOUNT_BANNED' }, nowMs);
  if (probe.class === 'alive') return s.attempt.isCancelled ? s : goLive(s, probe, nowMs); // AT33 at the next edge
  if (wasRemovedMeanwhile(s.attempt)) return failAttempt(s, { row: 'AT26', code: 'REMOVED_WHILE_CONNECTING' }, nowMs);
  return waitOnForGate(s, probe, nowMs);
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

/** Whether another attempt of this cycle can follow the one that is being undone. */
function hasNextAttempt({ attempt, policy }: Snapshot): boolean {
  const isOver = attempt.failure !== null && FAILURES[attempt.failure.code].retry === 'never';
  return !attempt.isCancelled && !isOver && attempt.ordinal < policy.attemptsMax;
}

/** failAttempt, second half (AT34, AT36): by the failure's own retry, or ours after too many in a row. */
export function attemptUndone(s: Snapshot, nowMs: number): Snapshot {
  const { attempt } = s;
  const free = withTaskForPhone(releaseDeferred(withoutChoice(s, nowMs), attempt, nowMs), nowMs);
  if (attempt.isCancelled) return endAttempt(free, { row: 'AT33', why: 'withdrawn' }, nowMs);
  const next = afterFailure(free, nowMs);
  return next.attempt.state === 'none' ? next : withSpareCandidate(next, attempt.spare, nowMs);
}

function withoutChoice(s: Snapshot, nowMs: number): Snapshot {
  return closeTask(s, 'choose-number', { row: 'AT34', atMs: nowMs, as: 'void' });
}

/** The steps after which something of ours stood at Meta: only the phone can undo the rest. */
const PAST_CLAIM: readonly AttemptStep[] = ['subscribe', 'gate'];

/** 8.1: what the phone may still show can only be ended there; the attempt starts again by itself after its wait. */
function withTaskForPhone(s: Snapshot, nowMs: number): Snapshot {
  const { failure, isCancelled, finishedAtMs } = s.attempt;
  if (!failure || failure.phoneStillLinked === 'no' || finishedAtMs === null) return s;
  const isGuided = isCancelled || (failure.step !== null && PAST_CLAIM.includes(failure.step));
  return isGuided ? openTask(s, 'disconnect-on-phone', { row: '8.1', atMs: nowMs }) : s;
}

/** AT14: what was exchanged while the last attempt was being undone begins the next one. */
function withSpareCandidate(s: Snapshot, spare: Attempt['spare'], nowMs: number): Snapshot {
  if (!spare?.isExchanged) return s;
  const attempt: Attempt = {
    ...s.attempt,
    state: 'running',
    step: 'check-token',
    dialogRunId: spare.dialogRunId,
    finishedAtMs: nowMs,
    opensAtMs: null,
    queuedFor: null,
    undo: ['forgetCredential'],
  };
  return say({ ...s, attempt }, 'wentOn', { row: 'AT14', atMs: nowMs, why: 'with the code that came meanwhile' });
}

/** AT14: exchanged as the candidate of the next attempt, or lost and told. */
export function afterSpareExchange(s: Snapshot, failure: FailureCode | null, nowMs: number): Snapshot {
  const { spare } = s.attempt;
  if (!spare) return s;
  if (failure === null) {
    const attempt = { ...s.attempt, spare: { ...spare, isExchanged: true } };
    return say({ ...s, attempt }, 'codeStored', { row: 'AT14', atMs: nowMs });
  }
  const lost = { ...s, attempt: { ...s.attempt, spare: null } };
  return say(lost, 'attemptFailing', { row: 'AT14', atMs: nowMs, code: failure });
}

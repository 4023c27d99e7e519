/** The saga of connecting: which step is next, what each step's answer or failure leads to (ST rows). */
import { afterAccountRead, type AccountRead } from './account-read.ts';
import { afterFailure, endAttempt, failAttempt, isAtWork } from './attempt.ts';
import {
  isPassing,
  toldOf,
  waitForDevice,
  waitForGate,
  waitOnForGate,
  waitToResume,
  type StepFailure,
} from './attempt-waits.ts';
import { FAILURES } from './failures.ts';
import { openAttempt } from './fresh-snapshot.ts';
import { goLive, releaseDeferred } from './go-live.ts';
import { missingGrants } from './grants.ts';
import type { PhoneNumberId, WabaId } from './ids.ts';
import { phoneAwaySince, wasRemoved } from './phone-news.ts';
import { SECOND_MS } from './policy.ts';
import { isBanned, type Look, type Probe } from './probe.ts';
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
import { isNeededByLink, isStanding } from './standing-link.ts';
import { say } from './story.ts';
import { closeTask, openTask } from './tasks.ts';
import { tellUndone, type Undone } from './undo-results.ts';

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

/** What the link needs by now is passed over; its own end takes it away. */
function nextUndoStep(s: Snapshot): ConnectStep {
  const { attempt } = s;
  const step = attempt.undo.findLast((one) => !isNeededByLink(s, one));
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
  | ({ step: 'resolve'; phoneNumberId: PhoneNumberId; onboardedAtMs: number | null } & AccountRead)
  | { step: 'claim' }
  | { step: 'subscribe'; missingFields: readonly string[] }
  | { step: 'gate'; probe: Probe };

/** The step passed: what it found out, its sentence, and the step after it. */
export function afterStep(s: Snapshot, answer: StepAnswer, nowMs: number): Snapshot {
  switch (answer.step) {
    case 'exchange':
      return heedPhone(say(toStep(s, 'check-token', {}), 'codeStored', { row: 'ST1', atMs: nowMs }), nowMs);
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
      return afterAccountRead(found, answer, nowMs);
    }
    case 'claim':
      return say(toStep(s, 'subscribe', {}), 'numberClaimed', { row: 'ST5', atMs: nowMs });
    case 'subscribe':
      return tellMissingFields(
        say(toStep(s, 'gate', {}), 'accountSubscribed', { row: 'ST6', atMs: nowMs }),
        answer.missingFields,
        nowMs,
      );
    case 'gate':
      return mayGoLive(s.attempt) ? goLive(s, answer.probe, nowMs) : s;
  }
}

/** Not for one that was cancelled, or whose phone was changed or access doubted, while the gate was asked. */
function mayGoLive(attempt: Attempt): boolean {
  const isInDoubt = attempt.wait?.for === 'device' || attempt.isAccessDoubted;
  return isAtWork(attempt) && !attempt.isCancelled && !isInDoubt;
}

/** AT28: a change of phone that was heard while the code was exchanged acts now. */
function heedPhone(s: Snapshot, nowMs: number): Snapshot {
  const awaySinceMs = phoneAwaySince(s.attempt);
  return awaySinceMs === null ? s : waitForDevice(s, awaySinceMs, nowMs);
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

/** C07: the account's subscription stands, and brings no more than our app has subscribed: an operator was told of it. */
function tellMissingFields(s: Snapshot, missing: readonly string[], nowMs: number): Snapshot {
  return missing.length === 0 ? s : say(s, 'fieldsMissing', { row: 'C07', atMs: nowMs, fields: missing.join(', ') });
}

/** A step said no (AT21), or its patience is over for now (AT19): passing faults and the gate are given more. */
export function stepFailed(s: Snapshot, failed: StepFailure, nowMs: number): Snapshot {
  const { step, code, probe } = failed;
  if (step === 'exchange' && s.attempt.spare) return withSpareCode(s, nowMs);
  if (isPassing(failed)) return waitToResume(s, failed, nowMs);
  if (step !== 'gate' || code === 'ACCOUNT_BANNED') return failAttempt(s, { row: 'AT21', ...toldOf(failed) }, nowMs);
  return explainedByNews(s, probe, nowMs) ?? waitForGate(s, failed, nowMs);
}

/** A gate that does not pass, and Meta has told why: the phone is away (AT28), or the number was removed (AT26). */
function explainedByNews(s: Snapshot, probe: Probe | null, nowMs: number): Snapshot | null {
  const awaySinceMs = phoneAwaySince(s.attempt);
  if (awaySinceMs !== null) return waitForDevice(s, awaySinceMs, nowMs);
  const hasRead = probe !== null && probe.class !== 'no-word'; // without a word nothing is known of the removal
  if (!hasRead || !wasRemoved(s.attempt)) return null;
  return failAttempt(s, { row: 'AT26', code: 'REMOVED_WHILE_CONNECTING' }, nowMs);
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

/** One look while waiting for the gate: passed (AT22), over (AT23), or later. */
export function afterGateLook(s: Snapshot, look: Look, nowMs: number): Snapshot {
  const { wait } = s.attempt;
  if (wait?.for !== 'gate' && wait?.for !== 'review') return s; // the phone was changed while we looked
  if (isBanned(look)) return failAttempt(s, { row: 'AT29', code: 'ACCOUNT_BANNED' }, nowMs);
  if (look.class === 'alive') return mayGoLive(s.attempt) ? goLive(s, look, nowMs) : s; // AT31, AT33 at the next edge
  return explainedByNews(s, look, nowMs) ?? waitOnForGate(s, look, nowMs);
}

/** AT33: the wish to stop is heard; what was done is undone. */
export function stopAttempt(s: Snapshot, nowMs: number): Snapshot {
  return failAttempt(s, { row: 'AT33', code: 'INVITATION_WITHDRAWN' }, nowMs);
}

/** LI62: an operator cancelled the run: whatever the attempt was at, it is undone, and nothing follows it. */
export function cancelAttempt(s: Snapshot, nowMs: number): Snapshot {
  const { failure, state } = s.attempt;
  const code = 'CANCELLED_BY_OPERATOR' as const;
  const cancelled = { ...s, attempt: { ...s.attempt, isCancelled: true, failure: failure && { ...failure, code } } };
  return state === 'undoing' && failure ? cancelled : failAttempt(cancelled, { row: 'LI62', code }, nowMs);
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

/** One undo step has ended. */
export function afterUndo(s: Snapshot, undone: Undone, nowMs: number): Snapshot {
  const undo = s.attempt.undo.filter((one) => one !== undone.step);
  return tellUndone({ ...s, attempt: { ...s.attempt, undo } }, undone, nowMs);
}

/** Whether another attempt of this cycle can follow the one that is being undone. */
function hasNextAttempt({ attempt, policy }: Snapshot): boolean {
  const isOver = attempt.failure !== null && FAILURES[attempt.failure.code].retry === 'never';
  return !attempt.isCancelled && !isOver && attempt.ordinal < policy.attemptsMax;
}

/**
 * failAttempt, second half (AT34, AT36): by the failure's own retry, or ours after too many in a row; at once with a code that
 * came meanwhile (AT14).
 */
export function attemptUndone(s: Snapshot, nowMs: number): Snapshot {
  const { attempt } = s;
  const free = releaseDeferred(withoutChoice(s, nowMs), attempt, nowMs);
  if (isSpareOfUse(s, nowMs)) return beginWithSpare(free, nowMs);
  const guided = withTaskForPhone(tellLostSpare(free, nowMs), nowMs);
  return attempt.isCancelled ? endCancelled(guided, nowMs) : afterFailure(guided, nowMs);
}

/** AT33 by the owner or the backend, LI62 by an operator. */
function endCancelled(s: Snapshot, nowMs: number): Snapshot {
  const isByOperator = s.attempt.failure?.code === 'CANCELLED_BY_OPERATOR';
  const end = isByOperator
    ? ({ row: 'LI62', why: 'cancelled' } as const)
    : ({ row: 'AT33', why: 'withdrawn' } as const);
  return endAttempt(s, end, nowMs);
}

function withoutChoice(s: Snapshot, nowMs: number): Snapshot {
  return closeTask(s, 'choose-number', { row: 'AT34', atMs: nowMs, as: 'void' });
}

/** The steps after which something of ours stood at Meta: only the phone can undo the rest. */
const PAST_CLAIM: readonly AttemptStep[] = ['subscribe', 'gate'];

/**
 * 8.1: what the phone may still show can only be ended there; the attempt starts again by itself after its wait. What it shows
 * of a link that stands is as it should be (8.4).
 */
function withTaskForPhone(s: Snapshot, nowMs: number): Snapshot {
  const { failure, isCancelled, finishedAtMs } = s.attempt;
  if (!failure || failure.phoneStillLinked === 'no' || finishedAtMs === null || isStanding(s.link)) return s;
  const isGuided = isCancelled || (failure.step !== null && PAST_CLAIM.includes(failure.step));
  return isGuided ? openTask(s, 'disconnect-on-phone', { row: '8.1', atMs: nowMs }) : s;
}

/** AT14: another attempt may follow, and Meta still takes the code: so young that it may be tried once more if need be. */
export function isSpareOfUse(s: Snapshot, nowMs: number): boolean {
  const { spare } = s.attempt;
  return spare !== null && hasNextAttempt(s) && nowMs < spare.atMs + s.policy.codeRetrySeconds * SECOND_MS;
}

/** The owner has already been through the dialog again: the next attempt begins with its code, whatever wait was asked for. */
function beginWithSpare(s: Snapshot, nowMs: number): Snapshot {
  const { spare, ordinal, openedAtMs, expiresAtMs, failuresInARow, failure } = s.attempt;
  const attempt: Attempt = {
    ...openAttempt(ordinal + 1, openedAtMs, expiresAtMs),
    state: 'running',
    step: 'exchange',
    dialogRunId: spare?.dialogRunId ?? null,
    dialogOrdinal: ordinal,
    finishedAtMs: spare?.atMs ?? null,
    failuresInARow: failuresInARow + 1,
    failure,
  };
  return say({ ...s, attempt }, 'wentOn', { row: 'AT14', atMs: nowMs, why: 'with the code that came meanwhile' });
}

/** The undo took longer than the code lives: the owner connects again. */
function tellLostSpare(s: Snapshot, nowMs: number): Snapshot {
  if (s.attempt.spare === null || !hasNextAttempt(s)) return s;
  return say(s, 'attemptFailing', { row: 'AT14', atMs: nowMs, code: 'SIGNUP_EXCHANGE_UNCONFIRMED' });
}

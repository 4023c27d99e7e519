/** The waits of an attempt: what is waited for, how patient we are, and what ends the wait (AT19, AT22, AT23). */
import { failAttempt, type FailureTold } from './attempt.ts';
import { retriesByItself, type FailureCode } from './failures.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './policy.ts';
import { gateFailureOf, type Look, type Probe, type ProbeClass } from './probe.ts';
import type { Attempt, AttemptStep, AttemptWait, Grant, Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { closeTask, openTask } from './tasks.ts';

/** A step that failed without being a no. */
export interface StepFailure extends Partial<FailureTold> {
  step: AttemptStep;
  code: FailureCode;
  probe: Probe | null;
  /** The wait that Meta asks for, ms. */
  waitMs?: number | null;
}

const NO_WAIT: Pick<AttemptWait, 'notBeforeMs' | 'looks' | 'class' | 'choices'> = {
  notBeforeMs: null,
  looks: 0,
  class: null,
  choices: null,
};

function waiting(s: Snapshot, wait: AttemptWait): Snapshot {
  return { ...s, attempt: { ...s.attempt, state: 'waiting', step: wait.step, wait } };
}

/** AT22: on at the step that waited. */
export function goOn(s: Snapshot, { row, why }: { row: string; why: string }, nowMs: number): Snapshot {
  const { wait } = s.attempt;
  if (!wait) return s;
  const attempt: Attempt = { ...s.attempt, state: 'running', step: wait.step, wait: null };
  const free = closeTask({ ...s, attempt }, 'choose-number', { row, atMs: nowMs, as: 'void' }); // asked anew, if need be
  return say(free, 'wentOn', { row, atMs: nowMs, why });
}

/** AT23: nobody chose, nothing came back. */
export function giveUp(s: Snapshot, nowMs: number): Snapshot {
  return failAttempt(s, { row: 'AT23', code: s.attempt.wait?.code ?? 'CONNECTION_TIMED_OUT' }, nowMs);
}

/**
 * ST7: past the soft deadline the gate has the patience that fits what was seen; that of a review is given once. A wait that Meta
 * asks for is none of it.
 */
export function waitForGate(
  s: Snapshot,
  { probe, waitMs = null }: Pick<StepFailure, 'probe' | 'waitMs'>,
  nowMs: number,
): Snapshot {
  const { extendedMinutes, reviewHours, gateAgainSeconds } = s.policy;
  const probeClass: ProbeClass = probe?.class ?? 'no-word';
  const isReview = probeClass === 'pending';
  const ownEndMs = nowMs + (isReview ? reviewHours * HOUR_MS : extendedMinutes * MINUTE_MS);
  const untilMs = extendedBy(s, { untilMs: ownEndMs, waitMs }, nowMs);
  const notBeforeMs = waitMs === null ? null : nowMs + waitMs;
  const wait: AttemptWait = {
    ...NO_WAIT,
    for: isReview ? 'review' : 'gate',
    step: 'gate',
    code: isReview ? 'REVIEW_TIMED_OUT' : 'CONNECTION_TIMED_OUT',
    untilMs,
    lookAtMs: Math.min(untilMs, Math.max(nowMs + gateAgainSeconds * SECOND_MS, notBeforeMs ?? 0)),
    notBeforeMs,
    class: probeClass,
  };
  return say(doubtAccess(waiting(s, wait), probeClass), 'gateWaiting', { row: 'AT19', atMs: nowMs, untilMs });
}

/** A look that did not pass: later again, over (AT23), or a review that has only now come to light. */
export function waitOnForGate(s: Snapshot, look: Look, nowMs: number): Snapshot {
  const { wait } = s.attempt;
  if (!wait) return s;
  const { waitMs = null } = look;
  if (look.class === 'pending' && wait.for !== 'review') return waitForGate(s, { probe: look, waitMs }, nowMs);
  const untilMs = extendedBy(s, { untilMs: wait.untilMs, waitMs }, nowMs);
  if (nowMs >= untilMs) {
    return failAttempt(s, { row: 'AT23', code: gateFailureOf(look), detail: `Meta reads ${look.class}` }, nowMs);
  }
  const againMs = wait.for === 'review' ? HOUR_MS : s.policy.gateAgainSeconds * SECOND_MS;
  const notBeforeMs = waitMs === null ? null : nowMs + waitMs;
  const lookAtMs = Math.min(untilMs, Math.max(nowMs + againMs, notBeforeMs ?? 0));
  return doubtAccess(waiting(s, { ...wait, untilMs, lookAtMs, notBeforeMs, class: look.class }), look.class);
}

/** A wait that Meta asks for costs no patience; waits upon waits end where our patience with its faults does. */
function extendedBy(
  { attempt, policy }: Snapshot,
  { untilMs, waitMs }: { untilMs: number; waitMs: number | null },
  nowMs: number,
): number {
  const lastMs = (attempt.finishedAtMs ?? nowMs) + policy.resumeHours * HOUR_MS;
  return waitMs === null ? untilMs : Math.max(untilMs, Math.min(untilMs + waitMs, lastMs));
}

/** AT31: a gate that reads token-dead is settled by a read of the token itself. */
function doubtAccess(s: Snapshot, seen: ProbeClass): Snapshot {
  return seen === 'token-dead' ? { ...s, attempt: { ...s.attempt, isAccessDoubted: true } } : s;
}

/** Whether a step that failed so is tried again later: a passing fault of Meta's or ours, or a number that is not there yet. */
export function isPassing({ step, code }: Pick<StepFailure, 'step' | 'code'>): boolean {
  if (step === 'exchange' || step === 'gate' || step === 'claim') return false;
  return retriesByItself(code) || (step === 'resolve' && code === 'NUMBER_NOT_FOUND');
}

/** How a step's trouble is waited out: a number that is not there yet, a result on its way, a fault. */
type Trouble = 'absent' | 'result' | 'fault';

function troubleOf(code: FailureCode): Trouble {
  if (code === 'NUMBER_NOT_FOUND' || code === 'NUMBER_NOT_VISIBLE') return 'absent';
  return code === 'SIGNUP_RESULT_MISSING' ? 'result' : 'fault';
}

/** The wait that is on already for the same trouble at the same step: its patience counts on. */
function sameWait({ attempt }: Snapshot, { step, code }: Pick<StepFailure, 'step' | 'code'>): AttemptWait | null {
  const { wait } = attempt;
  const isSame = wait?.for === 'resume' && wait.step === step && troubleOf(wait.code) === troubleOf(code);
  return isSame ? wait : null;
}

/** ST2, ST4, ST6: looked at again at growing distances, never within a wait that Meta asks for; the first patience counts. */
export function waitToResume(s: Snapshot, failed: StepFailure, nowMs: number): Snapshot {
  const { step, code } = failed;
  const known = sameWait(s, failed);
  const { untilMs, looks } = known ?? { untilMs: endOfPatience(s, code, nowMs), looks: 0 };
  if (nowMs >= untilMs) return failAttempt(s, { row: 'AT23', ...toldOf(failed) }, nowMs);
  const notBeforeMs = failed.waitMs ? nowMs + failed.waitMs : null;
  const lookAtMs = Math.min(untilMs, Math.max(nowMs + distanceMs(s, code, looks), notBeforeMs ?? 0));
  const wait: AttemptWait = { ...NO_WAIT, for: 'resume', step, code, untilMs, lookAtMs, notBeforeMs, looks: looks + 1 };
  if (known) return waiting(s, wait);
  return say(waiting(s, wait), 'stepAwaited', { row: 'AT19', atMs: nowMs, code, step, untilMs });
}

/** Troubles that take turns would begin anew each time: what all of them and a choice may take together bounds them. */
function endOfPatience({ attempt, policy }: Snapshot, code: FailureCode, nowMs: number): number {
  const { extendedMinutes, resumeHours, choiceHours } = policy;
  const ownMs = troubleOf(code) === 'absent' ? extendedMinutes * MINUTE_MS : resumeHours * HOUR_MS;
  if (attempt.wait?.for !== 'resume') return nowMs + ownMs;
  return Math.min(nowMs + ownMs, (attempt.finishedAtMs ?? nowMs) + (resumeHours + choiceHours) * HOUR_MS);
}

function distanceMs({ policy }: Snapshot, code: FailureCode, looks: number): number {
  return troubleOf(code) === 'absent' ? policy.gateAgainSeconds * SECOND_MS : Math.min(HOUR_MS, MINUTE_MS * 2 ** looks);
}

/** What is kept of a step's failure. */
export function toldOf({ code, detail, metaCode, supportReference }: StepFailure): { code: FailureCode } & FailureTold {
  return { code, detail: detail ?? null, metaCode: metaCode ?? null, supportReference: supportReference ?? null };
}

export interface Undecided {
  kind: 'undecided';
  step: 'check-token' | 'resolve';
  code: FailureCode;
  ids: readonly string[];
  /** What the token grants; it holds for whichever account is chosen. */
  grants?: readonly Grant[];
}

/** Nobody can choose from more, and the snapshot stays small. */
const OFFERED_MAX = 50;

/** ST3, ST4: the dialog's result is given its time first; then a person must choose. */
export function stepUndecided(s: Snapshot, undecided: Undecided, nowMs: number): Snapshot {
  const { step, code, ids, grants } = undecided;
  if (step === 'check-token' && !hasWaitedForResult(s, nowMs)) return waitForResult(s, nowMs);
  const untilMs = nowMs + s.policy.choiceHours * HOUR_MS;
  const kind = step === 'check-token' ? ('waba' as const) : ('number' as const);
  const offered = ids.slice(0, OFFERED_MAX);
  const chosen: AttemptWait = {
    ...NO_WAIT,
    for: 'choice',
    step,
    code,
    untilMs,
    lookAtMs: null,
    choices: { kind, ids: offered },
  };
  const what = kind === 'waba' ? 'the account' : 'the number';
  const granted = grants ? { ...s, attempt: { ...s.attempt, found: { ...s.attempt.found, grants } } } : s;
  const told = say(waiting(granted, chosen), 'choiceAwaited', {
    row: 'AT19',
    atMs: nowMs,
    what,
    count: offered.length,
    untilMs,
  });
  return openTask(told, 'choose-number', { row: 'AT19', atMs: nowMs });
}

const RESULT_MISSING = { step: 'check-token', code: 'SIGNUP_RESULT_MISSING' } as const;

function hasWaitedForResult(s: Snapshot, nowMs: number): boolean {
  const wait = sameWait(s, RESULT_MISSING);
  return wait !== null && nowMs >= wait.untilMs;
}

/** ST3: several accounts are granted and the result is not there yet. */
function waitForResult(s: Snapshot, nowMs: number): Snapshot {
  const { joinSeconds, gateAgainSeconds } = s.policy;
  const known = sameWait(s, RESULT_MISSING);
  const untilMs = known?.untilMs ?? nowMs + joinSeconds * SECOND_MS;
  const lookAtMs = Math.min(untilMs, nowMs + gateAgainSeconds * SECOND_MS);
  const wait: AttemptWait = { ...NO_WAIT, for: 'resume', ...RESULT_MISSING, untilMs, lookAtMs };
  return known
    ? waiting(s, wait)
    : say(waiting(s, wait), 'stepAwaited', { row: 'AT19', atMs: nowMs, ...RESULT_MISSING, untilMs });
}

/** AT28: the phone was changed after the dialog's end, last at that time; everything rests until it is back. */
export function waitForDevice(s: Snapshot, offboardedAtMs: number, nowMs: number): Snapshot {
  const { attempt, policy } = s;
  const untilMs = offboardedAtMs + policy.pauseHours * HOUR_MS;
  const wait: AttemptWait = {
    ...NO_WAIT,
    for: 'device',
    step: attempt.wait?.step ?? attempt.step ?? 'check-token',
    code: 'DEVICE_CHANGED_WHILE_CONNECTING',
    untilMs,
    lookAtMs: null,
  };
  return say(waiting(s, wait), 'deviceAwaited', { row: 'AT28', atMs: nowMs, untilMs });
}

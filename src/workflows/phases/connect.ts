/**
 * Connecting, a saga: exchange the code, check the token, find the one number, claim it, subscribe, pass the gate, go live.
 *
 * 1. The code is exchanged before anything else, beside the record of the move: it dies in 30 s.
 * 2. Each step registers its undo first; what has arrived is taken at the edge of each step.
 * 3. What is not there yet is waited for with its own patience: the gate, a review, the phone, a person's choice, Meta.
 * 4. It ends connected, or undone in reverse, after reading what stands at Meta with the credential about to be forgotten.
 */
import { afterAccessRead } from '../../domain/attempt-news.ts';
import { failAttempt } from '../../domain/attempt.ts';
import { giveUp, stepUndecided } from '../../domain/attempt-waits.ts';
import {
  afterGateLook,
  afterStep,
  beforeStep,
  nextConnectStep,
  stepFailed,
  stopAttempt,
} from '../../domain/connect-steps.ts';
import type { FailureCode } from '../../domain/failures.ts';
import { hasGoneLive } from '../../domain/go-live.ts';
import { closeAsDuplicate } from '../../domain/hand-over.ts';
import type { AccessRead, AttemptStep, Snapshot } from '../../domain/snapshot.ts';
import { isCaredForMeanwhile } from '../../domain/standing-link.ts';
import { failureCodeOf, failureToldOf, probeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';
import { careIfDue } from './care.ts';
import { attemptKeyOf, probeWithCandidate, runClaim, runStep } from './connect-calls.ts';
import { undoAttempt } from './undo-attempt.ts';

/** One step of the saga; returns to the loop after each, so that what has arrived is heard at every edge. */
export async function connect(number: LiveNumber): Promise<void> {
  await number.takeArrived();
  const step = nextConnectStep(number.state, number.nowMs);
  switch (step.kind) {
    case 'step':
      return takeStep(number, step.step);
    case 'check-access':
      return checkAccess(number);
    case 'look-at-gate':
      return lookAtGate(number);
    case 'wait':
      return waitAndCare(number);
    case 'give-up':
      return number.advance(giveUp(number.state, number.nowMs));
    case 'stop':
      return number.advance(stopAttempt(number.state, number.nowMs));
    default:
      return undoAttempt(number, step);
  }
}

/** A link that stands beneath the attempt goes on meanwhile. */
async function waitAndCare(number: LiveNumber): Promise<void> {
  if (isCaredForMeanwhile(number.state) && (await careIfDue(number))) return;
  await number.nextPost();
}

async function takeStep(number: LiveNumber, step: AttemptStep): Promise<void> {
  number.advance(beforeStep(number.state, step));
  try {
    if (step === 'claim') return await claim(number);
    const answer = await runStep(number, step);
    if ('kind' in answer) return number.advance(stepUndecided(number.state, answer, number.nowMs));
    move(number, afterStep(number.state, answer, number.nowMs));
  } catch (error) {
    const told = failureToldOf(error);
    const failed = { step, code: failureCodeOf(error, timedOutCode(step)), probe: probeOf(error), ...told };
    number.advance(stepFailed(number.state, failed, number.nowMs));
  }
}

/** A step that ended without an answer: the exchange may have happened, a gate took too long, Meta was not to be had. */
function timedOutCode(step: AttemptStep): FailureCode {
  if (step === 'exchange') return 'SIGNUP_EXCHANGE_UNCONFIRMED';
  return step === 'gate' ? 'CONNECTION_TIMED_OUT' : 'GRAPH_UNAVAILABLE';
}

/** Ours alone. The parked facts for the claimed ids come back with it and are heard before the gate's answer is used. */
async function claim(number: LiveNumber): Promise<void> {
  const claimed = await runClaim(number);
  if (claimed.kind === 'held-elsewhere') {
    return number.advance(failAttempt(number.state, { row: 'ST5', code: 'NUMBER_HELD_ELSEWHERE' }, number.nowMs));
  }
  if (claimed.kind === 'duplicate') {
    return number.advance(closeAsDuplicate(number.state, claimed.of, number.nowMs));
  }
  number.hear(claimed.parked);
  move(number, afterStep(number.state, { step: 'claim' }, number.nowMs));
}

/** The move into the link takes the attempt's candidate along. */
function move(number: LiveNumber, next: Snapshot): void {
  const { ordinal, finishedAtMs } = number.state.attempt;
  if (!hasGoneLive(number.state, next)) return number.advance(next);
  number.goLive(next, { attempt: ordinal, evidenceAtMs: finishedAtMs ?? number.nowMs });
}

async function lookAtGate(number: LiveNumber): Promise<void> {
  const look = await probeWithCandidate(number, 'past the soft deadline: on the app AND on Cloud API?');
  await number.takeArrived();
  move(number, afterGateLook(number.state, look, number.nowMs));
}

/** AT31: the token itself tells whether our app is still there. */
async function checkAccess(number: LiveNumber): Promise<void> {
  number.advance(afterAccessRead(number.state, await readAccess(number), number.nowMs));
}

async function readAccess({ calls, state }: LiveNumber): Promise<AccessRead> {
  const { wabaId } = state.attempt.found;
  try {
    const summary = 'our app was removed, says Meta: is the token still valid?';
    const answer = await calls.checkToken.executeWithOptions({ summary }, [{ key: attemptKeyOf(state) }]);
    const granted: readonly string[] = answer.kind === 'granted' ? [answer.wabaId] : answer.wabaIds;
    return wabaId === null || granted.includes(wabaId) ? 'valid' : 'dead';
  } catch (error) {
    return DEAD_BY.includes(failureCodeOf(error, 'GRAPH_UNAVAILABLE')) ? 'dead' : 'no-word';
  }
}

const DEAD_BY: readonly FailureCode[] = [
  'SIGNUP_TOKEN_INVALID',
  'SIGNUP_SCOPE_MISSING',
  'SIGNUP_ASSETS_MISMATCHED',
  'SIGNUP_RESULT_MISSING',
];

/** The turns of a life while it connects, in the order of the connect phase. */
import { failAttempt } from '../../src/domain/attempt.ts';
import {
  afterGateLook,
  afterLookWhatStands,
  afterStep,
  afterUndo,
  attemptUndone,
  beforeStep,
  nextConnectStep,
  stepFailed,
  stopAttempt,
  type StepAnswer,
} from '../../src/domain/connect-steps.ts';
import { giveUp, stepUndecided } from '../../src/domain/attempt-waits.ts';
import { afterAccessRead } from '../../src/domain/attempt-news.ts';
import { ASKED_SCOPES } from '../../src/domain/grants.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { SECOND_MS } from '../../src/domain/policy.ts';
import type { Probe } from '../../src/domain/probe.ts';
import type { AttemptStep, Snapshot } from '../../src/domain/snapshot.ts';
import { isCaredForMeanwhile } from '../../src/domain/standing-link.ts';
import { PHONE, probe, WABA } from './builders.ts';
import type { Life } from './life.ts';

/** One turn; answers false only when there is nothing to do but wait. */
export function connectTurn(life: Life): boolean {
  life.takeArrived();
  if (life.connection !== 'connecting') return true;
  const step = nextConnectStep(life.state, life.nowMs);
  switch (step.kind) {
    case 'wait':
      return isCaredForMeanwhile(life.state) && life.careIfDue();
    case 'step':
      takeStep(life, step.step);
      return true;
    case 'look-at-gate':
      lookAtGate(life);
      return true;
    default:
      life.advance(undoing(life, step));
      return true;
  }
}

type Undoing = Exclude<ReturnType<typeof nextConnectStep>, { kind: 'wait' | 'step' | 'look-at-gate' }>;

function undoing(life: Life, step: Undoing): Snapshot {
  switch (step.kind) {
    case 'check-access':
      return afterAccessRead(life.state, 'valid', life.nowMs);
    case 'give-up':
      return giveUp(life.state, life.nowMs);
    case 'stop':
      return stopAttempt(life.state, life.nowMs);
    case 'look-what-stands':
      return afterLookWhatStands(life.state, seen(life), life.nowMs);
    case 'undo':
      return afterUndo(life.state, { step: step.step, result: life.meta.undo(step.step) }, life.nowMs);
    case 'undone':
      return attemptUndone(life.state, life.nowMs);
  }
}

function takeStep(life: Life, step: AttemptStep): void {
  life.advance(beforeStep(life.state, step));
  const undecided = life.meta.undecided(step);
  if (undecided) return life.advance(stepUndecided(life.state, undecided, life.nowMs));
  const code = life.meta.step(step);
  if (code === null) return pass(life, step);
  if (step === 'gate') life.spend(life.state.policy.softDeadlineSeconds * SECOND_MS);
  life.advance(refused(life, step, code));
}

function refused(life: Life, step: AttemptStep, code: FailureCode): Snapshot {
  if (step === 'claim') return failAttempt(life.state, { row: 'ST5', code }, life.nowMs);
  return stepFailed(life.state, { step, code, probe: step === 'gate' ? seen(life) : null }, life.nowMs);
}

function pass(life: Life, step: AttemptStep): void {
  if (step === 'claim') for (const parked of life.meta.parked()) life.deliver(parked, life.nowMs);
  if (step === 'gate') life.meta.use(life.state.attempt.finishedAtMs ?? life.nowMs);
  life.advance(afterStep(life.state, answerOf(step, life.nowMs), life.nowMs));
}

function answerOf(step: AttemptStep, nowMs: number): StepAnswer {
  switch (step) {
    case 'check-token':
      return { step, wabaId: WABA, grants: ASKED_SCOPES.map((scope) => ({ scope, count: 1 })) };
    case 'resolve':
      return { step, phoneNumberId: PHONE, onboardedAtMs: nowMs, hasTimeZone: true };
    case 'subscribe':
      return { step, missingFields: [] };
    case 'gate':
      return { step, probe: onboardedNow(probe('alive', nowMs)) };
    default:
      return { step };
  }
}

function onboardedNow(read: Probe): Probe {
  return { ...read, reading: read.reading && { ...read.reading, onboardedAtMs: read.startedAtMs } };
}

function lookAtGate(life: Life): void {
  const read = seen(life);
  life.takeArrived();
  const told = read.class === 'alive' ? onboardedNow(read) : read;
  life.advance(afterGateLook(life.state, told, life.nowMs));
}

function seen(life: Life): Probe {
  return probe(life.meta.probe(life.nowMs), life.nowMs);
}

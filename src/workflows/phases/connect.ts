/**
 * Connecting, a saga: exchange the code, check the token, find the one number, claim it, subscribe, pass the gate, go live.
 *
 * 1. The code is exchanged before anything else, beside the record of the move: it dies in 30 s.
 * 2. Each step registers its undo first; what has arrived is taken at the edge of each step.
 * 3. The gate is asked until the soft deadline; after it we look by ourselves, with the patience that fits what we saw.
 * 4. It ends connected, or undone in reverse, after reading what stands at Meta with the credential about to be forgotten.
 */
import type { AttemptKey } from '../../activities/ports.ts';
import {
  afterGateLook,
  afterLookWhatStands,
  afterStep,
  afterUndo,
  attemptUndone,
  beforeStep,
  hasGoneLive,
  nextConnectStep,
  stepFailed,
  stopAttempt,
  type StepAnswer,
} from '../../domain/connect-steps.ts';
import { failAttempt } from '../../domain/attempt.ts';
import type { DialogRunId, PhoneNumberId, WabaId } from '../../domain/ids.ts';
import { mustRecord } from '../../domain/story.ts';
import type { Probe } from '../../domain/probe.ts';
import type { AttemptStep, Snapshot, UndoStep } from '../../domain/snapshot.ts';
import { failureCodeOf, probeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';

/** One step of the saga; returns to the loop after each, so that what has arrived is heard at every edge. */
export async function connect(number: LiveNumber): Promise<void> {
  await number.takeArrived();
  const step = nextConnectStep(number.state, Date.now());
  switch (step.kind) {
    case 'step':
      return takeStep(number, step.step);
    case 'look-at-gate':
      return lookAtGate(number);
    case 'wait':
      return number.nextPost();
    case 'stop':
      return number.advance(stopAttempt(number.state, Date.now()));
    case 'look-what-stands':
      return lookWhatStands(number);
    case 'undo':
      return undoStep(number, step.step);
    case 'undone':
      return number.advance(attemptUndone(number.state, Date.now()));
  }
}

async function takeStep(number: LiveNumber, step: AttemptStep): Promise<void> {
  number.advance(beforeStep(number.state, step));
  try {
    if (step === 'claim') return await claim(number);
    const answer = await runStep(number, step);
    pass(number, answer);
  } catch (error) {
    const failed = { step, code: failureCodeOf(error, timedOutCode(step)), probe: probeOf(error) };
    number.advance(stepFailed(number.state, failed, Date.now()));
  }
}

/** A step that ended without an answer: the exchange may have happened, anything else simply took too long. */
function timedOutCode(step: AttemptStep): 'SIGNUP_EXCHANGE_UNCONFIRMED' | 'CONNECTION_TIMED_OUT' {
  return step === 'exchange' ? 'SIGNUP_EXCHANGE_UNCONFIRMED' : 'CONNECTION_TIMED_OUT';
}

async function runStep(number: LiveNumber, step: Exclude<AttemptStep, 'claim'>): Promise<StepAnswer> {
  const { calls, state } = number;
  const key = attemptKeyOf(state);
  switch (step) {
    case 'exchange':
      await exchange(number, key);
      return { step };
    case 'check-token':
      return {
        step,
        ...(await calls.checkToken.executeWithOptions({ summary: 'our app, both permissions, the account' }, [
          { key },
        ])),
      };
    case 'resolve': {
      const input = { key, wabaId: wabaOf(state), openedAtMs: state.attempt.openedAtMs };
      return { step, ...(await calls.resolveNumber.executeWithOptions({ summary: 'exactly one number' }, [input])) };
    }
    case 'subscribe':
      await calls.subscribeApp.executeWithOptions({ summary: 'our app ← the account, read back' }, [
        { key, wabaId: wabaOf(state) },
      ]);
      return { step };
    case 'gate': {
      const input = { key, phoneNumberId: phoneOf(state) };
      const probe = await calls.readGate.executeWithOptions({ summary: 'on the app AND on Cloud API?' }, [input]);
      await number.takeArrived(); // what came meanwhile is heard before the gate's answer is used
      return { step, probe };
    }
  }
}

/** The exchange starts beside the record of the move, never after it. */
async function exchange(number: LiveNumber, key: AttemptKey): Promise<void> {
  const input = { key, dialogRunId: dialogRunOf(number.state) };
  const exchanging = number.calls.exchangeCode.executeWithOptions(
    { summary: 'code → credential (the code lives 30 s)' },
    [input],
  );
  const [outcome] = await Promise.allSettled([exchanging, number.record()]);
  if (outcome.status === 'rejected') throw outcome.reason;
}

/** Ours alone. The parked facts for the claimed ids come back with it and are heard before the gate's answer is used. */
async function claim(number: LiveNumber): Promise<void> {
  const { calls, state } = number;
  const input = { key: attemptKeyOf(state), tenantId: state.tenantId };
  const claimed = await calls.claimNumber.executeWithOptions({ summary: 'ours alone' }, [input]);
  if (claimed.kind === 'held-elsewhere') {
    return number.advance(failAttempt(number.state, { row: 'ST5', code: 'NUMBER_HELD_ELSEWHERE' }, Date.now()));
  }
  number.hear(claimed.parked);
  pass(number, { step: 'claim' });
}

function pass(number: LiveNumber, answer: StepAnswer): void {
  move(number, afterStep(number.state, answer, Date.now()));
}

/** The move into the link takes the attempt's candidate along. */
function move(number: LiveNumber, next: Snapshot): void {
  const { ordinal, finishedAtMs } = number.state.attempt;
  if (!hasGoneLive(number.state, next)) return number.advance(next);
  number.goLive(next, { attempt: ordinal, evidenceAtMs: finishedAtMs ?? Date.now() });
}

async function lookAtGate(number: LiveNumber): Promise<void> {
  const probe = await probeWithCandidate(number, 'past the soft deadline: on the app AND on Cloud API?');
  await number.takeArrived();
  move(number, afterGateLook(number.state, probe, Date.now()));
}

async function lookWhatStands(number: LiveNumber): Promise<void> {
  const probe = await probeWithCandidate(number, 'what does the phone still show?');
  number.advance(afterLookWhatStands(number.state, probe, Date.now()));
}

async function probeWithCandidate(number: LiveNumber, summary: string): Promise<Probe> {
  const { calls, state } = number;
  const startedAtMs = Date.now();
  const credential = { kind: 'candidate', key: attemptKeyOf(state) } as const;
  const input = { numberId: state.numberId, phoneNumberId: phoneOf(state), credential };
  try {
    return await calls.probeNumber.executeWithOptions({ summary }, [input]);
  } catch (error) {
    failureCodeOf(error, 'GRAPH_UNAVAILABLE');
    return { class: 'no-word', startedAtMs, reading: null };
  }
}

async function undoStep(number: LiveNumber, step: UndoStep): Promise<void> {
  if (mustRecord(number.state)) await number.record();
  try {
    const result = await runUndo(number, step);
    number.advance(afterUndo(number.state, { step, result }, Date.now()));
  } catch (error) {
    const code = failureCodeOf(error, 'COMPENSATION_INCOMPLETE');
    number.advance(afterUndo(number.state, { step, result: code }, Date.now()));
  }
}

function runUndo({ calls, state }: LiveNumber, step: UndoStep): Promise<'done' | 'not-needed'> {
  const key = attemptKeyOf(state);
  const credential = { kind: 'candidate', key } as const;
  const { numberId } = state;
  switch (step) {
    case 'unsubscribeIfLast': {
      const input = { numberId, wabaId: wabaOf(state), credential };
      return calls.unsubscribeIfLast.executeWithOptions({ summary: 'undo: unsubscribe, unless a sibling needs it' }, [
        input,
      ]);
    }
    case 'releaseClaim':
      return calls.releaseClaim.executeWithOptions({ summary: 'undo: give the claim back' }, [{ key }]);
    case 'forgetCredential':
      return calls.forgetCredential.executeWithOptions({ summary: 'undo: forget the credential' }, [
        { numberId, credential },
      ]);
  }
}

function attemptKeyOf({ numberId, cycle, attempt }: Snapshot): AttemptKey {
  return { numberId, cycle, attempt: attempt.ordinal };
}

/** A step needs what an earlier one found: missing it is a bug, and the task waits for the code to be mended. */
function found<Value>(value: Value | null, what: string): Value {
  if (value === null) throw new Error(`the attempt has no ${what} yet`);
  return value;
}

function dialogRunOf({ attempt }: Snapshot): DialogRunId {
  return found(attempt.dialogRunId, 'dialog run');
}

function wabaOf({ attempt }: Snapshot): WabaId {
  return found(attempt.found.wabaId, 'WABA');
}

function phoneOf({ attempt }: Snapshot): PhoneNumberId {
  return found(attempt.found.phoneNumberId, 'phone number id');
}

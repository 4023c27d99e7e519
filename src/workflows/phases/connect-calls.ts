/** The calls of a running attempt: each step's activity with what the steps before it found. */
import type { Activities } from '../../activities/contract.ts';
import type { AttemptKey } from '../../activities/ports.ts';
import type { Undecided } from '../../domain/attempt-waits.ts';
import type { StepAnswer } from '../../domain/connect-steps.ts';
import type { DialogRunId, PhoneNumberId, WabaId } from '../../domain/ids.ts';
import type { Look } from '../../domain/probe.ts';
import type { AttemptStep, Snapshot } from '../../domain/snapshot.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';

export async function runStep(
  number: LiveNumber,
  step: Exclude<AttemptStep, 'claim'>,
): Promise<StepAnswer | Undecided> {
  switch (step) {
    case 'exchange':
      await exchange(number);
      return { step };
    case 'check-token':
      return checkToken(number);
    case 'resolve':
      return resolve(number);
    case 'subscribe':
      return subscribe(number);
    case 'gate':
      return readGate(number);
  }
}

/** The exchange starts beside the record of the move, never after it. */
async function exchange(number: LiveNumber): Promise<void> {
  const { state, calls } = number;
  const input = { key: attemptKeyOf(state), dialogRunId: dialogRunOf(state) };
  const summary = 'code → credential (the code lives 30 s)';
  const exchanging = calls.exchangeCode.executeWithOptions({ summary }, [input]);
  const [outcome] = await Promise.allSettled([exchanging, number.record()]);
  if (outcome.status === 'rejected') throw outcome.reason;
}

async function checkToken({ calls, state }: LiveNumber): Promise<StepAnswer | Undecided> {
  const step = 'check-token';
  const summary = 'our app, the permissions, the account';
  const answer = await calls.checkToken.executeWithOptions({ summary }, [{ key: attemptKeyOf(state) }]);
  if (answer.kind === 'granted') return { step, wabaId: answer.wabaId, grants: answer.grants };
  const { wabaIds: ids, grants } = answer;
  return { kind: 'undecided', step, code: 'SIGNUP_RESULT_MISSING', ids, grants };
}

async function resolve({ calls, state }: LiveNumber): Promise<StepAnswer | Undecided> {
  const step = 'resolve';
  const { openedAtMs, chosenId } = state.attempt;
  const input = { key: attemptKeyOf(state), wabaId: wabaOf(state), openedAtMs, chosenId };
  const answer = await calls.resolveNumber.executeWithOptions({ summary: 'exactly one number' }, [input]);
  if (answer.kind === 'undecided') return { kind: 'undecided', step, code: answer.code, ids: answer.phoneNumberIds };
  const { kind: _found, ...found } = answer;
  return { step, ...found };
}

async function subscribe({ calls, state }: LiveNumber): Promise<StepAnswer> {
  const input = { key: attemptKeyOf(state), wabaId: wabaOf(state) };
  const answer = await calls.subscribeApp.executeWithOptions({ summary: 'our app ← the account, read back' }, [input]);
  return { step: 'subscribe', missingFields: missingFieldsOf(answer) };
}

/** A run that was begun by the code before holds an answer without a word of fields: this step answered nothing then. */
function missingFieldsOf(answer: Awaited<ReturnType<Activities['subscribeApp']>> | undefined): readonly string[] {
  return answer?.missingFields ?? [];
}

async function readGate(number: LiveNumber): Promise<StepAnswer> {
  const { calls, state } = number;
  const input = { key: attemptKeyOf(state), phoneNumberId: phoneOf(state) };
  const probe = await calls.readGate.executeWithOptions({ summary: 'on the app AND on Cloud API?' }, [input]);
  await number.takeArrived(); // what came meanwhile is heard before the gate's answer is used
  return { step: 'gate', probe };
}

export function runClaim({ calls, state, nowMs }: LiveNumber) {
  const { found, finishedAtMs } = state.attempt;
  const { onboardedAtMs, grants, accountTasks } = found;
  const told = { onboardedAtMs, grants, finishedAtMs: finishedAtMs ?? nowMs };
  const handOver = accountTasks ? { ...told, accountTasks } : told;
  const input = { key: attemptKeyOf(state), tenantId: state.tenantId, handOver };
  return calls.claimNumber.executeWithOptions({ summary: 'ours alone' }, [input]);
}

/** One look with the attempt's candidate; always answered. */
export async function probeWithCandidate(number: LiveNumber, summary: string): Promise<Look> {
  const { calls, state, nowMs: startedAtMs } = number;
  const credential = { kind: 'candidate', key: attemptKeyOf(state) } as const;
  const input = { numberId: state.numberId, phoneNumberId: phoneOf(state), credential };
  try {
    return await calls.probeNumber.executeWithOptions({ summary }, [input]);
  } catch (error) {
    failureCodeOf(error, 'GRAPH_UNAVAILABLE');
    return { class: 'no-word', startedAtMs, reading: null };
  }
}

export function attemptKeyOf({ numberId, cycle, attempt }: Snapshot): AttemptKey {
  return { numberId, cycle, attempt: attempt.ordinal };
}

/** A step needs what an earlier one found: missing it is a bug, and the task waits for the code to be mended. */
function existing<Value>(value: Value | null, what: string): Value {
  if (value === null) throw new Error(`the attempt has no ${what} yet`);
  return value;
}

function dialogRunOf({ attempt }: Snapshot): DialogRunId {
  return existing(attempt.dialogRunId, 'dialog run');
}

export function wabaOf({ attempt }: Snapshot): WabaId {
  return existing(attempt.found.wabaId, 'WABA');
}

function phoneOf({ attempt }: Snapshot): PhoneNumberId {
  return existing(attempt.found.phoneNumberId, 'phone number id');
}

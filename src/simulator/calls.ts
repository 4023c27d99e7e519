/** Counts every Graph call by kind and subject, and keeps a bounded journal of what was answered. */
import { appendBounded } from './state.ts';
import type { CallCount, SimulatorState } from './state.ts';
import type { CallName } from './fault-state.ts';

const JOURNAL_ENTRIES_MAX = 500;

export interface CountedCall {
  readonly call: CallName;
  readonly subject: string;
  readonly digits: string | null;
}

export function countAsked(state: SimulatorState, counted: CountedCall): void {
  countOf(state, counted).asked += 1;
}

export function countAccepted(state: SimulatorState, counted: CountedCall): void {
  countOf(state, counted).accepted += 1;
}

export interface CallOutcome {
  readonly atMs: number;
  readonly outcome: string;
}

export function journalCall(state: SimulatorState, counted: CountedCall, outcome: CallOutcome): void {
  appendBounded(state.journal, { call: counted.call, subject: counted.subject, ...outcome }, JOURNAL_ENTRIES_MAX);
}

function countOf(state: SimulatorState, counted: CountedCall): CallCount {
  const found = state.calls.find((row) => row.call === counted.call && row.subject === counted.subject);
  if (found !== undefined) return found;
  const { call, subject, digits } = counted;
  const row: CallCount = { call, subject, digits, asked: 0, accepted: 0 };
  state.calls.push(row);
  return row;
}

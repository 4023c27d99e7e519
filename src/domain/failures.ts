/**
 * The closed catalogue of failures: one row feeds the Temporal failure type, the HTTP problem, the database column,
 * the remedy shown and `docs/remedies.md`. Its rows stand in four files, by where a failure comes from.
 */
import { DIALOG_FAILURES } from './dialog-failures.ts';
import type { Failure } from './failure-row.ts';
import { GRAPH_FAILURES } from './graph-failures.ts';
import { LIFE_FAILURES } from './life-failures.ts';
import { SIGNUP_FAILURES } from './signup-failures.ts';

export type { Failure } from './failure-row.ts';

export const FAILURES = {
  ...DIALOG_FAILURES,
  ...SIGNUP_FAILURES,
  ...GRAPH_FAILURES,
  ...LIFE_FAILURES,
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof FAILURES;

/** Answers whether text (a failure type from a history, a database column) is a code of the catalogue. */
export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(FAILURES, text);
}

export const FAILURE_CODES: readonly FailureCode[] = Object.keys(FAILURES).filter(isFailureCode);

/** Answers whether repeating the same call by itself can help: the Temporal flag `nonRetryable` is its opposite. */
export function retriesByItself(code: FailureCode): boolean {
  return FAILURES[code].retry === 'automatic';
}

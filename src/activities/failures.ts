/** The one way for an activity to fail: an `ApplicationFailure` whose type is a code of the catalogue. */
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { FAILURES, retriesByItself, type FailureCode } from '../domain/failures.ts';
import { MINUTE_MS } from '../domain/policy.ts';
import type { GraphFailure } from './ports.ts';

interface Told {
  /** Overrides the catalogue where the step itself knows better. */
  isRetryable?: boolean;
  /** An outcome that belongs to the step, such as a gate that is not open yet: no fault in logs and metrics. */
  isExpected?: boolean;
  nextRetryMs?: number | null;
  /** Ids, codes and classes only: never tokens, digits or bodies. */
  details?: readonly unknown[];
}

/** `message` is for the operator; the customer's sentence stays in the catalogue. */
export function failureOf(code: FailureCode, message: string, told: Told = {}): ApplicationFailure {
  const { isRetryable = retriesByItself(code), isExpected = false, nextRetryMs = null, details = [] } = told;
  return ApplicationFailure.create({
    type: code,
    message: `${code}: ${message}`,
    nonRetryable: !isRetryable,
    details: [...details],
    ...(isExpected ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(isRetryable && nextRetryMs !== null ? { nextRetryDelay: nextRetryMs } : {}),
  });
}

/** A Graph call throws nothing else; known by its name, for `meta` and `activities` do not know each other. */
export function isGraphFailure(error: unknown): error is GraphFailure {
  return error instanceof Error && error.name === 'GraphError' && 'failureCode' in error && 'reach' in error;
}

/** How long Meta asks us to wait: its headers, else the catalogue for a rate limit; null where nothing is asked. */
export function waitOf(error: GraphFailure): number | null {
  if (error.retryAfterMs !== null) return error.retryAfterMs;
  const { waitMinutes } = FAILURES[error.failureCode];
  return error.failureCode === 'GRAPH_RATE_LIMITED' && waitMinutes !== null ? waitMinutes * MINUTE_MS : null;
}

/** NOTE: the cause itself is left out, because its message may quote a request; its ids are enough to find it in the log. */
export function failureOfGraph(error: GraphFailure): ApplicationFailure {
  const { failureCode, reach, httpStatus, metaCode, metaSubcode, traceId } = error;
  return failureOf(failureCode, `Meta answered ${metaCode ?? httpStatus ?? 'nothing'}`, {
    nextRetryMs: waitOf(error),
    details: [{ reach, httpStatus, metaCode, metaSubcode, traceId, waitMs: waitOf(error) }],
  });
}

/** What is neither a failure of ours nor of Meta's came from a store: retried, told by its name and code alone. */
function failureOfStore(error: unknown): ApplicationFailure {
  const name = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  return failureOf('STORE_UNAVAILABLE', `a store failed with ${code ?? name}`, { details: [{ name, code }] });
}

function failureOfAny(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  return isGraphFailure(error) ? failureOfGraph(error) : failureOfStore(error);
}

/** Lets an activity fail only through this file. */
export function throughCatalogue<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw failureOfAny(error);
    }
  };
}

/** What a failed activity means in the words of the catalogue, and what it carried. */
import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { isFailureCode, type FailureCode } from '../domain/failures.ts';
import type { Probe } from '../domain/probe.ts';

/**
 * The code of a failed activity; `otherwise` for one that ended without an answer (its patience ran out, its worker died).
 * Anything that is no activity's failure is a bug of ours and goes on up.
 */
export function failureCodeOf(error: unknown, otherwise: FailureCode): FailureCode {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  const type = rootOf(error)?.type;
  return typeof type === 'string' && isFailureCode(type) ? type : otherwise;
}

/** The last look of a gate that did not pass, from the failure's details. */
export function probeOf(error: unknown): Probe | null {
  const detail: unknown = rootOf(error)?.details?.[0];
  return isProbe(detail) ? detail : null;
}

function rootOf(error: unknown): ApplicationFailure | null {
  let cause: unknown = error;
  while (cause instanceof Error) {
    if (cause instanceof ApplicationFailure) return cause;
    cause = cause.cause;
  }
  return null;
}

function isProbe(detail: unknown): detail is Probe {
  return typeof detail === 'object' && detail !== null && 'class' in detail && 'startedAtMs' in detail;
}

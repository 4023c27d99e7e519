/** What a failed activity means in the words of the catalogue, and what it carried. */
import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { FailureTold } from '../domain/attempt.ts';
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

/** What a failed activity tells beside its code: Meta's code and trace, the wait that it asks for, what is missing. */
export function failureToldOf(error: unknown): FailureTold & { waitMs: number | null } {
  const detail: unknown = rootOf(error)?.details?.[0];
  const told = isRecord(detail) ? detail : {};
  const { metaCode, metaSubcode, traceId, waitMs, missing } = told;
  return {
    detail: Array.isArray(missing) ? missing.join(', ') : null,
    metaCode: typeof metaCode === 'number' ? codeWords(metaCode, metaSubcode) : null,
    supportReference: typeof traceId === 'string' ? traceId : null,
    waitMs: typeof waitMs === 'number' ? waitMs : null,
  };
}

function codeWords(code: number, subcode: unknown): string {
  return typeof subcode === 'number' ? `${code}/${subcode}` : String(code);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
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

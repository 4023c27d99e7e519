/** What an error that Meta's dialog reported means: the rows of the catalogue, found by Meta's in-flow codes. */
import { DIALOG_FAILURES } from '../domain/dialog-failures.ts';
import type { FailureCode } from '../domain/failures.ts';

const failureOf: ReadonlyMap<string, FailureCode> = new Map(
  dialogCodes().flatMap((code) => DIALOG_FAILURES[code].metaCodes.map((metaCode) => [metaCode, code] as const)),
);

/** The keys of a literal object that nothing extends are exactly the codes. */
function dialogCodes(): (keyof typeof DIALOG_FAILURES)[] {
  return Object.keys(DIALOG_FAILURES) as (keyof typeof DIALOG_FAILURES)[];
}

/** `metaCode` as `readSignupMessage` tells it. A code that we do not know, or none, is a failure all the same: a hint. */
export function failureOfDialog(metaCode: string | null): FailureCode {
  return failureOf.get(metaCode ?? '') ?? 'SIGNUP_ERROR_UNKNOWN';
}

/** How often the code of a dialog may be exchanged, and whose use it was that Meta tells of (ST1). */
import type { FailureCode } from './failures.ts';
import { POLICY, SECOND_MS } from './policy.ts';

/** The first exchange, and one more after a lost answer. */
const EXCHANGES_MAX = 2;
const CODE_RETRY_MS = POLICY.codeRetrySeconds.value * SECOND_MS;

/** `earlier`: exchanges that were intended before. `ageMs`: since the code reached us. */
export interface ExchangeTried {
  earlier: number;
  ageMs: number;
}

/** Once more while the code is young, for a repeat can burn nothing; afterwards nobody knows what became of the first. */
export function mayExchange({ earlier, ageMs }: ExchangeTried): boolean {
  return earlier === 0 || (earlier < EXCHANGES_MAX && ageMs < CODE_RETRY_MS);
}

/** "Used" after an earlier intent was most likely used by ourselves. */
export function isUsedByUs(code: FailureCode, { earlier }: Pick<ExchangeTried, 'earlier'>): boolean {
  return earlier > 0 && code === 'SIGNUP_CODE_USED';
}

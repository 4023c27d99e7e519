/** The shape of one row of the catalogue of failures, and the words that several rows share. */

/** Who can end it: by itself, after a wait, the customer, us, nobody. */
export const RETRIES = ['automatic', 'after-wait', 'after-customer-action', 'after-our-fix', 'never'] as const;
export type Retry = (typeof RETRIES)[number];

export interface Failure {
  /** The sentence for the customer. */
  sentence: string;
  /** What to do, in order. */
  remedy: readonly string[];
  retry: Retry;
  /** Minutes before it may be tried again, null where no wait is asked for. */
  waitMinutes: number | null;
  /** Where the wait doubles with each failure in a row: the longest it gets, in minutes; null where it stays the same. */
  waitMaxMinutes: number | null;
  /** After the wait the rules are looked at again, and the invitation follows them (AT06); otherwise it opens by itself (AT35). */
  isLookedAtAgain: boolean;
  httpStatus: number;
  /** Meta's codes that lead here, `code/subcode` where the subcode decides; empty for our own. */
  metaCodes: readonly string[];
  /** Meta said something that we do not know: shown as a hint, not as a diagnosis. */
  isHint: boolean;
  source: string;
}

const CHECKED = 'checked 2026-11';
export const M11 = `Meta: error codes (M11), ${CHECKED}`;
export const M1 = `Meta: onboarding app users (M1), ${CHECKED}`;
export const M5 = `Meta: embedded signup flow errors (M5), ${CHECKED}`;
const OURS = 'ours';

/** A row with what most rows have in common: no wait, 409, none of Meta's codes, ours. */
export function row(given: Partial<Failure> & Pick<Failure, 'sentence' | 'remedy' | 'retry'>): Failure {
  return {
    waitMinutes: null,
    waitMaxMinutes: null,
    isLookedAtAgain: false,
    httpStatus: 409,
    metaCodes: [],
    isHint: false,
    source: OURS,
    ...given,
  };
}

export const CONNECT_AGAIN = 'Open your link and connect again.';
/** Of what fails an attempt until we have mended it: nothing opens it but an operator's word. */
export const OPENS_AGAIN = 'Operator: when it is mended, complete the task op-config: the invitation opens again.';
export const CONTACT_SUPPORT = 'If it happens again, contact support with the number id.';

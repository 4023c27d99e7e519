/**
 * U04: whether a run of Meta's dialog was likely done with the login of another business, and what to tell then. A hint
 * beside the remedy, never a reason to stop.
 */
import type { FailureCode } from './failures.ts';

/** `refused`: Meta's dialog said so; `other-business`: the account belongs to another portfolio than the expected one. */
export type WrongAccountSign = 'refused' | 'other-business';

/** The number or the account is out of reach of the login that was used. Source: M5, checked 2026-11. */
const REFUSED_WITH: readonly FailureCode[] = ['NUMBER_IN_OTHER_BUSINESS', 'ACCOUNT_NOT_SHAREABLE'];

export function wrongAccountSignOf(code: FailureCode): WrongAccountSign | null {
  return REFUSED_WITH.includes(code) ? 'refused' : null;
}

export const HINT_CODES = ['WRONG_ACCOUNT'] as const;

interface WrongAccountHint {
  code: (typeof HINT_CODES)[number];
  sentence: string;
  remedy: readonly string[];
}

/** `portfolioName` is the expected one; null where nobody named it. */
export function wrongAccountHint(portfolioName: string | null): WrongAccountHint {
  const business = portfolioName ?? 'your business';
  return {
    code: 'WRONG_ACCOUNT',
    sentence: 'Perhaps another Facebook account was logged in than the one of the business.',
    remedy: [
      'Log out at facebook.com, or open the invitation in a private window.',
      `Log in with the account that manages ${business}, then connect again.`,
    ],
  };
}

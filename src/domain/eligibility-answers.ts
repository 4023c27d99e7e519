/** What has been answered to the questions of eligibility; what is not answered is unknown. */
import type { RuleId } from './eligibility-rule.ts';

export type PlainAnswer = 'yes' | 'no' | 'unknown';

/** A fact of the business. `source`: from where it is known; by default it is stated. */
export interface BusinessFact {
  value: string;
  source: string;
  checkedAtMs: number;
  /** Of a website that was looked up. */
  reach?: WebsiteReach;
}

/** Why a website was not reached from here. */
export const UNREACHABLE = [
  'no-address',
  'name-unknown',
  'not-public',
  'no-connection',
  'certificate',
  'too-slow',
  'too-many-redirects',
  'no-page',
  'site-broken',
] as const;
export type Unreachable = (typeof UNREACHABLE)[number];
export type WebsiteReach = { kind: 'reachable' } | { kind: 'unreachable'; why: Unreachable };

/** What the look at one website found: it belongs to that value alone. */
export interface LookedAt {
  value: string;
  reach: WebsiteReach;
}

/** A sentence that a person has confirmed. */
export interface Confirmation {
  text: string;
  person: string;
  atMs: number;
}

export interface DisclosureAnswer {
  version: number;
  isAccepted: boolean;
  person: string;
  atMs: number;
}

/** Whether another provider is connected, and how far the clean-up has come. */
export interface SharingAnswer {
  isConnected: PlainAnswer;
  /** Ids of clean-up steps. */
  doneSteps: readonly string[];
  /** When the number was disconnected in the app; null if it never was, or nobody knows. */
  disconnectedAtMs: number | null;
}

export interface EligibilityAnswers {
  /** Of the rules that ask for yes or no. */
  plain: Partial<Record<RuleId, PlainAnswer>>;
  /** Of the rules that ask for a fact of the business. */
  facts: Partial<Record<RuleId, BusinessFact>>;
  /** Start of the day since which the app is in active use. */
  activeSinceMs: number | null;
  appVersion: string | null;
  /** Countries that the number can be from, ISO 3166-1 alpha-2: several where they have one calling code. */
  countries: readonly string[];
  sharing: SharingAnswer | null;
  names: { inApp: string; inManager: string; confirmed: Confirmation | null } | null;
  nameFinal: Confirmation | null;
  disclosure: DisclosureAnswer | null;
}

export const NO_ANSWERS: EligibilityAnswers = {
  plain: {},
  facts: {},
  activeSinceMs: null,
  appVersion: null,
  countries: [],
  sharing: null,
  names: null,
  nameFinal: null,
  disclosure: null,
};

/** New answers take the place of old ones; what is not answered anew stays. */
export function mergeAnswers(old: EligibilityAnswers, given: Partial<EligibilityAnswers>): EligibilityAnswers {
  return {
    ...old,
    ...given,
    plain: { ...old.plain, ...given.plain },
    facts: { ...old.facts, ...given.facts },
  };
}

/** The answers with what was found; as they are where the website has another value by now. */
export function withReach<Answers extends Partial<EligibilityAnswers>>(
  answers: Answers,
  lookedAt: LookedAt | null,
): Answers {
  const website = answers.facts?.website;
  if (!website || website.value !== lookedAt?.value) return answers;
  return { ...answers, facts: { ...answers.facts, website: { ...website, reach: lookedAt.reach } } };
}

/** The shape of a rule of eligibility: dated data with a source, so that what Meta changes is changed without code. */

/** How a rule that is not met weighs: it refuses, it leaves the verdict unclear, or it only warns. */
export const RULE_WEIGHTS = ['hard', 'doubt', 'soft'] as const;
export type RuleWeight = (typeof RULE_WEIGHTS)[number];

/** Questions that are answered with yes, no or unknown. */
export const PLAIN_RULES = [
  'business-app',
  'app-updated',
  'camera',
  'backup',
  'page-link',
  'portfolio-owned',
  'portfolio-admin',
  'manager-belongs',
  'business-verified',
  'payment-method',
  'verification-badge',
  'marketing-product',
] as const;

/** Facts of the business that Meta asks for at its verification. */
export const FACT_RULES = ['legal-name', 'address', 'website', 'phone'] as const;

export const RULE_IDS = [
  ...PLAIN_RULES,
  ...FACT_RULES,
  'active-days',
  'app-version',
  'region',
  'other-partner',
  'names-right',
  'name-final',
  'disclosure',
] as const;
export type FactRuleId = (typeof FACT_RULES)[number];
export type RuleId = (typeof RULE_IDS)[number];

/** Regions whose numbers Meta refuses from a day on (`from`) until the day before another (`until`). ISO dates, UTC. */
export interface RegionRow {
  /** ISO 3166-1 alpha-2. */
  regions: readonly string[];
  from: string;
  until: string | null;
  source: string;
}

/** A step of a guided clean-up, in its order. */
export interface CleanUpStep {
  id: string;
  text: string;
}

/** What a rule looks at, with its values. */
export type RuleTest =
  /** The answer that meets the rule. */
  | { kind: 'plain'; wants: 'yes' | 'no' }
  | { kind: 'fact' }
  | { kind: 'active-days'; minimumDays: number }
  | { kind: 'app-version'; minimum: string }
  | { kind: 'region'; excluded: readonly RegionRow[] }
  /** `waitMinutes`: how long Meta holds a number after a disconnect in the app. */
  | { kind: 'other-partner'; waitMinutes: number; steps: readonly CleanUpStep[] }
  | { kind: 'names' }
  | { kind: 'confirmation' }
  | { kind: 'disclosure' };

export interface EligibilityRule {
  id: RuleId;
  /** Rises with each change of its values or texts. */
  version: number;
  /** ISO date, UTC: the first day on which it holds. */
  validFrom: string;
  /** ISO date, UTC: the first day on which it no longer holds. */
  validUntil: string | null;
  source: string;
  /** ISO date, UTC: when the source was last read. */
  checkedOn: string;
  weight: RuleWeight;
  test: RuleTest;
  question: string;
  /** What is told where it is met, and where it is not; `{name}` stands for a value. */
  met: string;
  unmet: string;
  remedy: readonly string[];
  /** Codes of the catalogue with which Meta says that a "met" was wrong. */
  refusals: readonly string[];
  /** So many numbers refused within so many days, although the rule said yes, make it stale. */
  staleAfter: { refusals: number; days: number };
}

/** What an operator puts in place of parts of a rule, with a version and a source of its own. */
export type RuleOverride = Pick<
  EligibilityRule,
  'id' | 'version' | 'validFrom' | 'validUntil' | 'source' | 'checkedOn'
> &
  Partial<Pick<EligibilityRule, 'weight' | 'test' | 'question' | 'met' | 'unmet' | 'remedy' | 'staleAfter'>>;

const COEXISTENCE_SINCE = '2025-02-11';
const CHECKED_ON = '2026-11-22';

export const META_ONBOARDING = 'Meta: onboarding app users (M1)';
export const META_FLOW_ERRORS = 'Meta: embedded signup flow errors (M5)';
export const THE_GUIDE = 'the guide (G1)';
export const PARTNERS = 'partner help pages (P1)';

type Given = Pick<EligibilityRule, 'id' | 'source' | 'test' | 'question' | 'met' | 'unmet' | 'remedy'>;

/** A rule with what most have in common: its first version, in force since coexistence exists, hard, never refused. */
export function eligibilityRule(given: Given & Partial<EligibilityRule>): EligibilityRule {
  return {
    version: 1,
    validFrom: COEXISTENCE_SINCE,
    validUntil: null,
    checkedOn: CHECKED_ON,
    weight: 'hard',
    refusals: [],
    staleAfter: { refusals: 3, days: 30 },
    ...given,
  };
}

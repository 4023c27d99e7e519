/** The rules of eligibility in force at a time: ours, with what operators have put in their place. */
import { BUSINESS_RULES } from './eligibility-business-rules.ts';
import { NUMBER_RULES } from './eligibility-number-rules.ts';
import type { EligibilityRule, RuleId, RuleOverride } from './eligibility-rule.ts';
import { isoMinute } from './timeline.ts';

/** Every version that we know, in the order in which the questions are asked. */
export const ELIGIBILITY_RULES: readonly EligibilityRule[] = [...NUMBER_RULES, ...BUSINESS_RULES];

type Dated = Pick<EligibilityRule, 'version' | 'validFrom' | 'validUntil'>;

/** The UTC day of a time: ISO dates compare as text. */
export function isoDay(atMs: number): string {
  return isoMinute(atMs).slice(0, 10);
}

/** Holds from its first day on, and no longer on the day that ends it. */
export function isInForce({ validFrom, validUntil }: Omit<Dated, 'version'>, atMs: number): boolean {
  const day = isoDay(atMs);
  return validFrom <= day && (validUntil === null || day < validUntil);
}

/** The highest version that is in force. */
function newest<Row extends Dated>(rows: readonly Row[], atMs: number): Row | null {
  const inForce = rows.filter((row) => isInForce(row, atMs));
  return inForce.reduce<Row | null>((best, row) => (best && best.version >= row.version ? best : row), null);
}

/** An override that would turn a rule into one of another kind is none: its answers would not fit. */
export function isFitting({ id, test }: RuleOverride): boolean {
  return ELIGIBILITY_RULES.some((rule) => rule.id === id && (test === undefined || test.kind === rule.test.kind));
}

/** One rule an id, in the order of the questions; those of which no version is in force are left out. */
export function rulesAt(atMs: number, overrides: readonly RuleOverride[] = []): readonly EligibilityRule[] {
  const ids = [...new Set(ELIGIBILITY_RULES.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const known = ELIGIBILITY_RULES.filter((rule) => rule.id === id);
    const rule = newest(known, atMs);
    if (!rule) return [];
    const fitting = overrides.filter((override) => override.id === id && isFitting(override));
    return [{ ...rule, ...newest(fitting, atMs) }];
  });
}

/** Which rule Meta's refusal speaks against; null for a refusal that no rule could have foreseen. */
export function ruleOfRefusal(failureCode: string): RuleId | null {
  return ELIGIBILITY_RULES.find(({ refusals }) => refusals.includes(failureCode))?.id ?? null;
}

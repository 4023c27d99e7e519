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

/** Whether there is any day on which it holds. ISO dates of one form compare as text. */
export function everHolds({ validFrom, validUntil }: Omit<Dated, 'version'>): boolean {
  return validUntil === null || validFrom < validUntil;
}

/** Those in force, in the order of their versions. */
function inForceAt<Row extends Dated>(rows: readonly Row[], atMs: number): readonly Row[] {
  return rows.filter((row) => isInForce(row, atMs)).toSorted((left, right) => left.version - right.version);
}

/** An override that would turn a rule into one of another kind is none: its answers would not fit. */
export function isFitting({ id, test }: RuleOverride): boolean {
  return ELIGIBILITY_RULES.some((rule) => rule.id === id && (test === undefined || test.kind === rule.test.kind));
}

/** The overrides by whom they are for; a tenant's own have the last word, whatever the versions. */
export interface RuleOverrides {
  forAll: readonly RuleOverride[];
  own: readonly RuleOverride[];
}

const NO_OVERRIDES: RuleOverrides = { forAll: [], own: [] };

/**
 * One rule an id, in the order of the questions; those of which no version is in force are left out. An override changes
 * the parts that it names, and what the ones before it have changed stands. The version and the source told are the last's.
 */
export function rulesAt(atMs: number, { forAll, own }: RuleOverrides = NO_OVERRIDES): readonly EligibilityRule[] {
  const ids = [...new Set(ELIGIBILITY_RULES.map(({ id }) => id))];
  const inOrder = [...inForceAt(forAll, atMs), ...inForceAt(own, atMs)].filter(isFitting);
  return ids.flatMap((id) => {
    const known = ELIGIBILITY_RULES.filter((rule) => rule.id === id);
    const rule = inForceAt(known, atMs).at(-1);
    if (!rule) return [];
    const overrides = inOrder.filter((override) => override.id === id);
    return [overrides.reduce<EligibilityRule>((before, override) => ({ ...before, ...override }), rule)];
  });
}

/** The highest version that there is of a rule of ours and among these overrides; a new one must be higher. */
export function highestVersion(id: RuleId, overrides: readonly RuleOverride[]): number {
  const versions = [...ELIGIBILITY_RULES, ...overrides].filter((row) => row.id === id).map(({ version }) => version);
  return Math.max(0, ...versions);
}

/** Which rule Meta's refusal speaks against; null for a refusal that no rule could have foreseen. */
export function ruleOfRefusal(failureCode: string): RuleId | null {
  return ELIGIBILITY_RULES.find(({ refusals }) => refusals.includes(failureCode))?.id ?? null;
}

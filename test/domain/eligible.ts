/** A number that meets every rule, and ways to change one answer. */
import { NO_ANSWERS, type EligibilityAnswers } from '../../src/domain/eligibility-answers.ts';
import { FACT_RULES, PLAIN_RULES, type RuleId } from '../../src/domain/eligibility-rule.ts';
import { rulesAt } from '../../src/domain/eligibility-rules.ts';
import { eligibilityOf, type EligibilityReason } from '../../src/domain/eligibility.ts';

/** 2026-11-24 09:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 24, 9);
export const DAY = 86_400_000;

/** Those that are met by a no. */
const WANT_NO: readonly RuleId[] = ['page-link', 'payment-method', 'verification-badge', 'marketing-product'];
export const good = (id: RuleId) => (WANT_NO.includes(id) ? ('no' as const) : ('yes' as const));
export const bad = (id: RuleId) => (WANT_NO.includes(id) ? ('yes' as const) : ('no' as const));

const said = { text: 'as shown', person: 'Ada Owner', atMs: NOW_MS };

export function eligible(over: Partial<EligibilityAnswers> = {}): EligibilityAnswers {
  return {
    ...NO_ANSWERS,
    plain: Object.fromEntries(PLAIN_RULES.map((id) => [id, good(id)])),
    facts: Object.fromEntries(
      FACT_RULES.map((id) => [id, { value: 'Lotus GmbH', source: 'stated', checkedAtMs: NOW_MS }]),
    ),
    activeSinceMs: NOW_MS - 30 * DAY,
    appVersion: '2.26.1',
    countries: ['DE'],
    sharing: { isConnected: 'no', doneSteps: [], disconnectedAtMs: null },
    names: { inApp: 'Lotus', inManager: 'Lotus', confirmed: said },
    nameFinal: said,
    disclosure: { version: 1, isAccepted: true, person: 'Ada Owner', atMs: NOW_MS },
    ...over,
  };
}

export function judged(over: Partial<EligibilityAnswers>, atMs = NOW_MS) {
  return eligibilityOf(eligible(over), rulesAt(atMs), atMs);
}

export function reasonOf(reasons: readonly EligibilityReason[], id: RuleId): EligibilityReason {
  const reason = reasons.find(({ ruleId }) => ruleId === id);
  if (!reason) throw new Error(`no reason of ${id}`);
  return reason;
}

/**
 * Whether a number is likely to be accepted by Meta. Meta has no such check and decides in its own dialog: no verdict is
 * a promise.
 */
import type { EligibilityAnswers } from './eligibility-answers.ts';
import { outcomeOf, type Found, type RuleOutcome } from './eligibility-outcomes.ts';
import type { EligibilityRule, RuleId, RuleWeight } from './eligibility-rule.ts';

export const VERDICTS = ['likely', 'unclear', 'no'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What one rule says, with all that is needed to judge it: its version, its source and when that was read. */
export interface EligibilityReason {
  ruleId: RuleId;
  ruleVersion: number;
  source: string;
  checkedOn: string;
  weight: RuleWeight;
  outcome: RuleOutcome;
  message: string;
  /** In order; empty where nothing is to be done. */
  remedy: readonly string[];
  /** The ordered clean-up, where the rule has one and it is not over. */
  steps: readonly { id: string; text: string; isDone: boolean }[];
  /** When time alone will have met it, epoch ms. */
  untilMs: number | null;
}

export interface Eligibility {
  verdict: Verdict;
  reasons: readonly EligibilityReason[];
  /** Of a `no` that time alone ends: from when it is worth looking again, epoch ms. */
  comeBackAtMs: number | null;
}

/**
 * A hard rule that is not met makes it `no`; one that is unknown, or a doubt, makes it `unclear`; soft rules only warn.
 * Only if every `no` has a date is there one to come back on: the latest of them.
 */
export function eligibilityOf(
  answers: EligibilityAnswers,
  rules: readonly EligibilityRule[],
  atMs: number,
): Eligibility {
  const reasons = rules.map((rule) => reasonOf(rule, answers, atMs));
  const refusing = reasons.filter(({ weight, outcome }) => weight === 'hard' && outcome === 'unmet');
  if (refusing.length > 0) return { verdict: 'no', reasons, comeBackAtMs: latestOf(refusing) };
  const isUnclear = reasons.some(({ weight, outcome }) => weight !== 'soft' && outcome !== 'met');
  return { verdict: isUnclear ? 'unclear' : 'likely', reasons, comeBackAtMs: null };
}

function latestOf(refusing: readonly EligibilityReason[]): number | null {
  return refusing.reduce<number | null>(
    (latest, { untilMs }) => (latest === null || untilMs === null ? null : Math.max(latest, untilMs)),
    0,
  );
}

function reasonOf(rule: EligibilityRule, answers: EligibilityAnswers, atMs: number): EligibilityReason {
  const found = outcomeOf(rule, answers, atMs);
  const isMet = found.outcome === 'met';
  const { id: ruleId, version: ruleVersion, source, checkedOn, weight } = rule;
  return {
    ruleId,
    ruleVersion,
    source,
    checkedOn,
    weight,
    outcome: found.outcome,
    message: messageOf(rule, found),
    remedy: isMet ? [] : rule.remedy,
    steps: isMet ? [] : stepsOf(rule, answers),
    untilMs: found.untilMs,
  };
}

function messageOf({ question, met, unmet }: EligibilityRule, { outcome, values, because }: Found): string {
  if (outcome === 'unknown') return because ?? `Not known: ${question}`;
  return fill(outcome === 'met' ? met : unmet, values);
}

/** A placeholder without a value stays as it is. */
function fill(text: string, values: Found['values']): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function stepsOf({ test }: EligibilityRule, { sharing }: EligibilityAnswers): EligibilityReason['steps'] {
  if (test.kind !== 'other-partner' || sharing === null) return [];
  return test.steps.map(({ id, text }) => ({ id, text, isDone: sharing.doneSteps.includes(id) }));
}

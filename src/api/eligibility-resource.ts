/** Questionnaire, disclosure and checks as a backend sees them: each reason with its rule, source and date. */
import { z } from 'zod';
import type { Disclosure } from '../domain/disclosures.ts';
import { OUTCOMES } from '../domain/eligibility-outcomes.ts';
import { RULE_IDS, RULE_WEIGHTS, type EligibilityRule } from '../domain/eligibility-rule.ts';
import { VERDICTS, type EligibilityReason } from '../domain/eligibility.ts';
import { iso } from './number-resource.ts';
import type { EligibilityCheck } from './eligibility-ports.ts';

/** The one thing that every answer must say: Meta has no such check. */
const NOTE =
  'Meta decides in its own dialog. This is what its published rules and our experience let expect, no promise.';

const isoDay = z.string().meta({ description: 'A day, ISO 8601, UTC' });
const isoDate = z.string().meta({ description: 'ISO 8601, UTC' });

const ruleSchema = z.object({
  id: z.enum(RULE_IDS),
  version: z.int(),
  validFrom: isoDay,
  validUntil: isoDay.nullable(),
  source: z.string(),
  checkedOn: isoDay,
});

export const disclosureSchema = z
  .object({
    version: z.int().meta({ description: 'Send it back with the acceptance.' }),
    text: z.string(),
    permissions: z.array(z.string()),
    changes: z.array(z.string()),
    limits: z.array(z.string()),
    source: z.string(),
    checkedOn: isoDay,
  })
  .meta({ id: 'Disclosure' });

export const questionnaireSchema = z
  .object({
    note: z.string(),
    questions: z.array(
      z.object({
        id: z.enum(RULE_IDS),
        kind: z.string().meta({ description: 'Which part of the answers it is: plain, fact, or one of its own.' }),
        question: z.string(),
        weight: z.enum(RULE_WEIGHTS).meta({ description: 'hard: refuses; doubt: leaves it unclear; soft: warns.' }),
        remedy: z.array(z.string()),
        steps: z.array(z.object({ id: z.string(), text: z.string() })),
        rule: ruleSchema,
      }),
    ),
    disclosure: disclosureSchema.nullable(),
  })
  .meta({ id: 'EligibilityQuestionnaire' });

const reasonSchema = z.object({
  outcome: z.enum(OUTCOMES),
  weight: z.enum(RULE_WEIGHTS),
  message: z.string(),
  remedy: z.array(z.string()),
  steps: z.array(z.object({ id: z.string(), text: z.string(), isDone: z.boolean() })),
  until: isoDate.nullable().meta({ description: 'When time alone will have met it.' }),
  rule: z.object({ id: z.enum(RULE_IDS), version: z.int(), source: z.string(), checkedOn: isoDay }),
});

export const checkResourceSchema = z
  .object({
    id: z.string(),
    phoneNumber: z.string().nullable(),
    verdict: z.enum(VERDICTS),
    note: z.string(),
    comeBackAt: isoDate.nullable().meta({ description: 'Of a no that time alone ends. An onboarding waits for it.' }),
    reasons: z.array(reasonSchema),
    createdAt: isoDate,
    checkedAt: isoDate,
    links: z.object({ self: z.string(), reCheck: z.string() }),
  })
  .meta({ id: 'EligibilityCheck' });

export function questionnaireResource(
  rules: readonly EligibilityRule[],
  disclosure: Disclosure | null,
): z.infer<typeof questionnaireSchema> {
  return { note: NOTE, questions: rules.map(questionOf), disclosure: disclosure && disclosureResource(disclosure) };
}

type Question = z.infer<typeof questionnaireSchema>['questions'][number];

function questionOf({ test, question, weight, remedy, ...rule }: EligibilityRule): Question {
  const { id, version, validFrom, validUntil, source, checkedOn } = rule;
  const steps = test.kind === 'other-partner' ? [...test.steps] : [];
  const dated = { id, version, validFrom, validUntil, source, checkedOn };
  return { id, kind: test.kind, question, weight, remedy: [...remedy], steps, rule: dated };
}

export function disclosureResource(disclosure: Disclosure): z.infer<typeof disclosureSchema> {
  const { version, text, permissions, changes, limits, source, checkedOn } = disclosure;
  const lists = { permissions: [...permissions], changes: [...changes], limits: [...limits] };
  return { version, text, ...lists, source, checkedOn };
}

export function checkResource(check: EligibilityCheck): z.infer<typeof checkResourceSchema> {
  const { checkId, phoneNumber, eligibility, createdAtMs, checkedAtMs } = check;
  const self = `/v1/eligibility-checks/${checkId}`;
  return {
    id: checkId,
    phoneNumber,
    verdict: eligibility.verdict,
    note: NOTE,
    comeBackAt: eligibility.comeBackAtMs === null ? null : iso(eligibility.comeBackAtMs),
    reasons: eligibility.reasons.map(reasonResource),
    createdAt: iso(createdAtMs),
    checkedAt: iso(checkedAtMs),
    links: { self, reCheck: `${self}/re-check` },
  };
}

function reasonResource(reason: EligibilityReason): z.infer<typeof reasonSchema> {
  const { ruleId: id, ruleVersion: version, source, checkedOn, remedy, steps, untilMs, ...rest } = reason;
  return {
    outcome: rest.outcome,
    weight: rest.weight,
    message: rest.message,
    remedy: [...remedy],
    steps: [...steps],
    until: untilMs === null ? null : iso(untilMs),
    rule: { id, version, source, checkedOn },
  };
}

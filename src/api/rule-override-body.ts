/** What an operator puts in place of parts of a rule, as a request carries it. */
import { z } from 'zod';
import { RULE_WEIGHTS, type RuleOverride, type RuleTest } from '../domain/eligibility-rule.ts';
import { idOf, text } from './request-fields.ts';

const words = text.min(1).max(500);
const day = z.iso.date();
const count = z.int().min(0).max(10_000);

/** The values of a rule: of the same kind as those that they replace. */
export const testSchema: z.ZodType<RuleTest> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plain'), wants: z.enum(['yes', 'no']) }),
  z.strictObject({ kind: z.literal('fact') }),
  z.strictObject({ kind: z.literal('active-days'), minimumDays: count }),
  z.strictObject({ kind: z.literal('app-version'), minimum: z.string().regex(/^\d{1,6}(\.\d{1,6}){1,4}$/) }),
  z.strictObject({
    kind: z.literal('region'),
    excluded: z
      .array(
        z.strictObject({
          regions: z.array(z.string().regex(/^[A-Z]{2}$/)).min(1),
          from: day,
          until: day.nullable(),
          source: words,
        }),
      )
      .max(300),
  }),
  z.strictObject({
    kind: z.literal('other-partner'),
    waitMinutes: count,
    steps: z.array(z.strictObject({ id: words, text: words })).max(20),
  }),
  z.strictObject({ kind: z.literal('names') }),
  z.strictObject({ kind: z.literal('confirmation') }),
  z.strictObject({ kind: z.literal('disclosure') }),
]);

export const overrideSchema = z
  .strictObject({
    validFrom: day,
    validUntil: day.nullable().default(null),
    source: words.meta({ description: 'Where it is known from; shown with every verdict.' }),
    checkedOn: day,
    operator: words.meta({ description: 'Who puts it in place, kept with it.' }),
    tenantId: idOf('ten').nullable().default(null).meta({ description: 'Null: for all tenants.' }),
    weight: z.enum(RULE_WEIGHTS).optional(),
    test: testSchema.optional(),
    question: words.optional(),
    met: words.optional(),
    unmet: words.optional(),
    remedy: z.array(words).min(1).max(10).optional(),
    staleAfter: z.strictObject({ refusals: z.int().min(1), days: z.int().min(1) }).optional(),
  })
  .meta({ id: 'EligibilityRuleOverride' });

/** Only the parts that were given: the rest of the rule stays. */
export function overrideOf(
  key: Pick<RuleOverride, 'id' | 'version'>,
  body: z.infer<typeof overrideSchema>,
): RuleOverride {
  const { validFrom, validUntil, source, checkedOn, weight, test, question, met, unmet, remedy, staleAfter } = body;
  const dated = { ...key, validFrom, validUntil, source, checkedOn };
  return {
    ...dated,
    ...(weight && { weight }),
    ...(test && { test }),
    ...(question !== undefined && { question }),
    ...(met !== undefined && { met }),
    ...(unmet !== undefined && { unmet }),
    ...(remedy && { remedy }),
    ...(staleAfter && { staleAfter }),
  };
}

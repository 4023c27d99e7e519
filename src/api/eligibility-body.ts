/** The answers to the questionnaire as a request carries them, and what they are in our words. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import type { BusinessFact, EligibilityAnswers } from '../domain/eligibility-answers.ts';
import { FACT_RULES, PLAIN_RULES, type EligibilityRule, type RuleId } from '../domain/eligibility-rule.ts';
import type { PhoneNumber } from '../domain/ids.ts';
import { Problem } from './problem.ts';
import { e164, text } from './request-fields.ts';

/** A day begins up to 14 hours before it does in UTC. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;

const plainAnswer = z.enum(['yes', 'no', 'unknown']);
const words = text.trim().min(1).max(300);
const person = words.meta({ description: 'The person who says so, kept as evidence with text and time.' });

export const answersSchema = z
  .strictObject({
    plain: z.partialRecord(z.enum(PLAIN_RULES), plainAnswer).optional(),
    facts: z
      .partialRecord(
        z.enum(FACT_RULES),
        z.strictObject({ value: text.max(300), source: text.min(1).max(100).default('stated') }),
      )
      .optional()
      .meta({
        description:
          'As stated; of the website alone it is looked up whether it answers. Kept with their source and the time.',
      }),
    region: z
      .string()
      .regex(/^[A-Z]{2}$/, 'not an ISO 3166-1 alpha-2 code')
      .optional(),
    activeSince: z.iso.date().optional().meta({ description: 'The day since which the app is in active use.' }),
    appVersion: z
      .string()
      .regex(/^\d{1,6}(\.\d{1,6}){1,4}$/, 'not a version such as 2.24.17')
      .optional(),
    otherPartner: z
      .strictObject({
        isConnected: plainAnswer,
        doneSteps: z.array(text.max(50)).max(20).default([]),
        disconnectedAt: z.iso.datetime({ offset: true }).optional(),
      })
      .optional(),
    names: z
      .strictObject({ inApp: words, inManager: words, confirmedBy: person.optional() })
      .optional()
      .meta({ description: 'Both names, side by side; confirmedBy says that both are right.' }),
    nameFinal: z.strictObject({ confirmedBy: person }).optional(),
    disclosure: z.strictObject({ version: z.int().min(1), isAccepted: z.boolean(), person }).optional(),
  })
  .meta({ id: 'EligibilityAnswers' });
type AnswersBody = z.infer<typeof answersSchema>;

export const checkSchema = z
  .strictObject({
    phoneNumber: e164.optional(),
    answers: answersSchema.default({}),
  })
  .meta({ id: 'NewEligibilityCheck' });

interface Context {
  phoneNumber: PhoneNumber | null;
  rules: readonly EligibilityRule[];
  nowMs: number;
}

/** Only what was answered: the rest keeps its answer. */
export function answersOf(body: AnswersBody, context: Context): Partial<EligibilityAnswers> {
  const { nowMs } = context;
  const countries = countriesOf(context.phoneNumber, body.region);
  const { plain, facts, activeSince, appVersion, otherPartner, disclosure } = body;
  return {
    ...(plain && { plain: defined(plain) }),
    ...(facts && { facts: factsOf(facts, nowMs) }),
    ...(countries.length > 0 && { countries }),
    ...(activeSince !== undefined && {
      activeSinceMs: notAhead('answers.activeSince', activeSince, nowMs + EARLIEST_ZONE_MS),
    }),
    ...(appVersion !== undefined && { appVersion }),
    ...(otherPartner && { sharing: sharingOf(otherPartner, nowMs) }),
    ...(disclosure && { disclosure: { ...disclosure, atMs: nowMs } }),
    ...confirmationsOf(body, context),
  };
}

/** P17, P18: the sentences that are confirmed are ours, so that the evidence says what was shown. */
function confirmationsOf({ names, nameFinal }: AnswersBody, { rules, nowMs }: Context): Partial<EligibilityAnswers> {
  const questionOf = (id: RuleId): string => rules.find((rule) => rule.id === id)?.question ?? id;
  return {
    ...(names && { names: namesOf(names, nowMs) }),
    ...(nameFinal && {
      nameFinal: { text: questionOf('name-final'), person: nameFinal.confirmedBy, atMs: nowMs },
    }),
  };
}

function namesOf(
  { inApp, inManager, confirmedBy }: NonNullable<AnswersBody['names']>,
  atMs: number,
): EligibilityAnswers['names'] {
  const shown = `In the app: "${inApp}". In the manager: "${inManager}". Both are right.`;
  return { inApp, inManager, confirmed: confirmedBy === undefined ? null : { text: shown, person: confirmedBy, atMs } };
}

function factsOf(facts: NonNullable<AnswersBody['facts']>, checkedAtMs: number): Partial<Record<RuleId, BusinessFact>> {
  const entries = FACT_RULES.flatMap((id) => {
    const fact = facts[id];
    return fact ? [[id, { ...fact, checkedAtMs }] as const] : [];
  });
  return Object.fromEntries(entries);
}

function sharingOf(
  { isConnected, doneSteps, disconnectedAt }: NonNullable<AnswersBody['otherPartner']>,
  nowMs: number,
): EligibilityAnswers['sharing'] {
  const at =
    disconnectedAt === undefined ? null : notAhead('answers.otherPartner.disconnectedAt', disconnectedAt, nowMs);
  return { isConnected, doneSteps, disconnectedAtMs: at };
}

function notAhead(field: string, date: string, latestMs: number): number {
  const atMs = Date.parse(date);
  if (atMs > latestMs) throw new Problem('REQUEST_INVALID', { errors: [{ field, detail: 'lies ahead of us' }] });
  return atMs;
}

/** Of a calling code that several countries have: all of them, where the number itself does not tell. */
function countriesOf(given: PhoneNumber | null, region: string | undefined): readonly string[] {
  const parsed = given === null ? undefined : parsePhoneNumberFromString(given);
  if (parsed?.country) return [parsed.country];
  if (region !== undefined) return [region];
  return parsed?.getPossibleCountries() ?? [];
}

function defined<Value>(given: Partial<Record<RuleId, Value | undefined>>): Partial<Record<RuleId, Value>> {
  const entries = PLAIN_RULES.flatMap((id) => {
    const value = given[id];
    return value === undefined ? [] : [[id, value] as const];
  });
  return Object.fromEntries(entries);
}

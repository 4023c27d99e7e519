/** Checks of eligibility with every verdict that was given, what people consented to, and what Meta said against the rules. */
import { sql } from 'drizzle-orm';
import { bigserial, index, integer, pgTable, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import type { EligibilityAnswers } from '../domain/eligibility-answers.ts';
import type { RuleId, RuleOverride } from '../domain/eligibility-rule.ts';
import type { EligibilityReason, Verdict } from '../domain/eligibility.ts';
import type { CheckId, NumberId, PhoneNumber, TenantId } from '../domain/ids.ts';
import { epochMs, jsonText } from './columns.ts';

export const eligibilityChecks = pgTable(
  'eligibility_checks',
  {
    checkId: text('check_id').$type<CheckId>().primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    phoneNumber: text('phone_number').$type<PhoneNumber>(),
    createdAtMs: epochMs('created_at_ms').notNull(),
  },
  (table) => [index('eligibility_checks_by_tenant').on(table.tenantId, table.checkId)],
);

/** Append-only: the highest ordinal is the verdict that stands. */
export const eligibilityVerdicts = pgTable(
  'eligibility_verdicts',
  {
    checkId: text('check_id').$type<CheckId>().notNull(),
    ordinal: integer('ordinal').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    atMs: epochMs('at_ms').notNull(),
    cause: text('cause').$type<'asked' | 'checked-again' | 'onboarding' | 'come-back'>().notNull(),
    answers: jsonText('answers').$type<EligibilityAnswers>().notNull(),
    verdict: text('verdict').$type<Verdict>().notNull(),
    comeBackAtMs: epochMs('come_back_at_ms'),
    /** One a rule, with the version of the rule that was used. */
    reasons: jsonText('reasons').$type<readonly EligibilityReason[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.checkId, table.ordinal] })],
);

/** By which check a number was let in. */
export const eligibilityOfNumbers = pgTable('eligibility_of_numbers', {
  numberId: text('number_id').$type<NumberId>().primaryKey(),
  checkId: text('check_id').$type<CheckId>().notNull(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
});

/** Append-only evidence: what was shown, in full, and who accepted or confirmed it, when. */
export const consents = pgTable(
  'consents',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    /** The id of a check or of a number. */
    subject: text('subject').$type<CheckId | NumberId>().notNull(),
    kind: text('kind').$type<'disclosure' | 'names-right' | 'name-final'>().notNull(),
    /** Of the disclosure, or of the rule that asked for it. */
    version: integer('version').notNull(),
    text: text('text').notNull(),
    textDigest: text('text_digest').notNull(),
    person: text('person').notNull(),
    atMs: epochMs('at_ms').notNull(),
  },
  (table) => [
    uniqueIndex('consents_once').on(table.subject, table.kind, table.version, table.textDigest, table.person),
    index('consents_by_tenant').on(table.tenantId, table.position),
  ],
);

/** What operators put in place of parts of a rule; for one tenant, or for all (null). */
export const eligibilityOverrides = pgTable(
  'eligibility_overrides',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>(),
    ruleId: text('rule_id').$type<RuleId>().notNull(),
    version: integer('version').notNull(),
    override: jsonText('override').$type<RuleOverride>().notNull(),
    by: text('by').notNull(),
    atMs: epochMs('at_ms').notNull(),
  },
  (table) => [unique('eligibility_overrides_once').on(table.tenantId, table.ruleId, table.version).nullsNotDistinct()],
);

/** Numbers that Meta refused although a rule had said yes. */
export const eligibilityRefusals = pgTable(
  'eligibility_refusals',
  {
    ruleId: text('rule_id').$type<RuleId>().notNull(),
    ruleVersion: integer('rule_version').notNull(),
    numberId: text('number_id').$type<NumberId>().notNull(),
    checkId: text('check_id').$type<CheckId>().notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    failureCode: text('failure_code').notNull(),
    /** Repeats of the same number included. */
    refusals: integer('refusals').notNull(),
    lastAtMs: epochMs('last_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.ruleId, table.ruleVersion, table.numberId] }),
    index('eligibility_refusals_of_late').on(table.ruleId, table.ruleVersion, sql`${table.lastAtMs} desc`),
  ],
);

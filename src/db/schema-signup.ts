/** What a signup leaves behind: dialog runs, credentials (sealed), findings, and the claims that keep a number with one tenant. */
import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { SignupEnding } from '../domain/facts.ts';
import type { FailureCode } from '../domain/failures.ts';
import type { DialogRunId, NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { WrongAccountSign } from '../domain/wrong-account.ts';
import { epochMs } from './columns.ts';

export const dialogRuns = pgTable(
  'dialog_runs',
  {
    dialogRunId: text('dialog_run_id').$type<DialogRunId>().primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    openedAtMs: epochMs('opened_at_ms').notNull(),
    expiresAtMs: epochMs('expires_at_ms').notNull(),
    /** Evidence: the version of the text that was accepted when the run was opened, and by whom. */
    disclosureVersion: integer('disclosure_version'),
    disclosureBy: text('disclosure_by'),
    /** Sealed; null before it came and once it is forgotten. The digest stays, to know a repeat. */
    codeSealed: text('code_sealed'),
    codeDigest: text('code_digest'),
    codeReceivedAtMs: epochMs('code_received_at_ms'),
    ending: text('ending').$type<SignupEnding>(),
    resultWabaId: text('result_waba_id').$type<WabaId>(),
    resultReceivedAtMs: epochMs('result_received_at_ms'),
    isResultPosted: boolean('is_result_posted').notNull().default(false),
    /** Where the owner stopped first; the run itself goes on as long as its state lives. */
    abandonedStep: text('abandoned_step'),
    abandonedAtMs: epochMs('abandoned_at_ms'),
    errorFailure: text('error_failure').$type<FailureCode>(),
    /** Meta's own code, and its reference for support. */
    errorMetaCode: text('error_meta_code'),
    errorReference: text('error_reference'),
    errorAtMs: epochMs('error_at_ms'),
    /** U04: what hints at a login of another business. */
    wrongAccount: text('wrong_account').$type<WrongAccountSign>(),
    /** Meta showed the wrong dialog. */
    driftedAtMs: epochMs('drifted_at_ms'),
    /** The owner was nudged, or a nudge was found needless. */
    nudgedAtMs: epochMs('nudged_at_ms'),
    /** The origin of the page that opened it or was the first to speak for it; null: no page has. */
    origin: text('origin'),
  },
  (table) => [
    index('dialog_runs_by_attempt').on(table.numberId, table.cycle, table.attempt),
    index('dialog_runs_by_tenant').on(table.tenantId, table.openedAtMs),
    index('dialog_runs_drifted')
      .on(table.driftedAtMs)
      .where(sql`${table.driftedAtMs} is not null`),
    index('dialog_runs_without_end')
      .on(table.openedAtMs)
      .where(
        sql`${table.nudgedAtMs} is null and ${table.codeReceivedAtMs} is null
        and ${table.ending} is null and ${table.errorAtMs} is null`,
      ),
    index('dialog_runs_without_code')
      .on(table.resultReceivedAtMs)
      .where(sql`${table.codeReceivedAtMs} is null and not ${table.isResultPosted}`),
  ],
);

export const credentials = pgTable(
  'credentials',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    state: text('state').$type<'intended' | 'candidate' | 'current' | 'forgotten'>().notNull(),
    /** Intents to exchange the code of one run of the dialog; another run's code starts anew. */
    exchangeIntents: integer('exchange_intents').notNull().default(0),
    exchangeRun: text('exchange_run').$type<DialogRunId>(),
    intendedAtMs: epochMs('intended_at_ms'),
    tokenSealed: text('token_sealed'),
    expiresAtMs: epochMs('expires_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.numberId, table.cycle, table.attempt] }),
    uniqueIndex('credentials_one_current')
      .on(table.numberId)
      .where(sql`${table.state} = 'current'`),
  ],
);

export const attemptFindings = pgTable(
  'attempt_findings',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    wabaId: text('waba_id').$type<WabaId>().notNull(),
    phoneNumberId: text('phone_number_id').$type<PhoneNumberId>().notNull(),
    digits: text('digits').notNull(),
    verifiedName: text('verified_name'),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle, table.attempt] })],
);

/** Digits and phone number ids belong to one number at most; a WABA to the tenant whose claims lie in it. */
export const claims = pgTable(
  'claims',
  {
    kind: text('kind').$type<'digits' | 'phone-number-id'>().notNull(),
    value: text('value').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    numberId: text('number_id').$type<NumberId>().notNull(),
    wabaId: text('waba_id').$type<WabaId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    /** The attempt has gone live: from now on the claim stands and falls with the link. */
    isLinked: boolean('is_linked').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.value] }),
    index('claims_by_number').on(table.numberId),
    index('claims_by_waba').on(table.wabaId),
  ],
);

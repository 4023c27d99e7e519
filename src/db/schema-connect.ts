/** What Meta tells while a number connects: permissions given, accounts as read, numbers to choose from. */
import { boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { BusinessPortfolioId, NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

/** C14 to C18: one row a permission that an attempt was given. */
export const grants = pgTable(
  'grants',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    scope: text('scope').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    /** For how many accounts. */
    targets: integer('targets').notNull(),
    /** When we read it first. */
    grantedAtMs: epochMs('granted_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle, table.attempt, table.scope] })],
);

/** C01 to C04: the latest reading of a WABA's own node, as its tenant may see it. */
export const accounts = pgTable(
  'accounts',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    wabaId: text('waba_id').$type<WabaId>().notNull(),
    name: text('name'),
    timeZoneId: text('time_zone_id'),
    currency: text('currency'),
    portfolioId: text('portfolio_id').$type<BusinessPortfolioId>(),
    portfolioName: text('portfolio_name'),
    reviewStatus: text('review_status'),
    checkedAtMs: epochMs('checked_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.wabaId] })],
);

/** CM06: the numbers of which a person must choose one. */
export const attemptCandidates = pgTable(
  'attempt_candidates',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    phoneNumberId: text('phone_number_id').$type<PhoneNumberId>().notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    wabaId: text('waba_id').$type<WabaId>().notNull(),
    digits: text('digits').notNull(),
    verifiedName: text('verified_name'),
    isOnBizApp: boolean('is_on_biz_app').notNull(),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle, table.attempt, table.phoneNumberId] })],
);

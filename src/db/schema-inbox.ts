/** What Meta has told and what becomes of it: deliveries, facts on their way to workflows, facts that nobody claims yet. */
import { sql } from 'drizzle-orm';
import { bigserial, boolean, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { AccountNews } from '../domain/news.ts';
import { bytes, epochMs, jsonText } from './columns.ts';

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    deliveryKey: text('delivery_key').notNull(),
    /** Null: a delivery may speak of several tenants. */
    tenantId: text('tenant_id').$type<TenantId>(),
    /** UTF-8 as received. Once processed it is gone; of one that held something unknown the shape is kept, without values. */
    body: bytes('body'),
    receivedAtMs: epochMs('received_at_ms').notNull(),
    notBeforeMs: epochMs('not_before_ms').notNull().default(0),
    /** Or given up: then its reason stays. */
    isProcessed: boolean('is_processed').notNull().default(false),
    repeats: integer('repeats').notNull().default(0),
    postponements: integer('postponements').notNull().default(0),
    reason: text('reason'),
    /** Items that we did not understand. */
    unknownCount: integer('unknown_count').notNull().default(0),
    /** Items that name a number which is not under care. */
    strayCount: integer('stray_count').notNull().default(0),
  },
  (table) => [
    uniqueIndex('webhook_deliveries_once').on(table.deliveryKey),
    index('webhook_deliveries_unprocessed')
      .on(table.position)
      .where(sql`not ${table.isProcessed}`),
  ],
);

/** Facts on their way to a workflow, in order per number. */
export const numberFacts = pgTable(
  'number_facts',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    numberId: text('number_id').$type<NumberId>().notNull(),
    factId: text('fact_id').notNull(),
    envelope: jsonText('envelope').$type<FactEnvelope>().notNull(),
    notBeforeMs: epochMs('not_before_ms').notNull().default(0),
    outcome: text('outcome').$type<'posted' | 'closed'>(),
    dispatchedAtMs: epochMs('dispatched_at_ms'),
  },
  (table) => [
    uniqueIndex('number_facts_once').on(table.numberId, table.factId),
    index('number_facts_waiting')
      .on(table.numberId, table.position)
      .where(sql`${table.outcome} is null`),
    index('number_facts_handed_over')
      .on(table.factId)
      .where(sql`${table.factId} like 'handover/%'`),
  ],
);

/** Account news for ids that no number claims yet (GR16). */
export const unroutedFacts = pgTable(
  'unrouted_facts',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    /** Null until a number claims the ids. */
    tenantId: text('tenant_id').$type<TenantId>(),
    factId: text('fact_id').notNull(),
    wabaId: text('waba_id').$type<WabaId>(),
    phoneNumberId: text('phone_number_id').$type<PhoneNumberId>(),
    digits: text('digits'),
    occurredAtMs: epochMs('occurred_at_ms').notNull(),
    isUntimed: boolean('is_untimed').notNull(),
    receivedAtMs: epochMs('received_at_ms').notNull(),
    news: jsonText('news').$type<AccountNews>().notNull(),
    /** The claim that took it, and what it was given. */
    claimedBy: text('claimed_by').$type<NumberId>(),
    claimedCycle: integer('claimed_cycle'),
    claimedAttempt: integer('claimed_attempt'),
    envelope: jsonText('envelope').$type<FactEnvelope>(),
  },
  (table) => [
    uniqueIndex('unrouted_facts_once').on(table.factId),
    index('unrouted_facts_by_waba').on(table.wabaId),
    index('unrouted_facts_by_phone_number_id').on(table.phoneNumberId),
    index('unrouted_facts_by_digits').on(table.digits),
    index('unrouted_facts_by_claim').on(table.claimedBy, table.claimedCycle, table.claimedAttempt),
  ],
);

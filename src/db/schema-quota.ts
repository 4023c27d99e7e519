/** Meta's quota of new customers: who holds a slot, who waits for one until when, and the limit that an operator has set. */
import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

/**
 * One row a number, for its first cycle; kept after its end, so that asking twice gives one answer. One that is put off until a
 * date has none until it asks again.
 */
export const quotaSlots = pgTable(
  'quota_slots',
  {
    numberId: text('number_id').$type<NumberId>().primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    askedAtMs: epochMs('asked_at_ms').notNull(),
    /** Null where a slot was there at once. */
    promisedAtMs: epochMs('promised_at_ms'),
    grantedAtMs: epochMs('granted_at_ms'),
    /** The first connection. */
    usedAtMs: epochMs('used_at_ms'),
    /** The onboarding ended without a connection. */
    releasedAtMs: epochMs('released_at_ms'),
    isToldLate: boolean('is_told_late').notNull().default(false),
  },
  (table) => [
    index('quota_slots_waiting')
      .on(table.askedAtMs)
      .where(sql`${table.grantedAtMs} is null and ${table.releasedAtMs} is null`),
    index('quota_slots_used').on(table.usedAtMs),
    index('quota_slots_held')
      .on(table.numberId)
      .where(sql`${table.grantedAtMs} is not null and ${table.usedAtMs} is null and ${table.releasedAtMs} is null`),
  ],
);

/** What an operator has set for the whole fleet; no row: the rule's own limit. */
export const quotaLimits = pgTable('quota_limits', {
  kind: text('kind').$type<'onboarding'>().primaryKey(),
  limit: integer('limit').notNull(),
  reason: text('reason').notNull(),
  setAtMs: epochMs('set_at_ms').notNull(),
});

/** The two once-only imports: what was asked, what has arrived, and which chunks were counted already. */
import { boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

export const syncRequests = pgTable(
  'sync_requests',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    type: text('type').$type<'contacts' | 'history'>().notNull(),
    ask: integer('ask').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    intendedAtMs: epochMs('intended_at_ms').notNull(),
    outcome: text('outcome').$type<'requested' | 'unknown' | 'expired' | 'declined' | 'refused'>(),
    requestId: text('request_id'),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle, table.type, table.ask] })],
);

export const syncLedger = pgTable(
  'sync_ledger',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    type: text('type').$type<'contacts' | 'history'>().notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    firstAtMs: epochMs('first_at_ms').notNull(),
    lastAtMs: epochMs('last_at_ms').notNull(),
    chunks: integer('chunks').notNull(),
    /** Messages, or contacts: what is kept of those counts once a cycle. */
    counted: integer('counted').notNull(),
    progress: integer('progress').notNull(),
    hasSeenFull: boolean('has_seen_full').notNull(),
    phases: integer('phases').array().notNull(),
    /** Of the counted contacts, those that are removed. */
    removed: integer('removed').notNull().default(0),
    /** Media notes of distinct messages. */
    media: integer('media').notNull().default(0),
    /** Group chats, which are never part of coexistence. */
    groups: integer('groups').notNull().default(0),
    /** Messages, media or contacts whose content was not kept, because the tenant did not ask for them. */
    dropped: integer('dropped').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle, table.type] })],
);

/** NOTE: the key has the cycle, for a new cycle sends the same chunks again. */
export const syncChunks = pgTable(
  'sync_chunks',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    digest: text('digest').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    phase: integer('phase').notNull(),
    chunkOrder: integer('chunk_order').notNull(),
    receivedAtMs: epochMs('received_at_ms').notNull(),
    messages: integer('messages').notNull().default(0),
    /** Meta's overall progress, as this chunk told it. */
    progress: integer('progress').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle, table.digest] })],
);

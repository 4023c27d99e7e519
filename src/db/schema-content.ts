/** What the two imports brought, sealed, until its tenant has taken it or its time is over. */
import { sql } from 'drizzle-orm';
import { bigserial, boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

export const importedContent = pgTable(
  'imported_content',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    kind: text('kind').$type<'message' | 'media' | 'contact'>().notNull(),
    /** Keyed digest of the number and Meta's id: ids of messages and contacts hold phone numbers. */
    contentKey: text('content_key').notNull(),
    /** The same of a contact's second id. */
    alsoKey: text('also_key'),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    /** The cycle that brought it first, for a later one brings the same message again; of a contact the last that told it. */
    cycle: integer('cycle').notNull(),
    /** Cursor of its readers: a contact that changed gets a new one. */
    position: bigserial('position', { mode: 'number' }).notNull(),
    /** Its own time. */
    atMs: epochMs('at_ms').notNull(),
    receivedAtMs: epochMs('received_at_ms').notNull(),
    /** Opens no window and rings no bell: it came with an import, and never live. */
    isHistorical: boolean('is_historical').notNull(),
    /** A contact that was removed: nothing of it is kept but that it was. */
    isRemoved: boolean('is_removed').notNull(),
    sealed: text('sealed'),
    expiresAtMs: epochMs('expires_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.numberId, table.kind, table.contentKey] }),
    uniqueIndex('imported_content_by_position').on(table.numberId, table.kind, table.position),
    index('imported_content_by_second_id')
      .on(table.numberId, table.alsoKey)
      .where(sql`${table.alsoKey} is not null`),
    index('imported_content_by_expiry').on(table.expiresAtMs),
  ],
);

/** One random key a tenant, for the digests above; made at first use and sealed, so that a dump of the tables tells no contact. */
export const contentKeys = pgTable('content_keys', {
  tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
  sealed: text('sealed').notNull(),
});

/** Who uses Tandem: companies, the hashes of their keys, and the answers that their repeated requests get again. */
import { boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { TenantId } from '../domain/ids.ts';
import type { KeyRole } from '../domain/key-role.ts';
import { epochMs, jsonText } from './columns.ts';

export const tenants = pgTable(
  'tenants',
  {
    tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
    name: text('name').notNull(),
    /** Null: not known, and so not entitled. */
    isEntitled: boolean('is_entitled'),
    /** Off: contacts and history of new numbers are not asked for, whatever the backend wants. */
    mayImport: boolean('may_import').notNull().default(true),
    /** The origins of pages that may speak for its owners. */
    pageOrigins: text('page_origins').array().notNull().default([]),
    /** Where an owner goes on with a dialog that was left. */
    pageUrl: text('page_url'),
  },
  /** Pages ask for it before anybody has said who they are. */
  (table) => [index('tenants_by_page_origin').using('gin', table.pageOrigins)],
);

export const apiKeys = pgTable(
  'api_keys',
  {
    /** SHA-256 of the key: the key itself is never stored. */
    keyHash: text('key_hash').primaryKey(),
    /** Null: an operator's, of the whole fleet. */
    tenantId: text('tenant_id').$type<TenantId>(),
    role: text('role').$type<KeyRole>().notNull().default('backend'),
    /** From then on it opens nothing; the row stays, for the audit names it. */
    revokedAtMs: epochMs('revoked_at_ms'),
  },
  (table) => [index('api_keys_by_tenant').on(table.tenantId)],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    key: text('key').notNull(),
    digest: text('digest').notNull(),
    resourceId: text('resource_id').notNull(),
    begunAtMs: epochMs('begun_at_ms').notNull(),
    /** Null until an answer is there. */
    status: integer('status'),
    body: jsonText('body'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.key] })],
);

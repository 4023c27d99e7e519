/** Append-only: what operators did, with which key, to what, and why. */
import { bigserial, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Actor } from '../domain/key-role.ts';
import { epochMs, jsonText } from './columns.ts';

export const audit = pgTable(
  'audit',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    atMs: epochMs('at_ms').notNull(),
    /** Of the key, never the key itself: see `keyIdOf`. At the command line: `cli`. */
    keyId: text('key_id').notNull(),
    role: text('role').$type<Actor>().notNull(),
    /** Null: the whole fleet's. */
    tenantId: text('tenant_id').$type<TenantId>(),
    numberId: text('number_id').$type<NumberId>(),
    /** Kebab-case, or the kind of a command. */
    act: text('act').notNull(),
    /** What was asked for, in ids and values. */
    given: jsonText('given').$type<Readonly<Record<string, unknown>>>().notNull(),
    /** Null where the act asks for none. */
    reason: text('reason'),
    /** Of a command: its id, so that a repeated request is one act. */
    commandId: text('command_id'),
  },
  (table) => [
    uniqueIndex('audit_once').on(table.numberId, table.commandId),
    index('audit_by_tenant').on(table.tenantId, table.position),
  ],
);

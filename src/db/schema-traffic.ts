/** Whether messages come of a number that went live: one row a number, written once by the first of them. */
import { sql } from 'drizzle-orm';
import { index, pgTable, text } from 'drizzle-orm/pg-core';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

export const numberTraffic = pgTable(
  'number_traffic',
  {
    numberId: text('number_id').$type<NumberId>().primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    /** When the present link went live, or came back after its end. */
    connectedAtMs: epochMs('connected_at_ms').notNull(),
    /** When it counts as quiet. */
    dueAtMs: epochMs('due_at_ms').notNull(),
    /** The first echo, message or status since, the statuses only until it was told; nothing of what it said. */
    seenAtMs: epochMs('seen_at_ms'),
    /** When its workflow was told that it is quiet. */
    toldAtMs: epochMs('told_at_ms'),
  },
  (table) => [
    index('number_traffic_quiet')
      .on(table.dueAtMs)
      .where(sql`${table.seenAtMs} is null and ${table.toldAtMs} is null`),
  ],
);

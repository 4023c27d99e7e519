/** When each attempt came to each step of connecting: one row a moment, the first that was seen. */
import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { ConnectMoment } from '../domain/connect-times.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

export const connectMoments = pgTable(
  'connect_moments',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    attempt: integer('attempt').notNull(),
    moment: text('moment').$type<ConnectMoment>().notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    atMs: epochMs('at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.numberId, table.cycle, table.attempt, table.moment] }),
    index('connect_moments_by_time').on(table.atMs),
  ],
);

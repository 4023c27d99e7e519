/** What an operator must look at: one open row a kind and subject, however often it is raised. */
import { sql } from 'drizzle-orm';
import { bigserial, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { AlertKind } from '../domain/alerts.ts';
import { epochMs } from './columns.ts';

export const alerts = pgTable(
  'alerts',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    kind: text('kind').$type<AlertKind>().notNull(),
    /** What it is about: an opaque id, never a phone number. */
    subject: text('subject').notNull(),
    /** The latest. */
    detail: text('detail').notNull(),
    count: integer('count').notNull(),
    firstAtMs: epochMs('first_at_ms').notNull(),
    lastAtMs: epochMs('last_at_ms').notNull(),
    closedAtMs: epochMs('closed_at_ms'),
  },
  (table) => [
    uniqueIndex('alerts_one_open')
      .on(table.kind, table.subject)
      .where(sql`${table.closedAtMs} is null`),
    index('alerts_open')
      .on(table.position)
      .where(sql`${table.closedAtMs} is null`),
  ],
);

/** What an owner did and saw on the way through a run of the dialog, as a page has told it. */
import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { GuideMoment } from '../domain/guide.ts';
import type { DialogRunId, TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

/** One row a moment: the first time counts. */
export const dialogMoments = pgTable(
  'dialog_moments',
  {
    dialogRunId: text('dialog_run_id').$type<DialogRunId>().notNull(),
    moment: text('moment').$type<GuideMoment>().notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    atMs: epochMs('at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.dialogRunId, table.moment] })],
);

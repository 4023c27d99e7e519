/** What the events of a tenant are signed with. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import type { TenantId } from '../domain/ids.ts';
import { epochMs } from './columns.ts';

export const eventSecrets = pgTable('event_secrets', {
  tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
  secretSealed: text('secret_sealed').notNull(),
  /** It is shown once; null before that. */
  shownAtMs: epochMs('shown_at_ms'),
  /** The one before it signs beside it until then, so that receivers can change over. */
  formerSealed: text('former_sealed'),
  formerUntilMs: epochMs('former_until_ms'),
});

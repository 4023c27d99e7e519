/** What Meta last told of our app's own settings. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import type { WebhookReading } from '../domain/app-webhooks.ts';
import { epochMs, jsonText } from './columns.ts';

/** P27, C07: one row an app, written by whichever server has looked last. */
export const webhookReadings = pgTable('webhook_readings', {
  appId: text('app_id').primaryKey(),
  checkedAtMs: epochMs('checked_at_ms').notNull(),
  reading: jsonText('reading').$type<WebhookReading>().notNull(),
});

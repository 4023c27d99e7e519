/** Keeps the latest look at our app's webhooks, so that all processes know of it and one alone asks Meta. */
import { eq, lte } from 'drizzle-orm';
import type { WebhookReading } from '../domain/app-webhooks.ts';
import type { Store } from './connect.ts';
import { webhookReadings } from './schema-provider.ts';

interface WebhookReadings {
  read(appId: string): Promise<WebhookReading | null>;
  keep(appId: string, reading: WebhookReading): Promise<void>;
}

export function createWebhookReadings({ db }: Store): WebhookReadings {
  return {
    read: async (appId) => {
      const [row] = await db.select().from(webhookReadings).where(eq(webhookReadings.appId, appId));
      return row?.reading ?? null;
    },
    /** An older look never takes the place of a newer one. */
    keep: async (appId, reading) => {
      const { checkedAtMs } = reading;
      await db
        .insert(webhookReadings)
        .values({ appId, checkedAtMs, reading })
        .onConflictDoUpdate({
          target: webhookReadings.appId,
          set: { checkedAtMs, reading },
          setWhere: lte(webhookReadings.checkedAtMs, checkedAtMs),
        });
    },
  };
}

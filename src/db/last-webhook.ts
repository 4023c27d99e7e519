/** When Meta last told something that was stored: whether its webhooks reach us at all. */
import { desc } from 'drizzle-orm';
import type { Store } from './connect.ts';
import { webhookDeliveries } from './schema-inbox.ts';

/** Null where none was ever stored. What only touches a date is not stored, and so is not seen here. */
export async function readLastWebhookAtMs({ db }: Store): Promise<number | null> {
  const [last] = await db
    .select({ receivedAtMs: webhookDeliveries.receivedAtMs })
    .from(webhookDeliveries)
    .orderBy(desc(webhookDeliveries.position))
    .limit(1);
  return last?.receivedAtMs ?? null;
}

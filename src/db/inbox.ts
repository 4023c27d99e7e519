/** The truth about what Meta has told: stored before it is acknowledged, taken apart afterwards, retried until it is. */
import { and, eq, lte, not, sql } from 'drizzle-orm';
import type { NewsItem } from '../domain/news.ts';
import { storable } from './columns.ts';
import type { Store } from './connect.ts';
import { processDelivery } from './delivery-processing.ts';
import { touchForward } from './evidence.ts';
import type { Touch } from './evidence.ts';
import { numbersByPhone, storableScope } from './news-routing.ts';
import { webhookDeliveries } from './schema-inbox.ts';

interface Inbox {
  accept(delivery: { key: string; body: string; receivedAtMs: number }): Promise<'stored' | 'known'>;
  touch(items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  listUnprocessed(
    nowMs: number,
    limit: number,
  ): Promise<readonly { deliveryId: string; body: string; receivedAtMs: number }[]>;
  process(deliveryId: string, items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  postpone(deliveryId: string, reason: string, untilMs: number): Promise<void>;
}

/** How much of a reason is kept. */
const REASON_CHARACTERS_MAX = 1_000;

const isDelivery = (deliveryId: string) => eq(webhookDeliveries.position, Number(deliveryId));

export function createInbox({ db }: Store, { evidenceDebounceMs }: { evidenceDebounceMs: number }): Inbox {
  return {
    accept: async ({ key, body, receivedAtMs }) => {
      const rows = await db.execute<{ repeats: number }>(sql`
        insert into webhook_deliveries (delivery_key, body, received_at_ms)
        values (${storable(key)}, ${Buffer.from(body, 'utf8')}, ${receivedAtMs})
        on conflict (delivery_key) do update set repeats = webhook_deliveries.repeats + 1
        returning repeats`);
      return rows[0]?.repeats === 0 ? 'stored' : 'known';
    },
    touch: (items, receivedAtMs) =>
      db.transaction(async (tx) => {
        const byPhone = await numbersByPhone(tx, items);
        const touches = items.flatMap((item): Touch[] => {
          if (item.kind !== 'evidence') return [];
          const numberId = byPhone.get(storableScope(item.scope).phoneNumberId)?.numberId;
          return numberId === undefined ? [] : [{ numberId, evidence: item.evidence, atMs: item.atMs }];
        });
        await touchForward(tx, touches, { debounceMs: evidenceDebounceMs, receivedAtMs });
      }),
    listUnprocessed: async (nowMs, limit) => {
      const rows = await db
        .select()
        .from(webhookDeliveries)
        .where(and(not(webhookDeliveries.isProcessed), lte(webhookDeliveries.notBeforeMs, nowMs)))
        .orderBy(webhookDeliveries.position)
        .limit(limit);
      return rows.map(({ position, body, receivedAtMs }) => ({
        deliveryId: String(position),
        body: new TextDecoder().decode(body ?? undefined),
        receivedAtMs,
      }));
    },
    process: (deliveryId, items, receivedAtMs) =>
      db.transaction(async (tx) => {
        const [delivery] = await tx.select().from(webhookDeliveries).where(isDelivery(deliveryId)).for('update');
        if (delivery === undefined || delivery.isProcessed) return;
        const strayCount = await processDelivery(tx, items, { receivedAtMs, debounceMs: evidenceDebounceMs });
        const unknownCount = items.filter(({ kind }) => kind === 'unknown').length;
        // People's content must not stay; only what we did not understand is kept to be looked at.
        const rest = unknownCount > 0 ? {} : { body: null };
        await tx
          .update(webhookDeliveries)
          .set({ isProcessed: true, reason: null, unknownCount, strayCount, ...rest })
          .where(isDelivery(deliveryId));
      }),
    postpone: async (deliveryId, reason, untilMs) => {
      await db
        .update(webhookDeliveries)
        .set({
          notBeforeMs: untilMs,
          reason: storable(reason).slice(0, REASON_CHARACTERS_MAX),
          postponements: sql`${webhookDeliveries.postponements} + 1`,
        })
        .where(and(isDelivery(deliveryId), not(webhookDeliveries.isProcessed)));
    },
  };
}

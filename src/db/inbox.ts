/** The truth about what Meta has told: stored before it is acknowledged, taken apart afterwards, retried until it is. */
import { and, eq, gt, lte, not, sql, type SQL } from 'drizzle-orm';
import type { Clock } from '../domain/clock.ts';
import type { NewsItem, NewsScope } from '../domain/news.ts';
import { DAY_MS, POLICY } from '../domain/policy.ts';
import { raiseAlert, type OnOpened } from './alerts.ts';
import { skeletonOf } from './body-skeleton.ts';
import { storable } from './columns.ts';
import type { Executor, Store } from './connect.ts';
import { processDelivery } from './delivery-processing.ts';
import { touchForward } from './evidence.ts';
import type { Touch } from './evidence.ts';
import { numbersByPhone, storableScope } from './news-routing.ts';
import { webhookDeliveries } from './schema-inbox.ts';
import { noteTraffic, passedOf } from './traffic.ts';

interface Inbox {
  accept(delivery: { key: string; body: string; receivedAtMs: number }): Promise<'stored' | 'known'>;
  touch(items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  /** What is light first, then a few that are heavy; each of the two in order. */
  listUnprocessed(
    nowMs: number,
    limit: number,
  ): Promise<readonly { deliveryId: string; body: string; receivedAtMs: number }[]>;
  process(deliveryId: string, items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  postpone(deliveryId: string, reason: string, untilMs: number): Promise<void>;
}

/** How much of a reason is kept. */
const REASON_CHARACTERS_MAX = 1_000;

/** Account news, contacts and small chunks; what is larger is a burst of history. */
const LIGHT_BYTES_MAX = 64 * 1024;
/** Bursts take turns with all that is light, so that a history of gigabytes keeps no news waiting (W04). */
const HEAVY_PER_TURN = 2;

/** A failing delivery is tried every five minutes: after an hour somebody must look. */
const POSTPONEMENTS_TOLD = 12;
/** What cannot be taken apart may hold people's content, and its tenant cannot be read: it outlives no content. */
const UNREAD_MS_MAX = POLICY.contentDays.value * DAY_MS;

const isDelivery = (deliveryId: string) => eq(webhookDeliveries.position, Number(deliveryId));

interface Options {
  clock: Clock;
  evidenceDebounceMs: number;
  onAlertOpened?: OnOpened;
}

export function createInbox({ db, secretBox }: Store, options: Options): Inbox {
  const { clock, evidenceDebounceMs } = options;
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
        const numberOf = ({ scope }: { scope: NewsScope }) => byPhone.get(storableScope(scope).phoneNumberId)?.numberId;
        const touches = items.flatMap((item): Touch[] => {
          if (item.kind !== 'evidence') return [];
          const numberId = numberOf(item);
          return numberId === undefined ? [] : [{ numberId, evidence: item.evidence, atMs: item.atMs }];
        });
        await touchForward(tx, touches, { debounceMs: evidenceDebounceMs, receivedAtMs });
        await noteTraffic(tx, passedOf(items, numberOf), receivedAtMs);
      }),
    listUnprocessed: (nowMs, limit) => listUnprocessed(db, nowMs, limit),
    process: (deliveryId, items, receivedAtMs) =>
      db.transaction(async (tx) => {
        const [delivery] = await tx.select().from(webhookDeliveries).where(isDelivery(deliveryId)).for('update');
        if (delivery === undefined || delivery.isProcessed) return;
        const strayCount = await processDelivery(tx, items, {
          receivedAtMs,
          debounceMs: evidenceDebounceMs,
          secretBox,
        });
        const unknownCount = items.filter(({ kind }) => kind === 'unknown').length;
        // People's content must not stay; of what we did not understand the shape is kept to be looked at.
        const shape = unknownCount > 0 ? skeletonOf(new TextDecoder().decode(delivery.body ?? undefined)) : null;
        const body = shape === null ? null : Buffer.from(shape, 'utf8');
        await tx
          .update(webhookDeliveries)
          .set({ isProcessed: true, reason: null, unknownCount, strayCount, body })
          .where(isDelivery(deliveryId));
      }),
    postpone: async (deliveryId, reason, untilMs) => {
      const told = await db.transaction((tx) => postpone(tx, deliveryId, { reason, untilMs, nowMs: clock.nowMs() }));
      if (told !== null) options.onAlertOpened?.(told);
    },
  };
}

/**
 * Answers the alert that it has opened: once where a delivery is stuck, and once where its body is given up. Meta has no replay,
 * and until then people's content may lie open.
 */
async function postpone(
  tx: Executor,
  deliveryId: string,
  { reason, untilMs, nowMs }: { reason: string; untilMs: number; nowMs: number },
): Promise<Parameters<OnOpened>[0] | null> {
  const kept = storable(reason).slice(0, REASON_CHARACTERS_MAX);
  const isWaiting = and(isDelivery(deliveryId), not(webhookDeliveries.isProcessed));
  const { receivedAtMs, postponements } = webhookDeliveries;
  const [row] = await tx
    .update(webhookDeliveries)
    .set({ notBeforeMs: untilMs, reason: kept, postponements: sql`${postponements} + 1` })
    .where(isWaiting)
    .returning({ receivedAtMs, postponements });
  if (row === undefined) return null;
  const isGivenUp = row.postponements >= POSTPONEMENTS_TOLD && nowMs - row.receivedAtMs >= UNREAD_MS_MAX;
  if (isGivenUp) await tx.update(webhookDeliveries).set({ isProcessed: true, body: null }).where(isWaiting);
  else if (row.postponements !== POSTPONEMENTS_TOLD) return null;
  const end = isGivenUp ? 'its body was dropped unread, ' : '';
  const detail = `${end}postponed ${row.postponements} times: ${kept}`;
  const alert = { kind: 'delivery-stuck', subject: `delivery/${deliveryId}` } as const;
  return (await raiseAlert(tx, { ...alert, detail, atMs: nowMs })) === 'opened' ? alert : null;
}

async function listUnprocessed(db: Executor, nowMs: number, limit: number): ReturnType<Inbox['listUnprocessed']> {
  const isDue = and(not(webhookDeliveries.isProcessed), lte(webhookDeliveries.notBeforeMs, nowMs));
  const bytes = sql`octet_length(${webhookDeliveries.body})`;
  const inOrder = (isOfSize: SQL) =>
    db.select().from(webhookDeliveries).where(and(isDue, isOfSize)).orderBy(webhookDeliveries.position);
  const light = await inOrder(lte(bytes, LIGHT_BYTES_MAX)).limit(limit);
  const heavy = await inOrder(gt(bytes, LIGHT_BYTES_MAX)).limit(HEAVY_PER_TURN);
  return [...light, ...heavy].map(({ position, body, receivedAtMs }) => ({
    deliveryId: String(position),
    body: new TextDecoder().decode(body ?? undefined),
    receivedAtMs,
  }));
}

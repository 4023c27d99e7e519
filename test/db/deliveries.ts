/** News as the door would hand it over, and one way to have it processed. */
import { asc, eq } from 'drizzle-orm';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import type { AccountNews, ContentItem, NewsItem, NewsScope } from '../../src/domain/news.ts';
import { numberFacts, unroutedFacts, webhookDeliveries } from '../../src/db/schema-inbox.ts';
import { START_MS, type Ids } from './builders.ts';
import type { Bench } from './database.ts';

let delivered = 0;

export async function deliver(
  bench: Bench,
  items: readonly NewsItem[],
  received: number | { atMs: number; body: string },
): Promise<string> {
  delivered += 1;
  const key = `delivery-${delivered}`;
  const { atMs: receivedAtMs, body } =
    typeof received === 'number' ? { atMs: received, body: `{"of":"${key}"}` } : received;
  await bench.stores.inbox.accept({ key, body, receivedAtMs });
  const [row] = await bench.store.db.select().from(webhookDeliveries).where(eq(webhookDeliveries.deliveryKey, key));
  const deliveryId = String(row?.position);
  await bench.stores.inbox.process(deliveryId, items, receivedAtMs);
  return deliveryId;
}

export const NOWHERE: NewsScope = { phoneNumberId: null, wabaId: null, digits: null };

export function onPhone(id: Ids): NewsScope {
  return { ...NOWHERE, phoneNumberId: id.phoneNumberId };
}

/** Changes of contacts, told a minute after the start. */
export function contactsOf(id: Ids, items: readonly ContentItem[]): NewsItem {
  return {
    kind: 'contacts',
    scope: onPhone(id),
    count: items.length,
    removedCount: items.filter(({ isRemoval }) => isRemoval).length,
    changedAtMs: START_MS + 60_000,
    items,
  };
}

export function account(
  news: AccountNews,
  scope: Partial<NewsScope>,
  { key, occurredAtMs }: { key: string; occurredAtMs: number },
): NewsItem {
  return { kind: 'account', key, scope: { ...NOWHERE, ...scope }, occurredAtMs, isUntimed: false, news };
}

export function chunk(
  id: Ids,
  key: string,
  over: Partial<Extract<NewsItem, { kind: 'history-chunk' }>> = {},
): NewsItem {
  return {
    kind: 'history-chunk',
    key,
    scope: onPhone(id),
    phase: 0,
    chunkOrder: 1,
    progress: 10,
    messageCount: 5,
    groupCount: 0,
    items: [],
    ...over,
  };
}

export function echo(id: Ids, atMs: number): NewsItem {
  return { kind: 'evidence', scope: onPhone(id), evidence: 'echo', atMs };
}

/** The facts that were queued for a number, in their order. */
export async function factsOf(bench: Bench, id: Ids): Promise<readonly FactEnvelope[]> {
  const isOwn = eq(numberFacts.numberId, id.numberId);
  const rows = await bench.store.db.select().from(numberFacts).where(isOwn).orderBy(asc(numberFacts.position));
  return rows.map(({ envelope }) => envelope);
}

export async function parkedOn(bench: Bench, id: Ids): Promise<number> {
  const rows = await bench.store.db.select().from(unroutedFacts).where(eq(unroutedFacts.wabaId, id.wabaId));
  return rows.length;
}

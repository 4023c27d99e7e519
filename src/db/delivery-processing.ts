/**
 * Takes one delivery apart: account news becomes facts or is parked, imports are counted and their content is sealed, signs
 * of the app move columns.
 * Locks come first and in the order of their keys, so that two deliveries over the same numbers never wait in a circle.
 */
import { inArray } from 'drizzle-orm';
import type { NumberId, PhoneNumberId } from '../domain/ids.ts';
import type { NewsItem } from '../domain/news.ts';
import { factIdOf, envelopeOf } from './account-facts.ts';
import type { Executor } from './connect.ts';
import { touchForward } from './evidence.ts';
import type { Touch } from './evidence.ts';
import { queueFacts } from './fact-queue.ts';
import type { QueuedFact } from './fact-queue.ts';
import { lockIds } from './id-locks.ts';
import { hear, isImport, keepRoom, roomsFor, type ImportItem, type Room } from './import-news.ts';
import { hasSiblingInDialog, numbersByPhone, routesOf, storableScope } from './news-routing.ts';
import type { Route, Target } from './news-routing.ts';
import { park } from './parked-facts.ts';
import { appActivity } from './schema-numbers.ts';
import type { SecretBox } from './secret-box.ts';
import { noteTraffic, passedOf } from './traffic.ts';

interface Rule {
  receivedAtMs: number;
  debounceMs: number;
  secretBox: SecretBox;
}

type AccountItem = Extract<NewsItem, { kind: 'account' }>;
type OtherItem = ImportItem | Extract<NewsItem, { kind: 'evidence' }>;

interface Outcome {
  facts: QueuedFact[];
  touches: Touch[];
  rooms: ReadonlyMap<NumberId, Room>;
}

/** Answers how many items name a number that is not under care. */
export async function processDelivery(tx: Executor, items: readonly NewsItem[], rule: Rule): Promise<number> {
  const accounts = items.filter((item): item is AccountItem => item.kind === 'account');
  await lockIds(
    tx,
    accounts.map(({ scope }) => storableScope(scope)),
    'route',
  );
  const byPhone = await numbersByPhone(tx, items);
  const routes = new Map<AccountItem, readonly Route[]>();
  for (const item of accounts) routes.set(item, await routesOf(tx, storableScope(item.scope), byPhone));
  await lockActivity(tx, [...byPhone.values(), ...[...routes.values()].flat().map(({ target }) => target)]);

  const imported = items.flatMap((item) => (isImport(item) ? (targetOf(item, byPhone) ?? []) : []));
  const outcome: Outcome = { facts: [], touches: [], rooms: await roomsFor(tx, imported) };
  let strays = 0;
  for (const item of items) {
    if (item.kind === 'account') await tell(tx, { item, routes: routes.get(item) ?? [] }, { rule, outcome });
    else if (isOther(item)) strays += await take(tx, { item, target: targetOf(item, byPhone) }, { rule, outcome });
  }
  for (const room of byTenant(outcome.rooms)) await keepRoom(tx, room, rule);
  await queueFacts(tx, outcome.facts);
  await touchForward(tx, outcome.touches, rule);
  await noteTraffic(
    tx,
    passedOf(items, ({ scope }) => byPhone.get(storableScope(scope).phoneNumberId)?.numberId),
    rule.receivedAtMs,
  );
  return strays;
}

/** The first import of a tenant makes its content key, under a lock: in one order for all. */
function byTenant(rooms: ReadonlyMap<NumberId, Room>): readonly Room[] {
  return [...rooms.values()].toSorted((a, b) => (a.target.tenantId < b.target.tenantId ? -1 : 1));
}

/** What else comes says nothing of the phone. */
function isOther(item: NewsItem): item is OtherItem {
  return item.kind === 'evidence' || isImport(item);
}

function targetOf({ scope }: OtherItem, byPhone: ReadonlyMap<PhoneNumberId | null, Target>): Target | undefined {
  return byPhone.get(storableScope(scope).phoneNumberId);
}

async function lockActivity(tx: Executor, targets: readonly Target[]): Promise<void> {
  const ids = [...new Set(targets.map(({ numberId }) => numberId))];
  if (ids.length === 0) return;
  await tx
    .select({ numberId: appActivity.numberId })
    .from(appActivity)
    .where(inArray(appActivity.numberId, ids))
    .orderBy(appActivity.numberId)
    .for('update');
}

/** Account news goes to each number that it may mean, or waits for one (GR16). Its time is never later than its receipt (GR1). */
async function tell(
  tx: Executor,
  { item, routes }: { item: AccountItem; routes: readonly Route[] },
  { rule, outcome }: { rule: Rule; outcome: Outcome },
): Promise<void> {
  const { receivedAtMs } = rule;
  const dated = {
    factId: factIdOf(item.key),
    occurredAtMs: Math.min(item.occurredAtMs, receivedAtMs),
    isUntimed: item.isUntimed,
    news: item.news,
  };
  if (routes.length === 0) await park(tx, storableScope(item.scope), { ...dated, receivedAtMs });
  for (const route of routes) {
    if (item.news.kind === 'partnerAdded' && (await isOfAnother(tx, route, dated.occurredAtMs))) continue;
    outcome.facts.push({ ...ownerOf(route.target), envelope: envelopeOf(dated, route.isOnlyNumber) });
  }
}

/** A grant that the number has already, or one that a sibling is about to have. */
async function isOfAnother(tx: Executor, { target, holdsGrant, isAtRest }: Route, atMs: number): Promise<boolean> {
  return holdsGrant === true || (isAtRest === true && (await hasSiblingInDialog(tx, target, atMs)));
}

const ownerOf = ({ numberId, tenantId }: Target): Omit<QueuedFact, 'envelope'> => ({ numberId, tenantId });

/** Answers 1 for an item of a number that is not under care: dropped, and counted. */
async function take(
  tx: Executor,
  { item, target }: { item: OtherItem; target: Target | undefined },
  { rule, outcome }: { rule: Rule; outcome: Outcome },
): Promise<0 | 1> {
  if (target === undefined) return 1;
  const { numberId } = target;
  if (item.kind === 'evidence') {
    outcome.touches.push({ numberId, evidence: item.evidence, atMs: item.atMs });
    return 0;
  }
  const room = outcome.rooms.get(numberId);
  if (room === undefined) return 1;
  const { fact, touch } = await hear(tx, item, { room, receivedAtMs: rule.receivedAtMs });
  if (fact !== null) outcome.facts.push({ ...ownerOf(target), envelope: fact });
  if (touch !== null) outcome.touches.push({ numberId, ...touch });
  return 0;
}

/** Says which numbers an item of news speaks of: phone number id, else WABA, else digits (GR6). */
import { and, arrayContains, eq, gte, inArray, lte, ne, or, sql } from 'drizzle-orm';
import type { NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { NewsItem, NewsScope } from '../domain/news.ts';
import { phoneNumberId, wabaId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import { numbers } from './schema-numbers.ts';
import { claims, dialogRuns } from './schema-signup.ts';
import { hasYielded } from './yielded-claims.ts';

export interface Target {
  numberId: NumberId;
  tenantId: TenantId;
  /** The number's present cycle. */
  cycle: number;
}

export interface Route {
  target: Target;
  /** The news can mean no other number of ours. */
  isOnlyNumber: boolean;
  /** The number's attempt or link rests on this grant already: told once more, it costs a signal and changes nothing. */
  holdsGrant?: boolean;
  /** No attempt of the number's own is under way: a signup is another's. */
  isAtRest?: boolean;
}

const target = { numberId: numbers.numberId, tenantId: numbers.tenantId, cycle: numbers.cycle };
const isOpen = ne(numbers.connection, 'closed');
/** Found by its link: news of ids that have yielded to another number is that number's alone. */
const isOfItsLink = and(isOpen, sql`not ${hasYielded}`);

/** The scope with ids that can be stored and compared. */
export function storableScope(scope: NewsScope): NewsScope {
  return {
    phoneNumberId: scope.phoneNumberId === null ? null : phoneNumberId(storable(scope.phoneNumberId)),
    wabaId: scope.wabaId === null ? null : wabaId(storable(scope.wabaId)),
    digits: scope.digits === null ? null : storable(scope.digits),
  };
}

/** The open numbers behind phone number ids: who claims the id, else who was last connected under it. */
export async function numbersByPhone(
  tx: Executor,
  items: readonly NewsItem[],
): Promise<ReadonlyMap<PhoneNumberId | null, Target>> {
  const ids = new Set(
    items.flatMap((item) => (item.kind === 'unknown' ? [] : [storableScope(item.scope).phoneNumberId])),
  );
  const named = [...ids].filter((id) => id !== null);
  const found = new Map<PhoneNumberId | null, Target>();
  if (named.length === 0) return found;
  const connected = await tx
    .select({ id: numbers.phoneNumberId, target })
    .from(numbers)
    .where(and(inArray(numbers.phoneNumberId, named), isOfItsLink))
    .orderBy(numbers.updatedAtMs);
  for (const row of connected) found.set(row.id, row.target);
  const claimed = await tx
    .select({ id: claims.value, target })
    .from(claims)
    .innerJoin(numbers, eq(numbers.numberId, claims.numberId))
    .where(and(eq(claims.kind, 'phone-number-id'), inArray(claims.value, named), isOpen));
  for (const row of claimed) found.set(phoneNumberId(row.id), row.target);
  return found;
}

/** Empty: nobody claims the ids. */
export async function routesOf(
  tx: Executor,
  scope: NewsScope,
  byPhone: ReadonlyMap<PhoneNumberId | null, Target>,
): Promise<readonly Route[]> {
  const named = scope.phoneNumberId === null ? undefined : byPhone.get(scope.phoneNumberId);
  if (named !== undefined) return [{ target: named, isOnlyNumber: true }];
  const ofWaba = scope.wabaId === null ? [] : await routesOfWaba(tx, scope.wabaId, scope);
  if (ofWaba.length > 0) return ofWaba;
  const ofDigits = scope.digits === null ? [] : await numbersByDigits(tx, scope.digits);
  if (ofDigits.length > 0) return ofDigits.map((found) => ({ target: found, isOnlyNumber: true }));
  return scope.wabaId === null ? [] : formerNumbersOf(tx, scope.wabaId);
}

/**
 * Every open number that claims the WABA, or whose link or attempt is on it. News that names one of them is for that one;
 * news that names a number which we do not know under it is offered to all, and can end none at once.
 */
async function routesOfWaba(tx: Executor, waba: WabaId, scope: NewsScope): Promise<readonly Route[]> {
  const claimsWaba = tx.select({ id: claims.numberId }).from(claims).where(eq(claims.wabaId, waba));
  const rows = await tx
    .select({
      target,
      linkState: numbers.linkState,
      connection: numbers.connection,
      wabaId: numbers.wabaId,
      isNamed: hasDigits(scope.digits ?? ''),
    })
    .from(numbers)
    .where(
      or(
        and(or(eq(numbers.wabaId, waba), eq(numbers.attemptWabaId, waba)), isOfItsLink),
        and(inArray(numbers.numberId, claimsWaba), isOpen),
      ),
    )
    .orderBy(numbers.numberId);
  const named = rows.filter(({ isNamed }) => isNamed);
  if (named.length > 0) return named.map((row) => ({ target: row.target, isOnlyNumber: true }));

  const standing = rows.filter(
    (row) => row.wabaId === waba && (row.linkState === 'live' || row.linkState === 'suspended'),
  );
  const namesNobody = scope.digits === null && scope.phoneNumberId === null;
  // where none stands, news may still give the reason of an end that we saw first, or end an attempt
  const meant = standing.length > 0 ? standing : rows;
  return rows.map((row) => ({
    target: row.target,
    isOnlyNumber: namesNobody && meant.length === 1 && meant[0] === row,
    holdsGrant: row.linkState === 'live' || row.connection === 'connecting',
    isAtRest: row.connection !== 'awaiting-signup' && row.connection !== 'connecting',
  }));
}

/** AT39: whether another number of the tenant was in a dialog of ours at that time: the signup is most likely its own. */
export async function hasSiblingInDialog(tx: Executor, { numberId, tenantId }: Target, atMs: number): Promise<boolean> {
  const isOpenThen = and(lte(dialogRuns.openedAtMs, atMs), gte(dialogRuns.expiresAtMs, atMs));
  const [run] = await tx
    .select({ id: dialogRuns.dialogRunId })
    .from(dialogRuns)
    .where(and(eq(dialogRuns.tenantId, tenantId), ne(dialogRuns.numberId, numberId), isOpenThen))
    .limit(1);
  return run !== undefined;
}

/** NOTE: the names are spelled out, because drizzle leaves out the table of a column in the list of a single-table select. */
const hasDigits = (digits: string) =>
  sql<boolean>`(coalesce(numbers.digits = ${digits}, false) or exists (
    select 1 from claims where claims.number_id = numbers.number_id and claims.kind = 'digits' and claims.value = ${digits}))`;

async function numbersByDigits(tx: Executor, digits: string): Promise<readonly Target[]> {
  const claimed = await tx
    .select(target)
    .from(claims)
    .innerJoin(numbers, eq(numbers.numberId, claims.numberId))
    .where(and(eq(claims.kind, 'digits'), eq(claims.value, digits), isOpen));
  if (claimed.length > 0) return claimed;
  return tx
    .select(target)
    .from(numbers)
    .where(and(eq(numbers.digits, digits), isOfItsLink))
    .orderBy(numbers.numberId);
}

/** Numbers that had this WABA before hear of it too, to record it (GR7). */
async function formerNumbersOf(tx: Executor, waba: WabaId): Promise<readonly Route[]> {
  const rows = await tx
    .select(target)
    .from(numbers)
    .where(and(arrayContains(numbers.formerIds, [waba]), isOpen))
    .orderBy(numbers.numberId);
  return rows.map((found) => ({ target: found, isOnlyNumber: false }));
}

/** Gives out the slots of Meta's quota: one lock for the whole fleet, so that two servers never give more than there are. */
import { and, eq, gt, inArray, isNotNull, isNull, lte, notExists, or, sql, type SQL } from 'drizzle-orm';
import { HOUR_MS } from '../domain/policy.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import {
  grantInTurn,
  ONBOARDING_QUOTA,
  openingsOf,
  positionOf,
  QUOTA_WINDOW_MS,
  reserveIn,
  slotsLeft,
  type Quota,
  type Reservation,
} from '../domain/quota.ts';
import type { Waiter } from '../domain/quota-turns.ts';
import { raiseAlert } from './alerts.ts';
import type { Executor, Store } from './connect.ts';
import { queueFacts } from './fact-queue.ts';
import { numbers } from './schema-numbers.ts';
import { quotaLimits, quotaSlots } from './schema-quota.ts';
import { tenants } from './schema-tenants.ts';

interface Asked {
  tenantId: TenantId;
  numberId: NumberId;
  nowMs: number;
}

interface QuotaState {
  limit: number;
  isOverridden: boolean;
  taken: number;
  left: number;
  waiting: number;
  nextFreeAtMs: number;
}

interface Quotas {
  reserve(asked: Asked): Promise<Reservation>;
  grantNext(nowMs: number, limit: number): Promise<{ granted: readonly NumberId[]; late: readonly NumberId[] }>;
  read(nowMs: number): Promise<QuotaState>;
  setLimit(limit: number, reason: string, atMs: number): Promise<void>;
}

type Row = typeof quotaSlots.$inferSelect;

/** A slot that was asked for and whose number was never made: the request died in between, and nobody repeated it. */
const ORPHANED_AFTER_MS = HOUR_MS;
/** Another seed than those of `id-locks.ts`. */
const LOCK = sql`select pg_advisory_xact_lock(hashtextextended('onboarding-quota', 3))`;

/** What one request gives to those who wait before it: the rest is given by the next look of the dispatcher. */
const GRANTS_IN_REQUEST_MAX = 20;

const isWaiting = and(isNull(quotaSlots.grantedAtMs), isNull(quotaSlots.releasedAtMs));
const isUnused = and(isNull(quotaSlots.usedAtMs), isNull(quotaSlots.releasedAtMs));
const isTakenAt = (nowMs: number) =>
  and(isNotNull(quotaSlots.grantedAtMs), or(isUnused, gt(quotaSlots.usedAtMs, nowMs - QUOTA_WINDOW_MS)));
const isLateAt = (nowMs: number) =>
  and(isWaiting, lte(quotaSlots.promisedAtMs, nowMs), eq(quotaSlots.isToldLate, false));

export function createQuota({ db }: Store): Quotas {
  return {
    reserve: (asked) => db.transaction((tx) => reserve(tx, asked)),
    grantNext: (nowMs, limit) => grantNext(db, nowMs, limit),
    read: (nowMs) => read(db, nowMs),
    setLimit: async (limit, reason, setAtMs) => {
      const set = { limit, reason, setAtMs };
      await db
        .insert(quotaLimits)
        .values({ kind: 'onboarding', ...set })
        .onConflictDoUpdate({ target: quotaLimits.kind, set });
    },
  };
}

async function reserve(tx: Executor, { tenantId, numberId, nowMs }: Asked): Promise<Reservation> {
  await tx.execute(LOCK);
  const [known] = await tx.select().from(quotaSlots).where(eq(quotaSlots.numberId, numberId));
  if (known !== undefined) return answerOf(tx, known, nowMs);
  await dropOrphans(tx, nowMs);
  const { quota } = await grantWaiting(tx, nowMs, GRANTS_IN_REQUEST_MAX);
  const answer = reserveIn(quota, { tenantId, numberId }, nowMs);
  const times =
    answer.kind === 'granted' ? { promisedAtMs: null, grantedAtMs: nowMs } : { promisedAtMs: answer.promisedAtMs };
  await tx.insert(quotaSlots).values({ numberId, tenantId, askedAtMs: nowMs, ...times });
  return answer;
}

/** What this number was told before; a slot that has ended since is not waited for again. */
async function answerOf(tx: Executor, row: Row, nowMs: number): Promise<Reservation> {
  if (row.grantedAtMs !== null || row.releasedAtMs !== null || row.promisedAtMs === null) return { kind: 'granted' };
  const { waiting } = (await loadQuota(tx, nowMs)).quota;
  return { kind: 'queued', position: positionOf({ waiting }, row.numberId), promisedAtMs: row.promisedAtMs };
}

async function grantNext(
  db: Executor,
  nowMs: number,
  limit: number,
): Promise<{ granted: readonly NumberId[]; late: readonly NumberId[] }> {
  if (!(await isWorthTheLock(db, nowMs))) return { granted: [], late: [] };
  return db.transaction(async (tx) => {
    await tx.execute(LOCK);
    await dropOrphans(tx, nowMs);
    const { granted } = await grantWaiting(tx, nowMs, limit);
    return { granted: granted.map(({ numberId }) => numberId), late: await tellLate(tx, nowMs) };
  });
}

/** Every server asks at every look: whether somebody waits for whom there is a slot, or whose promise has passed. */
async function isWorthTheLock(db: Executor, nowMs: number): Promise<boolean> {
  const { limit } = await limitOf(db);
  const made = db
    .select({ one: sql`1` })
    .from(quotaSlots)
    .innerJoin(numbers, eq(numbers.numberId, quotaSlots.numberId))
    .where(isWaiting);
  const late = db
    .select({ one: sql`1` })
    .from(quotaSlots)
    .where(isLateAt(nowMs));
  const [found] = await db
    .select({
      taken: sql<number>`(count(*) filter (where not coalesce(${isOrphanAt(db, nowMs)}, false)))::int`,
      isAwaited: sql<boolean>`exists ${made}`,
      isLate: sql<boolean>`exists ${late}`,
    })
    .from(quotaSlots)
    .where(isTakenAt(nowMs));
  if (found === undefined) return false;
  return found.isLate || (found.isAwaited && found.taken < limit);
}

/**
 * Under the lock: each slot given out tells its number in the same transaction. A number whose row is still being made
 * keeps its promise, and gets no slot before it can be told of it.
 */
async function grantWaiting(
  tx: Executor,
  nowMs: number,
  countMax: number,
): Promise<{ granted: readonly Waiter[]; quota: Quota }> {
  const { quota: before, isMade } = await loadQuota(tx, nowMs);
  const made = before.waiting.filter(({ numberId }) => isMade.has(numberId));
  const { granted, quota: after } = grantInTurn({ ...before, waiting: made }, nowMs, countMax);
  const unmade = before.waiting.filter(({ numberId }) => !isMade.has(numberId));
  const quota = { ...after, waiting: [...after.waiting, ...unmade] };
  if (granted.length === 0) return { granted, quota };
  const ids = granted.map(({ numberId }) => numberId);
  await tx.update(quotaSlots).set({ grantedAtMs: nowMs }).where(inArray(quotaSlots.numberId, ids));
  const facts = granted.map(({ tenantId, numberId }) => ({
    tenantId,
    numberId,
    // a number that gave its first slot back may be told of a second one
    envelope: {
      factId: `slot/${numberId}/${nowMs}`,
      occurredAtMs: nowMs,
      cycle: 1,
      fact: { kind: 'slotGranted' as const },
    },
  }));
  await queueFacts(tx, facts);
  return { granted, quota };
}

/** Once a number: its promise has passed, and no slot was there. */
async function tellLate(tx: Executor, nowMs: number): Promise<readonly NumberId[]> {
  const late = await tx.update(quotaSlots).set({ isToldLate: true }).where(isLateAt(nowMs)).returning();
  for (const { numberId, promisedAtMs } of late) {
    const detail = `promised for ${new Date(promisedAtMs ?? nowMs).toISOString()}`;
    await raiseAlert(tx, { kind: 'quota-late', subject: numberId, detail, atMs: nowMs });
  }
  return late.map(({ numberId }) => numberId);
}

function isOrphanAt(db: Executor, nowMs: number): SQL | undefined {
  const isOld = lte(quotaSlots.askedAtMs, nowMs - ORPHANED_AFTER_MS);
  const number = db.select().from(numbers).where(eq(numbers.numberId, quotaSlots.numberId));
  return and(isUnused, isOld, notExists(number));
}

async function dropOrphans(tx: Executor, nowMs: number): Promise<void> {
  await tx.delete(quotaSlots).where(isOrphanAt(tx, nowMs));
}

async function limitOf(db: Executor): Promise<{ limit: number; isOverridden: boolean }> {
  const [own] = await db.select().from(quotaLimits).where(eq(quotaLimits.kind, 'onboarding'));
  return { limit: own?.limit ?? ONBOARDING_QUOTA.limits.basic, isOverridden: own !== undefined };
}

/** The whole quota as it is now, and which of its waiters have their number's row. */
async function loadQuota(
  db: Executor,
  nowMs: number,
): Promise<{ quota: Quota; isMade: Pick<ReadonlySet<NumberId>, 'has'> }> {
  const { limit } = await limitOf(db);
  const taken = await db.select().from(quotaSlots).where(isTakenAt(nowMs));
  const waiting = await db
    .select({ slot: quotaSlots, made: numbers.numberId })
    .from(quotaSlots)
    .leftJoin(numbers, eq(numbers.numberId, quotaSlots.numberId))
    .where(isWaiting);
  const [entitled] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(tenants)
    .where(eq(tenants.isEntitled, true));
  const quota: Quota = {
    limit,
    tenants: entitled?.count ?? 1,
    taken: taken.map(({ tenantId, grantedAtMs, usedAtMs }) => ({ tenantId, grantedAtMs: grantedAtMs ?? 0, usedAtMs })),
    waiting: waiting.map(({ slot }) => waiterOf(slot)),
  };
  return { quota, isMade: new Set(waiting.flatMap(({ made }) => made ?? [])) };
}

function waiterOf({ numberId, tenantId, askedAtMs, promisedAtMs }: Row): Waiter {
  return { numberId, tenantId, sinceMs: askedAtMs, promisedAtMs: promisedAtMs ?? askedAtMs };
}

async function read(db: Executor, nowMs: number): Promise<QuotaState> {
  const { quota } = await loadQuota(db, nowMs);
  const left = slotsLeft(quota, nowMs);
  const [nextFreeAtMs = nowMs] = openingsOf(quota, nowMs, 1);
  const { limit, isOverridden } = await limitOf(db);
  return { limit, isOverridden, taken: quota.taken.length, left, waiting: quota.waiting.length, nextFreeAtMs };
}

/** In the transaction that closes a number which never was connected. */
export async function releaseSlot(tx: Executor, numberId: NumberId, atMs: number): Promise<void> {
  const isOwn = and(eq(quotaSlots.numberId, numberId), isUnused);
  await tx.update(quotaSlots).set({ releasedAtMs: atMs }).where(isOwn);
}

/**
 * In the transaction that puts a number off for days: whoever waits has its slot meanwhile. It asks anew on its date, so nothing
 * is kept of this one; a place in the queue that it has by then stays.
 */
export async function giveBackSlot(tx: Executor, numberId: NumberId): Promise<void> {
  const isHeld = and(isNotNull(quotaSlots.grantedAtMs), isUnused);
  await tx.delete(quotaSlots).where(and(eq(quotaSlots.numberId, numberId), isHeld));
}

/**
 * In the transaction of the first connection: from now on Meta counts it, also where no slot was asked for. A later cycle
 * uses no slot: the row of the first one is there.
 */
export async function useSlot(
  tx: Executor,
  owner: { numberId: NumberId; tenantId: TenantId },
  atMs: number,
): Promise<void> {
  await tx
    .insert(quotaSlots)
    .values({ ...owner, askedAtMs: atMs, grantedAtMs: atMs, usedAtMs: atMs })
    .onConflictDoUpdate({
      target: quotaSlots.numberId,
      set: { usedAtMs: atMs, grantedAtMs: sql`coalesce(${quotaSlots.grantedAtMs}, ${atMs})`, releasedAtMs: null },
      setWhere: isNull(quotaSlots.usedAtMs),
    });
}

/**
 * Meta's quota of new customers: how many may come in a rolling window, whose turn it is, and which date may be promised
 * (lifecycle.md AT01, AT02, AT06, section 14 row 13: first cycles alone count).
 */
import type { NumberId, TenantId } from './ids.ts';
import { DAY_MS, POLICY } from './policy.ts';

/** `verified`: once business verification, App Review and Access Verification are done. An operator may set another. */
export const ONBOARDING_QUOTA = {
  version: '2026-11',
  windowDays: 7,
  limits: { basic: 10, verified: 200 },
  source: 'Meta, embedded signup (M4), checked 2026-11',
} as const;

export const QUOTA_WINDOW_MS = ONBOARDING_QUOTA.windowDays * DAY_MS;
/**
 * What a promise leaves between the opening that serves it and its date: without it each opening were spoken for to the
 * second, and no turn could ever be a fairer one. Ours.
 */
const FAIR_ROOM_MS = DAY_MS;
/** How long an invitation may hold a slot before it connects or ends. */
const HELD_MS = POLICY.inviteDays.value * DAY_MS;

/** A slot counts from the invitation to its end, or for the window that begins with the connection, which Meta counts. */
export interface TakenSlot {
  tenantId: TenantId;
  grantedAtMs: number;
  /** When the number connected; null while its invitation is open. */
  usedAtMs: number | null;
}

export interface Waiter {
  numberId: NumberId;
  tenantId: TenantId;
  sinceMs: number;
  promisedAtMs: number;
}

export interface Quota {
  /** At least one. */
  limit: number;
  /** Tenants that may ask. */
  tenants: number;
  taken: readonly TakenSlot[];
  waiting: readonly Waiter[];
}

export type Reservation = { kind: 'granted' } | { kind: 'queued'; position: number; promisedAtMs: number };

/** Answers whether the slot counts at that time; at the end of the window it no longer does. */
export function countsAt({ usedAtMs }: Pick<TakenSlot, 'usedAtMs'>, nowMs: number): boolean {
  return usedAtMs === null || nowMs < usedAtMs + QUOTA_WINDOW_MS;
}

/** How many more may come now. */
export function slotsLeft({ limit, taken }: Quota, nowMs: number): number {
  return Math.max(0, limit - taken.filter((slot) => countsAt(slot, nowMs)).length);
}

/** The latest time at which the slot is free again, as far as anybody can know. */
function freeAtMs({ grantedAtMs, usedAtMs }: TakenSlot, nowMs: number): number {
  return (usedAtMs ?? Math.max(grantedAtMs + HELD_MS, nowMs)) + QUOTA_WINDOW_MS;
}

/** The latest times of the next openings, earliest first; each slot given on its way is held and used as long as it may be. */
export function openingsOf({ limit, taken }: Pick<Quota, 'limit' | 'taken'>, nowMs: number, count: number): number[] {
  const ends = taken
    .filter((slot) => countsAt(slot, nowMs))
    .map((slot) => freeAtMs(slot, nowMs))
    .toSorted((a, b) => a - b);
  const unused = Math.max(0, limit - ends.length);
  const first = [...Array.from({ length: unused }, () => nowMs), ...ends.slice(Math.max(0, ends.length - limit))];
  const openings: number[] = [];
  // what is given at an opening comes back in the same order, so that two sorted rows are merged
  for (let fromFirst = 0, again = 0; openings.length < count;) {
    const back = openings[again];
    const backAtMs = back === undefined ? Infinity : back + HELD_MS + QUOTA_WINDOW_MS;
    const nextMs = first[fromFirst] ?? Infinity;
    openings.push(Math.min(nextMs, backAtMs));
    if (nextMs <= backAtMs) fromFirst += 1;
    else again += 1;
  }
  return openings;
}

/** Answers whether every promise can be kept: the earliest by the first opening, and so on. */
function areKept(promises: readonly number[], openings: readonly number[]): boolean {
  return promises
    .toSorted((a, b) => a - b)
    .every((promisedAtMs, index) => promisedAtMs >= (openings[index] ?? Infinity));
}

function promisesOf(waiting: readonly Waiter[]): number[] {
  return waiting.map(({ promisedAtMs }) => promisedAtMs);
}

/** Leaves room for the tenants that take part, and for one more to come. */
function sharersOf({ tenants, taken, waiting }: Quota, nowMs: number): number {
  const current = taken.filter((slot) => countsAt(slot, nowMs));
  const active = new Set([...current, ...waiting].map(({ tenantId }) => tenantId));
  return Math.max(1, Math.min(tenants, active.size + 1));
}

/**
 * The date for one more waiter of a tenant: its own waiters stand one share apart, so that another tenant's newcomer finds
 * an opening between them; never one that would break a promise given before.
 */
export function promiseFor(quota: Quota, tenantId: TenantId, nowMs: number): number {
  const own = quota.waiting.filter((waiter) => waiter.tenantId === tenantId).length;
  const fairIndex = own * sharersOf(quota, nowMs);
  const known = promisesOf(quota.waiting);
  const openings = openingsOf(quota, nowMs, Math.max(known.length, fairIndex) + 1);
  const dates = openings.map((atMs) => atMs + FAIR_ROOM_MS);
  const kept = dates.slice(fairIndex).find((atMs) => areKept([...known, atMs], openings));
  return kept ?? Math.max(dates.at(-1) ?? nowMs, ...known);
}

/**
 * Who gets the slot that is free now: of the tenant with the fewest slots whoever waits longest, unless a promise would be
 * broken by it; then whoever was promised the earliest date. Null when nothing is free or nobody waits.
 */
export function nextInTurn(quota: Quota, nowMs: number): Waiter | null {
  const { waiting } = quota;
  if (waiting.length === 0 || slotsLeft(quota, nowMs) === 0) return null;
  const fair = headsOf(quota, nowMs).find((waiter) => {
    const after = withGrant(quota, waiter, nowMs);
    return areKept(promisesOf(after.waiting), openingsOf(after, nowMs, after.waiting.length));
  });
  return fair ?? waiting.toSorted(byPromise)[0] ?? null;
}

/** The longest waiter of each tenant, tenants with the fewest slots first. */
function headsOf({ taken, waiting }: Quota, nowMs: number): readonly Waiter[] {
  const slotsOf = (tenantId: TenantId): number =>
    taken.filter((slot) => slot.tenantId === tenantId && countsAt(slot, nowMs)).length;
  const heads = new Map<TenantId, Waiter>();
  for (const waiter of waiting.toSorted(byAge)) if (!heads.has(waiter.tenantId)) heads.set(waiter.tenantId, waiter);
  return [...heads.values()].toSorted((a, b) => slotsOf(a.tenantId) - slotsOf(b.tenantId) || byAge(a, b));
}

function byAge(a: Waiter, b: Waiter): number {
  return a.sinceMs - b.sinceMs || (a.numberId < b.numberId ? -1 : 1);
}

function byPromise(a: Waiter, b: Waiter): number {
  return a.promisedAtMs - b.promisedAtMs || byAge(a, b);
}

/** The quota after this waiter got a slot. */
function withGrant(quota: Quota, { numberId, tenantId }: Waiter, nowMs: number): Quota {
  return {
    ...quota,
    taken: [...quota.taken, { tenantId, grantedAtMs: nowMs, usedAtMs: null }],
    waiting: quota.waiting.filter((waiter) => waiter.numberId !== numberId),
  };
}

/** Gives out what is free now, at most so many slots. */
export function grantInTurn(
  quota: Quota,
  nowMs: number,
  countMax = Infinity,
): { granted: readonly Waiter[]; quota: Quota } {
  const granted: Waiter[] = [];
  let left = quota;
  for (let next = nextInTurn(left, nowMs); next && granted.length < countMax; next = nextInTurn(left, nowMs)) {
    granted.push(next);
    left = withGrant(left, next, nowMs);
  }
  return { granted, quota: left };
}

/** The place of a waiter, counted from 1, by the dates that were promised. */
export function positionOf({ waiting }: Pick<Quota, 'waiting'>, numberId: NumberId): number {
  return waiting.toSorted(byPromise).findIndex((waiter) => waiter.numberId === numberId) + 1;
}

/** AT01 or AT02 for a number that asks now. Whoever waits is served before; what is promised then is never taken back. */
export function reserveIn(quota: Quota, asked: { tenantId: TenantId; numberId: NumberId }, nowMs: number): Reservation {
  if (quota.waiting.length === 0 && slotsLeft(quota, nowMs) > 0) return { kind: 'granted' };
  const promisedAtMs = promiseFor(quota, asked.tenantId, nowMs);
  const waiting = [...quota.waiting, { ...asked, sinceMs: nowMs, promisedAtMs }];
  return { kind: 'queued', position: positionOf({ waiting }, asked.numberId), promisedAtMs };
}

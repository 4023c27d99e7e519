/**
 * Meta's quota of new customers: how many may come in a rolling window, whose turn it is, and which date may be promised
 * (AT01, AT02, AT06: first cycles alone count).
 */
import type { NumberId, TenantId } from './ids.ts';
import { DAY_MS, POLICY } from './policy.ts';
import { byPromise, turnsOf, type Waiter } from './quota-turns.ts';

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

/** The first date for which it holds; for a later one it holds too. */
function firstOf(dates: readonly number[], holds: (atMs: number) => boolean): number | undefined {
  let [from, to] = [0, dates.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(dates[middle] ?? Infinity)) to = middle;
    else from = middle + 1;
  }
  return dates[from];
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
  const kept = firstOf(dates.slice(fairIndex), (atMs) => areKept([...known, atMs], openings));
  return kept ?? known.reduce((latest, atMs) => Math.max(latest, atMs), dates.at(-1) ?? nowMs);
}

/** Who gets the slot that is free now; null when nothing is free or nobody waits. */
export function nextInTurn(quota: Quota, nowMs: number): Waiter | null {
  return grantInTurn(quota, nowMs, 1).granted[0] ?? null;
}

/** Gives out what is free now, at most so many slots. */
export function grantInTurn(
  quota: Quota,
  nowMs: number,
  countMax = Infinity,
): { granted: readonly Waiter[]; quota: Quota } {
  const { waiting, taken } = quota;
  const count = Math.min(waiting.length, slotsLeft(quota, nowMs), countMax);
  if (count === 0) return { granted: [], quota };
  const openings = openingsOf(quota, nowMs, waiting.length + 1);
  const granted = turnsOf({ waiting, openings, slotsOf: slotsByTenant(quota, nowMs) }, count);
  const isServed = new Set(granted.map(({ numberId }) => numberId));
  const given = granted.map(({ tenantId }) => ({ tenantId, grantedAtMs: nowMs, usedAtMs: null }));
  const left = waiting.filter(({ numberId }) => !isServed.has(numberId));
  return { granted, quota: { ...quota, taken: [...taken, ...given], waiting: left } };
}

function slotsByTenant({ taken }: Quota, nowMs: number): ReadonlyMap<TenantId, number> {
  const slots = new Map<TenantId, number>();
  for (const slot of taken) if (countsAt(slot, nowMs)) slots.set(slot.tenantId, (slots.get(slot.tenantId) ?? 0) + 1);
  return slots;
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

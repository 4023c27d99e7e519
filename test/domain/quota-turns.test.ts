/** The turns of many waiters, against the rule in its plain words: each turn looks at every promise and every opening anew. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberId, tenantId } from '../../src/domain/ids.ts';
import {
  countsAt,
  grantInTurn,
  openingsOf,
  promiseFor,
  slotsLeft,
  type Quota,
  type TakenSlot,
} from '../../src/domain/quota.ts';
import type { Waiter } from '../../src/domain/quota-turns.ts';
import { days, hours, T0 } from './builders.ts';

const NOW = T0 + days(9);
const tenantOf = (index: number) => tenantId(`ten_${index}`);

const anyWaiter = fc.record({
  tenant: fc.constantFrom(0, 0, 1, 2),
  sinceHours: fc.integer({ min: 0, max: 20 }),
  promisedHours: fc.constantFrom(-1, 0, 1, 24, 7 * 24, 8 * 24, 15 * 24, 16 * 24, 40 * 24),
});
const anySlot = fc.record({ tenant: fc.constantFrom(0, 1, 2), usedHours: fc.option(fc.integer({ min: 0, max: 200 })) });
const anyQuota = fc
  .record({
    limit: fc.integer({ min: 1, max: 12 }),
    taken: fc.array(anySlot, { maxLength: 12 }),
    waiting: fc.array(anyWaiter, { maxLength: 14 }),
  })
  .map(({ limit, taken, waiting }): Quota => {
    return { limit, tenants: 3, taken: taken.map(slotOf), waiting: waiting.map(waiterOf) };
  });

function slotOf({ tenant, usedHours }: { tenant: number; usedHours: number | null }): TakenSlot {
  const usedAtMs = usedHours === null ? null : T0 + hours(usedHours);
  return { tenantId: tenantOf(tenant), grantedAtMs: T0, usedAtMs };
}

function waiterOf(
  { tenant, sinceHours, promisedHours }: { tenant: number; sinceHours: number; promisedHours: number },
  index: number,
): Waiter {
  const times = { sinceMs: T0 + hours(sinceHours), promisedAtMs: NOW + hours(promisedHours) };
  return { numberId: numberId(`num_${String(index).padStart(5, '0')}`), tenantId: tenantOf(tenant), ...times };
}

const byAge = (a: Waiter, b: Waiter) => a.sinceMs - b.sinceMs || (a.numberId < b.numberId ? -1 : 1);

function afterTurn(quota: Quota, waiter: Waiter): Quota {
  const slot = { tenantId: waiter.tenantId, grantedAtMs: NOW, usedAtMs: null };
  return { ...quota, taken: [...quota.taken, slot], waiting: quota.waiting.filter((one) => one !== waiter) };
}

function areKept({ waiting, ...quota }: Quota): boolean {
  const openings = openingsOf(quota, NOW, waiting.length);
  const promises = waiting.map(({ promisedAtMs }) => promisedAtMs).toSorted((a, b) => a - b);
  return promises.every((atMs, index) => atMs >= (openings[index] ?? Infinity));
}

function plainTurn(quota: Quota): Waiter | undefined {
  const slots = ({ tenantId: of }: Waiter) =>
    quota.taken.filter((slot) => slot.tenantId === of && countsAt(slot, NOW)).length;
  const old = quota.waiting.toSorted(byAge);
  const heads = old.filter((one) => old.find(({ tenantId: of }) => of === one.tenantId) === one);
  const fair = heads.toSorted((a, b) => slots(a) - slots(b) || byAge(a, b));
  return (
    fair.find((waiter) => areKept(afterTurn(quota, waiter))) ??
    quota.waiting.toSorted((a, b) => a.promisedAtMs - b.promisedAtMs || byAge(a, b))[0]
  );
}

function plainTurns(quota: Quota): readonly string[] {
  const next = slotsLeft(quota, NOW) > 0 ? plainTurn(quota) : undefined;
  return next === undefined ? [] : [next.numberId, ...plainTurns(afterTurn(quota, next))];
}

describe('many turns at once', () => {
  it('are the turns that one after another would have been', () => {
    fc.assert(
      fc.property(anyQuota, (quota) => {
        const { granted, quota: left } = grantInTurn(quota, NOW);
        expect(granted.map((one) => one.numberId)).toEqual(plainTurns(quota));
        expect(left.waiting.length + granted.length).toBe(quota.waiting.length);
        expect(left.taken.length).toBe(quota.taken.length + granted.length);
      }),
      { numRuns: 3_000 },
    );
  });

  it('a date is promised that breaks none before it, and no earlier one of its row would do', () => {
    fc.assert(
      fc.property(anyQuota, (quota) => {
        const promisedAtMs = promiseFor(quota, tenantOf(0), NOW);
        const own = quota.waiting.filter((one) => one.tenantId === tenantOf(0)).length;
        const active = new Set(
          [...quota.taken.filter((slot) => countsAt(slot, NOW)), ...quota.waiting].map((one) => one.tenantId),
        );
        const from = own * Math.min(quota.tenants, active.size + 1);
        const row = openingsOf(quota, NOW, Math.max(quota.waiting.length, from) + 1);
        const dates = row.map((atMs) => atMs + days(1));
        const withDate = (atMs: number): Quota => {
          const one = { ...waiterOf({ tenant: 0, sinceHours: 0, promisedHours: 0 }, 99), promisedAtMs: atMs };
          return { ...quota, waiting: [...quota.waiting, one] };
        };
        const first = dates.slice(from).find((atMs) => areKept(withDate(atMs)));
        const latest = Math.max(dates.at(-1) ?? NOW, ...quota.waiting.map((one) => one.promisedAtMs));
        expect(promisedAtMs).toBe(first ?? latest);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of 20,000 waiters take no time that anybody notices', () => {
    const waiting = Array.from({ length: 20_000 }, (_none, index) =>
      waiterOf({ tenant: index % 7, sinceHours: index % 50, promisedHours: 24 * (1 + (index % 90)) }, index),
    );
    const beganMs = performance.now();
    const { granted } = grantInTurn({ limit: 20_000, tenants: 7, taken: [], waiting }, NOW);
    expect(granted).toHaveLength(20_000);
    expect(performance.now() - beganMs).toBeLessThan(4_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberId, tenantId, type TenantId } from '../../src/domain/ids.ts';
import {
  countsAt,
  grantInTurn,
  nextInTurn,
  ONBOARDING_QUOTA,
  openingsOf,
  promiseFor,
  QUOTA_WINDOW_MS,
  reserveIn,
  slotsLeft,
  type Quota,
  type TakenSlot,
} from '../../src/domain/quota.ts';
import type { Waiter } from '../../src/domain/quota-turns.ts';
import { days, hours, T0 } from './builders.ts';
import { playQuota, quotaMoves } from './random-quota.ts';

const [A, B] = [tenantId('ten_a'), tenantId('ten_b')];
const used = (tenant: TenantId, usedAtMs: number): TakenSlot => ({ tenantId: tenant, grantedAtMs: T0, usedAtMs });
const held = (tenant: TenantId, grantedAtMs = T0): TakenSlot => ({ tenantId: tenant, grantedAtMs, usedAtMs: null });
const waiter = (name: string, tenant: TenantId, over: Partial<Waiter> = {}): Waiter => ({
  numberId: numberId(name),
  tenantId: tenant,
  sinceMs: T0,
  promisedAtMs: T0 + days(60),
  ...over,
});
const quota = (over: Partial<Quota> = {}): Quota => ({ limit: 2, tenants: 2, taken: [], waiting: [], ...over });
const asked = { tenantId: A, numberId: numberId('num_new') };

describe('a slot', () => {
  it('counts while its invitation is open, and for seven days from the connection', () => {
    expect(countsAt(held(A), T0 + days(400))).toBe(true);
    expect(countsAt(used(A, T0), T0 + days(7) - 1)).toBe(true);
    expect(countsAt(used(A, T0), T0 + days(7))).toBe(false);
  });

  it('is there at once while fewer than the limit count', () => {
    expect(reserveIn(quota({ taken: [used(A, T0)] }), asked, T0)).toEqual({ kind: 'granted' });
    const full = quota({ taken: [used(A, T0), held(B)] });
    expect([slotsLeft(full, T0), reserveIn(full, asked, T0).kind]).toEqual([0, 'queued']);
    expect(reserveIn(full, asked, T0 + days(7))).toEqual({ kind: 'granted' });
  });

  it('is not given past those who wait already', () => {
    const waiting = [waiter('num_1', B, { promisedAtMs: T0 + hours(1) })];
    expect(reserveIn(quota({ taken: [used(A, T0)], waiting }), asked, T0)).toMatchObject({
      kind: 'queued',
      position: 2,
    });
  });
});

describe('a promised date', () => {
  it('is a day after the end of the window of the slot that will serve this place', () => {
    const taken = [used(A, T0 + hours(5)), used(A, T0)];
    expect(reserveIn(quota({ taken }), asked, T0 + hours(6))).toEqual({
      kind: 'queued',
      position: 1,
      promisedAtMs: T0 + days(8),
    });
  });

  it('counts on an open invitation for its last day and the window after it', () => {
    expect(promiseFor(quota({ limit: 1, taken: [held(A)] }), A, T0 + days(1))).toBe(T0 + days(15));
  });

  it('leaves every other opening to the other tenant', () => {
    const taken = [1, 2, 3, 4].map((hour) => used(A, T0 + hours(hour)));
    const first = { ...waiter('num_1', A), promisedAtMs: T0 + days(8) + hours(1) };
    const crowd = quota({ limit: 4, taken, waiting: [first] });
    expect(promiseFor(crowd, A, T0 + days(1))).toBe(T0 + days(8) + hours(3));
    expect(promiseFor(crowd, B, T0 + days(1))).toBe(T0 + days(8) + hours(1));
    expect(promiseFor({ ...crowd, tenants: 1 }, A, T0 + days(1))).toBe(T0 + days(8) + hours(2));
  });

  it('waits for more slots to end where the limit was lowered below what is taken', () => {
    const taken = [1, 2, 3].map((hour) => used(A, T0 + hours(hour)));
    expect(openingsOf({ limit: 1, taken }, T0 + days(1), 1)).toEqual([T0 + days(7) + hours(3)]);
  });
});

describe('whose turn it is', () => {
  const free = { limit: 3, taken: [used(A, T0), used(A, T0)] };

  it('is of the tenant with the fewest slots, though another waits longer', () => {
    const waiting = [waiter('num_1', A, { sinceMs: T0 - 5 }), waiter('num_2', B)];
    expect(nextInTurn(quota({ ...free, waiting }), T0 + 1)?.numberId).toBe('num_2');
  });

  it('is of whoever waits longest where tenants have as many', () => {
    const waiting = [waiter('num_1', A), waiter('num_2', B, { sinceMs: T0 - 5 }), waiter('num_3', B)];
    const taken = [used(A, T0), used(B, T0)];
    expect(nextInTurn(quota({ limit: 3, taken, waiting }), T0 + 1)?.numberId).toBe('num_2');
    const older = waiting.with(0, waiter('num_1', A, { sinceMs: T0 - 9 }));
    expect(nextInTurn(quota({ limit: 3, taken, waiting: older }), T0 + 1)?.numberId).toBe('num_1');
  });

  it('is of whoever was promised first where a fairer turn would break that promise', () => {
    const waiting = [waiter('num_1', A, { promisedAtMs: T0 + hours(1) }), waiter('num_2', B)];
    expect(nextInTurn(quota({ ...free, waiting }), T0 + 1)?.numberId).toBe('num_1');
  });

  it("is nobody's while nothing is free", () => {
    expect(nextInTurn(quota({ taken: free.taken, waiting: [waiter('num_1', B)] }), T0 + 1)).toBeNull();
    expect(nextInTurn(quota(free), T0 + 1)).toBeNull();
  });

  it('ends with the slots, or with as many as were asked for', () => {
    const waiting = ['num_1', 'num_2', 'num_3'].map((name) => waiter(name, B));
    const names = (countMax?: number) =>
      grantInTurn(quota({ taken: [], waiting }), T0 + 1, countMax).granted.map((one) => one.numberId);
    expect(names()).toEqual(['num_1', 'num_2']);
    expect(names(1)).toEqual(['num_1']);
  });
});

describe('in any life of the quota', () => {
  const RUNS = { numRuns: 150 };

  it('no window ever holds more connections than the limit', () => {
    fc.assert(
      fc.property(quotaMoves, ({ limit, moves }) => {
        const { usedAtMs } = playQuota(limit, moves);
        for (const endMs of usedAtMs) {
          const inWindow = usedAtMs.filter((atMs) => atMs <= endMs && atMs > endMs - QUOTA_WINDOW_MS);
          expect(inWindow.length).toBeLessThanOrEqual(limit);
        }
      }),
      RUNS,
    );
  });

  it('nobody waits beyond the promise, so nobody starves', () => {
    fc.assert(
      fc.property(quotaMoves, ({ limit, moves }) => {
        const { served, left } = playQuota(limit, moves);
        for (const { grantedAtMs, promisedAtMs } of served) expect(grantedAtMs).toBeLessThanOrEqual(promisedAtMs);
        expect(left).toEqual([]);
      }),
      RUNS,
    );
  });

  it('a crowd of one tenant does not keep a newcomer of another from the first day of openings', () => {
    const taken = Array.from({ length: 10 }, (_none, index) => used(A, T0 + hours(index)));
    let crowd = quota({ limit: ONBOARDING_QUOTA.limits.basic, taken });
    for (let index = 0; index < 30; index += 1) {
      const promisedAtMs = promiseFor(crowd, A, T0 + hours(12));
      const next = waiter(`num_${String(index).padStart(2, '0')}`, A, { promisedAtMs, sinceMs: T0 + hours(12) });
      crowd = { ...crowd, waiting: [...crowd.waiting, next] };
    }
    expect(promiseFor(crowd, B, T0 + hours(13))).toBe(T0 + days(8));
  });
});

/** Random lives of the quota: tenants ask, invitations connect or end within their week, and the clock never skips an opening. */
import fc from 'fast-check';
import { numberId, tenantId, type NumberId, type TenantId } from '../../src/domain/ids.ts';
import { grantInTurn, promiseFor, QUOTA_WINDOW_MS, reserveIn, type Quota } from '../../src/domain/quota.ts';
import type { Waiter } from '../../src/domain/quota-turns.ts';
import { days, hours, T0 } from './builders.ts';

interface Move {
  tenant: number;
  /** Until the next one asks. */
  pauseHours: number;
  /** How long the invitation stays open, at most its week. */
  openHours: number;
  connects: boolean;
}

export const quotaMoves = fc.record({
  limit: fc.integer({ min: 1, max: 5 }),
  moves: fc.array(
    fc.record({
      tenant: fc.constantFrom(0, 0, 0, 1, 2),
      pauseHours: fc.constantFrom(0, 0, 1, 7, 30),
      openHours: fc.integer({ min: 0, max: 7 * 24 }),
      connects: fc.boolean(),
    }),
    { maxLength: 40 },
  ),
});

interface Slot {
  numberId: NumberId;
  tenantId: TenantId;
  grantedAtMs: number;
  usedAtMs: number | null;
  endsAtMs: number;
  connects: boolean;
}

const TENANTS = ['ten_a', 'ten_b', 'ten_c'].map((name) => tenantId(name));

/** Plays all moves, then lets time pass until nobody waits or four years are over. */
export function playQuota(limit: number, moves: readonly Move[]) {
  const plan = new Map<NumberId, Move>();
  const served: { grantedAtMs: number; promisedAtMs: number }[] = [];
  const usedAtMs: number[] = [];
  let slots: Slot[] = [];
  let waiting: readonly Waiter[] = [];
  let nowMs = T0;

  const quota = (): Quota => ({ limit, tenants: TENANTS.length, taken: slots, waiting });
  const open = (id: NumberId, tenant: TenantId): void => {
    const { openHours = 0, connects = false } = plan.get(id) ?? {};
    const endsAtMs = nowMs + hours(openHours);
    slots.push({ numberId: id, tenantId: tenant, grantedAtMs: nowMs, usedAtMs: null, endsAtMs, connects });
  };
  const settle = (): void => {
    for (const slot of slots) {
      if (slot.usedAtMs !== null || slot.endsAtMs > nowMs || !slot.connects) continue;
      slot.usedAtMs = nowMs;
      usedAtMs.push(nowMs);
    }
    slots = slots.filter((slot) => slot.usedAtMs !== null || slot.endsAtMs > nowMs);
    const { granted } = grantInTurn(quota(), nowMs);
    for (const waiter of granted) {
      served.push({ grantedAtMs: nowMs, promisedAtMs: waiter.promisedAtMs });
      open(waiter.numberId, waiter.tenantId);
    }
    waiting = waiting.filter(({ numberId: id }) => !granted.some((one) => one.numberId === id));
    if (granted.some(({ numberId: id }) => plan.get(id)?.openHours === 0)) settle();
  };
  /** From event to event, so that each opening is seen when it comes. */
  const passTo = (untilMs: number): void => {
    for (;;) {
      settle();
      const events = slots.map((slot) => (slot.usedAtMs === null ? slot.endsAtMs : slot.usedAtMs + QUOTA_WINDOW_MS));
      const nextMs = Math.min(...events.filter((atMs) => atMs > nowMs), untilMs);
      if (nowMs >= untilMs) return;
      nowMs = nextMs;
    }
  };

  for (const [index, move] of moves.entries()) {
    const asked = { tenantId: TENANTS[move.tenant] ?? tenantId('ten_a'), numberId: numberId(`num_${index}`) };
    plan.set(asked.numberId, move);
    settle();
    const answer = reserveIn(quota(), asked, nowMs);
    if (answer.kind === 'granted') open(asked.numberId, asked.tenantId);
    else {
      const promisedAtMs = promiseFor(quota(), asked.tenantId, nowMs);
      waiting = [...waiting, { ...asked, sinceMs: nowMs, promisedAtMs }];
    }
    passTo(nowMs + hours(move.pauseHours));
  }
  const limitMs = nowMs + days(4 * 365);
  while (waiting.length > 0 && nowMs < limitMs) passTo(nowMs + days(1));
  return { served, usedAtMs: usedAtMs.toSorted((a, b) => a - b), left: waiting };
}

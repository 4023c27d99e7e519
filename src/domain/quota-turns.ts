/** Whose turn it is among those who wait for a slot, one turn after another (AT06). */
import type { NumberId, TenantId } from './ids.ts';
import { createSlackTree } from './slack-tree.ts';

export interface Waiter {
  numberId: NumberId;
  tenantId: TenantId;
  sinceMs: number;
  promisedAtMs: number;
}

/** A waiter with its place in the row of promises. */
interface Placed {
  waiter: Waiter;
  rank: number;
}

/** The waiters of one tenant, the longest first; `head` is the first who is still waiting. */
interface Queue {
  row: readonly Placed[];
  head: number;
}

/** What the turns start from. */
interface Start {
  waiting: readonly Waiter[];
  /** When slots come free, earliest first; one more than there are waiters. */
  openings: readonly number[];
  /** Slots that count now. */
  slotsOf: ReadonlyMap<TenantId, number>;
}

function byAge(a: Waiter, b: Waiter): number {
  return a.sinceMs - b.sinceMs || (a.numberId < b.numberId ? -1 : 1);
}

export function byPromise(a: Waiter, b: Waiter): number {
  return a.promisedAtMs - b.promisedAtMs || byAge(a, b);
}

/**
 * Of the tenant with the fewest slots whoever waits longest, unless a promise would be broken by it; then whoever was
 * promised the earliest date. Each turn takes the first opening: what is given comes back as it was foreseen, so that the
 * promises are sorted and compared with the openings once for all turns.
 */
export function turnsOf({ waiting, openings, slotsOf: given }: Start, count: number): readonly Waiter[] {
  const row = waiting.toSorted(byPromise).map((waiter, rank): Placed => ({ waiter, rank }));
  const slacks = slacksOf(row, openings);
  const tree = createSlackTree(slacks);
  const broken = slacks.flatMap((slack, rank) => (slack < 0 ? [rank] : []));
  const queues = queuesOf(row);
  const slotsOf = new Map(given);
  const served = new Set<number>();
  const turns: Waiter[] = [];
  for (let first = 0; turns.length < count;) {
    while (served.has(first)) first += 1;
    while (served.has(broken.at(-1) ?? -1)) broken.pop();
    // Who stands behind the first without room, or before the last whose promise is broken already, would break a promise.
    const bounds = { from: broken.at(-1) ?? 0, to: tree.firstTight() };
    const next = fairest(headsOf(queues, served), slotsOf, bounds) ?? row[first];
    if (next === undefined) break;
    const { waiter, rank } = next;
    turns.push(waiter);
    served.add(rank);
    tree.grant(rank);
    slotsOf.set(waiter.tenantId, (slotsOf.get(waiter.tenantId) ?? 0) + 1);
  }
  return turns;
}

/** By how many openings each promise may fall back and still be kept; below zero where it is broken already. */
function slacksOf(row: readonly Placed[], openings: readonly number[]): readonly number[] {
  let before = 0;
  return row.map(({ waiter, rank }) => {
    while ((openings[before] ?? Infinity) <= waiter.promisedAtMs) before += 1;
    return before - 1 - rank;
  });
}

function queuesOf(row: readonly Placed[]): readonly Queue[] {
  const byTenant = new Map<TenantId, Placed[]>();
  for (const placed of row.toSorted((a, b) => byAge(a.waiter, b.waiter))) {
    const queue = byTenant.get(placed.waiter.tenantId);
    if (queue === undefined) byTenant.set(placed.waiter.tenantId, [placed]);
    else queue.push(placed);
  }
  return [...byTenant.values()].map((placed) => ({ row: placed, head: 0 }));
}

function headsOf(queues: readonly Queue[], served: ReadonlySet<number>): readonly Placed[] {
  return queues.flatMap((queue) => {
    while (served.has(queue.row[queue.head]?.rank ?? -1)) queue.head += 1;
    return queue.row[queue.head] ?? [];
  });
}

function fairest(
  heads: readonly Placed[],
  slotsOf: ReadonlyMap<TenantId, number>,
  { from, to }: { from: number; to: number },
): Placed | null {
  const slots = ({ waiter }: Placed): number => slotsOf.get(waiter.tenantId) ?? 0;
  return heads
    .filter(({ rank }) => rank >= from && rank <= to)
    .reduce<Placed | null>((best, one) => {
      if (best === null) return one;
      return (slots(one) - slots(best) || byAge(one.waiter, best.waiter)) < 0 ? one : best;
    }, null);
}

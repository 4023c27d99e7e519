/** Keeps that messages come of a number that went live, and tells its workflow once where none do (LI20). */
import { and, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { NewsItem } from '../domain/news.ts';
import { HOUR_MS, MINUTE_MS, POLICY } from '../domain/policy.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Executor, Store } from './connect.ts';
import { queueFacts, type QueuedFact } from './fact-queue.ts';
import { numbers } from './schema-numbers.ts';
import { numberTraffic } from './schema-traffic.ts';

interface Passed {
  numberId: NumberId;
  atMs: number;
  isStatus: boolean;
}

interface Traffic {
  tellQuiet(nowMs: number, limit: number): Promise<number>;
}

export function createTraffic({ db }: Store): Traffic {
  return { tellQuiet: (nowMs, limit) => db.transaction((tx) => tellQuiet(tx, nowMs, limit)) };
}

/**
 * How far Meta's clock and ours may be apart where a message came just as the link went live: one for all numbers, whatever
 * a snapshot carries.
 */
const CLOCKS_APART_MS = POLICY.boundaryMinutes.value * MINUTE_MS;

type PassingItem = Extract<NewsItem, { kind: 'evidence' | 'traffic' }>;

/** Echoes, messages and statuses: what only comes while Meta tells us of the account (FA34, FA35). */
function isPassing(item: NewsItem): item is PassingItem {
  return item.kind === 'traffic' || (item.kind === 'evidence' && item.evidence === 'echo');
}

/** What has passed of which number under care. */
export function passedOf(
  items: readonly NewsItem[],
  numberOf: (item: PassingItem) => NumberId | undefined,
): readonly Passed[] {
  return items.filter(isPassing).flatMap((item) => {
    const numberId = numberOf(item);
    const isStatus = item.kind === 'traffic' && item.isStatus === true;
    return numberId === undefined ? [] : [{ numberId, atMs: item.atMs, isStatus }];
  });
}

/**
 * A number is watched from the moment in which its link goes live, or comes back after its end (LI50): what came before says
 * nothing of it. Without a link there is nothing to watch. The row of `app_activity` must be locked already: deliveries lock
 * that one first.
 */
export async function followLink(
  tx: Executor,
  record: TransitionRecord,
  before: Snapshot['link']['state'],
): Promise<void> {
  const { goesLive, snapshot, atMs } = record;
  const { link, closed, numberId, lastSignup } = snapshot;
  if (closed !== 'no' || link.state === 'gone') return forgetTraffic(tx, numberId);
  if (goesLive !== null) return watchTraffic(tx, snapshot, lastSignup?.connectedAtMs ?? atMs);
  if (before === 'gone') await watchTraffic(tx, snapshot, atMs);
}

async function watchTraffic(tx: Executor, snapshot: Snapshot, connectedAtMs: number): Promise<void> {
  const { numberId, tenantId, policy } = snapshot;
  const watched = { connectedAtMs, dueAtMs: connectedAtMs + policy.trafficHours * HOUR_MS };
  await tx
    .insert(numberTraffic)
    .values({ numberId, tenantId, ...watched })
    .onConflictDoUpdate({ target: numberTraffic.numberId, set: { ...watched, seenAtMs: null, toldAtMs: null } });
}

async function forgetTraffic(tx: Executor, numberId: NumberId): Promise<void> {
  await tx.delete(numberTraffic).where(eq(numberTraffic.numberId, numberId));
}

/** As the driver writes it: a bigint of a plain statement may come as text. */
type SeenRow = {
  number_id: NumberId;
  tenant_id: TenantId;
  connected_at_ms: number | string;
  is_told: boolean;
};

/**
 * One statement for all numbers, which finds nothing to write for one of which traffic is known already. Rows are locked in
 * the order of their keys. A number that was told to be quiet hears of it, once; a status shows that Meta tells us of the
 * account, and ends the quiet only before that: the test from both ends it is not. NOTE: the lock re-reads a row that changed
 * meanwhile, so that of two first messages one alone is the first.
 */
export async function noteTraffic(tx: Executor, passed: readonly Passed[], receivedAtMs: number): Promise<void> {
  if (passed.length === 0) return;
  const seen = await tx.execute<SeenRow>(sql`
    with given as (
      select "numberId", max("atMs") as at_ms, max("atMs") filter (where not "isStatus") as message_at_ms
      from json_to_recordset(${JSON.stringify(passed)}::json)
        as entry("numberId" text, "atMs" bigint, "isStatus" boolean)
      group by "numberId"
    ), locked as (
      select traffic.number_id, coalesce(given.message_at_ms, given.at_ms) as at_ms
      from number_traffic traffic join given on given."numberId" = traffic.number_id
      where traffic.seen_at_ms is null
        and case when traffic.told_at_ms is null then given.at_ms else given.message_at_ms end
          >= traffic.connected_at_ms - ${CLOCKS_APART_MS}::bigint
      order by traffic.number_id
      for update of traffic
    )
    update number_traffic traffic set seen_at_ms = least(locked.at_ms, ${receivedAtMs}::bigint)
    from locked where locked.number_id = traffic.number_id
    returning traffic.number_id, traffic.tenant_id, traffic.connected_at_ms, traffic.told_at_ms is not null as is_told`);
  await queueFacts(
    tx,
    seen.filter((row) => row.is_told).map((row) => seenFactOf(row, receivedAtMs)),
  );
}

function seenFactOf(row: SeenRow, receivedAtMs: number): QueuedFact {
  const envelope = envelopeOf('trafficSeen', Number(row.connected_at_ms), receivedAtMs);
  return { numberId: row.number_id, tenantId: row.tenant_id, envelope };
}

function envelopeOf(kind: 'trafficMissed' | 'trafficSeen', connectedAtMs: number, occurredAtMs: number): FactEnvelope {
  return { factId: `${kind}/${connectedAtMs}`, occurredAtMs, fact: { kind, connectedAtMs } };
}

/**
 * Marked and queued in one transaction, once a link; what another dispatcher has in hand is left to it. A number that is
 * paused, leaving or in the dialog is asked about when it is connected again; one that is paused while the fact is on its way
 * takes it all the same.
 */
async function tellQuiet(tx: Executor, nowMs: number, limit: number): Promise<number> {
  const { numberId, tenantId, connectedAtMs } = numberTraffic;
  const quiet = await tx
    .select({ numberId, tenantId, connectedAtMs })
    .from(numberTraffic)
    .innerJoin(numbers, eq(numbers.numberId, numberTraffic.numberId))
    .where(
      and(
        lte(numberTraffic.dueAtMs, nowMs),
        isNull(numberTraffic.seenAtMs),
        isNull(numberTraffic.toldAtMs),
        eq(numbers.connection, 'connected'),
      ),
    )
    .orderBy(numberTraffic.dueAtMs)
    .limit(limit)
    .for('update', { of: numberTraffic, skipLocked: true });
  if (quiet.length === 0) return 0;
  const ids = quiet.map((row) => row.numberId);
  await tx.update(numberTraffic).set({ toldAtMs: nowMs }).where(inArray(numberId, ids));
  await queueFacts(
    tx,
    quiet.map((row) => ({
      numberId: row.numberId,
      tenantId: row.tenantId,
      envelope: envelopeOf('trafficMissed', row.connectedAtMs, nowMs),
    })),
  );
  return quiet.length;
}

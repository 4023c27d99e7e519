/** Keeps the moments of connecting in the transactions of the steps themselves, and adds them up over the fleet (C23). */
import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Clock } from '../domain/clock.ts';
import { CONNECT_MOMENTS, CONNECT_OBJECTIVE, type ConnectMoment } from '../domain/connect-times.ts';
import type { DialogRunId, NumberId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { connectMoments } from './schema-connect-times.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

interface Percentiles {
  count: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

interface FleetTimes {
  steps: readonly ({ step: ConnectMoment } & Percentiles)[];
  fromDialogEnd: Percentiles & { withinObjective: number };
}

interface ConnectTimes {
  noteSubscribed(key: AttemptKey): Promise<void>;
  readFleet(sinceMs: number): Promise<FleetTimes>;
}

export function createConnectTimes({ db }: Store, { clock }: { clock: Clock }): ConnectTimes {
  return {
    noteSubscribed: (key) => noteMoment(db, key, { moment: 'account-subscribed', atMs: clock.nowMs() }),
    readFleet: async (sinceMs) => ({
      steps: await readSteps(db, sinceMs),
      fromDialogEnd: await readFromDialogEnd(db, sinceMs),
    }),
  };
}

/** The first of each kind stays, however often its step is repeated. */
export async function noteMoment(
  tx: Executor,
  { numberId, cycle, attempt }: AttemptKey,
  { moment, atMs }: { moment: ConnectMoment; atMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into connect_moments (number_id, cycle, attempt, moment, tenant_id, at_ms)
    select number_id, ${cycle}, ${attempt}, ${moment}, tenant_id, ${atMs}::bigint
    from numbers where number_id = ${numberId}
    on conflict do nothing`);
}

/** AT14: an attempt may begin with the code of a run that was opened for the one before it. */
export async function noteDialogOf(tx: Executor, key: AttemptKey, run: DialogRunId): Promise<void> {
  await tx.execute(sql`
    insert into connect_moments (number_id, cycle, attempt, moment, tenant_id, at_ms)
    select ${key.numberId}, ${key.cycle}, ${key.attempt}, seen.moment, run.tenant_id, seen.at_ms
    from dialog_runs run, lateral (values
      ('dialog-opened', run.opened_at_ms), ('dialog-finished', run.code_received_at_ms)) seen (moment, at_ms)
    where run.dialog_run_id = ${run} and seen.at_ms is not null
    on conflict do nothing`);
}

/** ST5: what the giver has done counts for the attempt that took it over, and no longer for its own. */
export async function moveMoments(tx: Executor, from: AttemptKey, to: AttemptKey): Promise<void> {
  const isFrom = and(
    eq(connectMoments.numberId, from.numberId),
    eq(connectMoments.cycle, from.cycle),
    eq(connectMoments.attempt, from.attempt),
  );
  const moved = await tx.delete(connectMoments).where(isFrom).returning();
  if (moved.length === 0) return;
  const { numberId, cycle, attempt } = to;
  await tx
    .insert(connectMoments)
    .values(moved.map((row) => ({ ...row, numberId, cycle, attempt })))
    .onConflictDoNothing();
}

/** Of each number its latest attempt that has any, in one query. */
export async function lastMomentsOf(
  db: Executor,
  ids: readonly NumberId[],
): Promise<(id: NumberId) => readonly { moment: ConnectMoment; atMs: number }[]> {
  const { numberId, cycle, attempt, moment, atMs } = connectMoments;
  const last = db
    .selectDistinctOn([numberId], { numberId, cycle, attempt })
    .from(connectMoments)
    .where(inArray(numberId, [...ids]))
    .orderBy(numberId, desc(cycle), desc(attempt))
    .as('last');
  const isOfLast = and(eq(numberId, last.numberId), eq(cycle, last.cycle), eq(attempt, last.attempt));
  const rows = await db.select({ numberId, moment, atMs }).from(connectMoments).innerJoin(last, isOfLast);
  return (id) => rows.filter((row) => row.numberId === id).map((row) => ({ moment: row.moment, atMs: row.atMs }));
}

type PercentilesRow = { count: number; p50: number | null; p95: number | null; p99: number | null };

function percentilesOf({ count, p50, p95, p99 }: PercentilesRow): Percentiles {
  return { count, p50Ms: rounded(p50), p95Ms: rounded(p95), p99Ms: rounded(p99) };
}

/** Between two measured times lies a fraction of a millisecond. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

const IN_ORDER = sql`array[${sql.join(
  CONNECT_MOMENTS.map((moment) => sql`${moment}`),
  sql`, `,
)}]::text[]`;

const PERCENTILES = sql`count(*)::int as count,
  percentile_cont(0.5) within group (order by took_ms) as p50,
  percentile_cont(0.95) within group (order by took_ms) as p95,
  percentile_cont(0.99) within group (order by took_ms) as p99`;

/** NOTE: the attempts of the window are taken whole, so that its first steps know what went before them. */
async function readSteps(db: Executor, sinceMs: number): Promise<FleetTimes['steps']> {
  const rows = await db.execute<{ step: ConnectMoment } & PercentilesRow>(sql`
    with attempts as (
      select distinct number_id, cycle, attempt from connect_moments where at_ms > ${sinceMs}::bigint
    ), dated as (
      select moment, at_ms, lag(at_ms) over (
        partition by number_id, cycle, attempt order by array_position(${IN_ORDER}, moment)) as before_ms
      from connect_moments join attempts using (number_id, cycle, attempt)
    ), timed as (
      select moment, case when before_ms is not null then greatest(at_ms - before_ms, 0) end as took_ms
      from dated where at_ms > ${sinceMs}::bigint
    )
    select moment as step, ${PERCENTILES} from timed group by moment`);
  const byStep = new Map(rows.map(({ step, ...row }) => [step, percentilesOf(row)]));
  return CONNECT_MOMENTS.map((step) => ({ step, ...(byStep.get(step) ?? NOTHING_YET) }));
}

const NOTHING_YET: Percentiles = { count: 0, p50Ms: null, p95Ms: null, p99Ms: null };

/** Over the attempts that connected within the window. */
async function readFromDialogEnd(db: Executor, sinceMs: number): Promise<FleetTimes['fromDialogEnd']> {
  const [row] = await db.execute<PercentilesRow & { within: number }>(sql`
    with timed as (
      select greatest(connected.at_ms - finished.at_ms, 0) as took_ms
      from connect_moments connected join connect_moments finished using (number_id, cycle, attempt)
      where connected.moment = 'connected' and connected.at_ms > ${sinceMs}::bigint
        and finished.moment = 'dialog-finished'
    )
    select ${PERCENTILES}, count(*) filter (where took_ms <= ${CONNECT_OBJECTIVE.withinMs}::bigint)::int as within
    from timed`);
  if (row === undefined) return { ...NOTHING_YET, withinObjective: 0 };
  return { ...percentilesOf(row), withinObjective: row.within };
}

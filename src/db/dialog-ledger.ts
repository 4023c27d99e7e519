/** What the runs of Meta's dialog add up to: limits, drifts, the funnel, and owners who stopped on the way. */
import { and, count, desc, eq, gt, inArray, isNull, lte, sql } from 'drizzle-orm';
import type { SignupEnding } from '../domain/facts.ts';
import type { FailureCode } from '../domain/failures.ts';
import type { DialogRunId, NumberId, TenantId } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { WrongAccountSign } from '../domain/wrong-account.ts';
import type { Executor, Store } from './connect.ts';
import { numbers, outbox } from './schema-numbers.ts';
import { credentials, dialogRuns } from './schema-signup.ts';

interface Funnel {
  opened: number;
  finished: number;
  abandoned: readonly { step: string | null; count: number }[];
  errors: readonly { failure: FailureCode; metaCode: string | null; count: number }[];
  otherEndings: readonly { ending: SignupEnding; count: number }[];
}

interface DialogLedger {
  countDrifts(sinceMs: number): Promise<number>;
  readFunnel(tenantId: TenantId, sinceMs: number): Promise<Funnel>;
  nudgeAbandoned(due: Due): Promise<number>;
}

export function createDialogLedger({ db }: Store): DialogLedger {
  return {
    countDrifts: async (sinceMs) => {
      const [row] = await db.select({ drifts: count() }).from(dialogRuns).where(gt(dialogRuns.driftedAtMs, sinceMs));
      return row?.drifts ?? 0;
    },
    readFunnel: (tenantId, sinceMs) => readFunnel(db, tenantId, sinceMs),
    nudgeAbandoned: (due) => db.transaction((tx) => nudge(tx, due)),
  };
}

/** Each run counts once, by what it came to in the end: a code, an error, another ending, or a step left. */
async function readFunnel(db: Executor, tenantId: TenantId, sinceMs: number): Promise<Funnel> {
  const hasCode = sql<boolean>`${dialogRuns.codeReceivedAtMs} is not null`;
  const hasStopped = sql<boolean>`${dialogRuns.abandonedAtMs} is not null`;
  const { errorFailure, errorMetaCode, ending, abandonedStep } = dialogRuns;
  const rows = await db
    .select({ hasCode, hasStopped, errorFailure, errorMetaCode, ending, abandonedStep, count: count() })
    .from(dialogRuns)
    .where(and(eq(dialogRuns.tenantId, tenantId), gt(dialogRuns.openedAtMs, sinceMs)))
    .groupBy(hasCode, hasStopped, errorFailure, errorMetaCode, ending, abandonedStep);
  const errors = new Map<string, Funnel['errors'][number]>();
  const endings = new Map<SignupEnding, number>();
  const steps = new Map<string | null, number>();
  for (const row of rows.filter((one) => !one.hasCode)) {
    if (row.errorFailure !== null) addError(errors, { ...row, errorFailure: row.errorFailure });
    else if (row.ending !== null && row.ending !== 'coexistence') add(endings, row.ending, row.count);
    else if (row.ending === null && row.hasStopped) add(steps, row.abandonedStep, row.count);
  }
  return {
    opened: sum(rows),
    finished: sum(rows.filter((row) => row.hasCode)),
    abandoned: [...steps].map(([step, runs]) => ({ step, count: runs })),
    errors: [...errors.values()],
    otherEndings: [...endings].map(([of, runs]) => ({ ending: of, count: runs })),
  };
}

function sum(rows: readonly { count: number }[]): number {
  return rows.reduce((total, row) => total + row.count, 0);
}

function add<Key>(counts: Map<Key, number>, key: Key, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function addError(
  errors: Map<string, Funnel['errors'][number]>,
  row: { errorFailure: FailureCode; errorMetaCode: string | null; count: number },
): void {
  const key = `${row.errorFailure}/${row.errorMetaCode}`;
  const before = errors.get(key)?.count ?? 0;
  errors.set(key, { failure: row.errorFailure, metaCode: row.errorMetaCode, count: before + row.count });
}

/** U04: entered in the run whose code the attempt exchanged; its account belongs to another business than the expected one. */
export async function noteOtherBusiness(
  db: Executor,
  of: { numberId: NumberId; cycle: number; attempt: number },
): Promise<void> {
  const { numberId, cycle, attempt, exchangeRun } = credentials;
  const isAttempt = and(eq(numberId, of.numberId), eq(cycle, of.cycle), eq(attempt, of.attempt));
  const exchanged = db.select({ run: exchangeRun }).from(credentials).where(isAttempt);
  await db.update(dialogRuns).set({ wrongAccount: 'other-business' }).where(inArray(dialogRuns.dialogRunId, exchanged));
}

export interface LastRun {
  openedAtMs: number;
  abandonedStep: string | null;
  isAbandoned: boolean;
  wrongAccount: WrongAccountSign | null;
}

/** The latest run of each number, in one query. */
export async function lastRunsOf(db: Executor, ids: readonly NumberId[]): Promise<Map<NumberId, LastRun>> {
  const { numberId, openedAtMs, abandonedStep, codeReceivedAtMs, ending, errorAtMs, abandonedAtMs } = dialogRuns;
  const rows = await db
    .selectDistinctOn([numberId], {
      numberId,
      openedAtMs,
      abandonedStep,
      wrongAccount: dialogRuns.wrongAccount,
      isAbandoned: sql<boolean>`${abandonedAtMs} is not null and ${codeReceivedAtMs} is null
        and ${ending} is null and ${errorAtMs} is null`,
    })
    .from(dialogRuns)
    .where(inArray(numberId, [...ids]))
    .orderBy(numberId, desc(openedAtMs));
  return new Map(rows.map(({ numberId: id, ...run }) => [id, run]));
}

interface Due {
  beforeMs: number;
  atMs: number;
  limit: number;
}

/** AT09: once a run. What is no longer to be told, because the attempt or a later run went on, is marked all the same. */
async function nudge(tx: Executor, { beforeMs, atMs, limit }: Due): Promise<number> {
  const rows = await tx
    .select({ run: dialogRuns, snapshot: numbers.snapshot, isSuperseded: IS_SUPERSEDED })
    .from(dialogRuns)
    .innerJoin(numbers, eq(numbers.numberId, dialogRuns.numberId))
    .where(
      and(
        isNull(dialogRuns.nudgedAtMs),
        isNull(dialogRuns.codeReceivedAtMs),
        isNull(dialogRuns.ending),
        isNull(dialogRuns.errorAtMs),
        lte(dialogRuns.openedAtMs, beforeMs),
        lte(sql`coalesce(${dialogRuns.abandonedAtMs}, ${dialogRuns.openedAtMs})`, beforeMs),
      ),
    )
    .orderBy(dialogRuns.openedAtMs)
    .limit(limit)
    .for('update', { of: dialogRuns, skipLocked: true });
  if (rows.length === 0) return 0;
  const told = rows.filter(({ run, snapshot, isSuperseded }) => !isSuperseded && isAwaited(run, snapshot, atMs));
  await markNudged(
    tx,
    rows.map(({ run }) => run.dialogRunId),
    atMs,
  );
  const nudges = told.map(({ run, snapshot }) => nudgeOf(run, { atMs, expiresAtMs: snapshot.attempt.expiresAtMs }));
  if (nudges.length > 0) await tx.insert(outbox).values(nudges).onConflictDoNothing();
  return rows.length;
}

const IS_SUPERSEDED = sql<boolean>`exists (select 1 from dialog_runs later where later.number_id = ${dialogRuns.numberId}
  and later.opened_at_ms > ${dialogRuns.openedAtMs})`;

type Run = typeof dialogRuns.$inferSelect;

function isAwaited({ cycle, attempt }: Run, { cycle: now, attempt: current, closed }: Snapshot, atMs: number): boolean {
  const isCurrent = closed === 'no' && cycle === now && attempt === current.ordinal;
  return isCurrent && current.state === 'open' && atMs < current.expiresAtMs;
}

/** What the link with which its owner goes on is made of, where it is told: it is a credential, and keys are rotated. */
function nudgeOf(run: Run, { atMs: dueAtMs, expiresAtMs }: { atMs: number; expiresAtMs: number }) {
  const { dialogRunId, tenantId, numberId, cycle, attempt, abandonedStep } = run;
  const payload = { dialogRunId, cycle, attempt, step: abandonedStep, expiresAtMs };
  return { tenantId, numberId, dedupeKey: `signup-nudge/${dialogRunId}`, kind: 'signup-nudge', payload, dueAtMs };
}

async function markNudged(tx: Executor, runs: readonly DialogRunId[], atMs: number): Promise<void> {
  await tx
    .update(dialogRuns)
    .set({ nudgedAtMs: atMs })
    .where(inArray(dialogRuns.dialogRunId, [...runs]));
}

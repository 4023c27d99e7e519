/** Opens runs of the dialog within their limits: one at a time for each tenant, so that no race passes a limit (U16). */
import { and, desc, eq, sql, type SQL } from 'drizzle-orm';
import type { DialogRunId, NumberId, TenantId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import { noteMoment } from './connect-times.ts';
import type { Executor } from './connect.ts';
import { acceptanceOf, keepConsents } from './consents.ts';
import { numbers } from './schema-numbers.ts';
import { dialogRuns } from './schema-signup.ts';

export interface OpenedRun {
  dialogRunId: DialogRunId;
  cycle: number;
  attempt: number;
  expiresAtMs: number;
}

export interface NewRun extends OpenedRun {
  numberId: NumberId;
  openedAtMs: number;
  disclosure: { version: number; by: string };
  /** Of the page that opens it; a backend has none. */
  origin?: string | null;
}

export interface RunLimits {
  windowMs: number;
  perNumber: number;
  perTenant: number;
}

export type Opening = { kind: 'opened'; run: OpenedRun } | { kind: 'exhausted'; retryAtMs: number };

/** Another seed than those of `id-locks.ts` and `quota.ts`. */
const lockOf = (tenantId: TenantId) => sql`select pg_advisory_xact_lock(hashtextextended(${tenantId}, 4))`;

export async function openRun(tx: Executor, run: NewRun, limits: RunLimits): Promise<Opening> {
  const { numberId, dialogRunId, disclosure, origin = null, ...opened } = run;
  const [owner] = await tx.select({ tenantId: numbers.tenantId }).from(numbers).where(eq(numbers.numberId, numberId));
  if (owner === undefined) throw new Error('no such number: its row was read before');
  const { tenantId } = owner;
  await tx.execute(lockOf(tenantId));
  const known = await openedRun(tx, tenantId, dialogRunId);
  if (known !== null) return { kind: 'opened', run: known };
  const retryAtMs = Math.max(
    await freeAtMs(tx, eq(dialogRuns.numberId, numberId), { max: limits.perNumber, windowMs: limits.windowMs }),
    await freeAtMs(tx, eq(dialogRuns.tenantId, tenantId), { max: limits.perTenant, windowMs: limits.windowMs }),
  );
  if (retryAtMs > run.openedAtMs) return { kind: 'exhausted', retryAtMs };
  const accepted = { disclosureVersion: disclosure.version, disclosureBy: storable(disclosure.by) };
  await tx.insert(dialogRuns).values({ dialogRunId, tenantId, numberId, origin, ...opened, ...accepted });
  await keepConsents(tx, { tenantId, subject: numberId }, acceptanceOf(disclosure, run.openedAtMs));
  await noteMoment(tx, { numberId, ...opened }, { moment: 'dialog-opened', atMs: run.openedAtMs });
  return { kind: 'opened', run: { dialogRunId, cycle: run.cycle, attempt: run.attempt, expiresAtMs: run.expiresAtMs } };
}

export async function openedRun(db: Executor, tenantId: TenantId, id: DialogRunId): Promise<OpenedRun | null> {
  const { dialogRunId, cycle, attempt, expiresAtMs } = dialogRuns;
  const isRun = and(eq(dialogRunId, id), eq(dialogRuns.tenantId, tenantId));
  const [row] = await db.select({ dialogRunId, cycle, attempt, expiresAtMs }).from(dialogRuns).where(isRun);
  return row ?? null;
}

/** When the oldest of the runs that fill the limit leaves the window; 0 where there are fewer. */
async function freeAtMs(
  tx: Executor,
  isOf: SQL,
  { max, windowMs }: { max: number; windowMs: number },
): Promise<number> {
  const [row] = await tx
    .select({ openedAtMs: dialogRuns.openedAtMs })
    .from(dialogRuns)
    .where(isOf)
    .orderBy(desc(dialogRuns.openedAtMs))
    .offset(max - 1)
    .limit(1);
  return row === undefined ? 0 : row.openedAtMs + windowMs;
}

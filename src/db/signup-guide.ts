/** The journal of the owner's way through a run of the dialog, and the page that speaks for it. */
import { and, eq, isNull } from 'drizzle-orm';
import type { GuideMoment } from '../domain/guide.ts';
import type { DialogRunId, NumberId, TenantId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { isClaimed, refusalOfNumber } from './dialog-runs.ts';
import { dialogMoments } from './schema-guide.ts';
import { dialogRuns } from './schema-signup.ts';

interface RunClaim {
  dialogRunId: DialogRunId;
  tenantId: TenantId;
  cycle: number;
  attempt: number;
}

interface GuidedRun {
  numberId: NumberId;
  openedAtMs: number;
  expiresAtMs: number;
  codeReceivedAtMs: number | null;
  hasEndedOtherwise: boolean;
  moments: readonly { moment: GuideMoment; atMs: number }[];
}

type Kept = 'kept' | 'unknown' | 'expired' | 'used' | 'over';

interface SignupGuide {
  keepMoment(run: RunClaim, moment: GuideMoment, atMs: number): Promise<Kept>;
  readRun(run: RunClaim): Promise<GuidedRun | null>;
  keepOrigin(run: RunClaim, origin: string): Promise<string | null>;
}

export function createSignupGuide({ db }: Store): SignupGuide {
  return {
    keepMoment: (run, moment, atMs) => db.transaction((tx) => keepMoment(tx, run, { moment, atMs })),
    readRun: (run) => readRun(db, run),
    keepOrigin: async (run, origin) => {
      await db
        .update(dialogRuns)
        .set({ origin })
        .where(and(isClaimed(run), isNull(dialogRuns.origin)));
      const [row] = await db.select({ origin: dialogRuns.origin }).from(dialogRuns).where(isClaimed(run));
      return row?.origin ?? null;
    },
  };
}

/** A repeat is known also after the expiry, and after the run has ended. */
async function keepMoment(
  tx: Executor,
  run: RunClaim,
  { moment, atMs }: { moment: GuideMoment; atMs: number },
): Promise<Kept> {
  const [row] = await tx.select().from(dialogRuns).where(isClaimed(run)).for('share');
  if (row === undefined) return 'unknown';
  const { dialogRunId, tenantId } = row;
  const isMoment = and(eq(dialogMoments.dialogRunId, dialogRunId), eq(dialogMoments.moment, moment));
  const known = await tx.select().from(dialogMoments).where(isMoment);
  if (known.length > 0) return 'kept';
  if (row.codeReceivedAtMs !== null || hasEndedOtherwise(row)) return 'used';
  if (atMs > row.expiresAtMs) return 'expired';
  const refusal = await refusalOfNumber(tx, row);
  if (refusal !== null) return refusal;
  await tx.insert(dialogMoments).values({ dialogRunId, tenantId, moment, atMs }).onConflictDoNothing();
  return 'kept';
}

type Row = typeof dialogRuns.$inferSelect;

/** NOTE: the coexistence ending is no end: its code may still come. */
function hasEndedOtherwise({ errorAtMs, ending }: Row): boolean {
  return errorAtMs !== null || (ending !== null && ending !== 'coexistence');
}

async function readRun(db: Executor, run: RunClaim): Promise<GuidedRun | null> {
  const [row] = await db.select().from(dialogRuns).where(isClaimed(run));
  if (row === undefined) return null;
  const { numberId, openedAtMs, expiresAtMs, codeReceivedAtMs } = row;
  const { moment, atMs } = dialogMoments;
  const moments = await db
    .select({ moment, atMs })
    .from(dialogMoments)
    .where(eq(dialogMoments.dialogRunId, run.dialogRunId))
    .orderBy(atMs);
  return { numberId, openedAtMs, expiresAtMs, codeReceivedAtMs, hasEndedOtherwise: hasEndedOtherwise(row), moments };
}

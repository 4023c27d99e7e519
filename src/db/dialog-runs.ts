/** The two parts of the browser's answer, each bound to one run of the dialog; the code lies sealed. */
import { createHash } from 'node:crypto';
import { and, eq, isNull, lt, not, sql } from 'drizzle-orm';
import type { SignupEnding } from '../domain/facts.ts';
import { wabaId as brandWabaId } from '../domain/ids.ts';
import type { DialogRunId, NumberId, WabaId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor, Store } from './connect.ts';
import type { SecretPlace } from './secret-box.ts';
import { dialogRuns } from './schema-signup.ts';

interface RunKey {
  dialogRunId: DialogRunId;
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

type PartAnswer =
  | { kind: 'stored' | 'same'; run: RunKey }
  | { kind: 'different' }
  | { kind: 'unknown' }
  | { kind: 'expired' };

interface SignupResult {
  ending: SignupEnding;
  wabaId: WabaId | null;
}

interface DialogRuns {
  open(run: RunKey & { openedAtMs: number; expiresAtMs: number }): Promise<void>;
  acceptCode(run: DialogRunId, code: string, atMs: number): Promise<PartAnswer>;
  acceptResult(run: DialogRunId, result: SignupResult, atMs: number): Promise<PartAnswer>;
  listResultsWithoutCode(
    before: number,
    limit: number,
  ): Promise<readonly (RunKey & SignupResult & { receivedAtMs: number })[]>;
  markResultPosted(run: DialogRunId): Promise<void>;
}

type RunRow = typeof dialogRuns.$inferSelect;
type Part = Partial<typeof dialogRuns.$inferInsert>;

/** Where the code of a run is sealed to. */
export function codePlace(run: Pick<RunRow, 'tenantId' | 'dialogRunId'>): SecretPlace {
  return { tenantId: run.tenantId, record: `dialog/${run.dialogRunId}/code` };
}

export function createDialogRuns({ db, secretBox }: Store): DialogRuns {
  return {
    open: async (run) => {
      await db.execute(sql`
        insert into dialog_runs (dialog_run_id, tenant_id, number_id, cycle, attempt, opened_at_ms, expires_at_ms)
        select ${run.dialogRunId}, tenant_id, number_id, ${run.cycle}, ${run.attempt}, ${run.openedAtMs}, ${run.expiresAtMs}
        from numbers where number_id = ${run.numberId} on conflict do nothing`);
    },
    acceptCode: (run, code, atMs) => {
      const digest = createHash('sha256').update(`${run}/${code}`).digest('hex');
      return db.transaction((tx) =>
        acceptPart(tx, run, {
          atMs,
          known: (row) => (row.codeDigest === null ? null : row.codeDigest === digest),
          write: async (row) => ({
            codeSealed: await secretBox.seal(codePlace(row), code),
            codeDigest: digest,
            codeReceivedAtMs: atMs,
          }),
        }),
      );
    },
    acceptResult: (run, { ending, wabaId }, atMs) => {
      const given = wabaId === null ? null : brandWabaId(storable(wabaId));
      return db.transaction((tx) =>
        acceptPart(tx, run, {
          atMs,
          known: (row) => (row.ending === null ? null : row.ending === ending && row.resultWabaId === given),
          write: () => Promise.resolve({ ending, resultWabaId: given, resultReceivedAtMs: atMs }),
        }),
      );
    },
    listResultsWithoutCode: async (before, limit) => {
      const rows = await db
        .select()
        .from(dialogRuns)
        .where(
          and(
            eq(dialogRuns.ending, 'coexistence'),
            isNull(dialogRuns.codeReceivedAtMs),
            not(dialogRuns.isResultPosted),
            lt(dialogRuns.resultReceivedAtMs, before),
          ),
        )
        .orderBy(dialogRuns.resultReceivedAtMs)
        .limit(limit);
      return rows.flatMap((row) =>
        row.ending === null || row.resultReceivedAtMs === null
          ? []
          : [{ ...keyOf(row), ending: row.ending, wabaId: row.resultWabaId, receivedAtMs: row.resultReceivedAtMs }],
      );
    },
    markResultPosted: async (run) => {
      await db.update(dialogRuns).set({ isResultPosted: true }).where(eq(dialogRuns.dialogRunId, run));
    },
  };
}

function keyOf({ dialogRunId, numberId, cycle, attempt }: RunRow): RunKey {
  return { dialogRunId, numberId, cycle, attempt };
}

/** `known`: null where the part has not come yet, else whether it is the same. A repeat is known also after the expiry. */
async function acceptPart(
  tx: Executor,
  run: DialogRunId,
  part: { atMs: number; known: (row: RunRow) => boolean | null; write: (row: RunRow) => Promise<Part> },
): Promise<PartAnswer> {
  const isRun = eq(dialogRuns.dialogRunId, run);
  const [row] = await tx.select().from(dialogRuns).where(isRun).for('update');
  if (row === undefined) return { kind: 'unknown' };
  const isSame = part.known(row);
  if (isSame !== null) return isSame ? { kind: 'same', run: keyOf(row) } : { kind: 'different' };
  if (part.atMs > row.expiresAtMs) return { kind: 'expired' };
  await tx
    .update(dialogRuns)
    .set(await part.write(row))
    .where(isRun);
  return { kind: 'stored', run: keyOf(row) };
}

/** The parts of the browser's answer, each bound to one run of the dialog and taken once; the code lies sealed. */
import { createHash } from 'node:crypto';
import { and, eq, isNotNull, isNull, lt, ne, not, sql, type SQL } from 'drizzle-orm';
import type { SignupEnding } from '../domain/facts.ts';
import type { FailureCode } from '../domain/failures.ts';
import { wabaId as brandWabaId } from '../domain/ids.ts';
import type { DialogRunId, NumberId, TenantId, WabaId } from '../domain/ids.ts';
import { wrongAccountSignOf } from '../domain/wrong-account.ts';
import { storable } from './columns.ts';
import { noteMoment } from './connect-times.ts';
import type { Executor, Store } from './connect.ts';
import { openedRun, openRun, type NewRun, type OpenedRun, type Opening, type RunLimits } from './dialog-opening.ts';
import type { SecretPlace } from './secret-box.ts';
import { numbers } from './schema-numbers.ts';
import { attemptFindings, dialogRuns } from './schema-signup.ts';

interface RunKey {
  dialogRunId: DialogRunId;
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

/** What a signed state claims to be of. */
interface RunClaim {
  dialogRunId: DialogRunId;
  tenantId: TenantId;
  cycle: number;
  attempt: number;
}

type Refusal = 'different' | 'unknown' | 'expired' | 'used' | 'over';
type PartAnswer = { kind: 'stored' | 'same'; run: RunKey; isNews: boolean } | { kind: Refusal };

interface SignupResult {
  ending: SignupEnding;
  wabaId: WabaId | null;
}

interface ReportedError {
  failure: FailureCode;
  metaCode: string | null;
  supportReference: string | null;
}

interface DialogRuns {
  readOpened(tenantId: TenantId, dialogRunId: DialogRunId): Promise<OpenedRun | null>;
  open(run: NewRun, limits: RunLimits): Promise<Opening>;
  acceptCode(run: RunClaim, code: string, atMs: number): Promise<PartAnswer>;
  acceptResult(run: RunClaim, result: SignupResult, atMs: number): Promise<PartAnswer>;
  acceptError(run: RunClaim, error: ReportedError, atMs: number): Promise<PartAnswer>;
  acceptAbandoned(run: RunClaim, step: string | null, atMs: number): Promise<PartAnswer>;
  listResultsWithoutCode(
    before: number,
    limit: number,
  ): Promise<readonly (RunKey & SignupResult & { receivedAtMs: number })[]>;
  markResultPosted(run: DialogRunId): Promise<void>;
}

type RunRow = typeof dialogRuns.$inferSelect;
type Columns = Partial<typeof dialogRuns.$inferInsert>;

/** Where the code of a run is sealed to. */
export function codePlace(run: Pick<RunRow, 'tenantId' | 'dialogRunId'>): SecretPlace {
  return { tenantId: run.tenantId, record: `dialog/${run.dialogRunId}/code` };
}

export function createDialogRuns(store: Store): DialogRuns {
  const { db } = store;
  return {
    readOpened: (tenantId, dialogRunId) => openedRun(db, tenantId, dialogRunId),
    open: (run, limits) => db.transaction((tx) => openRun(tx, run, limits)),
    acceptCode: (run, code, atMs) => db.transaction((tx) => acceptCode(tx, run, codePart(store, code, atMs))),
    acceptResult: (run, result, atMs) => db.transaction((tx) => acceptPart(tx, run, resultPart(tx, result, atMs))),
    acceptError: (run, error, atMs) => db.transaction((tx) => acceptPart(tx, run, errorPart(tx, error, atMs))),
    acceptAbandoned: (run, step, atMs) => db.transaction((tx) => acceptPart(tx, run, abandonedPart(step, atMs))),
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

/** The claim is held against the row: tenant, cycle and attempt. */
export function isClaimed({ dialogRunId, tenantId, cycle, attempt }: RunClaim): SQL | undefined {
  return and(
    eq(dialogRuns.dialogRunId, dialogRunId),
    eq(dialogRuns.tenantId, tenantId),
    eq(dialogRuns.cycle, cycle),
    eq(dialogRuns.attempt, attempt),
  );
}

/** One part of an answer: how a repeat is known, what makes it too late, and what it writes. */
interface Part {
  atMs: number;
  /** Null where the part has not come yet, else whether it is the same. */
  known: (row: RunRow) => boolean | null;
  /** The run has ended in another way. */
  isTooLate: (row: RunRow) => boolean;
  write: (row: RunRow) => Promise<Columns>;
  /** Whether the workflow must hear of it. */
  isNews: (row: RunRow) => Promise<boolean>;
}

const YES = (): Promise<boolean> => Promise.resolve(true);

function hasOtherEnding({ ending }: RunRow): boolean {
  return ending !== null && ending !== 'coexistence';
}

function codePart({ secretBox }: Store, code: string, atMs: number): Part {
  const digestOf = ({ dialogRunId }: RunRow): string =>
    createHash('sha256').update(`${dialogRunId}/${code}`).digest('hex');
  return {
    atMs,
    known: (row) => (row.codeDigest === null ? null : row.codeDigest === digestOf(row)),
    isTooLate: (row) => row.errorAtMs !== null || hasOtherEnding(row),
    write: async (row) => ({
      codeSealed: await secretBox.seal(codePlace(row), code),
      codeDigest: digestOf(row),
      codeReceivedAtMs: atMs,
    }),
    isNews: YES,
  };
}

/** The owner's part is done: from here on connecting is timed against its objective. */
async function acceptCode(tx: Executor, claim: RunClaim, part: Part): Promise<PartAnswer> {
  const answer = await acceptPart(tx, claim, part);
  if (answer.kind === 'stored') await noteMoment(tx, answer.run, { moment: 'dialog-finished', atMs: part.atMs });
  return answer;
}

/** A coexistence ending is news only where it names another account than the one that was found (AT16). */
function resultPart(tx: Executor, { ending, wabaId }: SignupResult, atMs: number): Part {
  const given = wabaId === null ? null : brandWabaId(storable(wabaId));
  const driftedAtMs = ending === 'standard' ? atMs : null;
  return {
    atMs,
    known: (row) => (row.ending === null ? null : row.ending === ending && row.resultWabaId === given),
    isTooLate: ({ errorAtMs }) => errorAtMs !== null,
    write: () => Promise.resolve({ ending, resultWabaId: given, resultReceivedAtMs: atMs, driftedAtMs }),
    isNews: (row) => (ending === 'coexistence' ? contradicts(tx, row, given) : YES()),
  };
}

async function contradicts(tx: Executor, row: RunRow, given: WabaId | null): Promise<boolean> {
  if (given === null || row.codeReceivedAtMs === null) return false;
  const { numberId, cycle, attempt } = attemptFindings;
  const isAttempt = and(eq(numberId, row.numberId), eq(cycle, row.cycle), eq(attempt, row.attempt));
  const found = await tx
    .select()
    .from(attemptFindings)
    .where(and(isAttempt, ne(attemptFindings.wabaId, given)));
  return found.length > 0;
}

/** AT18: a code or a good ending, of any run of the attempt, proves that its dialog ended well. */
function errorPart(tx: Executor, { failure, metaCode, supportReference }: ReportedError, atMs: number): Part {
  const given = metaCode === null ? null : storable(metaCode);
  return {
    atMs,
    known: (row) => (row.errorAtMs === null ? null : row.errorMetaCode === given),
    isTooLate: hasOtherEnding,
    write: () =>
      Promise.resolve({
        errorFailure: failure,
        errorMetaCode: given,
        errorReference: supportReference === null ? null : storable(supportReference),
        errorAtMs: atMs,
        wrongAccount: wrongAccountSignOf(failure),
        driftedAtMs: failure === 'SIGNUP_MODE_DRIFTED' ? atMs : null,
      }),
    isNews: async (row) => {
      const isSibling = and(
        eq(dialogRuns.numberId, row.numberId),
        eq(dialogRuns.cycle, row.cycle),
        eq(dialogRuns.attempt, row.attempt),
      );
      const isGood = sql`(${isNotNull(dialogRuns.codeReceivedAtMs)} or ${eq(dialogRuns.ending, 'coexistence')})`;
      return (await tx.select().from(dialogRuns).where(and(isSibling, isGood)).limit(1)).length === 0;
    },
  };
}

/** The first stop counts: the dialog may be opened again with the same state, and be left again. After a code it proves nothing (AT18). */
function abandonedPart(step: string | null, atMs: number): Part {
  return {
    atMs,
    known: ({ abandonedAtMs }) => (abandonedAtMs === null ? null : true),
    isTooLate: (row) => row.errorAtMs !== null || hasOtherEnding(row),
    write: () => Promise.resolve({ abandonedStep: step === null ? null : storable(step), abandonedAtMs: atMs }),
    isNews: () => Promise.resolve(false),
  };
}

/** A repeat is known also after the expiry, and after the run has ended. */
async function acceptPart(tx: Executor, claim: RunClaim, part: Part): Promise<PartAnswer> {
  const isRun = isClaimed(claim);
  const [row] = await tx.select().from(dialogRuns).where(isRun).for('update');
  if (row === undefined) return { kind: 'unknown' };
  const isSame = part.known(row);
  if (isSame === false) return { kind: 'different' };
  if (isSame) return { kind: 'same', run: keyOf(row), isNews: await part.isNews(row) };
  const refusal = refusalOfRun(row, part) ?? (await refusalOfNumber(tx, row));
  if (refusal !== null) return { kind: refusal };
  const isNews = await part.isNews(row);
  await tx
    .update(dialogRuns)
    .set(await part.write(row))
    .where(isRun);
  return { kind: 'stored', run: keyOf(row), isNews };
}

function refusalOfRun(row: RunRow, part: Part): 'used' | 'expired' | null {
  if (part.isTooLate(row)) return 'used';
  return part.atMs > row.expiresAtMs ? 'expired' : null;
}

/** The projection may lag behind, and never runs ahead: what it says is over is over. */
export async function refusalOfNumber(
  tx: Executor,
  { numberId, cycle, attempt }: Pick<RunRow, 'numberId' | 'cycle' | 'attempt'>,
): Promise<'over' | 'used' | null> {
  const [row] = await tx.select({ snapshot: numbers.snapshot }).from(numbers).where(eq(numbers.numberId, numberId));
  if (row === undefined || row.snapshot.closed !== 'no' || row.snapshot.attempt.state === 'none') return 'over';
  const { ordinal, dialogOrdinal } = row.snapshot.attempt;
  const isCurrent = row.snapshot.cycle === cycle && [ordinal, dialogOrdinal].includes(attempt);
  return isCurrent ? null : 'used';
}

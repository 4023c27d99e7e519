/** Writes what a workflow has recorded: one transaction, fenced, so that late and superseded runs change nothing. */
import { and, eq, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { waitsForComeBack } from '../domain/come-back-queue.ts';
import { phoneNumber } from '../domain/ids.ts';
import { completeSnapshot } from '../domain/older-snapshot.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { TimelineLine } from '../domain/timeline.ts';
import { freeClaims, linkClaims } from './claim-ends.ts';
import { noteMoment } from './connect-times.ts';
import type { Executor, Store } from './connect.ts';
import { tellConnected } from './connected-event.ts';
import { forgetEverySecret, promoteCandidate } from './credentials.ts';
import { touchForward } from './evidence.ts';
import { BEFORE_ANY_RUN, columnsOf } from './numbers.ts';
import { giveBackSlot, releaseSlot, useSlot } from './quota.ts';
import { appActivity, cycles, numbers, timeline } from './schema-numbers.ts';
import { attemptFindings } from './schema-signup.ts';
import { followLink } from './traffic.ts';

interface Projection {
  record(record: TransitionRecord, runId: string): Promise<void>;
}

type Row = typeof numbers.$inferSelect;

/** A run is superseded by each continue-as-new; activities of runs older than this many have long timed out. */
const SUPERSEDED_RUNS_MAX = 100;

export function createProjection({ db }: Store): Projection {
  return { record: (record, runId) => db.transaction((tx) => project(tx, record, runId)) };
}

/** What is told may come of a run that older code began: its input is completed as its row would be. */
async function project(tx: Executor, told: TransitionRecord, runId: string): Promise<void> {
  const record = { ...told, snapshot: completeSnapshot(told.snapshot) };
  const isRow = and(eq(numbers.numberId, record.numberId), eq(numbers.tenantId, record.tenantId));
  const [row] = await tx.select().from(numbers).where(isRow).for('no key update');
  if (row === undefined) throw new Error('no such number: its row is written before its workflow starts');
  if (!mayWrite(row, record, runId)) return;

  const linkCycle = record.goesLive === null ? row.linkCycle : record.cycle;
  await tx
    .update(numbers)
    .set({
      ...columnsOf(withoutSaid(record), record.nextDeadline),
      runId,
      linkCycle,
      sequence: record.sequence,
      updatedAtMs: record.atMs,
      supersededRunIds: supersededBy(row, runId),
      startedAtMs: row.startedAtMs ?? record.atMs,
    })
    .where(isRow);
  await addLines(tx, record, runId);
  await tx
    .insert(cycles)
    .values({ ...ownerOf(record), cycle: record.cycle, openedAtMs: record.atMs })
    .onConflictDoNothing();
  if (record.goesLive !== null) await goLive(tx, record, record.goesLive);
  await noteEnds(tx, record, linkCycle);
  await freeWhatEnded(tx, record.snapshot);
  if (linkCycle === null) await freeSlot(tx, record);
  await followEvidence(tx, record.snapshot);
  await setWants(tx, record.snapshot);
  await followLink(tx, record, row.linkState); // after setWants, which locks the row of the activity
  if (record.goesLive !== null) await tellConnected(tx, record, record.goesLive.attempt);
}

/** A verified return is evidence of the phone that only the workflow knows: the column follows, forward only (6.1). */
async function followEvidence(tx: Executor, { numberId, activity }: Snapshot): Promise<void> {
  if (activity.anyAtMs === null) return;
  const isNewer = or(isNull(appActivity.anyAtMs), lt(appActivity.anyAtMs, activity.anyAtMs));
  await tx
    .update(appActivity)
    .set({ anyAtMs: activity.anyAtMs, evidence: 'reconnected' })
    .where(and(eq(appActivity.numberId, numberId), isNewer));
}

const ownerOf = ({ numberId, tenantId }: TransitionRecord) => ({ numberId, tenantId });

/**
 * A run that another has replaced never writes again; within one run the sequence rises. A run that is new takes over,
 * whatever its sequence: an operator's reset goes back, continue-as-new goes on.
 */
function mayWrite(row: Row, { sequence }: TransitionRecord, runId: string): boolean {
  if (row.supersededRunIds.includes(runId)) return false;
  return row.runId !== runId || sequence > row.sequence;
}

function supersededBy(row: Row, runId: string): string[] {
  if (row.runId === null || row.runId === runId) return row.supersededRunIds;
  return [...row.supersededRunIds, row.runId].slice(-SUPERSEDED_RUNS_MAX);
}

async function addLines(tx: Executor, record: TransitionRecord, runId: string): Promise<void> {
  const { cycle, sequence, numberId } = record;
  // The workflow starts with the lines that were written with its row, and tells them once more.
  const isEarlier = and(eq(timeline.numberId, numberId), eq(timeline.runId, BEFORE_ANY_RUN));
  const earlier = record.lines.length === 0 ? [] : await tx.select().from(timeline).where(isEarlier);
  const told = new Set(earlier.map(wordsOf));
  const rows = record.lines
    .map((line, lineIndex) => ({ ...ownerOf(record), cycle, runId, sequence, lineIndex, ...line }))
    .filter((line) => !told.has(wordsOf(line)));
  if (rows.length > 0) await tx.insert(timeline).values(rows).onConflictDoNothing();
}

function wordsOf({ atMs, row, key, params }: TimelineLine): string {
  return JSON.stringify([
    atMs,
    row,
    key,
    Object.entries(params).toSorted(([left], [right]) => left.localeCompare(right)),
  ]);
}

/** What is stored has nothing unsaid that this record says: a run that starts from it does not tell it again. */
function withoutSaid({ snapshot, lines }: TransitionRecord): Snapshot {
  const said = new Set(lines.map(wordsOf));
  return { ...snapshot, unsaid: snapshot.unsaid.filter((line) => !said.has(wordsOf(line))) };
}

/** The candidate becomes the credential, the claims become the link's, and the signup is the first sign of the app. */
async function goLive(
  tx: Executor,
  record: TransitionRecord,
  { attempt, evidenceAtMs }: { attempt: number; evidenceAtMs: number },
): Promise<void> {
  const { numberId, cycle, atMs } = record;
  const key = { numberId, cycle, attempt };
  const [finding] = await tx
    .select()
    .from(attemptFindings)
    .where(
      and(
        eq(attemptFindings.numberId, numberId),
        eq(attemptFindings.cycle, cycle),
        eq(attemptFindings.attempt, attempt),
      ),
    );
  if (finding !== undefined) {
    const { digits } = finding;
    await tx
      .update(numbers)
      .set({ digits, phoneNumber: phoneNumber(`+${digits}`) })
      .where(eq(numbers.numberId, numberId));
  }
  await promoteCandidate(tx, key);
  await linkClaims(tx, key, atMs);
  await useSlot(tx, ownerOf(record), atMs);
  await noteMoment(tx, key, { moment: 'gate-passed', atMs: record.snapshot.link.provedAtMs ?? atMs });
  await noteMoment(tx, key, { moment: 'connected', atMs });
  await tx
    .update(cycles)
    .set({ connectedAtMs: sql`coalesce(${cycles.connectedAtMs}, ${atMs})` })
    .where(and(eq(cycles.numberId, numberId), eq(cycles.cycle, cycle)));
  await tx.insert(appActivity).values(ownerOf(record)).onConflictDoNothing();
  await touchForward(tx, [{ numberId, evidence: 'signup', atMs: evidenceAtMs }], { debounceMs: 1, receivedAtMs: atMs });
}

/** The link's cycle ends with the link, and is open again after a return; one that never had a link ends with its attempt. */
async function noteEnds(tx: Executor, record: TransitionRecord, linkCycle: number | null): Promise<void> {
  const { numberId, cycle, atMs, snapshot } = record;
  const isCycle = (which: number) => and(eq(cycles.numberId, numberId), eq(cycles.cycle, which));
  const end = snapshot.link.state === 'gone' ? snapshot.link.end : null;
  if (linkCycle !== null) {
    await tx
      .update(cycles)
      .set({ endedAtMs: end?.atMs ?? null, endReason: end?.reason ?? null })
      .where(isCycle(linkCycle));
  }
  if (cycle !== linkCycle && snapshot.attempt.state === 'none') {
    await tx
      .update(cycles)
      .set({ endedAtMs: atMs, endReason: snapshot.closed === 'no' ? 'lapsed' : snapshot.closed })
      .where(and(isCycle(cycle), isNull(cycles.endedAtMs)));
  }
}

async function freeWhatEnded(tx: Executor, snapshot: Snapshot): Promise<void> {
  if (snapshot.closed !== 'no') {
    await freeClaims(tx, snapshot.numberId, 'all');
    await forgetEverySecret(tx, snapshot.numberId);
  } else if (snapshot.link.state === 'gone' && snapshot.credential === 'forgotten') {
    await freeClaims(tx, snapshot.numberId, 'linked');
  }
}

/** Of a number that never was connected: at its end, and while it is put off until a date. */
async function freeSlot(tx: Executor, { numberId, atMs, snapshot }: TransitionRecord): Promise<void> {
  if (snapshot.closed !== 'no') await releaseSlot(tx, numberId, atMs);
  else if (waitsForComeBack(snapshot.attempt)) await giveBackSlot(tx, numberId);
}

/**
 * The flags as the snapshot needs them. Evidence is wanted after a reminder, unless newer evidence than the workflow knows
 * is stored already: then its fact is on the way, and a second one would tell nothing.
 */
async function setWants(tx: Executor, { numberId, activity, contacts }: Snapshot): Promise<void> {
  const isReminded = activity.remindedDays.length > 0 || activity.overdueSinceMs !== null;
  const isRow = eq(appActivity.numberId, numberId);
  await tx
    .update(appActivity)
    .set({ wantsChunk: contacts.state === 'unknown' })
    .where(isRow);
  if (!isReminded) {
    await tx.update(appActivity).set({ wantsEvidence: false }).where(isRow);
    return;
  }
  const isKnown = or(isNull(appActivity.anyAtMs), lte(appActivity.anyAtMs, activity.anyAtMs ?? 0));
  await tx.update(appActivity).set({ wantsEvidence: true }).where(and(isRow, isKnown));
}

/** The numbers under care as callers may see them, and what it takes to start or restart their workflows. */
import { and, asc, eq, gt, inArray, isNull, ne } from 'drizzle-orm';
import type { ConnectMoment } from '../domain/connect-times.ts';
import { connectionOf } from '../domain/connection.ts';
import type { ExpectedAccount } from '../domain/expectations.ts';
import type { EvidenceKind } from '../domain/facts.ts';
import { digitsOf } from '../domain/ids.ts';
import type { NumberId, PhoneNumber, TenantId } from '../domain/ids.ts';
import type { Deadline } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { sentenceOf } from '../domain/timeline.ts';
import type { TimelineLine } from '../domain/timeline.ts';
import { candidatesOf, cardsOf, type AccountCard, type Candidate } from './accounts.ts';
import type { Executor, Store } from './connect.ts';
import { lastRunsOf, type LastRun } from './dialog-ledger.ts';
import { expectedOf, keepExpected } from './expectations.ts';
import { lastMomentsOf } from './connect-times.ts';
import { appActivity, cycles, numbers, timeline } from './schema-numbers.ts';
import { syncLedger } from './schema-syncs.ts';

interface NumberRow {
  numberId: NumberId;
  tenantId: TenantId;
  phoneNumber: PhoneNumber | null;
  reference: string | null;
  createdAtMs: number;
  updatedAtMs: number;
  snapshot: Snapshot;
  nextDeadline: Deadline | null;
  lastAppActivity: { atMs: number; evidence: EvidenceKind } | null;
  history: { chunks: number; messages: number; progress: number; phases: readonly number[] };
  contacts: { counted: number };
  lastDialog: LastRun | null;
  account: AccountCard | null;
  expected: ExpectedAccount | null;
  candidates: readonly Candidate[];
  connectMoments: readonly { moment: ConnectMoment; atMs: number }[];
}

interface NewOnboarding {
  numberId: NumberId;
  tenantId: TenantId;
  phoneNumber: PhoneNumber | null;
  reference: string | null;
  expected: ExpectedAccount | null;
  snapshot: Snapshot;
  nextDeadline: Deadline;
  atMs: number;
}

interface TimelineEntry extends TimelineLine {
  position: number;
  sentence: string;
  cycle: number;
}

interface Numbers {
  create(onboarding: NewOnboarding): Promise<void>;
  read(tenantId: TenantId, numberId: NumberId): Promise<NumberRow | null>;
  list(tenantId: TenantId, page: { after: NumberId | null; limit: number }): Promise<readonly NumberRow[]>;
  readTimeline(
    tenantId: TenantId,
    numberId: NumberId,
    page: { after: number; limit: number },
  ): Promise<readonly TimelineEntry[]>;
  listUnstarted(limit: number): Promise<readonly Snapshot[]>;
  markStarted(numberId: NumberId, atMs: number): Promise<void>;
  listOpen(after: NumberId | null, limit: number): Promise<readonly Snapshot[]>;
  readSnapshot(numberId: NumberId): Promise<Snapshot | null>;
}

/** In place of a run id: lines that were written with the row, before its workflow started. */
export const BEFORE_ANY_RUN = '';

const isOpen = ne(numbers.connection, 'closed');
const isAfter = (after: NumberId | null) => (after === null ? undefined : gt(numbers.numberId, after));

export function createNumbers({ db }: Store): Numbers {
  return {
    create: (onboarding) => db.transaction((tx) => create(tx, onboarding)),
    read: async (tenantId, numberId) => {
      const isRow = and(eq(numbers.tenantId, tenantId), eq(numbers.numberId, numberId));
      const [row] = await db.select().from(numbers).where(isRow);
      const [view] = row === undefined ? [] : await viewsOf(db, [row]);
      return view ?? null;
    },
    list: async (tenantId, { after, limit }) => {
      const isOwn = and(eq(numbers.tenantId, tenantId), isAfter(after));
      return viewsOf(db, await db.select().from(numbers).where(isOwn).orderBy(asc(numbers.numberId)).limit(limit));
    },
    readTimeline: async (tenantId, numberId, { after, limit }) => {
      const isOwn = and(eq(timeline.tenantId, tenantId), eq(timeline.numberId, numberId), gt(timeline.position, after));
      const rows = await db.select().from(timeline).where(isOwn).orderBy(asc(timeline.position)).limit(limit);
      return rows.map(({ position, cycle, atMs, row, key, params }) => ({
        position,
        cycle,
        atMs,
        row,
        key,
        params,
        sentence: sentenceOf({ atMs, row, key, params }),
      }));
    },
    listUnstarted: async (limit) => {
      const rows = await db
        .select({ snapshot: numbers.snapshot })
        .from(numbers)
        .where(and(isNull(numbers.startedAtMs), isOpen))
        .orderBy(asc(numbers.createdAtMs), asc(numbers.numberId))
        .limit(limit);
      return rows.map(({ snapshot }) => snapshot);
    },
    markStarted: async (numberId, atMs) => {
      const isFirst = and(eq(numbers.numberId, numberId), isNull(numbers.startedAtMs));
      await db.update(numbers).set({ startedAtMs: atMs }).where(isFirst);
    },
    listOpen: async (after, limit) => {
      const rows = await db
        .select({ snapshot: numbers.snapshot })
        .from(numbers)
        .where(and(isOpen, isAfter(after)))
        .orderBy(asc(numbers.numberId))
        .limit(limit);
      return rows.map(({ snapshot }) => snapshot);
    },
    readSnapshot: async (numberId) => {
      const [row] = await db
        .select()
        .from(numbers)
        .where(and(eq(numbers.numberId, numberId), isOpen));
      return row?.snapshot ?? null;
    },
  };
}

/** Columns by which rows are found; all of them are in the snapshot too. */
export function columnsOf(snapshot: Snapshot, nextDeadline: Deadline | null) {
  return {
    snapshot,
    connection: connectionOf(snapshot),
    linkState: snapshot.link.state,
    credentialState: snapshot.credential,
    cycle: snapshot.cycle,
    sequence: snapshot.sequence,
    wabaId: snapshot.wabaId,
    phoneNumberId: snapshot.phoneNumberId,
    attemptWabaId: snapshot.attempt.found.wabaId,
    formerIds: [...snapshot.formerIds],
    nextDeadlineKind: nextDeadline?.kind ?? null,
    nextDeadlineAtMs: nextDeadline?.atMs ?? null,
  };
}

async function create(tx: Executor, onboarding: NewOnboarding): Promise<void> {
  const { numberId, tenantId, snapshot, phoneNumber, reference, nextDeadline, atMs } = onboarding;
  const created = await tx
    .insert(numbers)
    .values({
      numberId,
      tenantId,
      phoneNumber,
      reference,
      ...columnsOf(snapshot, nextDeadline),
      invitedDigits: phoneNumber === null ? null : digitsOf(phoneNumber),
      createdAtMs: atMs,
      updatedAtMs: atMs,
      supersededRunIds: [],
    })
    .onConflictDoNothing()
    .returning();
  if (created.length === 0) return;
  const { cycle, unsaid } = snapshot;
  await tx.insert(cycles).values({ numberId, tenantId, cycle, openedAtMs: atMs });
  await tx.insert(appActivity).values({ numberId, tenantId }).onConflictDoNothing();
  if (onboarding.expected) await keepExpected(tx, { numberId, tenantId }, onboarding.expected);
  if (unsaid.length === 0) return;
  const first = { numberId, tenantId, cycle, runId: BEFORE_ANY_RUN, sequence: 0 };
  await tx.insert(timeline).values(unsaid.map((line, lineIndex) => ({ ...first, lineIndex, ...line })));
}

type Row = typeof numbers.$inferSelect;

/** Joins what other tables know, in one query each for the whole page. */
async function viewsOf(db: Executor, rows: readonly Row[]): Promise<readonly NumberRow[]> {
  const ids = rows.map(({ numberId }) => numberId);
  if (ids.length === 0) return [];
  const activity = await db.select().from(appActivity).where(inArray(appActivity.numberId, ids));
  const ledger = await db
    .select({ ledger: syncLedger })
    .from(syncLedger)
    .innerJoin(numbers, and(eq(numbers.numberId, syncLedger.numberId), eq(numbers.cycle, syncLedger.cycle)))
    .where(inArray(syncLedger.numberId, ids));
  const seenOf = new Map(activity.map((row) => [row.numberId, row]));
  const syncOf = new Map(ledger.map((row) => [`${row.ledger.type}/${row.ledger.numberId}`, row.ledger]));

  const dialogOf = await lastRunsOf(db, ids);
  const cardOf = await cardsOf(db, rows);
  const choicesOf = await candidatesOf(db, rows);
  const momentsOf = await lastMomentsOf(db, ids);
  const expected = await expectedOf(db, ids);

  return rows.map((row) => {
    return {
      lastDialog: dialogOf.get(row.numberId) ?? null,
      account: cardOf(row),
      expected: expected.get(row.numberId) ?? null,
      candidates: choicesOf(row),
      connectMoments: momentsOf(row.numberId),
      numberId: row.numberId,
      tenantId: row.tenantId,
      phoneNumber: row.phoneNumber,
      reference: row.reference,
      createdAtMs: row.createdAtMs,
      updatedAtMs: row.updatedAtMs,
      snapshot: row.snapshot,
      nextDeadline: deadlineOf(row),
      lastAppActivity: seenAt(seenOf.get(row.numberId)),
      history: historyOf(syncOf.get(`history/${row.numberId}`)),
      contacts: { counted: syncOf.get(`contacts/${row.numberId}`)?.counted ?? 0 },
    };
  });
}

function historyOf(row: typeof syncLedger.$inferSelect | undefined): NumberRow['history'] {
  if (row === undefined) return { chunks: 0, messages: 0, progress: 0, phases: [] };
  const { chunks, counted, progress, phases } = row;
  return { chunks, messages: counted, progress, phases: phases.toSorted((left, right) => left - right) };
}

function deadlineOf({ nextDeadlineKind, nextDeadlineAtMs }: Row): Deadline | null {
  if (nextDeadlineKind === null || nextDeadlineAtMs === null) return null;
  return { kind: nextDeadlineKind, atMs: nextDeadlineAtMs };
}

function seenAt(row: typeof appActivity.$inferSelect | undefined): NumberRow['lastAppActivity'] {
  if (row === undefined || row.anyAtMs === null || row.evidence === null) return null;
  return { atMs: row.anyAtMs, evidence: row.evidence };
}

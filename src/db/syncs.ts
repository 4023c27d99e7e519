/** Once-only sync requests, each with its intent stored before the call, and the ledger of what has arrived. */
import { and, eq, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { syncChunks, syncLedger, syncRequests } from './schema-syncs.ts';

type SyncOutcome = 'requested' | 'unknown' | 'expired' | 'declined' | 'refused' | 'due';

interface SyncKey {
  numberId: NumberId;
  cycle: number;
  type: 'contacts' | 'history';
  ask: number;
}

interface LedgerRow {
  firstAtMs: number | null;
  lastAtMs: number | null;
  chunks: number;
  counted: number;
  progress: number;
  hasSeenFull: boolean;
}

/** What support needs to know of one import: what was asked, when, under which id of Meta's, and what has come. */
interface ImportTrace {
  requests: readonly { ask: number; atMs: number; outcome: SyncOutcome | null; requestId: string | null }[];
  firstAtMs: number | null;
  lastAtMs: number | null;
  chunks: number;
  counted: number;
  progress: number;
  removed: number;
  media: number;
  groups: number;
  dropped: number;
}

interface PhaseTrace {
  phase: number;
  chunks: number;
  messages: number;
  progress: number;
  lastAtMs: number;
}

interface ImportTraces {
  contacts: ImportTrace;
  history: ImportTrace;
  phases: readonly PhaseTrace[];
}

interface Syncs {
  readTraces(tenantId: TenantId, numberId: NumberId, cycle: number): Promise<ImportTraces>;
  intend(key: SyncKey, atMs: number): Promise<{ kind: 'go' } | { kind: 'found'; outcome: SyncOutcome }>;
  settle(key: SyncKey, outcome: SyncOutcome, requestId: string | null): Promise<void>;
  readLedger(numberId: NumberId, cycle: number): Promise<{ contacts: LedgerRow; history: LedgerRow }>;
}

const NOTHING_YET: LedgerRow = {
  firstAtMs: null,
  lastAtMs: null,
  chunks: 0,
  counted: 0,
  progress: 0,
  hasSeenFull: false,
};

const rowOf = ({ numberId, cycle, type, ask }: SyncKey) =>
  and(
    eq(syncRequests.numberId, numberId),
    eq(syncRequests.cycle, cycle),
    eq(syncRequests.type, type),
    eq(syncRequests.ask, ask),
  );

const NO_TRACE: Omit<ImportTrace, 'requests'> = {
  firstAtMs: null,
  lastAtMs: null,
  chunks: 0,
  counted: 0,
  progress: 0,
  removed: 0,
  media: 0,
  groups: 0,
  dropped: 0,
};

interface CycleKey {
  tenantId: TenantId;
  numberId: NumberId;
  cycle: number;
}

async function readTraces(db: Executor, { tenantId, numberId, cycle }: CycleKey): Promise<ImportTraces> {
  const isOf = (table: Record<keyof CycleKey, PgColumn>) =>
    and(eq(table.tenantId, tenantId), eq(table.numberId, numberId), eq(table.cycle, cycle));
  const requests = await db.select().from(syncRequests).where(isOf(syncRequests)).orderBy(syncRequests.ask);
  const ledgers = await db.select().from(syncLedger).where(isOf(syncLedger));
  const phases = await db
    .select({
      phase: syncChunks.phase,
      chunks: sql<number>`count(*)::int`,
      messages: sql<number>`sum(${syncChunks.messages})::int`,
      progress: sql<number>`max(${syncChunks.progress})`,
      lastAtMs: sql<number>`max(${syncChunks.receivedAtMs})`,
    })
    .from(syncChunks)
    .where(isOf(syncChunks))
    .groupBy(syncChunks.phase)
    .orderBy(syncChunks.phase);
  const traceOf = (type: SyncKey['type']): ImportTrace => ({
    ...(ledgers.find((row) => row.type === type) ?? NO_TRACE),
    requests: requests
      .filter((row) => row.type === type)
      .map(({ ask, intendedAtMs: atMs, outcome, requestId }) => ({ ask, atMs, outcome, requestId })),
  });
  return { contacts: traceOf('contacts'), history: traceOf('history'), phases };
}

export function createSyncs({ db }: Store): Syncs {
  return {
    readTraces: (tenantId, numberId, cycle) => readTraces(db, { tenantId, numberId, cycle }),
    intend: async (key, atMs) => {
      const { numberId, cycle, type, ask } = key;
      const inserted = await db.execute(sql`
        insert into sync_requests (number_id, cycle, type, ask, tenant_id, intended_at_ms)
        select number_id, ${cycle}, ${type}, ${ask}, tenant_id, ${atMs} from numbers where number_id = ${numberId}
        on conflict do nothing returning ask`);
      if (inserted.length > 0) return { kind: 'go' };
      const [row] = await db.select().from(syncRequests).where(rowOf(key));
      // No row and nothing inserted: the number is unknown, or `due` deleted the intent this instant. Not sent, in doubt.
      return { kind: 'found', outcome: row?.outcome ?? 'unknown' };
    },
    settle: async (key, outcome, requestId) => {
      if (outcome === 'due') await db.delete(syncRequests).where(rowOf(key));
      else await db.update(syncRequests).set({ outcome, requestId }).where(rowOf(key));
    },
    readLedger: async (numberId, cycle) => {
      const rows = await db
        .select()
        .from(syncLedger)
        .where(and(eq(syncLedger.numberId, numberId), eq(syncLedger.cycle, cycle)));
      const of = (type: SyncKey['type']): LedgerRow => {
        const row = rows.find((candidate) => candidate.type === type);
        if (row === undefined) return NOTHING_YET;
        const { firstAtMs, lastAtMs, chunks, counted, progress, hasSeenFull } = row;
        return { firstAtMs, lastAtMs, chunks, counted, progress, hasSeenFull };
      };
      return { contacts: of('contacts'), history: of('history') };
    },
  };
}

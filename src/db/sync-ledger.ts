/** Counts what the two imports bring, each chunk once per cycle, and says what its workflow must hear. */
import { and, eq, sql } from 'drizzle-orm';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NewsItem } from '../domain/news.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import type { Target } from './news-routing.ts';
import { appActivity } from './schema-numbers.ts';
import { syncChunks, syncLedger } from './schema-syncs.ts';

type Chunk = Extract<NewsItem, { kind: 'history-chunk' }>;

const FULL_PROGRESS = 100;

/** `null`: the chunk was counted before in this cycle. The caller holds the lock of the number's activity row. */
export async function countChunk(
  tx: Executor,
  { numberId, tenantId, cycle }: Target,
  { chunk, receivedAtMs }: { chunk: Chunk; receivedAtMs: number },
): Promise<{ fact: FactEnvelope | null } | null> {
  const { phase, chunkOrder, progress } = chunk;
  const digest = storable(chunk.key);
  const added = await tx
    .insert(syncChunks)
    .values({ numberId, tenantId, cycle, digest, phase, chunkOrder, receivedAtMs })
    .onConflictDoNothing()
    .returning();
  if (added.length === 0) return null;

  const ofHistory = and(eq(syncLedger.numberId, numberId), eq(syncLedger.cycle, cycle), eq(syncLedger.type, 'history'));
  const [before] = await tx.select().from(syncLedger).where(ofHistory);
  await addToLedger(
    tx,
    { numberId, tenantId, cycle },
    {
      type: 'history',
      receivedAtMs,
      counted: chunk.messageCount,
      progress,
      phases: [phase],
    },
  );
  const isFirstOfPhase = before === undefined || !before.phases.includes(phase);
  const isFirstFull = progress >= FULL_PROGRESS && before?.hasSeenFull !== true;
  if (!isFirstOfPhase && !isFirstFull) return { fact: null };
  return {
    fact: {
      factId: `chunk/${cycle}/${digest}`,
      occurredAtMs: receivedAtMs,
      fact: { kind: 'historyChunkArrived', phase, chunkOrder, progress },
    },
  };
}

/** `isFirst`: nothing of this cycle had arrived before. The fact is there only where the workflow waits for one. */
export async function countContacts(
  tx: Executor,
  { numberId, tenantId, cycle }: Target,
  { count, receivedAtMs }: { count: number; receivedAtMs: number },
): Promise<{ isFirst: boolean; fact: FactEnvelope | null }> {
  const chunks = await addToLedger(
    tx,
    { numberId, tenantId, cycle },
    {
      type: 'contacts',
      receivedAtMs,
      counted: count,
      progress: 0,
      phases: [],
    },
  );
  const wanted = await tx
    .update(appActivity)
    .set({ wantsChunk: false })
    .where(and(eq(appActivity.numberId, numberId), eq(appActivity.wantsChunk, true)))
    .returning();
  const envelope: FactEnvelope = {
    factId: `contacts/${cycle}/${receivedAtMs}`,
    occurredAtMs: receivedAtMs,
    fact: { kind: 'contactsArrived' },
  };
  return { isFirst: chunks === 1, fact: wanted.length > 0 ? envelope : null };
}

/** Answers how many deliveries the row has counted, this one included. */
async function addToLedger(
  tx: Executor,
  { numberId, tenantId, cycle }: Target,
  add: { type: 'contacts' | 'history'; receivedAtMs: number; counted: number; progress: number; phases: number[] },
): Promise<number> {
  const { type, receivedAtMs, counted, progress, phases } = add;
  const [row] = await tx
    .insert(syncLedger)
    .values({
      numberId,
      tenantId,
      cycle,
      type,
      firstAtMs: receivedAtMs,
      lastAtMs: receivedAtMs,
      chunks: 1,
      counted,
      progress,
      hasSeenFull: progress >= FULL_PROGRESS,
      phases,
    })
    .onConflictDoUpdate({
      target: [syncLedger.numberId, syncLedger.cycle, syncLedger.type],
      set: {
        firstAtMs: sql`least(${syncLedger.firstAtMs}, excluded.first_at_ms)`,
        lastAtMs: sql`greatest(${syncLedger.lastAtMs}, excluded.last_at_ms)`,
        chunks: sql`${syncLedger.chunks} + 1`,
        counted: sql`${syncLedger.counted} + excluded.counted`,
        progress: sql`greatest(${syncLedger.progress}, excluded.progress)`,
        hasSeenFull: sql`${syncLedger.hasSeenFull} or excluded.has_seen_full`,
        phases: sql`case when ${syncLedger.phases} @> excluded.phases then ${syncLedger.phases}
          else ${syncLedger.phases} || excluded.phases end`,
      },
    })
    .returning();
  return row?.chunks ?? 1;
}

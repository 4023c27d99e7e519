/** Counts what the two imports bring, each chunk once per cycle, and says what its workflow must hear. */
import { and, eq, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NewsItem } from '../domain/news.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import type { Target } from './news-routing.ts';
import { appActivity } from './schema-numbers.ts';
import { syncChunks, syncLedger } from './schema-syncs.ts';

type Chunk = Extract<NewsItem, { kind: 'history-chunk' }>;

const FULL_PROGRESS = 100;

/** What one item adds to a row of the ledger; what it does not name is nothing. */
interface Addition {
  type: 'contacts' | 'history';
  receivedAtMs: number;
  /** 0 for what is no delivery of the import itself: it does not move the time of the last data. */
  chunks: 0 | 1;
  counted?: number;
  progress?: number;
  phases?: number[];
  removed?: number;
  media?: number;
  groups?: number;
  dropped?: number;
}

/** `null`: the chunk was counted before in this cycle. The caller holds the lock of the number's activity row. */
export async function countChunk(
  tx: Executor,
  target: Target,
  { chunk, receivedAtMs, isWanted }: { chunk: Chunk; receivedAtMs: number; isWanted: boolean },
): Promise<{ fact: FactEnvelope | null } | null> {
  const { numberId, tenantId, cycle } = target;
  const { phase, chunkOrder, progress, messageCount: messages } = chunk;
  const digest = storable(chunk.key);
  const added = await tx
    .insert(syncChunks)
    .values({ numberId, tenantId, cycle, digest, phase, chunkOrder, receivedAtMs, messages, progress })
    .onConflictDoNothing()
    .returning();
  if (added.length === 0) return null;

  const ofHistory = and(eq(syncLedger.numberId, numberId), eq(syncLedger.cycle, cycle), eq(syncLedger.type, 'history'));
  const [before] = await tx.select().from(syncLedger).where(ofHistory);
  await addToLedger(tx, target, {
    type: 'history',
    receivedAtMs,
    chunks: 1,
    counted: messages,
    progress,
    phases: [phase],
    groups: chunk.groupCount,
    dropped: isWanted ? 0 : messages,
  });
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

/** FA33: each message's media once, however late; they are no chunk, so that an end that is near is not put off. */
export async function countMedia(
  tx: Executor,
  target: Target,
  { media, dropped, receivedAtMs }: { media: number; dropped: number; receivedAtMs: number },
): Promise<void> {
  if (media + dropped === 0) return;
  await addToLedger(tx, target, { type: 'history', receivedAtMs, chunks: 0, media, dropped });
}

/** FA30: each contact once, however the deliveries are cut; fewer by one where two turn out to be one person. */
export async function countKeptContacts(
  tx: Executor,
  target: Target,
  { counted, removed, receivedAtMs }: { counted: number; removed: number; receivedAtMs: number },
): Promise<void> {
  if (counted === 0 && removed === 0) return;
  await addToLedger(tx, target, { type: 'contacts', receivedAtMs, chunks: 0, counted, removed });
}

/**
 * `count`: contacts that are not kept. `isFirst`: nothing of this cycle had arrived before.
 * The fact is there only where the workflow waits for one.
 */
export async function countContacts(
  tx: Executor,
  target: Target,
  given: { count: number; removedCount: number; receivedAtMs: number; isWanted: boolean },
): Promise<{ isFirst: boolean; fact: FactEnvelope | null }> {
  const { numberId, cycle } = target;
  const { count, removedCount, receivedAtMs, isWanted } = given;
  const chunks = await addToLedger(tx, target, {
    type: 'contacts',
    receivedAtMs,
    chunks: 1,
    counted: count,
    removed: removedCount,
    dropped: isWanted ? 0 : count,
  });
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

const plus = (column: PgColumn) => sql`${column} + excluded.${sql.identifier(column.name)}`;

/** Answers how many deliveries the row has counted, this one included. */
async function addToLedger(tx: Executor, { numberId, tenantId, cycle }: Target, add: Addition): Promise<number> {
  const { type, receivedAtMs, chunks, progress = 0, phases = [] } = add;
  const { counted = 0, removed = 0, media = 0, groups = 0, dropped = 0 } = add;
  const [row] = await tx
    .insert(syncLedger)
    .values({
      numberId,
      tenantId,
      cycle,
      type,
      firstAtMs: receivedAtMs,
      lastAtMs: receivedAtMs,
      chunks,
      counted,
      progress,
      phases,
      removed,
      media,
      groups,
      dropped,
      hasSeenFull: progress >= FULL_PROGRESS,
    })
    .onConflictDoUpdate({
      target: [syncLedger.numberId, syncLedger.cycle, syncLedger.type],
      set: {
        firstAtMs: sql`least(${syncLedger.firstAtMs}, excluded.first_at_ms)`,
        lastAtMs: sql`case when excluded.chunks = 0 then ${syncLedger.lastAtMs}
          else greatest(${syncLedger.lastAtMs}, excluded.last_at_ms) end`,
        chunks: plus(syncLedger.chunks),
        counted: plus(syncLedger.counted),
        removed: plus(syncLedger.removed),
        media: plus(syncLedger.media),
        groups: plus(syncLedger.groups),
        dropped: plus(syncLedger.dropped),
        progress: sql`greatest(${syncLedger.progress}, excluded.progress)`,
        hasSeenFull: sql`${syncLedger.hasSeenFull} or excluded.has_seen_full`,
        phases: sql`case when ${syncLedger.phases} @> excluded.phases then ${syncLedger.phases}
          else ${syncLedger.phases} || excluded.phases end`,
      },
    })
    .returning();
  return row?.chunks ?? 1;
}

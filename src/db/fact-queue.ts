/** The queue of facts to workflows: one in flight per number, in the order in which they were queued. */
import { and, eq, gte, notInArray, sql } from 'drizzle-orm';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { MINUTE_MS } from '../domain/policy.ts';
import type { Executor, Store } from './connect.ts';
import { numberFacts } from './schema-inbox.ts';
import { numbers } from './schema-numbers.ts';

export interface QueuedFact {
  tenantId: TenantId;
  numberId: NumberId;
  envelope: FactEnvelope;
}

interface FactQueue {
  listNext(
    nowMs: number,
    limit: number,
  ): Promise<readonly { position: number; numberId: NumberId; envelope: FactEnvelope }[]>;
  markDispatched(position: number, outcome: 'posted' | 'closed', atMs: number): Promise<void>;
  postpone(position: number, untilMs: number): Promise<void>;
  keepPosted(numberId: NumberId, envelope: FactEnvelope, atMs: number): Promise<void>;
  isKept(numberId: NumberId, factId: string): Promise<boolean>;
  requeueUnheard(numberId: NumberId): Promise<number>;
}

/** How far the clock of the workflow, which dates the snapshot, and that of the dispatcher may be apart. */
const CLOCKS_APART_MS = MINUTE_MS;

export function createFactQueue({ db }: Store): FactQueue {
  return {
    listNext: async (nowMs, limit) => {
      // A number whose oldest fact is postponed waits with all its facts: nothing may overtake.
      const oldest = db
        .selectDistinctOn([numberFacts.numberId])
        .from(numberFacts)
        .where(sql`${numberFacts.outcome} is null`)
        .orderBy(numberFacts.numberId, numberFacts.position)
        .as('oldest');
      return db
        .select({ position: oldest.position, numberId: oldest.numberId, envelope: oldest.envelope })
        .from(oldest)
        .where(sql`${oldest.notBeforeMs} <= ${nowMs}`)
        .orderBy(oldest.position)
        .limit(limit);
    },
    markDispatched: async (position, outcome, atMs) => {
      await db.update(numberFacts).set({ outcome, dispatchedAtMs: atMs }).where(eq(numberFacts.position, position));
    },
    postpone: async (position, untilMs) => {
      await db.update(numberFacts).set({ notBeforeMs: untilMs }).where(eq(numberFacts.position, position));
    },
    keepPosted: (numberId, envelope, atMs) => keepPosted(db, { numberId, envelope, atMs }),
    isKept: async (numberId, factId) => {
      const isFact = and(eq(numberFacts.numberId, numberId), eq(numberFacts.factId, factId));
      return (await db.select({ position: numberFacts.position }).from(numberFacts).where(isFact)).length > 0;
    },
    requeueUnheard: (numberId) => requeueUnheard(db, numberId),
  };
}

async function keepPosted(
  db: Executor,
  { numberId, envelope, atMs }: { numberId: NumberId; envelope: FactEnvelope; atMs: number },
): Promise<void> {
  const [owner] = await db.select({ tenantId: numbers.tenantId }).from(numbers).where(eq(numbers.numberId, numberId));
  if (owner === undefined) return;
  const posted = { outcome: 'posted', dispatchedAtMs: atMs } as const;
  await db
    .insert(numberFacts)
    .values({ ...owner, numberId, factId: envelope.factId, envelope, ...posted })
    .onConflictDoUpdate({ target: [numberFacts.numberId, numberFacts.factId], set: posted });
}

/** What the stored snapshot has heard, its mailbox included, is in its ring of ids; hearing one more again is harmless. */
async function requeueUnheard(db: Executor, numberId: NumberId): Promise<number> {
  const [row] = await db
    .select({ snapshot: numbers.snapshot, updatedAtMs: numbers.updatedAtMs })
    .from(numbers)
    .where(eq(numbers.numberId, numberId));
  if (row === undefined) return 0;
  const { factIds, mailbox } = row.snapshot;
  const heard = [...factIds, ...mailbox.map(({ factId }) => factId)];
  const unheard = await db
    .update(numberFacts)
    .set({ outcome: null, dispatchedAtMs: null, notBeforeMs: 0 })
    .where(
      and(
        eq(numberFacts.numberId, numberId),
        eq(numberFacts.outcome, 'posted'),
        gte(numberFacts.dispatchedAtMs, row.updatedAtMs - CLOCKS_APART_MS),
        heard.length === 0 ? undefined : notInArray(numberFacts.factId, heard),
      ),
    )
    .returning({ position: numberFacts.position });
  return unheard.length;
}

/** Queues facts; one that a number has had before is left out. */
export async function queueFacts(tx: Executor, facts: readonly QueuedFact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map(({ envelope, ...owner }) => ({ ...owner, factId: envelope.factId, envelope }));
  await tx.insert(numberFacts).values(rows).onConflictDoNothing();
}

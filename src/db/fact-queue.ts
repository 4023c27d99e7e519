/** The queue of facts to workflows: one in flight per number, in the order in which they were queued. */
import { eq, sql } from 'drizzle-orm';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { numberFacts } from './schema-inbox.ts';

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
}

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
  };
}

/** Queues facts; one that a number has had before is left out. */
export async function queueFacts(tx: Executor, facts: readonly QueuedFact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map(({ envelope, ...owner }) => ({ ...owner, factId: envelope.factId, envelope }));
  await tx.insert(numberFacts).values(rows).onConflictDoNothing();
}

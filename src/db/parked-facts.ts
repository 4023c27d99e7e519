/** Account news for ids that nobody claims: parked, and handed to the claim that comes (GR16). */
import { and, eq, gt, isNull, or } from 'drizzle-orm';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { NewsScope } from '../domain/news.ts';
import { envelopeOf } from './account-facts.ts';
import type { DatedNews } from './account-facts.ts';
import type { Executor } from './connect.ts';
import { unroutedFacts } from './schema-inbox.ts';
import type { attemptFindings } from './schema-signup.ts';

export async function park(tx: Executor, scope: NewsScope, news: DatedNews & { receivedAtMs: number }): Promise<void> {
  await tx
    .insert(unroutedFacts)
    .values({ ...scope, ...news })
    .onConflictDoNothing();
}

interface Taker {
  numberId: NumberId;
  tenantId: TenantId;
  cycle: number;
  attempt: number;
}

/**
 * Marks what waits for these ids as taken by this attempt, and answers all that it has taken, in the order of their time:
 * a repeat answers the same. News that names another number of the WABA stays for that one.
 */
export async function takeParked(
  tx: Executor,
  taker: Taker,
  { finding, sinceMs, isAlone }: { finding: typeof attemptFindings.$inferSelect; sinceMs: number; isAlone: boolean },
): Promise<readonly FactEnvelope[]> {
  const isNamed = or(eq(unroutedFacts.phoneNumberId, finding.phoneNumberId), eq(unroutedFacts.digits, finding.digits));
  const namesOnlyWaba = and(
    eq(unroutedFacts.wabaId, finding.wabaId),
    isNull(unroutedFacts.phoneNumberId),
    isNull(unroutedFacts.digits),
  );
  const isFree = and(isNull(unroutedFacts.claimedBy), gt(unroutedFacts.receivedAtMs, sinceMs));
  const free = await tx
    .select()
    .from(unroutedFacts)
    .where(and(or(isNamed, namesOnlyWaba), isFree))
    .orderBy(unroutedFacts.position)
    .for('update');
  for (const row of free) {
    const names = row.phoneNumberId !== null || row.digits !== null;
    await tx
      .update(unroutedFacts)
      .set({
        tenantId: taker.tenantId,
        claimedBy: taker.numberId,
        claimedCycle: taker.cycle,
        claimedAttempt: taker.attempt,
        envelope: envelopeOf(row, names || isAlone),
      })
      .where(eq(unroutedFacts.position, row.position));
  }
  return readTaken(tx, taker);
}

async function readTaken(tx: Executor, { numberId, cycle, attempt }: Taker): Promise<readonly FactEnvelope[]> {
  const rows = await tx
    .select()
    .from(unroutedFacts)
    .where(
      and(
        eq(unroutedFacts.claimedBy, numberId),
        eq(unroutedFacts.claimedCycle, cycle),
        eq(unroutedFacts.claimedAttempt, attempt),
      ),
    )
    .orderBy(unroutedFacts.occurredAtMs, unroutedFacts.position);
  return rows.flatMap(({ envelope }) => (envelope === null ? [] : [envelope]));
}

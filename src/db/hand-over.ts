/** A signup that ends on a number which the same tenant has already: its attempt goes to that number (ST5, AT37). */
import { and, eq, sql } from 'drizzle-orm';
import type { UnexpectedAccount } from '../domain/expectations.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import { targetOfHandOver, type HandedOver } from '../domain/hand-over.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { moveMoments } from './connect-times.ts';
import type { Executor } from './connect.ts';
import { moveCandidate } from './credentials.ts';
import { noteOtherBusiness } from './dialog-ledger.ts';
import { handExpectedOver } from './expectations.ts';
import { queueFacts } from './fact-queue.ts';
import { numberFacts } from './schema-inbox.ts';
import { numbers } from './schema-numbers.ts';
import { attemptFindings } from './schema-signup.ts';
import type { SecretBox } from './secret-box.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

type FindingRow = typeof attemptFindings.$inferSelect;

export interface Giver {
  key: AttemptKey;
  tenantId: TenantId;
  finding: FindingRow;
  handOver: HandedOver;
  secretBox: SecretBox;
}

const factIdOf = ({ numberId, cycle, attempt }: AttemptKey): string => `handover/${numberId}/${cycle}/${attempt}`;

/** Who took the attempt over in an earlier run of the same claim; null where nobody did. NOTE: the pattern is that of the index. */
export async function takenOverBy(tx: Executor, key: AttemptKey): Promise<NumberId | null> {
  const [row] = await tx
    .select({ numberId: numberFacts.numberId })
    .from(numberFacts)
    .where(and(eq(numberFacts.factId, factIdOf(key)), sql`${numberFacts.factId} like 'handover/%'`));
  return row?.numberId ?? null;
}

/**
 * Finding, candidate and fact go over in one transaction; what the receiver's claims become is told by its key. Null where it
 * is busy with an attempt of its own (AT38): then nothing moves, and the giver is a duplicate all the same.
 */
export async function handOver(tx: Executor, giver: Giver, to: NumberId): Promise<AttemptKey | null> {
  const [row] = await tx.select().from(numbers).where(eq(numbers.numberId, to)).for('no key update');
  const target = row && targetOfHandOver(row.snapshot);
  if (!target) return null;
  const receiver: AttemptKey = { numberId: to, ...target };
  const { tenantId, finding, key, secretBox } = giver;
  const moved = await moveCandidate({ tx, secretBox }, key, { ...receiver, tenantId });
  if (!moved) return null;
  const found = { ...finding, ...receiver };
  await tx
    .insert(attemptFindings)
    .values(found)
    .onConflictDoUpdate({
      target: [attemptFindings.numberId, attemptFindings.cycle, attemptFindings.attempt],
      set: found,
    });
  await moveMoments(tx, key, receiver);
  const over = { from: key.numberId, to, tenantId, wabaId: finding.wabaId };
  const unexpected = await handExpectedOver(tx, over);
  if (unexpected.some(({ portfolioIds }) => portfolioIds !== null)) await noteOtherBusiness(tx, receiver);
  await queueFacts(tx, [{ tenantId, numberId: to, envelope: envelopeOf(giver, { ...target, unexpected }) }]);
  return receiver;
}

interface Receiving {
  cycle: number;
  attempt: number;
  unexpected: readonly UnexpectedAccount[];
}

function envelopeOf(giver: Giver, { unexpected, ...target }: Receiving): FactEnvelope {
  const { key, finding, handOver: told } = giver;
  const { wabaId, phoneNumberId } = finding;
  const differing = unexpected.length > 0 ? { unexpected } : {};
  return {
    factId: factIdOf(key),
    occurredAtMs: told.finishedAtMs,
    fact: { kind: 'attemptHandedOver', from: key.numberId, ...target, wabaId, phoneNumberId, ...told, ...differing },
  };
}

/** Whether the number has no link of its own to lose: only then does it make room for the one that holds the number. */
export async function isWithoutLink(tx: Executor, numberId: NumberId): Promise<boolean> {
  const [row] = await tx
    .select({ linkState: numbers.linkState })
    .from(numbers)
    .where(and(eq(numbers.numberId, numberId), eq(numbers.linkState, 'none')));
  return row !== undefined;
}

/** Claims over a link that is gone, which yield to another number's proof: set aside until that one is live (ST5, FA52). */
import { and, eq, inArray, ne, or, sql } from 'drizzle-orm';
import type { NumberId } from '../domain/ids.ts';
import type { Executor } from './connect.ts';
import { queueFacts } from './fact-queue.ts';
import { numbers } from './schema-numbers.ts';
import { claims } from './schema-signup.ts';

type ClaimRow = typeof claims.$inferSelect;
type NumberRow = typeof numbers.$inferSelect;

/**
 * The link is gone and its digits, its phone number id or its WABA are claimed by somebody else: what Meta says of them is no
 * longer of this number. NOTE: the names are spelled out, because drizzle leaves out the table of a column in the list of a
 * single-table select.
 */
export const hasYielded = sql`(numbers.link_state = 'gone' and (
  exists (
    select 1 from claims as other where other.number_id <> numbers.number_id
      and (other.kind, other.value) in (('digits', numbers.digits), ('phone-number-id', numbers.phone_number_id)))
  or exists (
    select 1 from claims as other where other.waba_id = numbers.waba_id and other.tenant_id <> numbers.tenant_id)))`;

/** The numbers whose claims these ones made yield: a link that is gone, with a credential that could bring it back. */
export async function setAsideBy(tx: Executor, winners: readonly ClaimRow[]): Promise<readonly NumberRow[]> {
  const valuesOf = (kind: ClaimRow['kind']) => winners.filter((row) => row.kind === kind).map(({ value }) => value);
  const isNamed = or(
    inArray(numbers.digits, valuesOf('digits')),
    inArray(sql`numbers.phone_number_id`, valuesOf('phone-number-id')),
  );
  const others = winners.map(({ numberId }) => ne(numbers.numberId, numberId));
  return tx
    .select()
    .from(numbers)
    .where(and(isNamed, isReturnable, ...others))
    .orderBy(sql`numbers.updated_at_ms desc`);
}

const isReturnable = and(
  eq(numbers.linkState, 'gone'),
  eq(numbers.credentialState, 'held'),
  ne(numbers.connection, 'closed'),
);

/** A claim that is set aside may come back: its number still needs the subscription of its WABA (8.3). */
export async function isNeededBySetAside(tx: Executor, waba: string, numberId: NumberId): Promise<boolean> {
  const [other] = await tx
    .select({ numberId: numbers.numberId })
    .from(numbers)
    .where(and(sql`numbers.waba_id = ${waba}`, isReturnable, ne(numbers.numberId, numberId)))
    .limit(1);
  return other !== undefined;
}

/** releaseClaim: the newcomer failed, and what it had set aside is the link's claim again, unless somebody else is there. */
export async function giveBack(tx: Executor, setAside: readonly NumberRow[]): Promise<void> {
  for (const { numberId } of setAside) {
    const [row] = await tx
      .select()
      .from(numbers)
      .where(and(eq(numbers.numberId, numberId), isReturnable, sql`not ${hasYielded}`));
    if (!row?.digits || row.phoneNumberId === null || row.wabaId === null) continue;
    const { tenantId, wabaId, linkCycle, cycle } = row;
    // attempt 0: it is the link's alone, no attempt's repeat finds it
    const own = { numberId, tenantId, wabaId, cycle: linkCycle ?? cycle, attempt: 0, isLinked: true };
    await tx
      .insert(claims)
      .values([
        { ...own, kind: 'digits', value: row.digits },
        { ...own, kind: 'phone-number-id', value: row.phoneNumberId },
      ])
      .onConflictDoNothing();
  }
}

/** FA52: the newcomer is live. Those that yielded hear of it, and never to whom. */
export async function tellYielded(tx: Executor, winners: readonly ClaimRow[], atMs: number): Promise<void> {
  const setAside = await setAsideBy(tx, winners);
  await queueFacts(
    tx,
    setAside.map(({ tenantId, numberId, linkCycle }) => ({
      tenantId,
      numberId,
      envelope: {
        factId: `yielded/${linkCycle}/${atMs}`,
        occurredAtMs: atMs,
        fact: { kind: 'claimYielded' },
      },
    })),
  );
}

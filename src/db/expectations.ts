/** What a backend expects of the account of a number: kept with its row, read while connecting and for its card. */
import { and, eq, inArray } from 'drizzle-orm';
import { allUnexpectedOf, type ExpectedAccount, type UnexpectedAccount } from '../domain/expectations.ts';
import type { NumberId, TenantId, WabaId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import { accounts } from './schema-connect.ts';
import { expectations } from './schema-expectations.ts';

const text = (named: string | null): string | null => (named === null ? null : storable(named));

/** In the transaction that writes the number's row; what was said at the start stays. */
export async function keepExpected(
  tx: Executor,
  of: { numberId: NumberId; tenantId: TenantId },
  expected: ExpectedAccount,
): Promise<void> {
  const names = { portfolioName: text(expected.portfolioName), wabaName: text(expected.wabaName) };
  await tx
    .insert(expectations)
    .values({ ...of, portfolioId: expected.portfolioId, ...names })
    .onConflictDoNothing();
}

/** One query for a page of numbers; a number of which nothing is expected is not in the answer. */
export async function expectedOf(
  db: Executor,
  ids: readonly NumberId[],
): Promise<ReadonlyMap<NumberId, ExpectedAccount>> {
  const rows = await db
    .select()
    .from(expectations)
    .where(inArray(expectations.numberId, [...ids]));
  return new Map(
    rows.map(({ numberId, portfolioId, portfolioName, wabaName }) => [
      numberId,
      { portfolioId, portfolioName, wabaName },
    ]),
  );
}

interface Over {
  from: NumberId;
  to: NumberId;
  tenantId: TenantId;
  wabaId: WabaId;
}

/**
 * P13: an attempt goes over with what was expected of it, unless its receiver expects something itself. The account is held
 * against both, the receiver's first; one that could not be read differs from nothing.
 */
export async function handExpectedOver(
  tx: Executor,
  { from, to, tenantId, wabaId }: Over,
): Promise<readonly UnexpectedAccount[]> {
  const known = await expectedOf(tx, [from, to]);
  const given = known.get(from);
  if (given) await keepExpected(tx, { numberId: to, tenantId }, given);
  const isAccount = and(eq(accounts.tenantId, tenantId), eq(accounts.wabaId, wabaId));
  const [told] = await tx.select().from(accounts).where(isAccount);
  const expected = [known.get(to), given].filter((one) => one !== undefined);
  return told ? allUnexpectedOf(expected, told) : [];
}

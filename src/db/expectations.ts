/** What a backend expects of the account of a number: kept with its row, read while connecting and for its card. */
import { inArray } from 'drizzle-orm';
import type { ExpectedAccount } from '../domain/expectations.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
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

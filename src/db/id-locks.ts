/** Keeps parking and claiming apart: a fact is parked either before a claim looks, or routed after it stands. */
import { sql } from 'drizzle-orm';
import type { NewsScope } from '../domain/news.ts';
import type { Executor } from './connect.ts';

function keysOf(scopes: readonly NewsScope[]): readonly string[] {
  const keys = scopes.flatMap(({ phoneNumberId, wabaId, digits }) => [
    ...(phoneNumberId === null ? [] : [`phone-number-id/${phoneNumberId}`]),
    ...(wabaId === null ? [] : [`waba/${wabaId}`]),
    ...(digits === null ? [] : [`digits/${digits}`]),
  ]);
  return [...new Set(keys)].toSorted();
}

/** Until the transaction ends. Keys are locked one by one in their order, so that nobody waits in a circle. */
export async function lockIds(tx: Executor, scopes: readonly NewsScope[], mode: 'claim' | 'route'): Promise<void> {
  for (const key of keysOf(scopes)) {
    const hash = sql`hashtextextended(${key}, 1)`;
    await tx.execute(
      mode === 'claim' ? sql`select pg_advisory_xact_lock(${hash})` : sql`select pg_advisory_xact_lock_shared(${hash})`,
    );
  }
}

/** The subscription of a WABA is changed by one attempt at a time. NOTE: another seed than above, for Graph is called meanwhile. */
export async function lockWaba(tx: Executor, waba: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${waba}, 2))`);
}

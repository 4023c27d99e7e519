/** How claims end: with the attempt that failed, with the link, with the record; and how an attempt's become the link's. */
import { and, eq, sql } from 'drizzle-orm';
import type { NumberId } from '../domain/ids.ts';
import type { Executor } from './connect.ts';
import { lockIds } from './id-locks.ts';
import { numbers } from './schema-numbers.ts';
import { claims } from './schema-signup.ts';
import { giveBack, setAsideBy, tellYielded } from './yielded-claims.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

type ClaimRow = typeof claims.$inferSelect;

/**
 * A claim over which a link stands, or may come back while its credential is held, stays with the link. What goes gives back
 * what it had set aside.
 */
export async function releaseClaims(tx: Executor, key: AttemptKey): Promise<'done' | 'not-needed'> {
  const [number] = await tx.select().from(numbers).where(eq(numbers.numberId, key.numberId));
  const isOwn = and(
    eq(claims.numberId, key.numberId),
    eq(claims.cycle, key.cycle),
    eq(claims.attempt, key.attempt),
    eq(claims.isLinked, false),
  );
  const setAside = await setAsideBy(tx, await tx.select().from(claims).where(isOwn));
  // before the rows, as a claim does, so that nobody waits in a circle
  await lockIds(tx, setAside, 'claim');
  const own = await tx.select().from(claims).where(isOwn).orderBy(claims.kind, claims.value).for('update');
  const isKept = (row: ClaimRow): boolean =>
    number !== undefined &&
    (number.linkState === 'live' || number.linkState === 'suspended' || number.credentialState === 'held') &&
    row.value === (row.kind === 'digits' ? number.digits : number.phoneNumberId);
  for (const row of own) {
    const isRow = and(eq(claims.kind, row.kind), eq(claims.value, row.value));
    if (isKept(row)) await tx.update(claims).set({ isLinked: true }).where(isRow);
    else await tx.delete(claims).where(isRow);
  }
  await giveBack(tx, setAside);
  return own.some((row) => !isKept(row)) ? 'done' : 'not-needed';
}

/** goLive: what the attempt claimed is the link's now, what an earlier link held is free, and what was set aside has yielded. */
export async function linkClaims(tx: Executor, key: AttemptKey, atMs: number): Promise<void> {
  const { numberId, cycle, attempt } = key;
  const isOfAttempt = and(eq(claims.cycle, cycle), eq(claims.attempt, attempt));
  const linked = await tx
    .update(claims)
    .set({ isLinked: true })
    .where(and(eq(claims.numberId, numberId), isOfAttempt))
    .returning();
  if (linked.length === 0) return;
  await tellYielded(tx, linked, atMs);
  await tx.delete(claims).where(and(eq(claims.numberId, numberId), sql`not (${isOfAttempt})`));
}

/** The end of a link frees its claims; the end of the record frees all. A claim of a running attempt is not the link's. */
export async function freeClaims(tx: Executor, numberId: NumberId, which: 'linked' | 'all'): Promise<void> {
  const isChosen = which === 'all' ? undefined : eq(claims.isLinked, true);
  await tx.delete(claims).where(and(eq(claims.numberId, numberId), isChosen));
}

/** Accounts as Meta told of them, and the numbers of an account that a person may choose from. */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { BusinessPortfolioId, NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import { accounts, attemptCandidates } from './schema-connect.ts';
import type { numbers } from './schema-numbers.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

interface AccountReading {
  name: string | null;
  timeZoneId: string | null;
  currency: string | null;
  portfolioId: BusinessPortfolioId | null;
  portfolioName: string | null;
  reviewStatus: string | null;
}

interface ListedNumber {
  phoneNumberId: PhoneNumberId;
  digits: string;
  verifiedName: string | null;
  isOnBizApp: boolean;
}

export interface AccountCard extends AccountReading {
  wabaId: WabaId;
  checkedAtMs: number;
}

export interface Candidate {
  phoneNumberId: PhoneNumberId;
  digits: string;
  verifiedName: string | null;
}

const text = (told: string | null): string | null => (told === null ? null : storable(told));

/** The newer reading counts. */
export async function keepAccount(
  db: Executor,
  { numberId, wabaId }: { numberId: NumberId; wabaId: WabaId },
  account: AccountReading & { checkedAtMs: number },
): Promise<void> {
  const { timeZoneId, currency, portfolioId, reviewStatus, checkedAtMs } = account;
  const [name, portfolioName] = [text(account.name), text(account.portfolioName)];
  await db.execute(sql`
    insert into accounts (tenant_id, waba_id, name, time_zone_id, currency, portfolio_id, portfolio_name, review_status, checked_at_ms)
    select tenant_id, ${wabaId}, ${name}, ${timeZoneId}, ${currency}, ${portfolioId}, ${portfolioName}, ${reviewStatus}, ${checkedAtMs}::bigint
    from numbers where number_id = ${numberId}
    on conflict (tenant_id, waba_id) do update set
      name = excluded.name, time_zone_id = excluded.time_zone_id, currency = excluded.currency,
      portfolio_id = excluded.portfolio_id, portfolio_name = excluded.portfolio_name,
      review_status = excluded.review_status, checked_at_ms = excluded.checked_at_ms
    where accounts.checked_at_ms <= excluded.checked_at_ms`);
}

/** Replaces what was offered before. */
export async function keepCandidates(
  tx: Executor,
  key: AttemptKey & { wabaId: WabaId },
  candidates: readonly ListedNumber[],
): Promise<void> {
  await tx.delete(attemptCandidates).where(ofAttempt(key));
  for (const { phoneNumberId, digits, verifiedName, isOnBizApp } of candidates) {
    await tx.execute(sql`
      insert into attempt_candidates
        (number_id, cycle, attempt, phone_number_id, tenant_id, waba_id, digits, verified_name, is_on_biz_app)
      select number_id, ${key.cycle}, ${key.attempt}, ${phoneNumberId}, tenant_id, ${key.wabaId}, ${digits}, ${text(verifiedName)}, ${isOnBizApp}
      from numbers where number_id = ${key.numberId} on conflict do nothing`);
  }
}

const ofAttempt = ({ numberId, cycle, attempt }: AttemptKey) =>
  and(
    eq(attemptCandidates.numberId, numberId),
    eq(attemptCandidates.cycle, cycle),
    eq(attemptCandidates.attempt, attempt),
  );

type Row = typeof numbers.$inferSelect;

const wabaOf = ({ wabaId, attemptWabaId }: Row): WabaId | null => attemptWabaId ?? wabaId;
const keyOf = (tenantId: TenantId, waba: WabaId | null): string => `${tenantId}/${waba ?? ''}`;

/** The connection cards of a page of numbers: of the account that is being connected, else of the one that is. */
export async function cardsOf(db: Executor, rows: readonly Row[]): Promise<(row: Row) => AccountCard | null> {
  const wabas = [...new Set(rows.map(wabaOf).filter((id) => id !== null))];
  const tenants = [...new Set(rows.map(({ tenantId }) => tenantId))];
  if (wabas.length === 0) return () => null;
  const found = await db
    .select()
    .from(accounts)
    .where(and(inArray(accounts.wabaId, wabas), inArray(accounts.tenantId, tenants)));
  const cards = new Map(found.map(({ tenantId, ...card }) => [keyOf(tenantId, card.wabaId), card]));
  return (row) => cards.get(keyOf(row.tenantId, wabaOf(row))) ?? null;
}

/** What the attempts of a page of numbers offer to choose from; empty for one that offers nothing. */
export async function candidatesOf(db: Executor, rows: readonly Row[]): Promise<(row: Row) => readonly Candidate[]> {
  const choosing = rows.filter(({ snapshot }) => snapshot.attempt.wait?.choices?.kind === 'number');
  if (choosing.length === 0) return () => [];
  const ids = choosing.map(({ numberId }) => numberId);
  const found = await db
    .select()
    .from(attemptCandidates)
    .where(inArray(attemptCandidates.numberId, ids))
    .orderBy(attemptCandidates.digits);
  return ({ numberId, cycle, snapshot }) =>
    found
      .filter((row) => row.numberId === numberId && row.cycle === cycle && row.attempt === snapshot.attempt.ordinal)
      .map(({ phoneNumberId, digits, verifiedName }) => ({ phoneNumberId, digits, verifiedName }));
}

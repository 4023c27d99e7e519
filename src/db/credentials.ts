/** Codes and tokens by reference: sealed at rest, once-only per attempt, erased when they are forgotten. */
import { and, eq, inArray, isNotNull, ne, or, sql } from 'drizzle-orm';
import type { Clock } from '../domain/clock.ts';
import type { SignupEnding } from '../domain/facts.ts';
import type { DialogRunId, NumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { Grant } from '../domain/snapshot.ts';
import { storable } from './columns.ts';
import { noteDialogOf, noteMoment } from './connect-times.ts';
import type { Executor, Store } from './connect.ts';
import { codePlace } from './dialog-runs.ts';
import type { SecretPlace } from './secret-box.ts';
import { numbers } from './schema-numbers.ts';
import { credentials, dialogRuns } from './schema-signup.ts';
import { hasYielded } from './yielded-claims.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

interface Token {
  accessToken: string;
  expiresAtMs: number | null;
}

interface Credentials {
  readCode(run: DialogRunId): Promise<{ code: string; receivedAtMs: number } | null>;
  intendExchange(key: AttemptKey, run: DialogRunId, atMs: number): Promise<number>;
  keepCandidate(key: AttemptKey, run: DialogRunId, token: Token): Promise<void>;
  hasCandidate(key: AttemptKey): Promise<boolean>;
  keepGrants(key: AttemptKey, given: readonly Grant[], atMs: number): Promise<void>;
  readCandidate(key: AttemptKey): Promise<string | null>;
  readCurrent(numberId: NumberId): Promise<string | null>;
  readForLook(numberId: NumberId): Promise<string | null>;
  forgetCandidate(key: AttemptKey, keptRun: DialogRunId | null): Promise<'done' | 'not-needed'>;
  forgetCurrent(numberId: NumberId): Promise<'done' | 'not-needed'>;
  readSignupResult(key: AttemptKey): Promise<{ ending: SignupEnding; wabaId: WabaId | null } | null>;
}

type CredentialRow = typeof credentials.$inferSelect;

const FORGOTTEN = { state: 'forgotten', tokenSealed: null } as const;

const ofAttempt = ({ numberId, cycle, attempt }: AttemptKey) =>
  and(eq(credentials.numberId, numberId), eq(credentials.cycle, cycle), eq(credentials.attempt, attempt));

/** A token sealed for one attempt of one number of one tenant. */
function tokenPlace({ tenantId, numberId, cycle, attempt }: AttemptKey & { tenantId: string }): SecretPlace {
  return { tenantId, record: `credential/${numberId}/${cycle}/${attempt}` };
}

export function createCredentials(store: Store, { clock }: { clock: Clock }): Credentials {
  const { db } = store;
  return {
    readCode: (run) => readCode(store, run),
    intendExchange: (key, run, atMs) => intendExchange(db, { ...key, run }, atMs),
    keepGrants: (key, given, atMs) =>
      db.transaction(async (tx) => {
        await keepGrants(tx, { ...key, atMs }, given);
        await noteMoment(tx, key, { moment: 'permissions-granted', atMs: clock.nowMs() });
      }),
    keepCandidate: (key, run, token) =>
      db.transaction(async (tx) => {
        await keepCandidate({ tx, secretBox: store.secretBox }, { ...key, run }, token);
        await noteDialogOf(tx, key, run);
        await noteMoment(tx, key, { moment: 'code-exchanged', atMs: clock.nowMs() });
      }),
    hasCandidate: async (key) => (await readUsable(db, key)) !== undefined,
    readCandidate: async (key) => openToken(store, await readUsable(db, key)),
    readCurrent: async (numberId) => {
      const isCurrent = and(eq(credentials.numberId, numberId), eq(credentials.state, 'current'));
      const [row] = await db.select().from(credentials).where(isCurrent);
      return openToken(store, row);
    },
    readForLook: async (numberId) => {
      const isNumber = eq(credentials.numberId, numberId);
      const [row] = await db
        .select({ credential: credentials })
        .from(credentials)
        .innerJoin(numbers, eq(numbers.numberId, credentials.numberId))
        .where(and(isNumber, eq(credentials.state, 'current'), sql`not ${hasYielded}`));
      return openToken(store, row?.credential);
    },
    forgetCandidate: (key, keptRun) => forgetCandidate(db, key, keptRun),
    forgetCurrent: async (numberId) => {
      const isCurrent = and(eq(credentials.numberId, numberId), eq(credentials.state, 'current'));
      const gone = await db.update(credentials).set(FORGOTTEN).where(isCurrent).returning();
      return gone.length > 0 ? 'done' : 'not-needed';
    },
    readSignupResult: (key) => readSignupResult(db, key),
  };
}

async function readCode({ db, secretBox }: Store, run: DialogRunId): ReturnType<Credentials['readCode']> {
  const [row] = await db.select().from(dialogRuns).where(eq(dialogRuns.dialogRunId, run));
  if (row === undefined || row.codeSealed === null || row.codeReceivedAtMs === null) return null;
  return { code: await secretBox.open(codePlace(row), row.codeSealed), receivedAtMs: row.codeReceivedAtMs };
}

async function intendExchange(
  db: Executor,
  { numberId, cycle, attempt, run }: AttemptKey & { run: DialogRunId },
  atMs: number,
): Promise<number> {
  const rows = await db.execute<{ exchange_intents: number }>(sql`
    insert into credentials (number_id, cycle, attempt, tenant_id, state, exchange_intents, exchange_run, intended_at_ms)
    select number_id, ${cycle}, ${attempt}, tenant_id, 'intended', 1, ${run}, ${atMs}::bigint
    from numbers where number_id = ${numberId}
    on conflict (number_id, cycle, attempt) do update set
      exchange_intents = case when credentials.exchange_run = excluded.exchange_run
        then credentials.exchange_intents + 1 else 1 end,
      exchange_run = excluded.exchange_run, intended_at_ms = excluded.intended_at_ms
    returning exchange_intents`);
  const [row] = rows;
  if (row === undefined) throw new Error('no such number: its row is written before its workflow starts');
  return row.exchange_intents - 1;
}

/** C18: the first reading gives the time. */
async function keepGrants(
  db: Executor,
  { numberId, cycle, attempt, atMs }: AttemptKey & { atMs: number },
  given: readonly Grant[],
): Promise<void> {
  for (const { scope, count } of given) {
    await db.execute(sql`
      insert into grants (number_id, cycle, attempt, scope, tenant_id, targets, granted_at_ms)
      select number_id, ${cycle}, ${attempt}, ${storable(scope)}, tenant_id, ${count}, ${atMs}::bigint
      from numbers where number_id = ${numberId}
      on conflict (number_id, cycle, attempt, scope) do update set targets = excluded.targets`);
  }
}

/** A candidate that went live stays what it is: a repeat must not take a credential back. */
async function keepCandidate(
  { tx, secretBox }: { tx: Executor; secretBox: Store['secretBox'] },
  { run, ...key }: AttemptKey & { run: DialogRunId },
  token: Token,
): Promise<void> {
  const [intent] = await tx.select().from(credentials).where(ofAttempt(key)).for('update');
  if (intent === undefined) throw new Error('a token is kept only after the intent to exchange its code');
  const tokenSealed = await secretBox.seal(tokenPlace(intent), token.accessToken);
  await tx
    .update(credentials)
    .set({ state: 'candidate', tokenSealed, expiresAtMs: token.expiresAtMs })
    .where(and(ofAttempt(key), ne(credentials.state, 'current')));
  await tx.update(dialogRuns).set({ codeSealed: null }).where(eq(dialogRuns.dialogRunId, run));
}

/** The attempt's token while it stands, also once it has gone live: a repeated or reset run finds it again. */
async function readUsable(db: Executor, key: AttemptKey): Promise<CredentialRow | undefined> {
  const [row] = await db
    .select()
    .from(credentials)
    .where(and(ofAttempt(key), isNotNull(credentials.tokenSealed)));
  return row;
}

function openToken({ secretBox }: Store, row: CredentialRow | undefined): Promise<string | null> {
  if (row === undefined || row.tokenSealed === null) return Promise.resolve(null);
  return secretBox.open(tokenPlace(row), row.tokenSealed);
}

/**
 * Forgets the attempt's token unless it is the credential of the link, and every code that its dialog runs still hold, save the
 * one that is kept for the next attempt (AT14).
 */
function forgetCandidate(db: Executor, key: AttemptKey, keptRun: DialogRunId | null): Promise<'done' | 'not-needed'> {
  const isGiven = keptRun === null ? undefined : ne(dialogRuns.dialogRunId, keptRun);
  return db.transaction(async (tx) => {
    const isCandidate = eq(credentials.state, 'candidate');
    const tokens = await tx
      .update(credentials)
      .set(FORGOTTEN)
      .where(and(ofAttempt(key), isCandidate))
      .returning();
    const codes = await tx
      .update(dialogRuns)
      .set({ codeSealed: null })
      .where(and(or(ofRun(key), isExchanged(db, key)), isNotNull(dialogRuns.codeSealed), isGiven))
      .returning();
    return tokens.length + codes.length > 0 ? 'done' : 'not-needed';
  });
}

const ofRun = ({ numberId, cycle, attempt }: AttemptKey) =>
  and(eq(dialogRuns.numberId, numberId), eq(dialogRuns.cycle, cycle), eq(dialogRuns.attempt, attempt));

/** The run whose code the attempt exchanged: it may have been opened for the attempt before (AT14). */
const isExchanged = (db: Executor, key: AttemptKey) =>
  inArray(dialogRuns.dialogRunId, db.select({ run: credentials.exchangeRun }).from(credentials).where(ofAttempt(key)));

async function readSignupResult(db: Executor, key: AttemptKey): ReturnType<Credentials['readSignupResult']> {
  const [row] = await db
    .select()
    .from(dialogRuns)
    .where(and(isExchanged(db, key), isNotNull(dialogRuns.ending)));
  return row === undefined || row.ending === null ? null : { ending: row.ending, wabaId: row.resultWabaId };
}

/** At goLive: the candidate of the attempt becomes the number's credential, an older one is forgotten. */
export async function promoteCandidate(tx: Executor, key: AttemptKey): Promise<void> {
  const candidate = await readUsable(tx, key);
  if (candidate === undefined || candidate.state === 'current') return;
  const isOlder = and(eq(credentials.numberId, key.numberId), eq(credentials.state, 'current'));
  await tx.update(credentials).set(FORGOTTEN).where(isOlder);
  await tx.update(credentials).set({ state: 'current' }).where(ofAttempt(key));
}

/** ST5: the candidate goes over to another attempt of the same tenant, sealed for it. Answers whether there was one. */
export async function moveCandidate(
  { tx, secretBox }: { tx: Executor; secretBox: Store['secretBox'] },
  from: AttemptKey,
  to: AttemptKey & { tenantId: TenantId },
): Promise<boolean> {
  const candidate = await readUsable(tx, from);
  if (!candidate || candidate.tokenSealed === null || candidate.state !== 'candidate') return false;
  const token = await secretBox.open(tokenPlace(candidate), candidate.tokenSealed);
  const moved = { state: 'candidate', tokenSealed: await secretBox.seal(tokenPlace(to), token) } as const;
  const { expiresAtMs } = candidate;
  await tx
    .insert(credentials)
    .values({ ...to, ...moved, expiresAtMs })
    .onConflictDoUpdate({
      target: [credentials.numberId, credentials.cycle, credentials.attempt],
      set: { ...moved, expiresAtMs },
    });
  await tx.update(credentials).set(FORGOTTEN).where(ofAttempt(from));
  return true;
}

/** At the end of the record: no token and no code of the number stays. */
export async function forgetEverySecret(tx: Executor, numberId: NumberId): Promise<void> {
  await tx.update(credentials).set(FORGOTTEN).where(eq(credentials.numberId, numberId));
  await tx.update(dialogRuns).set({ codeSealed: null }).where(eq(dialogRuns.numberId, numberId));
}

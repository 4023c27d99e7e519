/** The completion event of a signup, with the ids of what proves each part of it (C22, AT20). */
import { and, eq, like, or } from 'drizzle-orm';
import type { ConnectedEvent, EventEvidence } from '../domain/events.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import { wabaId as wabaIdOf, type NumberId } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/policy.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { Executor } from './connect.ts';
import { appendEvent } from './events.ts';
import { accounts, grants } from './schema-connect.ts';
import { connectMoments } from './schema-connect-times.ts';
import { numberFacts, unroutedFacts } from './schema-inbox.ts';
import { attemptFindings, credentials, dialogRuns } from './schema-signup.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

type Table = typeof grants | typeof connectMoments | typeof attemptFindings | typeof credentials;

const ofAttempt = (table: Table, { numberId, cycle, attempt }: AttemptKey) =>
  and(eq(table.numberId, numberId), eq(table.cycle, cycle), eq(table.attempt, attempt));

/** Once per cycle and attempt, in the transaction of the transition; call it last (`appendEvent`). */
export async function tellConnected(tx: Executor, record: TransitionRecord, attempt: number): Promise<void> {
  const { numberId, tenantId, cycle, atMs } = record;
  const key = { numberId, cycle, attempt };
  await appendEvent(tx, {
    tenantId,
    numberId,
    dedupeKey: `connected/${numberId}/${cycle}/${attempt}`,
    kind: 'number.connected',
    payload: connectedEvent(record, key, await readProofs(tx, record, key)),
    dueAtMs: atMs,
  });
}

interface Proofs {
  finding: typeof attemptFindings.$inferSelect | undefined;
  granted: readonly (typeof grants.$inferSelect)[];
  account: typeof accounts.$inferSelect | undefined;
  run: typeof dialogRuns.$inferSelect | undefined;
  moments: ReadonlyMap<string, number>;
  facts: readonly FactEnvelope[];
}

async function readProofs(tx: Executor, record: TransitionRecord, key: AttemptKey): Promise<Proofs> {
  const [finding] = await tx.select().from(attemptFindings).where(ofAttempt(attemptFindings, key));
  const wabaId = finding?.wabaId ?? record.snapshot.wabaId;
  const isAccount = and(eq(accounts.tenantId, record.tenantId), eq(accounts.wabaId, wabaId ?? NO_WABA));
  const [account] = await tx.select().from(accounts).where(isAccount);
  const [exchanged] = await tx
    .select({ run: dialogRuns })
    .from(credentials)
    .innerJoin(dialogRuns, eq(dialogRuns.dialogRunId, credentials.exchangeRun))
    .where(ofAttempt(credentials, key));
  const moments = await tx.select().from(connectMoments).where(ofAttempt(connectMoments, key));
  return {
    finding,
    account,
    granted: await tx.select().from(grants).where(ofAttempt(grants, key)).orderBy(grants.scope),
    run: exchanged?.run,
    moments: new Map(moments.map((row) => [row.moment, row.atMs])),
    facts: await readFacts(tx, record, key),
  };
}

/** No account has it. */
const NO_WABA = wabaIdOf('');

/** Meta's word that we were added, since the attempt opened, and the word of the number that gave the attempt over. */
async function readFacts(tx: Executor, { snapshot }: TransitionRecord, key: AttemptKey): Promise<FactEnvelope[]> {
  const isTelling = or(like(numberFacts.factId, 'meta/%'), like(numberFacts.factId, 'handover/%'));
  const queued = await tx
    .select({ envelope: numberFacts.envelope })
    .from(numberFacts)
    .where(and(eq(numberFacts.numberId, key.numberId), isTelling))
    .orderBy(numberFacts.position);
  const isTaken = and(
    eq(unroutedFacts.claimedBy, key.numberId),
    eq(unroutedFacts.claimedCycle, key.cycle),
    eq(unroutedFacts.claimedAttempt, key.attempt),
  );
  const parked = await tx
    .select({ envelope: unroutedFacts.envelope })
    .from(unroutedFacts)
    .where(isTaken)
    .orderBy(unroutedFacts.position);
  const openedAtMs = snapshot.lastSignup?.openedAtMs ?? 0;
  const sinceMs = openedAtMs - (openedAtMs % SECOND_MS); // Meta's times are whole seconds
  const envelopes = [...parked, ...queued].flatMap(({ envelope }) => (envelope === null ? [] : [envelope]));
  return envelopes.filter(({ occurredAtMs, fact }) => isOfAttempt(fact, key) || isAdded(fact, occurredAtMs, sinceMs));
}

function isAdded(fact: FactEnvelope['fact'], occurredAtMs: number, sinceMs: number): boolean {
  return fact.kind === 'partnerAdded' && occurredAtMs >= sinceMs;
}

function isOfAttempt(fact: FactEnvelope['fact'], { cycle, attempt }: AttemptKey): boolean {
  return fact.kind === 'attemptHandedOver' && fact.cycle === cycle && fact.attempt === attempt;
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

function connectedEvent(record: TransitionRecord, key: AttemptKey, proofs: Proofs): ConnectedEvent {
  const { snapshot, atMs, cycle } = record;
  const { finding, account, granted, moments } = proofs;
  const readBackAtMs = moments.get('account-subscribed');
  return {
    cycle,
    attempt: key.attempt,
    phoneNumberId: finding?.phoneNumberId ?? snapshot.phoneNumberId,
    wabaId: finding?.wabaId ?? snapshot.wabaId,
    businessPortfolioId: account?.portfolioId ?? null,
    scopes: granted.map(({ scope, targets }) => ({ scope, accounts: targets })),
    subscription: readBackAtMs === undefined ? null : { readBackAt: iso(readBackAtMs) },
    gate: { isOnBizApp: true, platformType: 'CLOUD_API', readAt: iso(snapshot.link.provedAtMs ?? atMs) },
    connectedAt: iso(atMs),
    evidence: [...dialogEvidence(proofs), ...readEvidence(key, proofs), ...momentEvidence(key, proofs)],
  };
}

/** The owner's part: what was consented to, the run of the dialog, and what Meta and other numbers told. */
function dialogEvidence({ run, facts }: Proofs): EventEvidence[] {
  const consent = run && run.disclosureVersion !== null ? [run] : [];
  const finished = run && run.codeReceivedAtMs !== null ? [{ id: run.dialogRunId, atMs: run.codeReceivedAtMs }] : [];
  return [
    ...consent.map((one) => evidence('consent', `disclosure/${one.disclosureVersion}`, one.openedAtMs)),
    ...finished.map(({ id, atMs }) => evidence('dialog', id, atMs)),
    ...facts.map(({ fact, factId, occurredAtMs }) =>
      evidence(fact.kind === 'partnerAdded' ? 'partner-added' : 'dialog', factId, occurredAtMs),
    ),
  ];
}

/** What was read at Meta and lies in rows of its own. */
function readEvidence(key: AttemptKey, { granted, account }: Proofs): EventEvidence[] {
  const grantedAtMs = granted.map((row) => row.grantedAtMs);
  return [
    ...(grantedAtMs.length > 0 ? [evidence('permissions', idOf('grants', key), Math.min(...grantedAtMs))] : []),
    ...(account ? [evidence('account', `account/${account.wabaId}`, account.checkedAtMs)] : []),
  ];
}

const MOMENTS = {
  'number-found': 'number',
  'number-claimed': 'claim',
  'account-subscribed': 'subscription',
  'gate-passed': 'gate',
} as const;

function momentEvidence(key: AttemptKey, { moments }: Proofs): EventEvidence[] {
  return Object.entries(MOMENTS).flatMap(([moment, proves]) => {
    const atMs = moments.get(moment);
    return atMs === undefined ? [] : [evidence(proves, `${idOf('moments', key)}/${moment}`, atMs)];
  });
}

/** Where the row lies: its table, and the key of the attempt. */
function idOf(what: 'grants' | 'moments', { numberId, cycle, attempt }: AttemptKey): string {
  return `${what}/${numberId}/${cycle}/${attempt}`;
}

function evidence(proves: EventEvidence['proves'], id: string, atMs: number): EventEvidence {
  return { proves, id, at: iso(atMs) };
}

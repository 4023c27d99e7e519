/** One signup through the doors of the store, step by step, on the clock of the file. */
import { businessPortfolioId, dialogRunId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { createNumber, ids, live, recordOf, START_MS, type Ids } from './builders.ts';
import { clock, type Bench } from './database.ts';
import { account, deliver } from './deliveries.ts';

const LIMITS = { windowMs: 1, perNumber: 99, perTenant: 999 };
const GRANTS = [
  { scope: 'whatsapp_business_management', count: 1 },
  { scope: 'whatsapp_business_messaging', count: 1 },
];
export const SECOND_MS = 1_000;

export const keyOf = (id: Ids, attempt = 1) => ({ numberId: id.numberId, cycle: 1, attempt });
export const runOf = (id: Ids) => dialogRunId(`dlg_of_${id.numberId}`);

/** Opened at the start, finished ten seconds later. */
export async function finishDialog(bench: Bench, id: Ids): Promise<void> {
  const run = { dialogRunId: runOf(id), cycle: 1, attempt: 1 };
  const disclosure = { version: 3, by: 'the owner' };
  const times = { openedAtMs: START_MS, expiresAtMs: START_MS + 60 * SECOND_MS };
  await bench.stores.dialogRuns.open({ ...run, numberId: id.numberId, ...times, disclosure }, LIMITS);
  await bench.stores.dialogRuns.acceptCode({ ...run, tenantId: id.tenantId }, 'the-code', START_MS + 10 * SECOND_MS);
}

/** Each step a second after the one before it: exchanged at 11 s, granted at 12 s, found, claimed, subscribed at 15 s. */
export async function takeSteps(bench: Bench, id: Ids): Promise<void> {
  const { credentials, claims, connectTimes } = bench.stores;
  const key = keyOf(id);
  const at = (second: number): number => (clock.atMs = START_MS + second * SECOND_MS);
  await credentials.intendExchange(key, runOf(id), at(11));
  await credentials.keepCandidate(key, runOf(id), { accessToken: 'EAAG-secret', expiresAtMs: null });
  await credentials.keepGrants(key, GRANTS, at(12));
  at(13);
  await claims.keepFinding(key, { ...id, verifiedName: 'Lotus' });
  const reading = { name: 'Lotus', timeZoneId: '1', currency: null, portfolioName: null, reviewStatus: null };
  const portfolioId = businessPortfolioId('506914307656634');
  await claims.keepAccount(id.numberId, id.wabaId, { ...reading, portfolioId, checkedAtMs: at(13) });
  const added = { kind: 'partnerAdded', wabaId: id.wabaId } as const;
  const dated = { key: `added-${id.numberId}`, occurredAtMs: at(13) };
  await deliver(bench, [account(added, { wabaId: id.wabaId }, dated)], clock.atMs);
  at(14);
  await claims.claim(key, id.tenantId, { onboardedAtMs: null, finishedAtMs: START_MS, grants: [] });
  at(15);
  await connectTimes.noteSubscribed(key);
}

/** The record of the transition: the gate's read began at 16 s, connected at 17 s. */
export function goLiveRecord(id: Ids, over: Partial<Snapshot> = {}) {
  const connectedAtMs = START_MS + 17 * SECOND_MS;
  const start = live(id);
  const link = { ...start.link, provedAtMs: START_MS + 16 * SECOND_MS };
  const lastSignup = { openedAtMs: START_MS, finishedAtMs: START_MS + 10 * SECOND_MS, connectedAtMs };
  const goesLive = { attempt: 1, evidenceAtMs: lastSignup.finishedAtMs };
  return recordOf({ ...start, link, lastSignup, ...over }, { goesLive, atMs: connectedAtMs });
}

export async function signUp(bench: Bench, tenant: string): Promise<Ids> {
  const id = ids(tenant);
  await createNumber(bench, id);
  await finishDialog(bench, id);
  await takeSteps(bench, id);
  await bench.stores.projection.record(goLiveRecord(id), 'run-1');
  return id;
}

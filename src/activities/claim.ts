/** Which number it is, whose it is, and that Meta tells us about it (ST4 to ST6). */
import { candidateOf } from './access.ts';
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import { chooseNumber } from './choose-number.ts';
import type { Activities } from './contract.ts';
import { failureOf } from './failures.ts';
import type { AccountReading, ActivityPorts, AttemptKey, Claims, Graph, ListedNumber } from './ports.ts';
import { missingFields } from '../domain/app-webhooks.ts';
import type { AccountRead } from '../domain/account-read.ts';
import { unexpectedOf, type ExpectedAccount } from '../domain/expectations.ts';
import type { WabaId } from '../domain/ids.ts';

type Claiming = Pick<Activities, 'resolveNumber' | 'claimNumber' | 'subscribeApp'>;

/** A subscription that is not read back is tried again twice. */
const SUBSCRIBE_TRIES_MAX = 3;

export function claimActivities(ports: ActivityPorts, readInfo: ReadInfo): Claiming {
  return {
    resolveNumber: (input) => resolveNumber(ports, input, scheduledAtMs(readInfo)),
    claimNumber: ({ key, tenantId, handOver }) => ports.claims.claim(key, tenantId, handOver),
    subscribeApp: (input) => subscribeApp(ports, readInfo, input),
  };
}

type Resolved = Awaited<ReturnType<Activities['resolveNumber']>>;
type Subscribed = Awaited<ReturnType<Activities['subscribeApp']>>;

/**
 * Two reads, then what they found is stored under the attempt's key: repeating writes the same. Digits and names stay in the
 * store.
 */
async function resolveNumber(
  ports: ActivityPorts,
  { key, wabaId, openedAtMs, chosenId }: Parameters<Activities['resolveNumber']>[0],
  nowMs: number,
): Promise<Resolved> {
  const { credentials, graph, claims } = ports;
  const token = await candidateOf(credentials, key);
  const reading = readAccount(graph, token, wabaId); // beside the list: one attempt has time for one call's length
  const listed = await graph.listNumbers(token, wabaId);
  const { expectedAccount, ...expected } = await claims.readExpectations(key.numberId, wabaId);
  const choice = chooseNumber({ listed, openedAtMs, chosenId, ...expected });
  switch (choice.kind) {
    case 'none':
      throw failureOf('NUMBER_NOT_FOUND', 'no number of the account can be meant');
    case 'ambiguous':
      return undecided(ports, { key, wabaId, code: 'NUMBER_AMBIGUOUS', candidates: choice.candidates });
    case 'not-expected':
      return undecided(ports, { key, wabaId, code: 'NUMBER_NOT_EXPECTED', candidates: choice.candidates });
    case 'chosen': {
      const { phoneNumberId, digits, verifiedName, onboardedAtMs } = choice.number;
      await claims.keepFinding(key, { wabaId, phoneNumberId, digits, verifiedName });
      const account = await reading;
      if (account) await claims.keepAccount(key.numberId, wabaId, { ...account, checkedAtMs: nowMs });
      const seen = await compared(claims, key, { expected: expectedAccount, told: account });
      return { kind: 'found', phoneNumberId, onboardedAtMs, ...seen };
    }
  }
}

/** C01 to C04, P13: ids and which of the names differ; the names themselves stay in the store. */
async function compared(
  claims: Claims,
  key: AttemptKey,
  { expected, told }: { expected: ExpectedAccount | null; told: AccountReading | null },
): Promise<AccountRead> {
  const hasTimeZone = told && told.timeZoneId !== null;
  const unexpected = told && unexpectedOf(expected, told);
  if (!unexpected) return { hasTimeZone };
  if (unexpected.portfolioIds) await claims.noteOtherBusiness(key);
  return { hasTimeZone, unexpected };
}

interface Candidates {
  key: AttemptKey;
  wabaId: WabaId;
  code: 'NUMBER_AMBIGUOUS' | 'NUMBER_NOT_EXPECTED';
  candidates: readonly ListedNumber[];
}

/** More than a person can look through is not offered. */
const CANDIDATES_MAX = 50;

/** CM06: digits and names of the candidates lie in the store, for the page on which a person chooses. */
async function undecided({ claims }: ActivityPorts, { key, wabaId, code, candidates }: Candidates): Promise<Resolved> {
  const offered = candidates.slice(0, CANDIDATES_MAX);
  await claims.keepCandidates(key, wabaId, offered);
  return { kind: 'undecided', code, phoneNumberIds: offered.map(({ phoneNumberId }) => phoneNumberId) };
}

/** C01 to C04. Good to know, and no step of connecting: where Meta does not tell, the sweep reads it later. */
function readAccount(graph: Graph, token: string, wabaId: WabaId): Promise<AccountReading | null> {
  return graph.readWaba(token, wabaId).catch(() => null);
}

/**
 * Subscribing twice is one subscription at Meta; a repeat costs two Graph calls. Without a body, which also takes away an
 * override of the address: what is read back must be ours and undiverted. Which fields are told is a setting of our app: the
 * servers read it at Meta, here it is looked up in the store.
 */
async function subscribeApp(
  ports: ActivityPorts,
  readInfo: ReadInfo,
  { key, wabaId }: Parameters<Activities['subscribeApp']>[0],
): Promise<Subscribed> {
  const { credentials, graph, connectTimes, webhookReadings } = ports;
  const token = await candidateOf(credentials, key);
  await graph.subscribe(token, wabaId);
  const subscription = await graph.readSubscription(token, wabaId);
  if (subscription === 'active') {
    await connectTimes.noteSubscribed(key);
    const reading = await webhookReadings.read(graph.appId);
    return { missingFields: missingFields(reading, scheduledAtMs(readInfo)) };
  }
  const isRetryable = readInfo().attempt < SUBSCRIBE_TRIES_MAX;
  const message = `our app's subscription reads ${subscription} after subscribing`;
  throw failureOf('SUBSCRIPTION_REFUSED', message, { isRetryable });
}

/** Which number it is, whose it is, and that Meta tells us about it (ST4 to ST6). */
import { candidateOf } from './access.ts';
import type { ReadInfo } from './activity-info.ts';
import { chooseNumber, type NumberChoice } from './choose-number.ts';
import type { Activities } from './contract.ts';
import { failureOf } from './failures.ts';
import type { ActivityPorts, ListedNumber } from './ports.ts';

type Claiming = Pick<Activities, 'resolveNumber' | 'claimNumber' | 'subscribeApp'>;

/** A subscription that is not read back is tried again twice. */
const SUBSCRIBE_TRIES_MAX = 3;

export function claimActivities(ports: ActivityPorts, readInfo: ReadInfo): Claiming {
  return {
    resolveNumber: (input) => resolveNumber(ports, input),
    claimNumber: ({ key, tenantId }) => ports.claims.claim(key, tenantId),
    subscribeApp: (input) => subscribeApp(ports, readInfo, input),
  };
}

/** A read, then the finding is stored under the attempt's key: repeating writes the same. Digits and name stay in the store. */
async function resolveNumber(
  { credentials, graph, claims }: ActivityPorts,
  { key, wabaId, openedAtMs }: Parameters<Activities['resolveNumber']>[0],
): ReturnType<Activities['resolveNumber']> {
  const token = await candidateOf(credentials, key);
  const listed = await graph.listNumbers(token, wabaId);
  const expectations = await claims.readExpectations(key.numberId, wabaId);
  const number = chosen(chooseNumber({ listed, openedAtMs, ...expectations }));
  const { phoneNumberId, digits, verifiedName, onboardedAtMs } = number;
  await claims.keepFinding(key, { wabaId, phoneNumberId, digits, verifiedName });
  return { phoneNumberId, onboardedAtMs };
}

function chosen(choice: NumberChoice): ListedNumber {
  switch (choice.kind) {
    case 'chosen':
      return choice.number;
    case 'none':
      throw failureOf('NUMBER_NOT_FOUND', 'no number of the account can be meant');
    case 'ambiguous':
      throw failureOf('NUMBER_AMBIGUOUS', 'several numbers of the account can be meant');
    case 'not-expected':
      throw failureOf('NUMBER_NOT_EXPECTED', 'the invitation names other digits');
  }
}

/** Subscribing twice is one subscription at Meta; a repeat costs two Graph calls. */
async function subscribeApp(
  { credentials, graph }: ActivityPorts,
  readInfo: ReadInfo,
  { key, wabaId }: Parameters<Activities['subscribeApp']>[0],
): Promise<void> {
  const token = await candidateOf(credentials, key);
  await graph.subscribe(token, wabaId);
  if (await graph.isSubscribed(token, wabaId)) return;
  const isRetryable = readInfo().attempt < SUBSCRIBE_TRIES_MAX;
  throw failureOf('SUBSCRIPTION_REFUSED', 'our app is not listed after subscribing', { isRetryable });
}

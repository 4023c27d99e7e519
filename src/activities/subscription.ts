/** Whether Meta tells us of an account: our app's subscription, read with the link's credential, and made again (FA42, SU02). */
import { classOfFailure } from '../domain/probe.ts';
import type { SubscriptionAnswer } from '../domain/subscription.ts';
import type { NumberId, WabaId } from '../domain/ids.ts';
import type { Activities } from './contract.ts';
import { isGraphFailure } from './failures.ts';
import type { ActivityPorts } from './ports.ts';

type Subscribing = Pick<Activities, 'readSubscription' | 'repairSubscription'>;

export function subscriptionActivities({ credentials, graph }: ActivityPorts): Subscribing {
  const withToken = async (
    numberId: NumberId,
    ask: (token: string) => Promise<SubscriptionAnswer['read']>,
  ): Promise<SubscriptionAnswer> => {
    const token = await credentials.readCurrent(numberId);
    return token === null ? { read: 'no-word' } : answered(() => ask(token));
  };
  const repair = async (token: string, wabaId: WabaId): Promise<SubscriptionAnswer['read']> => {
    await graph.subscribe(token, wabaId);
    return graph.readSubscription(token, wabaId);
  };
  return {
    /** A read; costs one Graph call. */
    readSubscription: ({ numberId, wabaId }) => withToken(numberId, (token) => graph.readSubscription(token, wabaId)),
    /** Subscribing twice is one subscription at Meta; without a body, which takes an override away. Two Graph calls. */
    repairSubscription: ({ numberId, wabaId }) => withToken(numberId, (token) => repair(token, wabaId)),
  };
}

/** Meta's failures are answers without a word; those of credential and permission put the link in doubt (GR9). */
async function answered(ask: () => Promise<SubscriptionAnswer['read']>): Promise<SubscriptionAnswer> {
  try {
    return { read: await ask() };
  } catch (error) {
    if (!isGraphFailure(error)) throw error;
    const speaksOfLink = error.reach === 'answered' && classOfFailure(error.failureCode) !== 'no-word';
    return speaksOfLink ? { read: 'no-word', isLinkInDoubt: true } : { read: 'no-word' };
  }
}

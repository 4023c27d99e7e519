/** A look at our app's subscription, or its repair, when there is a doubt about it (SU02). */
import { afterSubscriptionRead, nextSubscriptionStep, type SubscriptionAnswer } from '../../domain/subscription.ts';
import type { WabaId } from '../../domain/ids.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';

type Step = 'look' | 'repair';

/** Acts if it is time; answers whether it did. What has arrived meanwhile is heard first: the link may be gone. */
export async function checkSubscriptionIfDue(number: LiveNumber): Promise<boolean> {
  const step = nextSubscriptionStep(number.state, number.nowMs);
  if (step.kind === 'wait' || step.kind === 'rest') return false;
  const answer = await askMeta(number, step.kind, step.wabaId);
  await number.takeArrived();
  number.advance(afterSubscriptionRead(number.state, { step: step.kind, answer }, number.nowMs));
  return true;
}

async function askMeta({ calls, state }: LiveNumber, step: Step, wabaId: WabaId): Promise<SubscriptionAnswer> {
  const input = { numberId: state.numberId, wabaId };
  try {
    if (step === 'repair') {
      const summary = 'subscribe our app to the account again, and read back';
      return await calls.repairSubscription.executeWithOptions({ summary }, [input]);
    }
    const summary = 'does Meta tell us of this account?';
    return await calls.readSubscription.executeWithOptions({ summary }, [input]);
  } catch (error) {
    failureCodeOf(error, 'GRAPH_UNAVAILABLE');
    return { read: 'no-word' };
  }
}

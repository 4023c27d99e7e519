/** The two once-only imports while the link is live: asked for when due, looked after until they are over. */
import type { PhoneNumberId } from '../../domain/ids.ts';
import { afterAlert } from '../../domain/sync-alerts.ts';
import { afterAnswer } from '../../domain/sync-answer.ts';
import { afterLook } from '../../domain/sync-arrivals.ts';
import { beforeAsk, expireSync, nextSyncStep, ordinalOfAsk } from '../../domain/syncs.ts';
import type { SyncType } from '../../domain/commands.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';

/** Does what the imports need now; answers whether it did something. */
export async function syncIfDue(number: LiveNumber): Promise<boolean> {
  const step = nextSyncStep(number.state, number.nowMs);
  const { phoneNumberId } = number.state;
  if (!phoneNumberId) return false;
  switch (step.kind) {
    case 'ask':
      await ask(number, step.type, phoneNumberId);
      return true;
    case 'expire':
      number.advance(expireSync(number.state, step.type, number.nowMs));
      return true;
    case 'alert':
      number.advance(afterAlert(number.state, step, number.nowMs));
      return true;
    case 'look':
      await lookIntoLedger(number);
      return true;
    case 'wait':
    case 'none':
      return false;
  }
}

/** The intent is stored before the call; a call that ends without an answer may have happened. */
async function ask(number: LiveNumber, type: SyncType, phoneNumberId: PhoneNumberId): Promise<void> {
  const asking = number.state[type];
  const key = { numberId: number.state.numberId, cycle: number.state.cycle, type, ask: ordinalOfAsk(asking) };
  number.advance(beforeAsk(number.state, type));
  const answer = await request(number, { key, phoneNumberId });
  number.advance(afterAnswer(number.state, { type, answer }, number.nowMs));
}

async function request(
  number: LiveNumber,
  input: Parameters<LiveNumber['calls']['requestSync']>[0],
): ReturnType<LiveNumber['calls']['requestSync']> {
  try {
    return await number.calls.requestSync.executeWithOptions({ summary: `${input.key.type}, once` }, [input]);
  } catch (error) {
    failureCodeOf(error, 'GRAPH_UNAVAILABLE');
    return { outcome: 'unknown', waitMs: null };
  }
}

async function lookIntoLedger(number: LiveNumber): Promise<void> {
  const { numberId, cycle } = number.state;
  const ledger = await number.calls.readSyncLedger.executeWithOptions({ summary: 'what has arrived?' }, [
    { numberId, cycle },
  ]);
  await number.takeArrived();
  if (number.state.link.state !== 'live') return;
  number.advance(afterLook(number.state, ledger, number.nowMs));
}

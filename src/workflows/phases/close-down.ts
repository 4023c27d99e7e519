/**
 * An operator cancelled the run in the Temporal UI: what the attempt did is undone, a link that stands ends without a hold,
 * what is ours at Meta is cleaned up, and the record closes (LI62).
 */
import { cancelAttempt } from '../../domain/connect-steps.ts';
import { cancelLink, close } from '../../domain/settle.ts';
import type { LiveNumber } from '../live-number.ts';
import { connect } from './connect.ts';
import { settleIfDue } from './settle.ts';

export async function closeDown(number: LiveNumber): Promise<void> {
  await undoAttempt(number);
  number.advance(cancelLink(number.state, number.nowMs));
  while (number.connection !== 'closed' && (await settleIfDue(number))) {
    // each turn does one clean-up step
  }
  if (number.connection !== 'closed')
    number.advance(close(number.state, { row: 'LI62', why: 'cancelled' }, number.nowMs));
}

/** Runs the saga's own undo to its end. */
async function undoAttempt(number: LiveNumber): Promise<void> {
  if (number.connection !== 'connecting') return;
  number.advance(cancelAttempt(number.state, number.nowMs));
  while (number.connection === 'connecting') await connect(number);
}

/** What the close-down phase does with a life whose run an operator cancelled. */
import { failAttempt } from '../../src/domain/attempt.ts';
import { cancelLink, close } from '../../src/domain/settle.ts';
import type { Life } from './life.ts';
import { connectTurn } from './life-connect.ts';

export function cancelled(life: Life): Life {
  if (isClosed(life)) return life;
  undoAttempt(life);
  if (isClosed(life)) return life;
  life.advance(cancelLink(life.state, life.nowMs));
  for (let worked = true; worked;) worked = life.settleIfDue();
  if (!isClosed(life)) life.advance(close(life.state, { row: 'LI62', why: 'cancelled' }, life.nowMs));
  return life;
}

const isClosed = ({ state }: Life): boolean => state.closed !== 'no';

function undoAttempt(life: Life): void {
  if (life.connection !== 'connecting') return;
  if (life.state.attempt.state !== 'undoing') {
    life.advance(failAttempt(life.state, { row: 'LI62', code: 'CANCELLED_BY_OPERATOR' }, life.nowMs));
  }
  while (life.connection === 'connecting') connectTurn(life);
}

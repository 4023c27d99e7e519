/** What the close-down phase does with a life whose run an operator cancelled. */
import { cancelAttempt } from '../../src/domain/connect-steps.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { cancelLink, close } from '../../src/domain/settle.ts';
import type { Life } from './life.ts';
import { connectTurn } from './life-connect.ts';

/** `code`: one of another run of the dialog, that comes while all is undone. */
export function cancelled(life: Life, code: FactEnvelope | null = null): Life {
  if (isClosed(life)) return life;
  undoAttempt(life, code);
  if (isClosed(life)) return life;
  life.advance(cancelLink(life.state, life.nowMs));
  for (let worked = true; worked;) worked = life.settleIfDue();
  if (!isClosed(life)) life.advance(close(life.state, { row: 'LI62', why: 'cancelled' }, life.nowMs));
  return life;
}

const isClosed = ({ state }: Life): boolean => state.closed !== 'no';

function undoAttempt(life: Life, code: FactEnvelope | null): void {
  if (life.connection !== 'connecting') return;
  if (code) life.deliver(code, life.nowMs);
  life.advance(cancelAttempt(life.state, life.nowMs));
  while (life.connection === 'connecting') connectTurn(life);
}

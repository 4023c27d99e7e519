/** Undoing an attempt: what stands is read, then each step in reverse. */
import {
  afterLookWhatStands,
  afterUndo,
  attemptUndone,
  isSpareOfUse,
  type ConnectStep,
} from '../../domain/connect-steps.ts';
import type { UndoStep } from '../../domain/snapshot.ts';
import { mustRecord } from '../../domain/story.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';
import { attemptKeyOf, probeWithCandidate, wabaOf } from './connect-calls.ts';

type Undoing = Extract<ConnectStep, { kind: 'look-what-stands' | 'undo' | 'undone' }>;

export async function undoAttempt(number: LiveNumber, step: Undoing): Promise<void> {
  switch (step.kind) {
    case 'look-what-stands':
      return lookWhatStands(number);
    case 'undo':
      return undoStep(number, step.step);
    case 'undone':
      return number.advance(attemptUndone(number.state, number.nowMs));
  }
}

async function lookWhatStands(number: LiveNumber): Promise<void> {
  const probe = await probeWithCandidate(number, 'what does the phone still show?');
  number.advance(afterLookWhatStands(number.state, probe, number.nowMs));
}

async function undoStep(number: LiveNumber, step: UndoStep): Promise<void> {
  if (mustRecord(number.state)) await number.record();
  try {
    const result = await runUndo(number, step);
    number.advance(afterUndo(number.state, { step, result }, number.nowMs));
  } catch (error) {
    const code = failureCodeOf(error, 'COMPENSATION_INCOMPLETE');
    number.advance(afterUndo(number.state, { step, result: code }, number.nowMs));
  }
}

function runUndo({ calls, state, nowMs }: LiveNumber, step: UndoStep): Promise<'done' | 'not-needed'> {
  const key = attemptKeyOf(state);
  const credential = { kind: 'candidate', key } as const;
  const { numberId } = state;
  switch (step) {
    case 'unsubscribeIfLast': {
      const input = { numberId, wabaId: wabaOf(state), credential };
      const summary = 'undo: unsubscribe, unless a sibling needs it';
      return calls.unsubscribeIfLast.executeWithOptions({ summary }, [input]);
    }
    case 'releaseClaim':
      return calls.releaseClaim.executeWithOptions({ summary: 'undo: give the claim back' }, [{ key }]);
    case 'forgetCredential': {
      const summary = 'undo: forget the credential';
      const { spare } = state.attempt;
      const keptRun = isSpareOfUse(state, nowMs) && spare ? spare.dialogRunId : null;
      return calls.forgetCredential.executeWithOptions({ summary }, [{ numberId, credential, keptRun }]);
    }
  }
}

/**
 * Disconnected: the credential is held for the undo window, in case the number returns; then what is ours at Meta is
 * cleaned up, step by step; then the number rests until a new onboarding, or retires.
 */
import type { WabaId } from '../../domain/ids.ts';
import { afterCompensation, compensated, nextSettleStep } from '../../domain/settle.ts';
import type { UndoStep } from '../../domain/snapshot.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';
import { lookIfDue } from './look.ts';

export async function settle(number: LiveNumber): Promise<void> {
  if (await settleIfDue(number)) return;
  await number.nextPost();
}

/** The link's own after-life; it goes on also while a new invitation is open. Answers whether something was done. */
export async function settleIfDue(number: LiveNumber): Promise<boolean> {
  if (number.state.link.state !== 'gone') return false;
  if (await lookIfDue(number)) return true;
  const step = nextSettleStep(number.state, number.nowMs);
  switch (step.kind) {
    case 'compensate':
      await compensate(number, step.step);
      return true;
    case 'compensated':
      number.advance(compensated(number.state, number.nowMs));
      return true;
    case 'retire':
    case 'wait':
      return false;
  }
}

/** One clean-up step; its failure is recorded and never holds the number. */
export async function compensate(number: LiveNumber, step: UndoStep): Promise<void> {
  try {
    const result = await runCompensation(number, step);
    number.advance(afterCompensation(number.state, { step, result }, number.nowMs));
  } catch (error) {
    const result = failureCodeOf(error, 'COMPENSATION_INCOMPLETE');
    number.advance(afterCompensation(number.state, { step, result }, number.nowMs));
  }
}

function runCompensation({ calls, state }: LiveNumber, step: UndoStep): Promise<'done' | 'not-needed'> {
  const { numberId, wabaId } = state;
  const credential = { kind: 'current' } as const;
  switch (step) {
    case 'unsubscribeIfLast':
      return unsubscribe(calls, { numberId, wabaId, credential });
    case 'forgetCredential':
      return calls.forgetCredential.executeWithOptions({ summary: 'clean up: forget the credential' }, [
        { numberId, credential },
      ]);
    case 'releaseClaim':
      return Promise.resolve('not-needed'); // the claim of a link stays dormant with the number until it closes
  }
}

function unsubscribe(
  calls: LiveNumber['calls'],
  input: { numberId: LiveNumber['state']['numberId']; wabaId: WabaId | null; credential: { kind: 'current' } },
): Promise<'done' | 'not-needed'> {
  const { wabaId } = input;
  if (wabaId === null) return Promise.resolve('not-needed');
  return calls.unsubscribeIfLast.executeWithOptions({ summary: 'clean up: unsubscribe, unless a sibling needs it' }, [
    { ...input, wabaId },
  ]);
}

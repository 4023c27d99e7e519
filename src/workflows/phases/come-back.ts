/**
 * The date on which somebody may come back, whether the rules or Meta's dialog had said no: the rules are looked at again, then
 * the invitation opens, is put off to a later date, or refused.
 */
import { isComeBackDue } from '../../domain/come-back-queue.ts';
import { afterRecheck, afterRecheckFault } from '../../domain/come-back.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';

/**
 * Looks at the rules if it is time; answers whether it did. What arrives meanwhile is heard after the answer is used: a slot that
 * was granted meanwhile answers the promise that this very answer tells of.
 */
export async function recheckIfDue(number: LiveNumber): Promise<boolean> {
  if (!isComeBackDue(number.state, number.nowMs)) return false;
  const { numberId, tenantId } = number.state;
  const summary = 'the date has come: do the rules allow it now?';
  try {
    const answer = await number.calls.recheckEligibility.executeWithOptions({ summary }, [{ numberId, tenantId }]);
    number.advance(afterRecheck(number.state, answer, number.nowMs));
  } catch (error) {
    failureCodeOf(error, 'STORE_UNAVAILABLE');
    number.advance(afterRecheckFault(number.state, number.nowMs));
  }
  return true;
}

/** A look at the number at Meta when the link asks for one: a doubt, a return, the end of a pause. */
import { linkAfterAccessRead } from '../../domain/link-account.ts';
import { linkAfterLook, lookDueAt, type ProbePurpose } from '../../domain/link-looks.ts';
import type { PhoneNumberId } from '../../domain/ids.ts';
import type { Probe } from '../../domain/probe.ts';
import type { AccessRead } from '../../domain/snapshot.ts';
import { failureCodeOf } from '../failure-code.ts';
import type { LiveNumber } from '../live-number.ts';

const SUMMARIES: Record<ProbePurpose, string> = {
  doubt: 'is the connection alive?',
  return: 'is the phone back?',
  'pause-end': 'the pause ends: did the phone come back?',
};

/** Looks if it is time; answers whether it did. */
export async function lookIfDue(number: LiveNumber): Promise<boolean> {
  const due = lookDueAt(number.state.link);
  const { phoneNumberId } = number.state;
  if (!due || due.atMs > number.nowMs || !phoneNumberId) return false;
  if (due.purpose === 'access') return askToken(number);
  const probe = await probeNumber(number, phoneNumberId, due.purpose);
  await number.takeArrived();
  const still = lookDueAt(number.state.link);
  if (still?.purpose === due.purpose)
    number.advance(linkAfterLook(number.state, { purpose: due.purpose, probe }, number.nowMs));
  return true;
}

/** LI15, LI38: our app was removed, says Meta. */
async function askToken(number: LiveNumber): Promise<true> {
  const read = await readAccess(number);
  await number.takeArrived();
  number.advance(linkAfterAccessRead(number.state, read, number.nowMs));
  return true;
}

async function readAccess({ calls, state }: LiveNumber): Promise<AccessRead> {
  const { numberId, wabaId } = state;
  if (!wabaId) return 'no-word';
  try {
    const summary = 'our app was removed, says Meta: is the token still valid?';
    return await calls.checkCredential.executeWithOptions({ summary }, [{ numberId, wabaId }]);
  } catch (error) {
    failureCodeOf(error, 'GRAPH_UNAVAILABLE');
    return 'no-word';
  }
}

async function probeNumber(number: LiveNumber, phoneNumberId: PhoneNumberId, purpose: ProbePurpose): Promise<Probe> {
  const startedAtMs = number.nowMs;
  const input = { numberId: number.state.numberId, phoneNumberId, credential: { kind: 'current' } as const };
  try {
    return await number.calls.probeNumber.executeWithOptions({ summary: SUMMARIES[purpose] }, [input]);
  } catch (error) {
    failureCodeOf(error, 'GRAPH_UNAVAILABLE');
    return { class: 'no-word', startedAtMs, reading: null };
  }
}

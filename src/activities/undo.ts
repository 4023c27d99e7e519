/** The undo steps, each conditional on the state at that moment and repeatable. */
import type { FailureCode } from '../domain/failures.ts';
import { tokenOf } from './access.ts';
import type { Activities } from './contract.ts';
import { isGraphFailure } from './failures.ts';
import type { ActivityPorts } from './ports.ts';

type Undo = Pick<Activities, 'unsubscribeIfLast' | 'releaseClaim' | 'forgetCredential'>;

/** Meta no longer lets us near the account (100/33, 10, 200-299, 190): there is nothing of ours left to take away. */
const NOT_NEEDED_AFTER: readonly FailureCode[] = [
  'NUMBER_NOT_VISIBLE',
  'ACCESS_WITHDRAWN',
  'TOKEN_REVOKED',
  'TOKEN_EXPIRED',
  'LOGIN_CHECKPOINT',
];

export function undoActivities(ports: ActivityPorts): Undo {
  return {
    unsubscribeIfLast: (input) => unsubscribeIfLast(ports, input),
    releaseClaim: ({ key }) => ports.claims.release(key),
    forgetCredential: ({ numberId, credential, keptRun = null }) =>
      credential.kind === 'candidate'
        ? ports.credentials.forgetCandidate(credential.key, keptRun)
        : ports.credentials.forgetCurrent(numberId),
  };
}

/** Runs under a lock of the WABA, so that a sibling that connects at this moment is either seen or waits. */
function unsubscribeIfLast(
  { claims, credentials, graph }: ActivityPorts,
  { numberId, wabaId, credential }: Parameters<Activities['unsubscribeIfLast']>[0],
): Promise<'done' | 'not-needed'> {
  return claims.withWaba(wabaId, numberId, async (isNeeded) => {
    if (isNeeded) return 'not-needed';
    const token = await tokenOf(credentials, numberId, credential);
    if (token === null) return 'not-needed';
    try {
      await graph.unsubscribe(token, wabaId);
      return 'done';
    } catch (error) {
      if (isGraphFailure(error) && NOT_NEEDED_AFTER.includes(error.failureCode)) return 'not-needed';
      throw error;
    }
  });
}

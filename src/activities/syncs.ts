/** Asks Meta once for contacts or history, and reads how far the data has come (SY rows). */
import { classOfFailure } from '../domain/probe.ts';
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import { isGraphFailure, waitOf } from './failures.ts';
import type { SyncType } from '../domain/commands.ts';
import type { ActivityPorts, GraphFailure, SyncKey, SyncOutcome } from './ports.ts';

type SyncCalls = Pick<Activities, 'requestSync' | 'readSyncLedger'>;

interface Settled {
  outcome: SyncOutcome;
  requestId: string | null;
  waitMs: number | null;
  isLinkInDoubt?: boolean;
}

/** Meta answers it with a server's status, yet it is a plain no to this call. */
const GENERIC_NO = 131_000;

export function syncActivities(ports: ActivityPorts, readInfo: ReadInfo): SyncCalls {
  return {
    requestSync: (input) => requestSync(ports, readInfo, input),
    readSyncLedger: ({ numberId, cycle }) => ports.syncs.readLedger(numberId, cycle),
  };
}

/** Once-only at Meta: the intent is stored before the call, and a repeat finds it, or its outcome, and does not call. */
async function requestSync(
  ports: ActivityPorts,
  readInfo: ReadInfo,
  { key, phoneNumberId }: Parameters<Activities['requestSync']>[0],
): ReturnType<Activities['requestSync']> {
  const intent = await ports.syncs.intend(key, scheduledAtMs(readInfo));
  if (intent.kind === 'found') return { outcome: intent.outcome, waitMs: null };
  const { outcome, requestId, waitMs, isLinkInDoubt = false } = await call(ports, key, phoneNumberId);
  await ports.syncs.settle(key, outcome, requestId);
  return isLinkInDoubt ? { outcome, waitMs, isLinkInDoubt } : { outcome, waitMs };
}

/** No credential: surely nothing was sent. */
async function call(
  { credentials, graph }: ActivityPorts,
  { numberId, type }: SyncKey,
  phoneNumberId: Parameters<Activities['requestSync']>[0]['phoneNumberId'],
): Promise<Settled> {
  const token = await credentials.readCurrent(numberId);
  if (token === null) return { outcome: 'due', requestId: null, waitMs: null };
  try {
    const { requestId } = await graph.requestSync(token, phoneNumberId, type);
    return { outcome: 'requested', requestId, waitMs: null };
  } catch (error) {
    if (!isGraphFailure(error)) throw error;
    const outcome = outcomeOf(error, type);
    const waitMs = outcome === 'due' ? waitOf(error) : null;
    return { outcome, requestId: null, waitMs, isLinkInDoubt: outcome === 'due' && speaksOfLink(error) };
  }
}

/** What an answer makes of the request, top to bottom; whatever may have happened is `unknown`. */
export function outcomeOf(error: GraphFailure, type: SyncType): SyncOutcome {
  if (error.reach === 'not-sent') return 'due';
  if (error.reach === 'unknown') return 'unknown';
  if (error.metaCode === GENERIC_NO) return 'refused';
  switch (error.failureCode) {
    case 'GRAPH_RATE_LIMITED':
      return 'due';
    case 'SYNC_ALREADY_REQUESTED':
      return 'requested';
    case 'SYNC_WINDOW_MISSED':
      return 'expired';
    case 'HISTORY_DECLINED':
      return type === 'history' ? 'declined' : 'refused';
    case 'GRAPH_UNAVAILABLE':
      return 'unknown';
    default:
      return restOf(error);
  }
}

/** 190, 0, 100/33, 10 and 200 to 299: it is the credential or the link, and a look decides (GR8). */
function speaksOfLink({ reach, failureCode }: GraphFailure): boolean {
  return reach === 'answered' && classOfFailure(failureCode) !== 'no-word';
}

function restOf({ failureCode, httpStatus }: GraphFailure): SyncOutcome {
  if (classOfFailure(failureCode) !== 'no-word') return 'due';
  return httpStatus !== null && httpStatus >= 400 && httpStatus < 500 ? 'refused' : 'unknown';
}

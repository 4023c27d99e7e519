/** Looks at the number at Meta: the gate of a running attempt, and the single look that always has an answer (ST7, GR8). */
import type { PhoneNumberId } from '../domain/ids.ts';
import { classOfFailure, classOfReading, gateFailureOf, isBanned, type Look } from '../domain/probe.ts';
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import { failureOf, isGraphFailure, waitOf } from './failures.ts';
import type { ActivityPorts, Graph } from './ports.ts';

type Looks = Pick<Activities, 'readGate' | 'probeNumber' | 'checkCredential'>;

export function gateActivities({ credentials, graph }: ActivityPorts, readInfo: ReadInfo): Looks {
  return {
    /** A read; asked again by its own retries. The last look travels in the failure's details. */
    async readGate({ key, phoneNumberId }) {
      const token = await credentials.readCandidate(key);
      const seen = await look(graph, { token, phoneNumberId, startedAtMs: scheduledAtMs(readInfo) });
      if (isBanned(seen)) throw failureOf('ACCOUNT_BANNED', 'the gate reads BANNED', { isRetryable: false });
      if (seen.class === 'alive') return seen;
      throw failureOf(gateFailureOf(seen), `the gate reads ${seen.class}`, {
        isRetryable: true,
        isExpected: true,
        nextRetryMs: seen.waitMs ?? null,
        details: [seen],
      });
    },
    /** A read; Meta's failures are classes of the answer. */
    async probeNumber({ numberId, phoneNumberId, credential }) {
      const isCurrent = credential.kind === 'current';
      const token = await (isCurrent ? credentials.readForLook(numberId) : credentials.readCandidate(credential.key));
      return look(graph, { token, phoneNumberId, startedAtMs: scheduledAtMs(readInfo) });
    },
    /** A read with the app's own token; without a word where Meta cannot be asked or nothing is held. */
    async checkCredential({ numberId, wabaId }) {
      const token = await credentials.readCurrent(numberId);
      if (token === null) return 'no-word';
      try {
        const report = await graph.debugToken(token);
        return report.isValid && report.appId === graph.appId && report.wabaIds.includes(wabaId) ? 'valid' : 'dead';
      } catch (error) {
        if (isGraphFailure(error)) return 'no-word';
        throw error;
      }
    },
  };
}

interface LookInput {
  token: string | null;
  phoneNumberId: PhoneNumberId;
  startedAtMs: number;
}

/** Without a credential nothing can be asked: that says nothing about the number. */
async function look(graph: Graph, { token, phoneNumberId, startedAtMs }: LookInput): Promise<Look> {
  if (token === null) return { class: 'no-word', startedAtMs, reading: null };
  try {
    const { isOnBizApp, platformType, status, onboardedAtMs } = await graph.readNumber(token, phoneNumberId);
    const reading = { isOnBizApp, platformType, status, onboardedAtMs };
    return { class: classOfReading(reading), startedAtMs, reading };
  } catch (error) {
    if (!isGraphFailure(error)) throw error;
    const waitMs = waitOf(error);
    const seen = { class: classOfFailure(error.failureCode), startedAtMs, reading: null };
    return waitMs === null ? seen : { ...seen, waitMs };
  }
}

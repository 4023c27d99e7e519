/** Looks at the number at Meta: the gate of a running attempt, and the single look that always has an answer (ST7, GR8). */
import type { PhoneNumberId } from '../domain/ids.ts';
import { classOfFailure, classOfReading, gateFailureOf, isBanned, type Probe } from '../domain/probe.ts';
import { tokenOf } from './access.ts';
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import { failureOf, isGraphFailure, waitOf } from './failures.ts';
import type { ActivityPorts, Graph } from './ports.ts';

type Looks = Pick<Activities, 'readGate' | 'probeNumber' | 'checkCredential'>;

interface Look {
  probe: Probe;
  /** The wait that Meta asks for, ms. */
  waitMs: number | null;
}

export function gateActivities({ credentials, graph }: ActivityPorts, readInfo: ReadInfo): Looks {
  return {
    /** A read; asked again by its own retries. The last probe travels in the failure's details. */
    async readGate({ key, phoneNumberId }) {
      const token = await credentials.readCandidate(key);
      const { probe, waitMs } = await look(graph, { token, phoneNumberId, startedAtMs: scheduledAtMs(readInfo) });
      if (isBanned(probe)) throw failureOf('ACCOUNT_BANNED', 'the gate reads BANNED', { isRetryable: false });
      if (probe.class === 'alive') return probe;
      throw failureOf(gateFailureOf(probe), `the gate reads ${probe.class}`, {
        isRetryable: true,
        isExpected: true,
        nextRetryMs: waitMs,
        details: [probe],
      });
    },
    /** A read; Meta's failures are classes of the answer. */
    async probeNumber({ numberId, phoneNumberId, credential }) {
      const token = await tokenOf(credentials, numberId, credential);
      const { probe } = await look(graph, { token, phoneNumberId, startedAtMs: scheduledAtMs(readInfo) });
      return probe;
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
  if (token === null) return { probe: { class: 'no-word', startedAtMs, reading: null }, waitMs: null };
  try {
    const { isOnBizApp, platformType, status, onboardedAtMs } = await graph.readNumber(token, phoneNumberId);
    const reading = { isOnBizApp, platformType, status, onboardedAtMs };
    return { probe: { class: classOfReading(reading), startedAtMs, reading }, waitMs: null };
  } catch (error) {
    if (!isGraphFailure(error)) throw error;
    return { probe: { class: classOfFailure(error.failureCode), startedAtMs, reading: null }, waitMs: waitOf(error) };
  }
}

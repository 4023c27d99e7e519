/** Activities without a world: typed fakes that remember what was asked, and answer as a test scripts them. */
import type { Activities } from '../../src/activities/contract.ts';
import { ASKED_SCOPES } from '../../src/domain/grants.ts';
import { phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import type { Probe } from '../../src/domain/probe.ts';
import type { TransitionRecord } from '../../src/domain/record.ts';

export const WABA = wabaId('310000000000017');
export const PHONE = phoneNumberId('410000000000023');

export interface Fakes extends Activities {
  /** Names of the activities that ran, in order. */
  ran: string[];
  records: TransitionRecord[];
  reminders: { rung: string; atMs: number }[];
  /** Which import Meta was asked for, in order. */
  syncsAsked: string[];
  /** Latest evidence of the app, epoch ms. */
  evidenceAtMs: number | null;
  ledger: Awaited<ReturnType<Activities['readSyncLedger']>>;
}

export function probe(startedAtMs: number, over: Partial<Probe> = {}): Probe {
  const reading = { isOnBizApp: true, platformType: 'CLOUD_API', status: 'CONNECTED', onboardedAtMs: startedAtMs };
  return { class: 'alive', startedAtMs, reading, ...over };
}

/** All that the dialog asks for. */
export const GRANTS = ASKED_SCOPES.map((scope) => ({ scope, count: 1 }));

const NOTHING_ARRIVED = { firstAtMs: null, lastAtMs: null, chunks: 0, counted: 0, progress: 0, hasSeenFull: false };

/** `nowMs`: the workflow's time, as the activities of the product take it from their scheduled time. */
export function fakeActivities(nowMs: () => number, over: Partial<Activities> = {}): Fakes {
  const plain: Omit<Fakes, 'ran'> = {
    records: [],
    reminders: [],
    syncsAsked: [],
    evidenceAtMs: null,
    ledger: { contacts: NOTHING_ARRIVED, history: NOTHING_ARRIVED },
    exchangeCode: async () => {},
    checkToken: async () => ({ kind: 'granted', wabaId: WABA, grants: GRANTS }),
    resolveNumber: async () => ({ kind: 'found', phoneNumberId: PHONE, onboardedAtMs: nowMs(), hasTimeZone: true }),
    claimNumber: async () => ({ kind: 'claimed', parked: [] }),
    subscribeApp: async () => ({ missingFields: [] }),
    readGate: async () => probe(nowMs()),
    probeNumber: async () => probe(nowMs()),
    checkCredential: async () => 'valid',
    readSubscription: async () => ({ read: 'active' }),
    repairSubscription: async () => ({ read: 'active' }),
    requestSync: async ({ key }) => {
      fakes.syncsAsked.push(key.type);
      return { outcome: 'requested', waitMs: null };
    },
    readSyncLedger: async () => fakes.ledger,
    readLastAppActivity: async () => ({ anyAtMs: fakes.evidenceAtMs, evidence: 'echo' }),
    sendReminder: async ({ rung, evidenceAtMs }) => {
      if (fakes.evidenceAtMs !== null && fakes.evidenceAtMs > evidenceAtMs) {
        return { kind: 'seen', atMs: fakes.evidenceAtMs, evidence: 'echo' };
      }
      fakes.reminders.push({ rung, atMs: nowMs() });
      return { kind: 'reminded' };
    },
    noteAppOpened: async () => {},
    recheckEligibility: async () => ({ verdict: 'likely', comeBackAtMs: null, slotPromisedAtMs: null }),
    recordTransition: async (record) => {
      fakes.records.push(record);
    },
    unsubscribeIfLast: async () => 'done',
    releaseClaim: async () => 'done',
    forgetCredential: async () => 'done',
    ...over,
  };
  const fakes: Fakes = { ...plain, ran: [] };
  return counted(fakes);
}

/** Every activity notes its name before it runs. */
function counted(fakes: Fakes): Fakes {
  for (const [name, value] of Object.entries(fakes)) {
    if (typeof value !== 'function') continue;
    const run = value as (input: never) => Promise<unknown>;
    Object.assign(fakes, {
      [name]: (input: never) => {
        fakes.ran.push(name);
        return run(input);
      },
    });
  }
  return fakes;
}

/** In-memory ports of the activities: a store and a Meta that remember what they were asked. */
import { createActivities } from '../../src/activities/index.ts';
import type { ActivityInfo } from '../../src/activities/activity-info.ts';
import type { Activities } from '../../src/activities/contract.ts';
import type {
  AccountReading,
  ActivityPorts,
  AttemptKey,
  Claims,
  Credentials,
  GraphFailure,
  Graph,
  ListedNumber,
  SyncKey,
  SyncOutcome,
  TokenReport,
} from '../../src/activities/ports.ts';
import type { WebhookReading } from '../../src/domain/app-webhooks.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { businessPortfolioId, dialogRunId, numberId, phoneNumberId, tenantId, wabaId } from '../../src/domain/ids.ts';
import type { Eligibility } from '../../src/domain/eligibility.ts';
import type { NumberReading } from '../../src/domain/probe.ts';
import type { Reservation } from '../../src/domain/quota.ts';

type Eligible = Pick<Eligibility, 'verdict' | 'comeBackAtMs'>;

export const NOW_MS = Date.UTC(2026, 10, 24, 9);
export const KEY: AttemptKey = { numberId: numberId('num_1'), cycle: 1, attempt: 1 };
export const RUN = dialogRunId('dlg_1');
export const WABA = wabaId('1001');
export const PHONE = phoneNumberId('2001');
export const TENANT = tenantId('ten_1');

export function listed(id: string, more: Partial<ListedNumber> = {}): ListedNumber {
  const reading: NumberReading = {
    isOnBizApp: true,
    platformType: 'CLOUD_API',
    status: 'CONNECTED',
    onboardedAtMs: NOW_MS,
  };
  return { ...reading, phoneNumberId: phoneNumberId(id), digits: `1555${id}`, verifiedName: 'Lotus', ...more };
}

export function graphFailure(failureCode: FailureCode, more: Partial<GraphFailure> = {}): GraphFailure {
  const facts = { failureCode, reach: 'answered' as const, retryAfterMs: null, httpStatus: 400 };
  const rest = { metaCode: null, metaSubcode: null, traceId: 'trace-1', ...more };
  return Object.assign(new Error('secret-token in a message'), { name: 'GraphError' as const }, facts, rest);
}

const GOOD_TOKEN: TokenReport = {
  isValid: true,
  appId: 'app-1',
  grants: [
    { scope: 'whatsapp_business_management', count: 1 },
    { scope: 'whatsapp_business_messaging', count: 1 },
    { scope: 'public_profile', count: 0 },
  ],
  wabaIds: [WABA],
  expiresAtMs: null,
};

const ACCOUNT: AccountReading = {
  name: 'Lotus Flowers',
  timeZoneId: '1',
  currency: 'USD',
  portfolioId: businessPortfolioId('5001'),
  portfolioName: 'Lotus Ltd',
  reviewStatus: 'APPROVED',
};

export function createWorld() {
  const calls: string[] = [];
  const state = {
    code: { code: 'the-code', receivedAtMs: NOW_MS } as { code: string; receivedAtMs: number } | null,
    candidate: null as string | null,
    current: 'token-current' as string | null,
    intents: 0,
    report: GOOD_TOKEN,
    result: null as Awaited<ReturnType<Credentials['readSignupResult']>>,
    listed: [listed('2001')],
    expectations: { expectedDigits: null, heldIds: [], expectedAccount: null } as Awaited<
      ReturnType<Claims['readExpectations']>
    >,
    reading: listed('2001') as NumberReading,
    subscription: 'active' as Awaited<ReturnType<Graph['readSubscription']>>,
    account: ACCOUNT,
    webhooks: null as WebhookReading | null,
    isNeeded: false,
    /** What a new look at the rules says; null: no, until the next millisecond. */
    recheck: null as Eligible | null,
    reservation: { kind: 'granted' } as Reservation,
    syncs: new Map<string, SyncOutcome | 'intended'>(),
    records: [] as string[],
    /** Next failures by name of the port's method; each is thrown once. */
    failing: new Map<string, Error[]>(),
    /** Another number has taken the ids. */
    hasYielded: false,
  };
  const info: ActivityInfo = {
    currentAttemptScheduledTimestampMs: NOW_MS,
    workflowExecution: { workflowId: 'number/num_1', runId: 'run-1' },
    attempt: 1,
  };
  const run = { info };

  async function called<Result>(name: string, answer: () => Result): Promise<Result> {
    calls.push(name);
    const failure = state.failing.get(name)?.shift();
    if (failure) throw failure;
    return answer();
  }

  const graph: Graph = {
    appId: 'app-1',
    exchangeCode: (code) => called('exchangeCode', () => ({ accessToken: `token-of-${code}`, expiresInSeconds: 60 })),
    debugToken: () => called('debugToken', () => state.report),
    listNumbers: () => called('listNumbers', () => state.listed),
    readNumber: () => called('readNumber', () => state.reading),
    subscribe: () => called('subscribe', () => undefined),
    readWaba: () => called('readWaba', () => state.account),
    readSubscription: () => called('readSubscription', () => state.subscription),
    unsubscribe: () => called('unsubscribe', () => undefined),
    requestSync: () => called('requestSync', () => ({ requestId: 'req-1' })),
  };
  const forget = (which: 'candidate' | 'current') => () => {
    const had = state[which] !== null;
    state[which] = null;
    return had ? ('done' as const) : ('not-needed' as const);
  };
  const credentials: Credentials = {
    readCode: async () => state.code,
    intendExchange: async () => state.intents++,
    keepCandidate: (_key, _run, token) =>
      called('keepCandidate', () => {
        state.candidate = token.accessToken;
      }),
    hasCandidate: async () => state.candidate !== null,
    keepGrants: (_key, grants) => called(`keepGrants ${grants.length}`, () => undefined),
    readCandidate: async () => state.candidate,
    readCurrent: async () => state.current,
    readForLook: async () => (state.hasYielded ? null : state.current),
    forgetCandidate: () => called('forgetCandidate', forget('candidate')),
    forgetCurrent: () => called('forgetCurrent', forget('current')),
    readSignupResult: async () => state.result,
  };
  const claims: Claims = {
    keepFinding: (_key, finding) => called(`keepFinding ${finding.phoneNumberId}`, () => undefined),
    keepCandidates: (_key, _waba, rows) =>
      called(`keepCandidates ${rows.map((row) => row.phoneNumberId).join(' ')}`, () => undefined),
    keepAccount: (_id, _waba, { name }) => called(`keepAccount ${name}`, () => undefined),
    noteOtherBusiness: () => called('noteOtherBusiness', () => undefined),
    readExpectations: async () => state.expectations,
    claim: () => called('claim', () => ({ kind: 'claimed' as const, parked: [] })),
    release: () => called('release', () => 'done' as const),
    withWaba: (_waba, _number, act) => act(state.isNeeded),
  };
  const keyOf = (key: SyncKey): string => `${key.cycle}/${key.type}/${key.ask}`;
  const ports: ActivityPorts = {
    graph,
    credentials,
    claims,
    syncs: {
      intend: async (key) => {
        const found = state.syncs.get(keyOf(key));
        if (found === undefined) {
          state.syncs.set(keyOf(key), 'intended');
          return { kind: 'go' };
        }
        return { kind: 'found', outcome: found === 'intended' ? 'unknown' : found };
      },
      settle: (key, outcome) =>
        called(`settle ${outcome}`, () => {
          if (outcome === 'due') state.syncs.delete(keyOf(key));
          else state.syncs.set(keyOf(key), outcome);
        }),
      readLedger: () => Promise.reject(new Error('not in this world')),
    },
    activity: {
      read: async () => ({ anyAtMs: NOW_MS, evidence: 'echo' }),
      touch: (_id, evidence, atMs) => called(`touch ${evidence} ${atMs}`, () => undefined),
      remind: (reminder) => called(`remind ${reminder.rung}`, () => ({ kind: 'reminded' as const })),
    },
    eligibility: {
      recheckNumber: (_id, atMs) =>
        called(`recheck ${atMs}`, () => state.recheck ?? { verdict: 'no' as const, comeBackAtMs: atMs + 1 }),
    },
    webhookReadings: { read: async () => state.webhooks },
    quota: {
      reserve: ({ numberId: id }) => called(`reserve ${id}`, () => state.reservation),
    },
    connectTimes: { noteSubscribed: () => called('noteSubscribed', () => undefined) },
    projection: {
      record: (record, runId) =>
        called('record', () => {
          state.records.push(`${runId}/${record.sequence}`);
        }),
    },
  };
  const activities: Activities = createActivities(ports, () => run.info);
  const fail = (name: string, ...errors: Error[]): void => void state.failing.set(name, errors);
  const count = (name: string): number => calls.filter((one) => one === name).length;
  const pass = (ms: number): void => {
    run.info = { ...run.info, currentAttemptScheduledTimestampMs: run.info.currentAttemptScheduledTimestampMs + ms };
  };
  return { activities, state, calls, count, fail, pass, run };
}

/** What an activity threw, as Temporal sees it. */
export async function failureFrom(promise: Promise<unknown>) {
  const { ApplicationFailure } = await import('@temporalio/common');
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApplicationFailure)) throw new Error(`no ApplicationFailure but ${String(error)}`);
  const { type, nonRetryable, nextRetryDelay = null, details, message } = error;
  return { type, isRetryable: !nonRetryable, nextRetryDelay, details: details ?? [], message };
}

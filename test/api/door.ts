/** The HTTP door over in-memory stores and a fake engine, all of which can be made to fail. */
import { createHash, createHmac } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { buildApp } from '../../src/api/app.ts';
import { createDispatcher } from '../../src/api/dispatcher.ts';
import type { ApiPorts, NumberRow, NumberWorkflows } from '../../src/api/ports.ts';
import type { Websites } from '../../src/api/websites.ts';
import type { StreamTimes } from '../../src/api/progress-streams.ts';
import type { CommandEnvelope } from '../../src/domain/commands.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { numberId, tenantId, type NumberId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { createFleet, KEY } from './fleet.ts';

export { OTHER_KEY } from './fleet.ts';
import { createDialogStore } from './dialog-store.ts';
import { createEligibilityStore } from './eligibility-store.ts';
import { createEventStore } from './event-store.ts';
import { createImportStore } from './import-store.ts';

export const NOW_MS = Date.UTC(2026, 10, 24, 9);
export const TENANT = tenantId('ten_1');
const APP_ID = '710000000000053';
const APP_SECRET = 'an-app-secret-of-some-length';
const VERIFY_TOKEN = 'a-verify-token-of-some-length';

interface QueuedFact {
  position: number;
  numberId: NumberId;
  envelope: FactEnvelope;
  outcome?: string;
  notBeforeMs: number;
}

/** Where Meta's window is opened. */
export const BROKER = 'https://connect.tandem.example';
/** Streams that look often: their tests wait for what comes, and never for a time. */
const QUICK: StreamTimes = { lookMs: 5, heartbeatMs: 20, lifeMs: 10_000 };

export function createDoor(streamTimes = QUICK) {
  const state = {
    nowMs: NOW_MS,
    rows: new Map<NumberId, NumberRow>(),
    unstarted: new Set<NumberId>(),
    keys: new Map<string, { digest: string; resourceId: string; answer?: { status: number; body: unknown } }>(),
    accepted: [] as { key: string; body: string }[],
    touched: 0,
    kicks: 0,
    deliveries: [] as { deliveryId: string; body: string; receivedAtMs: number; isPoison?: boolean }[],
    postponed: [] as string[],
    facts: [] as QueuedFact[],
    kept: [] as string[],
    timeline: 0,
    isStoreDown: false,
    /** What is found of the website that somebody states, and what was looked at. */
    website: { kind: 'not-looked-up' } as Awaited<ReturnType<Websites['look']>>,
    lookedAt: [] as string[],
    whileLooking: null as (() => Promise<unknown>) | null,
    /** What every store but that of keys throws. */
    fault: null as Error | null,
    isEngineDown: false,
    running: new Set<NumberId>(),
    started: [] as NumberId[],
    /** Connected numbers without traffic, of which nobody was told. */
    quiet: [] as NumberId[],
    posted: [] as { id: NumberId; envelope: FactEnvelope }[],
    asked: [] as { id: NumberId; command: CommandEnvelope }[],
    answer: { kind: 'answered', answer: { outcome: 'accepted', failure: null, atMs: null } } as Awaited<
      ReturnType<NumberWorkflows['ask']>
    >,
  };
  const clock = { nowMs: () => state.nowMs };

  async function stored<Result>(answer: () => Result, of?: 'keys'): Promise<Result> {
    if (state.fault && of !== 'keys') throw state.fault;
    if (state.isStoreDown) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    return answer();
  }
  const eligibility = createEligibilityStore(stored);
  const dialogs = createDialogStore(stored, state.rows);
  const imports = createImportStore(stored);
  const events = createEventStore(stored);
  const snapshotOf = (id: NumberId): Snapshot | null => {
    const snapshot = state.rows.get(id)?.snapshot;
    return snapshot && snapshot.closed === 'no' ? snapshot : null;
  };
  const markIn = (id: NumberId): [NumberId, string][] => {
    const row = state.rows.get(id);
    return row ? [[id, createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 16)]] : [];
  };
  const fleet = createFleet(stored, state.rows);
  const ports: ApiPorts = {
    numbers: {
      create: (given) =>
        stored(() => {
          if (state.rows.has(given.numberId)) return;
          state.unstarted.add(given.numberId);
          const empty = {
            lastAppActivity: null,
            contacts: { counted: 0 },
            account: null,
            candidates: [],
            connectMoments: [],
            lastDialog: null,
          };
          const history = { chunks: 0, messages: 0, progress: 0, phases: [] };
          const times = { createdAtMs: given.atMs, updatedAtMs: given.atMs };
          state.rows.set(given.numberId, { ...given, ...times, ...empty, history });
        }),
      read: (tenant, id) =>
        stored(() => {
          const row = state.rows.get(id);
          return row?.tenantId === tenant ? row : null;
        }),
      list: (tenant, { after, limit }) =>
        stored(() => {
          const own = [...state.rows.values()].filter((row) => row.tenantId === tenant);
          const from = after === null ? 0 : own.findIndex((row) => row.numberId === after) + 1;
          return own.slice(from, from + limit);
        }),
      readTimeline: (_tenant, _id, { after, limit }) =>
        stored(() =>
          Array.from({ length: state.timeline }, (_none, index) => index + 1)
            .filter((position) => position > after)
            .slice(0, limit)
            .map((position) => {
              const line = { atMs: NOW_MS, row: 'AT01', key: 'tokenChecked' as const, params: {} };
              return { position, sentence: `Sentence ${position}.`, cycle: 1, ...line };
            }),
        ),
      listUnstarted: (limit) =>
        stored(() => [...state.unstarted].flatMap((id) => snapshotOf(id) ?? []).slice(0, limit)),
      markStarted: (id) => stored(() => void state.unstarted.delete(id)),
      listOpen: (after, limit) =>
        stored(() => {
          const open = [...state.rows.keys()].flatMap((id) => snapshotOf(id) ?? []);
          const from = after === null ? 0 : open.findIndex((one) => one.numberId === after) + 1;
          return open.slice(from, from + limit);
        }),
      readSnapshot: (id) => stored(() => snapshotOf(id)),
    },
    dialogRuns: dialogs.dialogRuns,
    dialogLedger: dialogs.dialogLedger,
    signupGuide: dialogs.signupGuide,
    progress: {
      readMarks: (ids) => stored(() => new Map(ids.flatMap((id) => markIn(id)))),
    },
    inbox: {
      accept: ({ key, body }) =>
        stored(() => {
          if (state.accepted.some((one) => one.key === key)) return 'known' as const;
          state.accepted.push({ key, body });
          return 'stored' as const;
        }),
      touch: (items) => stored(() => void (state.touched += items.length)),
      listUnprocessed: () => stored(() => state.deliveries.filter((one) => !state.postponed.includes(one.deliveryId))),
      process: (id) =>
        stored(() => {
          if (state.deliveries.find((one) => one.deliveryId === id)?.isPoison) throw new Error('cannot be stored');
          state.deliveries = state.deliveries.filter((one) => one.deliveryId !== id);
        }),
      postpone: (id) => stored(() => void state.postponed.push(id)),
    },
    facts: {
      listNext: (nowMs) =>
        stored(() => {
          const open = state.facts.filter((one) => one.outcome === undefined);
          const oldest = open.filter((one) => open.find((other) => other.numberId === one.numberId) === one);
          return oldest.filter((one) => one.notBeforeMs <= nowMs);
        }),
      markDispatched: (position, outcome) =>
        stored(() => void Object.assign(state.facts.find((one) => one.position === position) ?? {}, { outcome })),
      postpone: (position, notBeforeMs) =>
        stored(() => void Object.assign(state.facts.find((one) => one.position === position) ?? {}, { notBeforeMs })),
      keepPosted: (id, { factId }) => stored(() => void state.kept.push(`${id}/${factId}`)),
      isKept: (id, factId) => stored(() => state.kept.includes(`${id}/${factId}`)),
      requeueUnheard: (id) =>
        stored(() => {
          const known = snapshotOf(id)?.factIds ?? [];
          const isUnheard = ({ numberId: of, outcome, envelope }: QueuedFact): boolean =>
            of === id && outcome === 'posted' && !known.includes(envelope.factId);
          const unheard = state.facts.filter(isUnheard);
          for (const fact of unheard) delete fact.outcome;
          return unheard.length;
        }),
    },
    traffic: {
      tellQuiet: (_nowMs, limit) =>
        stored(() => {
          const told = state.quiet.splice(0, limit);
          for (const id of told) {
            const fact = { kind: 'trafficMissed', connectedAtMs: NOW_MS } as const;
            const envelope = { factId: `trafficMissed/${NOW_MS}`, occurredAtMs: NOW_MS, fact };
            state.facts.push({ position: state.facts.length + 1, numberId: id, envelope, notBeforeMs: 0 });
          }
          return told.length;
        }),
    },
    ...imports.ports,
    ...events.ports,
    idempotency: {
      begin: ({ tenantId: tenant, key, digest, resourceId }) =>
        stored(() => {
          const known = state.keys.get(`${tenant}/${key}`);
          if (!known) state.keys.set(`${tenant}/${key}`, { digest, resourceId });
          if (!known) return { kind: 'run' as const, resourceId };
          if (known.digest !== digest) return { kind: 'mismatch' as const };
          if (known.answer) return { kind: 'answered' as const, ...known.answer };
          return { kind: 'run' as const, resourceId: known.resourceId };
        }),
      finish: (tenant, key, answer) =>
        stored(() => void Object.assign(state.keys.get(`${tenant}/${key}`) ?? {}, { answer })),
    },
    ...fleet.ports,
    workflows: {
      start: async ({ numberId }) => {
        if (state.isEngineDown) return 'unavailable';
        state.started.push(numberId);
        state.running.add(numberId);
        return 'started';
      },
      postFact: async (id, envelope) => {
        if (state.isEngineDown) return 'unavailable';
        if (!state.running.has(id)) return 'absent';
        state.posted.push({ id, envelope });
        return 'posted';
      },
      ask: async (id, command) => {
        if (state.isEngineDown) return { kind: 'unavailable' };
        if (!state.running.has(id)) return { kind: 'absent' };
        state.asked.push({ id, command });
        return state.answer;
      },
      isRunning: async (id) => {
        if (state.isEngineDown) return 'unavailable';
        return state.running.has(id) ? 'yes' : 'no';
      },
    },
    eligibility: eligibility.port,
    readiness: {
      isStoreReady: () => stored(() => true),
      isEngineReady: async () => !state.isEngineDown,
      lastWebhookAtMs: () => stored(() => fleet.state.lastWebhookAtMs),
    },
  };

  const secrets = {
    appId: APP_ID,
    appSecrets: [APP_SECRET],
    verifyToken: VERIFY_TOKEN,
    dialogSecret: 'a-secret-for-dialogs',
  };
  const { provider } = fleet.state;
  const webhookWatch = { reading: () => fleet.state.reading };
  const websites: Websites = {
    look: async (stated) => {
      state.lookedAt.push(stated);
      await state.whileLooking?.();
      return state.website;
    },
  };
  const outside = { provider, webhookWatch, websites, brokerOrigin: BROKER, streamTimes };
  const app = buildApp({ ...ports, clock, ...secrets, ...outside, onAccepted: () => void (state.kicks += 1) });
  const dispatcher = createDispatcher({ ...ports, clock, ...secrets });
  let keys = 0;

  async function call(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    more: Pick<InjectOptions, 'payload' | 'headers'> = {},
  ) {
    const headers = { authorization: `Bearer ${KEY}`, 'idempotency-key': `key-${++keys}`, ...more.headers };
    const given = more.payload === undefined ? {} : { payload: more.payload };
    const { statusCode: status, headers: answered, body } = await app.inject({ method, url, headers, ...given });
    const isJson = String(answered['content-type']).includes('json');
    return { status, headers: answered, text: body, json: isJson ? JSON.parse(body) : null };
  }
  const get = (url: string, headers: InjectOptions['headers'] = {}) => call('GET', url, { headers });
  const post = (url: string, payload?: object, headers: InjectOptions['headers'] = {}) =>
    call('POST', url, payload === undefined ? { headers } : { payload, headers });
  const put = (url: string, payload: object, headers: InjectOptions['headers'] = {}) =>
    call('PUT', url, { payload, headers });
  const webhook = (body: string, headers: InjectOptions['headers'] = {}) => {
    const signature = `sha256=${createHmac('sha256', APP_SECRET).update(body).digest('hex')}`;
    const sent = { 'content-type': 'application/json', 'x-hub-signature-256': signature, ...headers };
    return call('POST', '/webhooks/meta', { payload: body, headers: sent });
  };
  const onboard = async (): Promise<NumberId> => numberId(String((await post('/v1/onboardings', {})).json.id));
  const alter = (id: NumberId, change: (snapshot: Snapshot) => Partial<Snapshot>): void => {
    const row = state.rows.get(id);
    if (row) state.rows.set(id, { ...row, snapshot: { ...row.snapshot, ...change(row.snapshot) } });
  };
  /** The owner has accepted what holds today. */
  const openDialog = (id: NumberId, headers: InjectOptions['headers'] = {}, version = 1) =>
    post(`/v1/numbers/${id}/signup-dialogs`, { acceptedDisclosure: { version, by: 'the owner' } }, headers);
  return {
    app,
    imports: imports.state,
    events: events.state,
    dialogs: dialogs.state,
    openDialog,
    state,
    fleet: fleet.state,
    ports,
    eligibility: eligibility.state,
    dispatcher,
    get,
    post,
    put,
    webhook,
    onboard,
    alter,
    verifyToken: VERIFY_TOKEN,
  };
}
export type Door = ReturnType<typeof createDoor>;

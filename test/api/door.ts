/** The HTTP door over in-memory stores and a fake engine, all of which can be made to fail. */
import { createHmac } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { buildApp } from '../../src/api/app.ts';
import { createDispatcher } from '../../src/api/dispatcher.ts';
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import type { ApiPorts, NumberRow, NumberWorkflows, PartAnswer } from '../../src/api/ports.ts';
import type { CommandEnvelope } from '../../src/domain/commands.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { numberId, tenantId, type DialogRunId, type NumberId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';

export const NOW_MS = Date.UTC(2026, 10, 24, 9);
export const TENANT = tenantId('ten_1');
export const KEY = 'tdm_first-key-of-tenant-one';
export const OTHER_KEY = 'tdm_first-key-of-tenant-two';
const APP_SECRET = 'an-app-secret-of-some-length';
const VERIFY_TOKEN = 'a-verify-token-of-some-length';

interface StoredRun {
  run: Extract<PartAnswer, { run: unknown }>['run'];
  code?: string;
  result?: string;
  expiresAtMs: number;
}
interface QueuedFact {
  position: number;
  numberId: NumberId;
  envelope: FactEnvelope;
  outcome?: string;
  notBeforeMs: number;
}
type Lonely = Awaited<ReturnType<ApiPorts['dialogRuns']['listResultsWithoutCode']>>[number];

export function createDoor() {
  const state = {
    nowMs: NOW_MS,
    rows: new Map<NumberId, NumberRow>(),
    unstarted: new Set<NumberId>(),
    runs: new Map<DialogRunId, StoredRun>(),
    lonely: [] as Lonely[],
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
    isEngineDown: false,
    running: new Set<NumberId>(),
    started: [] as NumberId[],
    posted: [] as { id: NumberId; envelope: FactEnvelope }[],
    asked: [] as { id: NumberId; command: CommandEnvelope }[],
    answer: { kind: 'answered', answer: { outcome: 'accepted', failure: null, atMs: null } } as Awaited<
      ReturnType<NumberWorkflows['ask']>
    >,
  };
  const clock = { nowMs: () => state.nowMs };
  const tenants = new Map([
    [hashOfKey(KEY), TENANT],
    [hashOfKey(OTHER_KEY), tenantId('ten_2')],
  ]);

  async function stored<Result>(answer: () => Result): Promise<Result> {
    if (state.isStoreDown) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    return answer();
  }
  const snapshotOf = (id: NumberId): Snapshot | null => {
    const snapshot = state.rows.get(id)?.snapshot;
    return snapshot && snapshot.closed === 'no' ? snapshot : null;
  };
  const part = (run: DialogRunId, name: 'code' | 'result', value: string): PartAnswer => {
    const found = state.runs.get(run);
    if (!found) return { kind: 'unknown' };
    if (found.expiresAtMs <= state.nowMs) return { kind: 'expired' };
    const known = found[name];
    found[name] ??= value;
    if (known !== undefined && known !== value) return { kind: 'different' };
    return { kind: known === undefined ? 'stored' : 'same', run: found.run };
  };

  const ports: ApiPorts = {
    numbers: {
      create: (given) =>
        stored(() => {
          if (state.rows.has(given.numberId)) return;
          state.unstarted.add(given.numberId);
          const empty = { lastAppActivity: null, contacts: { counted: 0 } };
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
    dialogRuns: {
      open: ({ dialogRunId, numberId, cycle, attempt, expiresAtMs }) =>
        stored(() => void state.runs.set(dialogRunId, { run: { dialogRunId, numberId, cycle, attempt }, expiresAtMs })),
      acceptCode: (run, code) => stored(() => part(run, 'code', code)),
      acceptResult: (run, result) => stored(() => part(run, 'result', JSON.stringify(result))),
      listResultsWithoutCode: (before) => stored(() => state.lonely.filter((one) => one.receivedAtMs <= before)),
      markResultPosted: (run) =>
        stored(() => void (state.lonely = state.lonely.filter((one) => one.dialogRunId !== run))),
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
    apiKeys: {
      findTenant: (hash) => stored(() => tenants.get(hash) ?? null),
    },
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
    readiness: {
      isStoreReady: () => stored(() => true),
      isEngineReady: async () => !state.isEngineDown,
    },
  };

  const secrets = { appSecrets: [APP_SECRET], verifyToken: VERIFY_TOKEN, dialogSecret: 'a-secret-for-dialogs' };
  const app = buildApp({ ...ports, clock, ...secrets, onAccepted: () => void (state.kicks += 1) });
  const dispatcher = createDispatcher({ ...ports, clock });
  let keys = 0;

  async function call(method: 'GET' | 'POST', url: string, more: Pick<InjectOptions, 'payload' | 'headers'> = {}) {
    const headers = { authorization: `Bearer ${KEY}`, 'idempotency-key': `key-${++keys}`, ...more.headers };
    const given = more.payload === undefined ? {} : { payload: more.payload };
    const { statusCode: status, headers: answered, body } = await app.inject({ method, url, headers, ...given });
    const isJson = String(answered['content-type']).includes('json');
    return { status, headers: answered, text: body, json: isJson ? JSON.parse(body) : null };
  }
  const get = (url: string, headers: InjectOptions['headers'] = {}) => call('GET', url, { headers });
  const post = (url: string, payload?: object, headers: InjectOptions['headers'] = {}) =>
    call('POST', url, payload === undefined ? { headers } : { payload, headers });
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
  return { app, state, dispatcher, get, post, webhook, onboard, alter, verifyToken: VERIFY_TOKEN };
}
export type Door = ReturnType<typeof createDoor>;

/** The Graph calls on a WhatsApp Business account: its node, its numbers, our app's subscription. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { checkBusinessToken, checkWabaAccess } from './graph-access.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import { badParameter } from './graph-errors.ts';
import { accessTokenOf, fieldsOf, parametersOf, pickFields } from './graph-request.ts';
import type { LocalMeta } from './local-meta.ts';
import {
  LIST_FIELDS_BY_DEFAULT,
  numberNodeOf,
  visiblePhonesOf,
  WABA_FIELDS_BY_DEFAULT,
  wabaNodeOf,
} from './number-node.ts';
import type { CallName, SimulatorState } from './state.ts';

/** Rows of one page: by default and at most. Source: Meta, phone number reference. */
const LIMIT_BY_DEFAULT = 25;
const LIMIT_MAX = 100;

export const NodePath = z.object({ id: z.string() });

export function registerWabaCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.get(`${prefix}/:id/phone_numbers`, (request, reply) => listNumbers(meta, { request, reply }));
  app.post(`${prefix}/:id/subscribed_apps`, (request, reply) => subscribe(meta, { request, reply }));
  app.get(`${prefix}/:id/subscribed_apps`, (request, reply) => readSubscription(meta, { request, reply }));
  app.delete(`${prefix}/:id/subscribed_apps`, (request, reply) => unsubscribe(meta, { request, reply }));
}

export function readWaba(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'readWaba',
    apply: (state, { wabaId, parameters }) =>
      pickFields(wabaNodeOf(state, wabaId), fieldsOf(parameters) ?? WABA_FIELDS_BY_DEFAULT),
  });
}

function listNumbers(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'listNumbers',
    apply: (state, { wabaId, parameters }) => {
      const fields = fieldsOf(parameters) ?? LIST_FIELDS_BY_DEFAULT;
      const nodes = visiblePhonesOf(state, wabaId).map((phone) => numberNodeOf(phone, meta.options.appId));
      return pageOf(
        nodes.map((node) => pickFields(node, fields)),
        parameters,
      );
    },
  });
}

function subscribe(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'subscribe',
    apply: (state, { wabaId }) => {
      if (!state.subscribedWabaIds.includes(wabaId)) state.subscribedWabaIds.push(wabaId);
      return { success: true };
    },
  });
}

function readSubscription(meta: LocalMeta, exchange: Exchange) {
  const link = 'https://example.com/';
  return answerWabaCall(meta, exchange, {
    call: 'readSubscription',
    apply: (state, { wabaId }) => ({
      data: state.subscribedWabaIds.includes(wabaId)
        ? [{ whatsapp_business_api_data: { id: meta.options.appId, link, name: 'Local Meta' } }]
        : [],
    }),
  });
}

function unsubscribe(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'unsubscribe',
    apply: (state, { wabaId }) => {
      state.subscribedWabaIds = state.subscribedWabaIds.filter((id) => id !== wabaId);
      return { success: true };
    },
  });
}

interface WabaContext {
  readonly wabaId: string;
  readonly parameters: ReadonlyMap<string, string>;
}

interface WabaCall {
  readonly call: CallName;
  readonly apply: (state: SimulatorState, context: WabaContext) => Record<string, unknown>;
}

function answerWabaCall(meta: LocalMeta, exchange: Exchange, wabaCall: WabaCall) {
  const { id: wabaId } = NodePath.parse(exchange.request.params);
  const parameters = parametersOf(exchange.request);
  return answerGraphCall(meta, exchange, {
    call: wabaCall.call,
    subject: wabaId,
    digits: null,
    wabaId,
    apply: (state) => {
      const accessToken = accessTokenOf(exchange.request, parameters);
      const token = checkBusinessToken(meta, { accessToken, proof: parameters.get('appsecret_proof') ?? null });
      checkWabaAccess(token, wabaId);
      return wabaCall.apply(state, { wabaId, parameters });
    },
  });
}

/** Cursors are the ids of the first and last row of the page. */
function pageOf(rows: Record<string, unknown>[], parameters: ReadonlyMap<string, string>): Record<string, unknown> {
  const limit = limitOf(parameters.get('limit'));
  const after = parameters.get('after');
  const start = after === undefined ? 0 : rows.findIndex((row) => row['id'] === fromCursor(after)) + 1;
  const page = rows.slice(start, start + limit);
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return { data: [] };
  const cursors = { before: toCursor(first['id']), after: toCursor(last['id']) };
  const hasMore = start + limit < rows.length;
  return { data: page, paging: { cursors, ...(hasMore ? { next: `?after=${cursors.after}` } : {}) } };
}

function limitOf(asked: string | undefined): number {
  if (asked === undefined) return LIMIT_BY_DEFAULT;
  if (!/^[1-9]\d*$/.test(asked)) throw badParameter('limit must be a positive integer');
  return Math.min(LIMIT_MAX, Number(asked));
}

function toCursor(id: unknown): string {
  return Buffer.from(String(id)).toString('base64url');
}

function fromCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

/** The Graph calls on a WhatsApp Business account: its node and its numbers, page by page. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Waba } from './account-state.ts';
import { WABA_FIELDS_BY_DEFAULT, wabaNodeOf } from './account-node.ts';
import { wabaOf } from './accounts.ts';
import type { CallName } from './fault-state.ts';
import { checkAssetAccess, checkBusinessToken, checkScope } from './graph-access.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import { badParameter, objectMissing } from './graph-errors.ts';
import { accessTokenOf, fieldsOf, parametersOf, pickFields } from './graph-request.ts';
import type { LocalMeta } from './local-meta.ts';
import { LIST_FIELDS_BY_DEFAULT, numberNodeOf, visiblePhonesOf } from './number-node.ts';
import type { SimulatorState } from './state.ts';

/** Rows of one page: by default and at most. Source: Meta, phone number reference. */
const LIMIT_BY_DEFAULT = 25;
const LIMIT_MAX = 100;

export const NodePath = z.object({ id: z.string() });

export function registerWabaCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.get(`${prefix}/:id/phone_numbers`, (request, reply) => listNumbers(meta, { request, reply }));
}

export function readWaba(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'readWaba',
    apply: (state, { waba, parameters }) =>
      pickFields(wabaNodeOf(state, waba), fieldsOf(parameters) ?? WABA_FIELDS_BY_DEFAULT),
  });
}

function listNumbers(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'listNumbers',
    apply: (state, { waba, parameters }) => {
      const fields = fieldsOf(parameters) ?? LIST_FIELDS_BY_DEFAULT;
      const nodes = visiblePhonesOf(state, waba.wabaId).map((phone) => numberNodeOf(state, phone, meta.options.appId));
      return pageOf(
        nodes.map((node) => pickFields(node, fields)),
        parameters,
      );
    },
  });
}

export interface WabaContext {
  readonly waba: Waba;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface WabaCall {
  readonly call: CallName;
  readonly apply: (state: SimulatorState, context: WabaContext) => Record<string, unknown>;
}

export function answerWabaCall(meta: LocalMeta, exchange: Exchange, wabaCall: WabaCall) {
  const { id: wabaId } = NodePath.parse(exchange.request.params);
  const parameters = parametersOf(exchange.request);
  return answerGraphCall(meta, exchange, {
    call: wabaCall.call,
    subject: wabaId,
    digits: null,
    wabaId,
    apply: (state) =>
      wabaCall.apply(state, { waba: grantedWaba(meta, exchange, { state, wabaId, parameters }), parameters }),
  });
}

/** Token, proof, permission, asset: in this order. */
export function grantedWaba(
  meta: LocalMeta,
  exchange: Exchange,
  asked: { state: SimulatorState; wabaId: string; parameters: ReadonlyMap<string, string> },
): Waba {
  const { state, wabaId, parameters } = asked;
  const accessToken = accessTokenOf(exchange.request, parameters);
  const token = checkBusinessToken(meta, { accessToken, proof: parameters.get('appsecret_proof') ?? null });
  checkScope(token, 'whatsapp_business_management');
  checkAssetAccess(token, wabaId);
  const waba = wabaOf(state, wabaId);
  if (waba === null || waba.isDeleted) throw objectMissing(wabaId);
  return waba;
}

/** Cursors are the ids of the first and last row of the page. */
function pageOf(rows: Record<string, unknown>[], parameters: ReadonlyMap<string, string>): Record<string, unknown> {
  const limit = limitOf(parameters.get('limit'));
  const start = startOf(rows, { limit, after: parameters.get('after'), before: parameters.get('before') });
  const page = rows.slice(start, start + limit);
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return { data: [] };
  const cursors = { before: toCursor(first['id']), after: toCursor(last['id']) };
  const next = start + limit < rows.length ? { next: `?after=${cursors.after}` } : {};
  const previous = start > 0 ? { previous: `?before=${cursors.before}` } : {};
  return { data: page, paging: { cursors, ...next, ...previous } };
}

function startOf(
  rows: readonly Record<string, unknown>[],
  { limit, after, before }: { limit: number; after: string | undefined; before: string | undefined },
): number {
  const placeOf = (cursor: string): number => rows.findIndex((row) => row['id'] === fromCursor(cursor));
  if (after !== undefined) return placeOf(after) + 1;
  return before === undefined ? 0 : Math.max(0, placeOf(before) - limit);
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

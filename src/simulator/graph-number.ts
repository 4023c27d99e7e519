/** The Graph calls on a phone number: its node, the two syncs, and the registration calls that coexistence must not use. */
import type { FastifyInstance } from 'fastify';
import { businessOf, wabaOf } from './accounts.ts';
import { checkBusinessToken, checkScope } from './graph-access.ts';
import { readBusiness } from './graph-business.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import { badParameter, objectMissing, syncNotOnBizApp, syncRefused } from './graph-errors.ts';
import { accessTokenOf, fieldsOf, parametersOf, pickFields } from './graph-request.ts';
import { NodePath, readWaba } from './graph-waba.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { LIST_FIELDS_BY_DEFAULT, numberNodeOf, visiblePhone } from './number-node.ts';
import type { SimulatorState } from './state.ts';
import type { CallName } from './fault-state.ts';
import type { Phone } from './phone-state.ts';
import { nextOrdinal } from './state.ts';
import { planContacts, planHistory } from './sync-content.ts';
import { enqueueWebhooks } from './webhook-queue.ts';

/** How long after onboarding a sync may be asked for. Source: Meta, onboarding WhatsApp Business app users. */
const SYNC_WINDOW_MS = 24 * 3_600_000;

export function registerNumberCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.get(`${prefix}/:id`, (request, reply) => readNode(meta, { request, reply }));
  app.post(`${prefix}/:id/smb_app_data`, (request, reply) => requestSync(meta, { request, reply }));
  app.post(`${prefix}/:id/register`, (request, reply) => register(meta, { request, reply }));
  app.post(`${prefix}/:id/deregister`, (request, reply) => deregister(meta, { request, reply }));
}

/** Accounts, portfolios and numbers share one address space: what is neither of the others is taken for a number. */
function readNode(meta: LocalMeta, exchange: Exchange) {
  const { id } = NodePath.parse(exchange.request.params);
  const { state } = meta.store;
  if (wabaOf(state, id) !== null) return readWaba(meta, exchange);
  if (businessOf(state, id) !== null) return readBusiness(meta, exchange);
  return readNumber(meta, exchange);
}

function readNumber(meta: LocalMeta, exchange: Exchange) {
  return answerNumberCall(meta, exchange, {
    call: 'readNumber',
    apply: (state, { phone, parameters }) =>
      pickFields(numberNodeOf(state, phone, meta.options.appId), fieldsOf(parameters) ?? LIST_FIELDS_BY_DEFAULT),
  });
}

function requestSync(meta: LocalMeta, exchange: Exchange) {
  const isHistory = parametersOf(exchange.request).get('sync_type') === 'history';
  return answerNumberCall(meta, exchange, {
    call: isHistory ? 'syncHistory' : 'syncContacts',
    apply: (state, { phone, parameters }) => {
      checkSyncParameters(parameters);
      checkSyncBudget(phone, isHistory ? 'historySync' : 'contactsSync', nowMsOf(meta));
      startSync(state, phone, { isHistory, atMs: nowMsOf(meta) });
      const requestId = `rq_${String(nextOrdinal(state, 'syncRequest')).padStart(8, '0')}`;
      return { messaging_product: 'whatsapp', request_id: requestId };
    },
  });
}

function checkSyncParameters(parameters: ReadonlyMap<string, string>): void {
  if (parameters.get('messaging_product') !== 'whatsapp') throw badParameter('messaging_product must be whatsapp');
  const kind = parameters.get('sync_type') ?? '';
  if (!['history', 'smb_app_state_sync'].includes(kind)) throw badParameter('sync_type is not a known value');
}

function checkSyncBudget(phone: Phone, sync: 'contactsSync' | 'historySync', nowMs: number): void {
  if (phone.flow !== 'coexistence' || phone.onboardedAtMs === null) throw syncNotOnBizApp();
  if (phone[sync] !== 'never') throw syncRefused(2593107, phone.syncErrorsAs);
  if (nowMs - phone.onboardedAtMs > SYNC_WINDOW_MS) throw syncRefused(2593108, phone.syncErrorsAs);
}

/**
 * 200 means accepted, not shared: a decline follows as a webhook, unless the phone is one of those that are refused at once,
 * and an empty phone sends nothing at all.
 */
function startSync(state: SimulatorState, phone: Phone, asked: { isHistory: boolean; atMs: number }): void {
  if (asked.isHistory && !phone.isHistoryShared) {
    phone.historySync = 'declined';
    if (phone.history.declined === 'direct') throw syncRefused(2593109, 'subcode');
  }
  const planned = asked.isHistory ? planHistory(phone, asked.atMs) : planContacts(phone, asked.atMs);
  const { isSilent } = asked.isHistory ? phone.history : phone.contactsShape;
  const stage = planned.length === 0 && !isSilent ? 'done' : 'requested';
  if (!asked.isHistory) phone.contactsSync = stage;
  else if (phone.isHistoryShared) phone.historySync = stage;
  enqueueWebhooks(state, planned);
}

/** Succeeds, as the real call does, and breaks the link with the app: whoever calls it sees the gate close. */
function register(meta: LocalMeta, exchange: Exchange) {
  return answerNumberCall(meta, exchange, {
    call: 'register',
    apply: (_state, { phone }) => {
      phone.isOnBizApp = false;
      return { success: true };
    },
  });
}

function deregister(meta: LocalMeta, exchange: Exchange) {
  return answerNumberCall(meta, exchange, {
    call: 'deregister',
    apply: () => {
      throw badParameter('This endpoint is not available for API solutions for SMB businesses.');
    },
  });
}

interface NumberContext {
  readonly phone: Phone;
  readonly parameters: ReadonlyMap<string, string>;
}

interface NumberCall {
  readonly call: CallName;
  readonly apply: (state: SimulatorState, context: NumberContext) => Record<string, unknown>;
}

function answerNumberCall(meta: LocalMeta, exchange: Exchange, numberCall: NumberCall) {
  const { id } = NodePath.parse(exchange.request.params);
  const parameters = parametersOf(exchange.request);
  const known = meta.store.state.phones.find((phone) => phone.phoneNumberId === id);
  return answerGraphCall(meta, exchange, {
    call: numberCall.call,
    subject: id,
    digits: known?.digits ?? null,
    wabaId: known?.wabaId ?? null,
    apply: (state) => {
      const accessToken = accessTokenOf(exchange.request, parameters);
      const token = checkBusinessToken(meta, { accessToken, proof: parameters.get('appsecret_proof') ?? null });
      checkScope(token, 'whatsapp_business_management');
      const phone = visiblePhone(state, id, token);
      if (phone === null) throw objectMissing(id);
      return numberCall.apply(state, { phone, parameters });
    },
  });
}

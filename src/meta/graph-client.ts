/**
 * Meta's Graph API, as far as the life of a coexistence number needs it. Register and deregister are left out on purpose:
 * calling them breaks the link with the app. Sources: M1, M7, M8, M9, M14, checked 2026-11.
 */
import type { AppWebhooks } from '../domain/app-webhooks.ts';
import { businessPortfolioId, digitsOf, phoneNumberId, wabaId } from '../domain/ids.ts';
import type { BusinessPortfolioId, PhoneNumberId, WabaId } from '../domain/ids.ts';
import type { NumberReading } from '../domain/probe.ts';
import {
  AppSubscriptions,
  DebuggedToken,
  ExchangedToken,
  NUMBER_FIELDS,
  NumberNode,
  NumberPage,
  SubscribedApps,
  Success,
  SyncAccepted,
  WABA_FIELDS,
  WabaNode,
} from './graph-answers.ts';
import { errorOfUnreadable, GraphError } from './graph-errors.ts';
import { createTransport } from './graph-transport.ts';
import type { GraphOptions, Transport } from './graph-transport.ts';

/** Rows of a page at most. Source: M8. */
const PAGE_LIMIT = '100';
/** A WABA holds some dozens of numbers; a list that never ends is a fault at the other end. */
const PAGES_MAX = 50;
/** The scope whose targets are the WABAs that the customer granted. Source: M14. */
const MANAGEMENT_SCOPE = 'whatsapp_business_management';

/** Meta's names of the two syncs. Source: M1. */
const SYNC_TYPES = { contacts: 'smb_app_state_sync', history: 'history' } as const;

export interface ListedNumber extends NumberReading {
  phoneNumberId: PhoneNumberId;
  digits: string;
  verifiedName: string | null;
}

export interface TokenReport {
  isValid: boolean;
  appId: string | null;
  grants: readonly { scope: string; count: number }[];
  wabaIds: readonly WabaId[];
  expiresAtMs: number | null;
}

export interface AccountReading {
  name: string | null;
  timeZoneId: string | null;
  currency: string | null;
  portfolioId: BusinessPortfolioId | null;
  portfolioName: string | null;
  reviewStatus: string | null;
}

export interface GraphClient {
  readonly appId: string;
  exchangeCode(code: string): Promise<{ accessToken: string; expiresInSeconds: number | null }>;
  debugToken(token: string): Promise<TokenReport>;
  listNumbers(token: string, waba: WabaId): Promise<readonly ListedNumber[]>;
  readNumber(token: string, phone: PhoneNumberId): Promise<NumberReading>;
  subscribe(token: string, waba: WabaId): Promise<void>;
  readWaba(token: string, waba: WabaId): Promise<AccountReading>;
  readSubscription(token: string, waba: WabaId): Promise<Subscription>;
  unsubscribe(token: string, waba: WabaId): Promise<void>;
  requestSync(token: string, phone: PhoneNumberId, type: 'contacts' | 'history'): Promise<{ requestId: string | null }>;
  /** What Meta sends for our app, whatever the account; null: it sends nothing of WhatsApp's. */
  readAppWebhooks(): Promise<AppWebhooks | null>;
}

export function createGraph(options: GraphOptions): GraphClient {
  const transport = createTransport(options);
  return {
    appId: options.appId,
    exchangeCode: (code) => exchangeCode(transport, options, code),
    debugToken: (token) => debugToken(transport, options, token),
    listNumbers: (token, waba) => listNumbers(transport, token, waba),
    readNumber: (token, phone) => readNumber(transport, token, phone),
    subscribe: (token, waba) => changeSubscription(transport, { call: 'subscribe', token, waba }),
    readWaba: (token, waba) => readWaba(transport, { token, waba }),
    readSubscription: (token, waba) => readSubscription(transport, options.appId, { token, waba }),
    unsubscribe: (token, waba) => changeSubscription(transport, { call: 'unsubscribe', token, waba }),
    requestSync: (token, phone, type) => requestSync(transport, { token, phone, type }),
    readAppWebhooks: () => readAppWebhooks(transport, options),
  };
}

/** Without `redirect_uri`: the code comes from the JavaScript SDK. Source: M7. */
async function exchangeCode(transport: Transport, options: GraphOptions, code: string) {
  const answer = await transport.send({
    call: 'exchangeCode',
    method: 'GET',
    path: 'oauth/access_token',
    token: null,
    query: { client_id: options.appId, client_secret: options.appSecret, code },
    answer: ExchangedToken,
  });
  return { accessToken: answer.access_token, expiresInSeconds: answer.expires_in };
}

async function debugToken(transport: Transport, options: GraphOptions, token: string): Promise<TokenReport> {
  const { data } = await transport.send({
    call: 'debugToken',
    method: 'GET',
    path: 'debug_token',
    token: appTokenOf(options),
    query: { input_token: token },
    answer: DebuggedToken,
  });
  const granted = data.granular_scopes.filter(({ scope }) => scope === MANAGEMENT_SCOPE);
  return {
    isValid: data.is_valid,
    appId: data.app_id,
    grants: data.scopes.map((scope) => ({ scope, count: targetsOf(data.granular_scopes, scope) })),
    wabaIds: granted.flatMap(({ target_ids: ids }) => ids.map(wabaId)),
    expiresAtMs: data.expires_at === null || data.expires_at === 0 ? null : data.expires_at * 1000,
  };
}

/** Of the calls about our app itself. Source: M14. */
function appTokenOf({ appId, appSecret }: GraphOptions): string {
  return `${appId}|${appSecret}`;
}

/** A permission without targets of its own is given for everything that the others name. */
function targetsOf(
  granular: readonly { scope: string | null; target_ids: readonly string[] }[],
  scope: string,
): number {
  const targets = granular.filter((row) => row.scope === scope).flatMap(({ target_ids: ids }) => ids);
  return new Set(targets).size;
}

/** All pages, each row once. A partial list is never taken for the whole one. */
async function listNumbers(transport: Transport, token: string, waba: WabaId): Promise<readonly ListedNumber[]> {
  const numbers = new Map<string, ListedNumber>();
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer: NumberPage = await transport.send({
      call: 'listNumbers',
      method: 'GET',
      path: `${waba}/phone_numbers`,
      token,
      query: { fields: NUMBER_FIELDS, limit: PAGE_LIMIT, ...(after === null ? {} : { after }) },
      answer: NumberPage,
    });
    for (const node of answer.data) numbers.set(node.id, listedOf(node));
    if (!answer.paging.next) return [...numbers.values()];
    after = answer.paging.cursors.after;
    if (after === null) throw errorOfUnreadable('listNumbers', 200, 'no cursor');
  }
  throw new GraphError({
    call: 'listNumbers',
    failureCode: 'GRAPH_ERROR_UNKNOWN',
    reach: 'answered',
    hint: 'endless list',
  });
}

/** An answer about another number than the one asked for says nothing. */
async function readNumber(transport: Transport, token: string, phone: PhoneNumberId): Promise<NumberReading> {
  const node = await transport.send({
    call: 'readNumber',
    method: 'GET',
    path: phone,
    token,
    query: { fields: NUMBER_FIELDS },
    answer: NumberNode,
  });
  if (node.id !== phone) throw errorOfUnreadable('readNumber', 200, 'another id');
  return readingOf(node);
}

interface WabaCall {
  token: string;
  waba: WabaId;
}

/** Repeating either is harmless. Source: M7. */
async function changeSubscription(
  transport: Transport,
  { call, token, waba }: WabaCall & { call: 'subscribe' | 'unsubscribe' },
): Promise<void> {
  await transport.send({
    call,
    method: call === 'subscribe' ? 'POST' : 'DELETE',
    path: `${waba}/subscribed_apps`,
    token,
    answer: Success,
  });
}

/** Meta's time zones are numbers; 0 is none. */
const NO_TIME_ZONE = '0';

async function readWaba(transport: Transport, { token, waba }: WabaCall): Promise<AccountReading> {
  const node = await transport.send({
    call: 'readWaba',
    method: 'GET',
    path: waba,
    token,
    query: { fields: WABA_FIELDS },
    answer: WabaNode,
  });
  if (node.id !== waba) throw errorOfUnreadable('readWaba', 200, 'another id');
  const { owner_business_info: owner } = node;
  return {
    name: node.name || null,
    timeZoneId: node.timezone_id === NO_TIME_ZONE ? null : node.timezone_id || null,
    currency: node.currency || null,
    portfolioId: owner.id === null ? null : businessPortfolioId(owner.id),
    portfolioName: owner.name || null,
    reviewStatus: node.account_review_status || null,
  };
}

export type Subscription = 'active' | 'missing' | 'misdirected';

/**
 * `misdirected`: an override sends our webhooks elsewhere. The fields that Meta sends are a setting of the app, which no call
 * on a WABA names or tells: see `readAppWebhooks`. Source: M9.
 */
async function readSubscription(transport: Transport, appId: string, { token, waba }: WabaCall): Promise<Subscription> {
  const { data } = await transport.send({
    call: 'readSubscription',
    method: 'GET',
    path: `${waba}/subscribed_apps`,
    token,
    answer: SubscribedApps,
  });
  const ours = data.find((row) => row.whatsapp_business_api_data.id === appId);
  if (!ours) return 'missing';
  return ours.override_callback_uri ? 'misdirected' : 'active';
}

/** Works once per onboarding and type: the caller stores its intent before. Source: M1. */
async function requestSync(
  transport: Transport,
  { token, phone, type }: { token: string; phone: PhoneNumberId; type: 'contacts' | 'history' },
): Promise<{ requestId: string | null }> {
  const answer = await transport.send({
    call: 'requestSync',
    method: 'POST',
    path: `${phone}/smb_app_data`,
    token,
    body: { messaging_product: 'whatsapp', sync_type: SYNC_TYPES[type] },
    answer: SyncAccepted,
  });
  return { requestId: answer.request_id };
}

/** The topic of WhatsApp's webhooks among all that an app can hear. */
const WHATSAPP = 'whatsapp_business_account';

/** Source: Meta, Graph API reference "Application Subscriptions", checked 2026-11. */
async function readAppWebhooks(transport: Transport, options: GraphOptions): Promise<AppWebhooks | null> {
  const { data } = await transport.send({
    call: 'readAppWebhooks',
    method: 'GET',
    path: `${options.appId}/subscriptions`,
    token: appTokenOf(options),
    answer: AppSubscriptions,
  });
  const ours = data.find(({ object }) => object === WHATSAPP);
  if (!ours) return null;
  return { callbackUrl: ours.callback_url || null, isActive: ours.active, fields: [...new Set(ours.fields)] };
}

function listedOf(node: NumberNode): ListedNumber {
  return {
    ...readingOf(node),
    phoneNumberId: phoneNumberId(node.id),
    digits: digitsOf(node.display_phone_number),
    verifiedName: node.verified_name === '' ? null : node.verified_name,
  };
}

function readingOf(node: NumberNode): NumberReading {
  return {
    isOnBizApp: node.is_on_biz_app,
    platformType: node.platform_type,
    status: node.status,
    onboardedAtMs: node.last_onboarded_time,
  };
}

/** The Graph calls that turn a code into a token, renew or revoke one, and tell what a token is worth. */
import type { FastifyInstance } from 'fastify';
import { checkAppToken, checkBusinessToken } from './graph-access.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import type { CallName } from './fault-state.ts';
import { badParameter, wrongApp, wrongSecret } from './graph-errors.ts';
import { accessTokenOf, fieldsOf, parametersOf, pickFields } from './graph-request.ts';
import { redeemCode, renewToken, SYSTEM_USER_ID, tokenReportOf } from './graph-tokens.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { isSameText } from './signatures.ts';
import type { SimulatorState } from './state.ts';

/** Subject of a call whose code or token belongs to no account. */
const NOBODY = 'unknown';

export function registerSignupCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.route({
    method: ['GET', 'POST'],
    url: `${prefix}/oauth/access_token`,
    handler: (request, reply) => accessToken(meta, { request, reply }),
  });
  app.get(`${prefix}/oauth/revoke`, (request, reply) => revokeToken(meta, { request, reply }));
  app.get(`${prefix}/debug_token`, (request, reply) => debugToken(meta, { request, reply }));
  app.get(`${prefix}/me`, (request, reply) => readMe(meta, { request, reply }));
}

function accessToken(meta: LocalMeta, exchange: Exchange) {
  switch (parametersOf(exchange.request).get('grant_type')) {
    case 'fb_exchange_token':
      return renew(meta, exchange);
    case 'client_credentials':
      return appToken(meta, exchange);
    default:
      return exchangeCode(meta, exchange);
  }
}

function exchangeCode(meta: LocalMeta, exchange: Exchange) {
  const parameters = parametersOf(exchange.request);
  const code = parameters.get('code');
  const issued = meta.store.state.codes.find((row) => row.code === code);
  return answerGraphCall(meta, exchange, {
    call: 'exchangeCode',
    subject: issued?.wabaId ?? NOBODY,
    digits: issued?.digits ?? null,
    wabaId: issued?.wabaId ?? null,
    apply: (state) => {
      checkApp(meta, parameters);
      if (code === undefined) throw badParameter('Missing required parameter: code');
      const redirectUri = parameters.get('redirect_uri') ?? null;
      const { token, grant } = redeemCode(state, { code, redirectUri, nowMs: nowMsOf(meta) });
      return { access_token: token, token_type: 'bearer', ...expiryOf(grant.lifeMs) };
    },
  });
}

function appToken(meta: LocalMeta, exchange: Exchange) {
  const parameters = parametersOf(exchange.request);
  const { appId, appSecret } = meta.options;
  return answerGraphCall(meta, exchange, {
    call: 'appToken',
    subject: appId,
    digits: null,
    wabaId: null,
    apply: () => {
      checkApp(meta, parameters);
      return { access_token: `${appId}|${appSecret}`, token_type: 'bearer' };
    },
  });
}

function renew(meta: LocalMeta, exchange: Exchange) {
  return answerTokenCall(meta, exchange, {
    call: 'renewToken',
    named: 'fb_exchange_token',
    apply: (state, { old, parameters }) => {
      checkApp(meta, parameters);
      const renewed = renewToken(state, old, nowMsOf(meta));
      const lifeMs = renewed.expiresAtMs === null ? null : renewed.expiresAtMs - renewed.issuedAtMs;
      return { access_token: renewed.token, token_type: 'bearer', ...expiryOf(lifeMs) };
    },
  });
}

function revokeToken(meta: LocalMeta, exchange: Exchange) {
  return answerTokenCall(meta, exchange, {
    call: 'revokeToken',
    named: 'revoke_token',
    apply: (_state, { old, parameters }) => {
      checkApp(meta, parameters);
      if (old === undefined) throw badParameter('Invalid revoke_token');
      old.invalidSubcode = 467;
      return { success: true };
    },
  });
}

function debugToken(meta: LocalMeta, exchange: Exchange) {
  return answerTokenCall(meta, exchange, {
    call: 'debugToken',
    named: 'input_token',
    apply: (_state, { old, parameters }) => {
      const proof = parameters.get('appsecret_proof') ?? null;
      checkAppToken(meta, { accessToken: accessTokenOf(exchange.request, parameters), proof });
      if (!parameters.has('input_token')) throw badParameter('The parameter input_token is required.');
      return { data: tokenReportOf(old, nowMsOf(meta)) };
    },
  });
}

function readMe(meta: LocalMeta, exchange: Exchange) {
  const parameters = parametersOf(exchange.request);
  const token = accessTokenOf(exchange.request, parameters);
  const issued = meta.store.state.tokens.find((row) => row.token === token);
  return answerGraphCall(meta, exchange, {
    call: 'readMe',
    subject: issued?.grant.businessId ?? NOBODY,
    digits: issued?.digits ?? null,
    wabaId: wabaIdOf(issued),
    apply: () => {
      const proof = parameters.get('appsecret_proof') ?? null;
      const { grant } = checkBusinessToken(meta, { accessToken: token, proof });
      const node = { id: SYSTEM_USER_ID, name: 'Local Meta system user', client_business_id: grant.businessId };
      return pickFields(node, fieldsOf(parameters) ?? ['name']);
    },
  });
}

function checkApp(meta: LocalMeta, parameters: ReadonlyMap<string, string>): void {
  if (parameters.get('client_id') !== meta.options.appId) throw wrongApp();
  if (!isSameText(parameters.get('client_secret') ?? '', meta.options.appSecret)) throw wrongSecret();
}

type Token = SimulatorState['tokens'][number];

interface TokenContext {
  readonly old: Token | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

interface TokenCall {
  readonly call: CallName;
  /** The parameter that holds the token which the call is about. */
  readonly named: string;
  readonly apply: (state: SimulatorState, context: TokenContext) => Record<string, unknown>;
}

function answerTokenCall(meta: LocalMeta, exchange: Exchange, tokenCall: TokenCall) {
  const parameters = parametersOf(exchange.request);
  const old = meta.store.state.tokens.find((row) => row.token === parameters.get(tokenCall.named));
  return answerGraphCall(meta, exchange, {
    call: tokenCall.call,
    subject: wabaIdOf(old) ?? NOBODY,
    digits: old?.digits ?? null,
    wabaId: wabaIdOf(old),
    apply: (state) => tokenCall.apply(state, { old, parameters }),
  });
}

function wabaIdOf(issued: Token | undefined): string | null {
  const management = issued?.grant.scopes.find(({ scope }) => scope === 'whatsapp_business_management');
  return management?.targetIds[0] ?? null;
}

function expiryOf(lifeMs: number | null): object {
  return lifeMs === null ? {} : { expires_in: Math.floor(lifeMs / 1000) };
}

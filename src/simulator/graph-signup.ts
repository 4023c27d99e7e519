/** The Graph calls that turn a code into a token and tell what a token is worth. */
import type { FastifyInstance } from 'fastify';
import { checkAppToken, invalidSubcodeOf } from './graph-access.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import { badParameter, codeExpired, codeMalformed, codeUsed, wrongApp, wrongSecret } from './graph-errors.ts';
import { accessTokenOf, parametersOf } from './graph-request.ts';
import { nowMsOf, secondsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { isSameText } from './signatures.ts';
import { nextOrdinal } from './state.ts';
import type { IssuedToken, SimulatorState } from './state.ts';

/** How long a code of the signup dialog may be exchanged. Source: Meta, Embedded Signup implementation. */
const CODE_LIFE_MS = 30_000;

const SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'] as const;

/** Subject of a call whose code or token belongs to no account. */
const NOBODY = 'unknown';

export function registerSignupCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.route({
    method: ['GET', 'POST'],
    url: `${prefix}/oauth/access_token`,
    handler: (request, reply) => exchangeCode(meta, { request, reply }),
  });
  app.get(`${prefix}/debug_token`, (request, reply) => debugToken(meta, { request, reply }));
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
      return { access_token: redeemCode(state, code, nowMsOf(meta)).token, token_type: 'bearer' };
    },
  });
}

function checkApp(meta: LocalMeta, parameters: ReadonlyMap<string, string>): void {
  if (parameters.get('client_id') !== meta.options.appId) throw wrongApp();
  if (!isSameText(parameters.get('client_secret') ?? '', meta.options.appSecret)) throw wrongSecret();
}

function redeemCode(state: SimulatorState, code: string, nowMs: number): IssuedToken {
  const issued = state.codes.find((row) => row.code === code);
  if (issued === undefined) throw codeMalformed();
  if (issued.usedAtMs !== null) throw codeUsed();
  if (nowMs - issued.issuedAtMs >= CODE_LIFE_MS) throw codeExpired();
  issued.usedAtMs = nowMs;
  const token: IssuedToken = {
    token: `EAASIMTOKEN${String(nextOrdinal(state, 'token')).padStart(4, '0')}`,
    digits: issued.digits,
    wabaIds: [issued.wabaId],
    issuedAtMs: nowMs,
    expiresAtMs: null,
    isRevoked: false,
  };
  state.tokens.push(token);
  return token;
}

function debugToken(meta: LocalMeta, exchange: Exchange) {
  const parameters = parametersOf(exchange.request);
  const inputToken = parameters.get('input_token');
  const issued = meta.store.state.tokens.find((row) => row.token === inputToken);
  return answerGraphCall(meta, exchange, {
    call: 'debugToken',
    subject: issued?.wabaIds[0] ?? NOBODY,
    digits: issued?.digits ?? null,
    wabaId: issued?.wabaIds[0] ?? null,
    apply: () => {
      const proof = parameters.get('appsecret_proof') ?? null;
      checkAppToken(meta, { accessToken: accessTokenOf(exchange.request, parameters), proof });
      if (inputToken === undefined) throw badParameter('The parameter input_token is required.');
      return { data: tokenReportOf(meta, issued) };
    },
  });
}

/** A token whose number was disconnected is still valid: the cut is of the number and not of the grant. */
function tokenReportOf(meta: LocalMeta, issued: IssuedToken | undefined): object {
  const invalidSubcode = issued === undefined ? 467 : invalidSubcodeOf(issued, nowMsOf(meta));
  const fault = {
    code: 190,
    message: 'The access token could not be decrypted or is invalid',
    subcode: invalidSubcode,
  };
  if (issued === undefined) return { is_valid: false, scopes: [], error: fault };
  return {
    app_id: meta.options.appId,
    type: 'SYSTEM_USER',
    application: 'Local Meta',
    data_access_expires_at: 0,
    expires_at: issued.expiresAtMs === null ? 0 : secondsOf(issued.expiresAtMs),
    is_valid: invalidSubcode === null,
    issued_at: secondsOf(issued.issuedAtMs),
    scopes: SCOPES,
    granular_scopes: SCOPES.map((scope) => ({ scope, target_ids: issued.wabaIds })),
    user_id: '810000000000061',
    ...(invalidSubcode === null ? {} : { error: fault }),
  };
}

/** Our app's subscription to a WABA, with the callback that may take the place of the app's own. */
import type { FastifyInstance } from 'fastify';
import { challengeEndpoint } from './endpoint-challenge.ts';
import type { Exchange } from './graph-call.ts';
import { badParameter } from './graph-errors.ts';
import { parametersOf } from './graph-request.ts';
import { answerWabaCall } from './graph-waba.ts';
import type { LocalMeta } from './local-meta.ts';

/** Characters of an override URL. Source: Meta, webhook overrides. */
const OVERRIDE_LENGTH_MAX = 200;

export function registerSubscriptionCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.post(`${prefix}/:id/subscribed_apps`, (request, reply) => subscribe(meta, { request, reply }));
  app.get(`${prefix}/:id/subscribed_apps`, (request, reply) => readSubscription(meta, { request, reply }));
  app.delete(`${prefix}/:id/subscribed_apps`, (request, reply) => unsubscribe(meta, { request, reply }));
}

/** A plain call removes an override; one with an override needs a subscription before it, and an endpoint that answers. */
async function subscribe(meta: LocalMeta, exchange: Exchange) {
  const parameters = parametersOf(exchange.request);
  const override = parameters.get('override_callback_uri') ?? null;
  const verifyToken = parameters.get('verify_token') ?? '';
  const isAnswered = override === null || (await challengeEndpoint(meta, override, verifyToken)).isVerified;
  return answerWabaCall(meta, exchange, {
    call: 'subscribe',
    apply: (_state, { waba }) => {
      checkOverride(override, { isAnswered, isSubscribed: waba.isSubscribed });
      waba.isSubscribed = true;
      waba.overrideUrl = override;
      return { success: true };
    },
  });
}

function checkOverride(override: string | null, at: { isAnswered: boolean; isSubscribed: boolean }): void {
  if (override === null) return;
  if (!at.isSubscribed) {
    throw badParameter(
      'Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp ' +
        'Business Account',
    );
  }
  if (override.length > OVERRIDE_LENGTH_MAX) throw badParameter('override_callback_uri is too long');
  if (!at.isAnswered) throw badParameter('The callback URL or verify token could not be validated.');
}

function readSubscription(meta: LocalMeta, exchange: Exchange) {
  const app = { id: meta.options.appId, link: 'https://example.com/', name: 'Local Meta' };
  return answerWabaCall(meta, exchange, {
    call: 'readSubscription',
    apply: (_state, { waba }) => {
      if (!waba.isSubscribed) return { data: [] };
      const override = waba.overrideUrl === null ? {} : { override_callback_uri: waba.overrideUrl };
      return { data: [{ whatsapp_business_api_data: app, ...override }] };
    },
  });
}

function unsubscribe(meta: LocalMeta, exchange: Exchange) {
  return answerWabaCall(meta, exchange, {
    call: 'unsubscribe',
    apply: (_state, { waba }) => {
      waba.isSubscribed = false;
      waba.overrideUrl = null;
      return { success: true };
    },
  });
}

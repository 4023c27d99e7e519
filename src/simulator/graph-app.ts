/** The Graph call on our app itself: which webhooks it hears, and where. Only the app's own token may ask. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { subscriptionRowsOf } from './app-setting.ts';
import { checkAppToken } from './graph-access.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import { objectMissing } from './graph-errors.ts';
import { accessTokenOf, parametersOf } from './graph-request.ts';
import type { LocalMeta } from './local-meta.ts';

const AppPath = z.object({ version: z.string(), id: z.string() });

export function registerAppCalls(app: FastifyInstance, meta: LocalMeta, prefix: string): void {
  app.get(`${prefix}/:id/subscriptions`, (request, reply) => readAppWebhooks(meta, { request, reply }));
}

function readAppWebhooks(meta: LocalMeta, exchange: Exchange) {
  const { version, id: appId } = AppPath.parse(exchange.request.params);
  const parameters = parametersOf(exchange.request);
  return answerGraphCall(meta, exchange, {
    call: 'readAppWebhooks',
    subject: appId,
    digits: null,
    wabaId: null,
    apply: () => {
      const proof = parameters.get('appsecret_proof') ?? null;
      checkAppToken(meta, { accessToken: accessTokenOf(exchange.request, parameters), proof });
      if (appId !== meta.options.appId) throw objectMissing(appId);
      return { data: subscriptionRowsOf(meta, version) };
    },
  });
}

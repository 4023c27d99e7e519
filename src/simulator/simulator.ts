/** Starts the local Meta: one HTTP server with the Graph API and the control plane, and one sender of webhooks. */
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { answerFailure } from './control-errors.ts';
import { openAccountControls } from './control-accounts.ts';
import { openAppControls } from './control-app.ts';
import { openControlDoor, registerIndex } from './control-door.ts';
import { openFaultControls } from './control-faults.ts';
import { openPhoneControls } from './control-phones.ts';
import { openWatchControls } from './control-watch.ts';
import { openWebhookControls } from './control-webhooks.ts';
import { registerAppCalls } from './graph-app.ts';
import { registerNumberCalls } from './graph-number.ts';
import { registerSignupCalls } from './graph-signup.ts';
import { registerSubscriptionCalls } from './graph-subscription.ts';
import { registerWabaCalls } from './graph-waba.ts';
import { createHeldCalls } from './held-calls.ts';
import type { LocalMeta, SimulatorOptions } from './local-meta.ts';
import { passTime } from './passing-time.ts';
import { openStateStore } from './state-store.ts';
import { runWebhookSender } from './webhook-sender.ts';

export type { SimulatorOptions } from './local-meta.ts';

export interface Simulator {
  readonly url: string;
  close(): Promise<void>;
}

/** Any version of the Graph API is answered alike. */
const GRAPH_PREFIX = String.raw`/:version(^v\d+\.\d+$)`;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const closing = new AbortController();
  const meta: LocalMeta = {
    options,
    store: openStateStore(options.statePath),
    heldCalls: createHeldCalls(closing.signal),
    closing: closing.signal,
  };
  const app = buildServer(meta);
  const url = await app.listen({ port: options.port, host: '127.0.0.1' });
  const sender = runWebhookSender(meta);
  return {
    url,
    async close() {
      closing.abort();
      await sender;
      await app.close();
    },
  };
}

/** Hung and cut answers leave sockets behind, so closing does not wait for them. */
function buildServer(meta: LocalMeta): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 3_000_000 });
  acceptBodies(app);
  app.setErrorHandler(answerFailure);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { message: 'Unknown path components', type: 'OAuthException', code: 2500 } }),
  );
  app.addHook('onRequest', (_request, _reply, done) => {
    passTime(meta);
    done();
  });
  registerSignupCalls(app, meta, GRAPH_PREFIX);
  registerWabaCalls(app, meta, GRAPH_PREFIX);
  registerNumberCalls(app, meta, GRAPH_PREFIX);
  registerSubscriptionCalls(app, meta, GRAPH_PREFIX);
  registerAppCalls(app, meta, GRAPH_PREFIX);
  openControlPlane(app, meta);
  return app;
}

function openControlPlane(app: FastifyInstance, meta: LocalMeta): void {
  const door = openControlDoor(app);
  openPhoneControls(door, meta);
  openAccountControls(door, meta);
  openAppControls(door, meta);
  openFaultControls(door, meta);
  openWebhookControls(door, meta);
  openWatchControls(door, meta);
  registerIndex(app, door);
}

/** Graph takes JSON and forms, and an empty body under any content type. */
function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const text = String(body);
      const parsed: unknown = text === '' ? undefined : JSON.parse(text);
      done(null, parsed);
    } catch {
      done(Object.assign(new Error('The body is not JSON.'), { statusCode: 400 }));
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))));
  });
}

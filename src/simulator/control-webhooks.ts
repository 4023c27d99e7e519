/** The control plane of webhooks: send a hand-made one, hold and let go, look at the deliveries, verify the endpoint. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { enqueueWebhook, heldWebhooks, releaseWebhooks } from './webhook-queue.ts';

const HandMade = z.strictObject({
  field: z.string().min(1),
  value: z.record(z.string(), z.unknown()),
  entryId: z.string().min(1),
  /** Seconds, as Meta writes it; the Clock's time when left out. Message-type fields carry none. */
  time: z.number().int().optional(),
});

const Release = z.strictObject({
  /** Ids as `GET /control/webhooks/held` shows them; those not named stay held. */
  order: z.union([z.enum(['as-queued', 'reversed']), z.array(z.number().int())]).default('as-queued'),
});

export function registerWebhookControls(app: FastifyInstance, meta: LocalMeta): void {
  app.post('/control/webhooks', (request, reply) => reply.code(201).send(sendHandMade(meta, request.body)));
  app.get('/control/webhooks', () => ({ deliveries: meta.store.state.deliveries }));
  app.get('/control/webhooks/queued', () => ({
    webhooks: meta.store.state.webhooks.filter((webhook) => webhook.stage === 'queued'),
  }));
  app.get('/control/webhooks/held', () => ({ webhooks: heldWebhooks(meta.store.state) }));
  app.post('/control/webhooks/release', (request) => release(meta, request.body));
  app.post('/control/webhooks/verify-endpoint', () => verifyEndpoint(meta));
}

function sendHandMade(meta: LocalMeta, body: unknown): object {
  const { field, value, entryId, time } = HandMade.parse(body);
  const nowMs = nowMsOf(meta);
  const occurredAtMs = time === undefined ? nowMs : time * 1000;
  return meta.store.change((state) => {
    const { id } = enqueueWebhook(state, { field, value, entryId, digits: null, occurredAtMs, dueAtMs: nowMs });
    return { id };
  });
}

function release(meta: LocalMeta, body: unknown): object {
  const { order } = Release.parse(body ?? {});
  return meta.store.change((state) => ({ released: releaseWebhooks(state, order, nowMsOf(meta)) }));
}

/** What the app dashboard does when a callback URL is saved: the endpoint must give the bare challenge back. */
async function verifyEndpoint(meta: LocalMeta): Promise<object> {
  const { webhookUrl, verifyToken } = meta.options;
  const challenge = String(1_158_000_000 + (nowMsOf(meta) % 1_000_000));
  const url = new URL(webhookUrl);
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.challenge', challenge);
  url.searchParams.set('hub.verify_token', verifyToken);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([meta.closing, AbortSignal.timeout(10_000)]) });
    const isVerified = response.status === 200 && (await response.text()) === challenge;
    return { isVerified, status: response.status };
  } catch {
    return { isVerified: false, status: null };
  }
}

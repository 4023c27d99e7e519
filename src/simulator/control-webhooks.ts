/** The control plane of webhooks: send a hand-made one, hold and let go, look at the deliveries, verify the endpoint. */
import { z } from 'zod';
import { callbackUrlOf } from './app-setting.ts';
import { NoBody } from './control-door.ts';
import type { ControlDoor } from './control-door.ts';
import { challengeEndpoint } from './endpoint-challenge.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { enqueueWebhook, heldWebhooks, releaseWebhooks } from './webhook-queue.ts';

/** Any field, event or enum, known to Meta or not: the receiver must store and ignore what it does not know. */
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
  /** All of them in one POST, as Meta batches changes; those of one account share an entry. */
  together: z.boolean().default(false),
});

export function openWebhookControls(door: ControlDoor, meta: LocalMeta): void {
  door.post({ path: '/control/webhooks', does: 'send a hand-made webhook', body: HandMade, status: 201 }, ({ body }) =>
    sendHandMade(meta, body),
  );
  door.get('/control/webhooks', 'the journal of deliveries', () => ({ deliveries: meta.store.state.deliveries }));
  door.get('/control/webhooks/queued', 'what waits to be sent', () => ({
    webhooks: meta.store.state.webhooks.filter((webhook) => webhook.stage === 'queued'),
  }));
  door.get('/control/webhooks/held', 'what is held', () => ({ webhooks: heldWebhooks(meta.store.state) }));
  door.post(
    {
      path: '/control/webhooks/release',
      does: 'let held webhooks go: in order, reversed, chosen, together',
      body: Release,
    },
    ({ body }) => meta.store.change((state) => ({ released: releaseWebhooks(state, body, nowMsOf(meta)) })),
  );
  door.post(
    {
      path: '/control/webhooks/verify-endpoint',
      does: 'challenge the app callback as the dashboard does',
      body: NoBody,
    },
    () => challengeEndpoint(meta, callbackUrlOf(meta), meta.options.verifyToken),
  );
}

function sendHandMade(meta: LocalMeta, { field, value, entryId, time }: z.infer<typeof HandMade>): object {
  const nowMs = nowMsOf(meta);
  const occurredAtMs = time === undefined ? nowMs : time * 1000;
  return meta.store.change((state) => {
    const { id } = enqueueWebhook(state, { field, value, entryId, digits: null, occurredAtMs, dueAtMs: nowMs });
    return { id };
  });
}

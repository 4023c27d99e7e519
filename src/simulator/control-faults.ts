/** The control plane of faults, of the call counters and of time: what goes wrong, what was asked, what comes next. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { nextOwnActAtMs } from './passing-time.ts';
import { CallFault, CallName, WebhookFault } from './state.ts';
import { dueWebhooks } from './webhook-queue.ts';

const times = z.number().int().min(1).default(1);

const NewCallFault = z.strictObject({
  call: CallName,
  /** Phone number id, WABA id or the digits; without it any. */
  subject: z.string().optional(),
  times,
  fault: CallFault,
});

const NewWebhookFault = z.strictObject({
  field: z.string().optional(),
  event: z.string().optional(),
  times,
  fault: WebhookFault,
});

export function registerFaultControls(app: FastifyInstance, meta: LocalMeta): void {
  app.get('/control/faults', () => ({
    callFaults: meta.store.state.callFaults,
    webhookFaults: meta.store.state.webhookFaults,
  }));
  app.post('/control/faults', (request, reply) => reply.code(201).send(planCallFault(meta, request.body)));
  app.delete('/control/faults', () => clearFaults(meta));
  app.post('/control/webhook-faults', (request, reply) => reply.code(201).send(planWebhookFault(meta, request.body)));
  app.get('/control/calls', () => meta.store.state.calls);
  app.get('/control/calls/journal', () => meta.store.state.journal);
  app.get('/control/next', () => ({ nextAtMs: nextOwnActAtMs(meta) }));
  app.get('/control/pending', () => ({ pending: dueWebhooks(meta.store.state, nowMsOf(meta)).length }));
  app.post('/control/reset', () => reset(meta));
}

function planCallFault(meta: LocalMeta, body: unknown): object {
  const { call, subject, times: timesLeft, fault } = NewCallFault.parse(body);
  const planned = { call, subject: subject ?? null, timesLeft, fault };
  meta.store.change((state) => state.callFaults.push(planned));
  return planned;
}

function planWebhookFault(meta: LocalMeta, body: unknown): object {
  const { field, event, times: timesLeft, fault } = NewWebhookFault.parse(body);
  const planned = { field: field ?? null, event: event ?? null, timesLeft, fault };
  meta.store.change((state) => state.webhookFaults.push(planned));
  return planned;
}

function clearFaults(meta: LocalMeta): object {
  meta.store.change((state) => Object.assign(state, { callFaults: [], webhookFaults: [] }));
  return { cleared: true };
}

function reset(meta: LocalMeta): object {
  meta.store.reset();
  return { reset: true };
}

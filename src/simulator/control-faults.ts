/** The control plane of faults: what goes wrong with which call or webhook, how often, and when what is held goes on. */
import { z } from 'zod';
import { NoBody } from './control-door.ts';
import type { ControlDoor } from './control-door.ts';
import { CallFault, CallName, WebhookFault } from './fault-state.ts';
import type { LocalMeta } from './local-meta.ts';

const times = z.number().int().min(1).default(1);
const skip = z.number().int().min(0).default(0);

const NewCallFault = z.strictObject({
  call: z.union([CallName, z.literal('any')]),
  /** Phone number id, WABA id or the digits; without it any. */
  subject: z.string().optional(),
  /** Matching calls that pass before it strikes. */
  skip,
  times,
  fault: CallFault,
});

const NewWebhookFault = z.strictObject({
  field: z.string().optional(),
  event: z.string().optional(),
  /** WABA id or the digits; without it any. */
  subject: z.string().optional(),
  skip,
  times,
  fault: WebhookFault,
});

const CallRelease = z.strictObject({ call: z.string().optional(), subject: z.string().optional() });

export function openFaultControls(door: ControlDoor, meta: LocalMeta): void {
  door.get('/control/faults', 'what is planned and not used up, and which calls are held', () => ({
    callFaults: meta.store.state.callFaults,
    webhookFaults: meta.store.state.webhookFaults,
    heldCalls: meta.heldCalls.list(),
  }));
  door.post(
    { path: '/control/faults', does: 'plan what a Graph call runs into', body: NewCallFault, status: 201 },
    ({ body }) => planCallFault(meta, body),
  );
  door.post(
    { path: '/control/webhook-faults', does: 'plan what a webhook runs into', body: NewWebhookFault, status: 201 },
    ({ body }) => planWebhookFault(meta, body),
  );
  door.post(
    { path: '/control/faults/release', does: 'let held calls go on, all or those named', body: CallRelease },
    ({ body }) => ({ released: meta.heldCalls.release(body) }),
  );
  door.remove('/control/faults', 'forget all planned faults', () => clearFaults(meta));
  door.post({ path: '/control/reset', does: 'forget everything', body: NoBody }, () => reset(meta));
}

function planCallFault(meta: LocalMeta, body: z.infer<typeof NewCallFault>): object {
  const { call, subject, skip: skipsLeft, times: timesLeft, fault } = body;
  const planned = { call, subject: subject ?? null, skipsLeft, timesLeft, fault };
  meta.store.change((state) => state.callFaults.push(planned));
  return planned;
}

function planWebhookFault(meta: LocalMeta, body: z.infer<typeof NewWebhookFault>): object {
  const { field, event, subject, skip: skipsLeft, times: timesLeft, fault } = body;
  const matched = { field: field ?? null, event: event ?? null, subject: subject ?? null };
  const planned = { ...matched, skipsLeft, timesLeft, fault };
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

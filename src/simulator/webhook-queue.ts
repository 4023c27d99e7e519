/** Puts webhooks into the queue, running them into planned faults, and lets held ones go. */
import { appendBounded, nextOrdinal } from './state.ts';
import type { Delivery, PlannedWebhookFault, QueuedWebhook, SimulatorState, WebhookFault } from './state.ts';
import { serializeAsMeta } from './signatures.ts';
import { envelopeOf } from './webhook-payloads.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

const DELIVERIES_MAX = 500;

export function enqueueWebhooks(state: SimulatorState, outgoing: readonly OutgoingWebhook[]): void {
  for (const webhook of outgoing) enqueueWebhook(state, webhook);
}

export function enqueueWebhook(state: SimulatorState, outgoing: OutgoingWebhook): QueuedWebhook {
  const queued = queuedOf(state, outgoing);
  const fault = takeWebhookFault(state, queued);
  if (fault === 'drop') {
    journalDelivery(state, queued, { atMs: outgoing.dueAtMs, status: null, outcome: 'dropped' });
    return queued;
  }
  if (fault === 'twice') state.webhooks.push({ ...queuedOf(state, outgoing) });
  state.webhooks.push(withFault(queued, fault));
  return queued;
}

export type DeliveryOutcome = Pick<Delivery, 'atMs' | 'status' | 'outcome'>;

export function journalDelivery(state: SimulatorState, webhook: QueuedWebhook, outcome: DeliveryOutcome): void {
  const { id: webhookId, field, event, entryId, digits, attempts: attempt } = webhook;
  appendBounded(state.deliveries, { webhookId, field, event, entryId, digits, attempt, ...outcome }, DELIVERIES_MAX);
}

/** In delivery order: what is due earlier first, then by place in the line. */
export function dueWebhooks(state: SimulatorState, nowMs: number): QueuedWebhook[] {
  return state.webhooks
    .filter((webhook) => webhook.stage === 'queued' && webhook.dueAtMs <= nowMs)
    .sort((left, right) => left.dueAtMs - right.dueAtMs || left.seq - right.seq);
}

export function heldWebhooks(state: SimulatorState): QueuedWebhook[] {
  return state.webhooks.filter((webhook) => webhook.stage === 'held').sort((left, right) => left.seq - right.seq);
}

export type ReleaseOrder = 'as-queued' | 'reversed' | readonly number[];

/** Meta's own times inside the bodies stay as they were: only the order of arrival changes. Answers the ids let go. */
export function releaseWebhooks(state: SimulatorState, order: ReleaseOrder, nowMs: number): number[] {
  const released = inOrder(heldWebhooks(state), order);
  for (const webhook of released) {
    webhook.stage = 'queued';
    webhook.dueAtMs = nowMs;
    webhook.seq = nextOrdinal(state, 'webhookSeq');
  }
  return released.map((webhook) => webhook.id);
}

/** What a sync has still to send dies with the connection. */
export function dropPendingSync(state: SimulatorState, digits: string, nowMs: number): void {
  state.webhooks = state.webhooks.filter(
    (webhook) =>
      webhook.digits !== digits ||
      webhook.stage === 'held' ||
      webhook.dueAtMs <= nowMs ||
      webhook.attempts > 0 ||
      !['history', 'smb_app_state_sync'].includes(webhook.field),
  );
}

function inOrder(held: QueuedWebhook[], order: ReleaseOrder): QueuedWebhook[] {
  if (order === 'as-queued') return held;
  if (order === 'reversed') return held.toReversed();
  return order.flatMap((id) => held.filter((webhook) => webhook.id === id));
}

function queuedOf(state: SimulatorState, outgoing: OutgoingWebhook): QueuedWebhook {
  const { event } = outgoing.value;
  return {
    id: nextOrdinal(state, 'webhook'),
    seq: nextOrdinal(state, 'webhookSeq'),
    field: outgoing.field,
    event: typeof event === 'string' ? event : null,
    entryId: outgoing.entryId,
    digits: outgoing.digits,
    body: serializeAsMeta(envelopeOf(outgoing)),
    stage: 'queued',
    dueAtMs: outgoing.dueAtMs,
    attempts: 0,
    firstAttemptAtMs: null,
    isBadlySigned: false,
    completes: outgoing.completes ?? null,
  };
}

function withFault(queued: QueuedWebhook, fault: WebhookFault | null): QueuedWebhook {
  if (fault === 'hold') return Object.assign(queued, { stage: 'held' });
  if (fault === 'bad-signature') return Object.assign(queued, { isBadlySigned: true });
  if (fault !== null && typeof fault === 'object') queued.dueAtMs += fault.delayMs;
  return queued;
}

function takeWebhookFault(state: SimulatorState, queued: QueuedWebhook): WebhookFault | null {
  const planned = state.webhookFaults.find((row) => doesMatch(row, queued));
  if (planned === undefined) return null;
  planned.timesLeft -= 1;
  if (planned.timesLeft <= 0) state.webhookFaults = state.webhookFaults.filter((row) => row !== planned);
  return planned.fault;
}

function doesMatch(planned: PlannedWebhookFault, queued: QueuedWebhook): boolean {
  const isField = planned.field === null || planned.field === queued.field;
  return isField && (planned.event === null || planned.event === queued.event);
}

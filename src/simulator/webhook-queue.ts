/** Puts webhooks into the queue, running them into planned faults, and lets held ones go. */
import type { PlannedWebhookFault, WebhookFault } from './fault-state.ts';
import { serializeAsMeta } from './signatures.ts';
import { appendBounded, nextOrdinal } from './state.ts';
import type { SimulatorState } from './state.ts';
import { joined, splitValues } from './webhook-batches.ts';
import { envelopeOf } from './webhook-payloads.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';
import type { Delivery, QueuedWebhook, Signing } from './webhook-state.ts';

const DELIVERIES_MAX = 500;

export function enqueueWebhooks(state: SimulatorState, outgoing: readonly OutgoingWebhook[]): void {
  for (const webhook of outgoing) enqueueWebhook(state, webhook);
}

export function enqueueWebhook(state: SimulatorState, outgoing: OutgoingWebhook): QueuedWebhook {
  const queued = queuedOf(state, outgoing);
  const fault = takeWebhookFault(state, queued, outgoing);
  if (fault === 'drop') {
    journalDelivery(state, queued, { atMs: outgoing.dueAtMs, status: null, outcome: 'dropped' });
    return queued;
  }
  if (fault === 'split') return enqueueSplit(state, outgoing) ?? queued;
  for (let copy = 1; copy < copiesOf(fault); copy += 1) state.webhooks.push(queuedOf(state, outgoing));
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

export interface ReleaseOrder {
  readonly order: 'as-queued' | 'reversed' | readonly number[];
  readonly together: boolean;
}

/** Meta's own times inside the bodies stay as they were: only the order of arrival changes. Answers the ids let go. */
export function releaseWebhooks(state: SimulatorState, { order, together }: ReleaseOrder, nowMs: number): number[] {
  const released = inOrder(heldWebhooks(state), order);
  const [first, ...others] = released;
  if (together && first !== undefined) {
    Object.assign(first, joined(released));
    state.webhooks = state.webhooks.filter((webhook) => !others.includes(webhook));
  }
  for (const webhook of together ? released.slice(0, 1) : released) {
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

function inOrder(held: QueuedWebhook[], order: ReleaseOrder['order']): QueuedWebhook[] {
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
    signing: 'good',
    completes: outgoing.completes === undefined ? [] : [outgoing.completes],
  };
}

/** One POST for each row of the webhook's list; what has no list goes as it is. Answers the last of them. */
function enqueueSplit(state: SimulatorState, outgoing: OutgoingWebhook): QueuedWebhook | null {
  const { completes, ...rest } = outgoing;
  const values = splitValues(outgoing.value);
  const queued = values.map((value, place) =>
    queuedOf(state, { ...rest, value, ...(place === values.length - 1 && completes ? { completes } : {}) }),
  );
  state.webhooks.push(...queued);
  return queued.at(-1) ?? null;
}

function copiesOf(fault: WebhookFault | null): number {
  if (fault === 'twice') return 2;
  return fault !== null && typeof fault === 'object' && 'copies' in fault ? fault.copies : 1;
}

const SIGNINGS: ReadonlyMap<WebhookFault, Signing> = new Map<WebhookFault, Signing>([
  ['bad-signature', 'wrong-secret'],
  ['no-signature', 'missing'],
  ['reserialised', 'reserialised'],
]);

function withFault(queued: QueuedWebhook, fault: WebhookFault | null): QueuedWebhook {
  if (fault === null) return queued;
  if (fault === 'hold') queued.stage = 'held';
  if (typeof fault === 'object' && 'delayMs' in fault) queued.dueAtMs += fault.delayMs;
  queued.signing = SIGNINGS.get(fault) ?? 'good';
  return queued;
}

function takeWebhookFault(
  state: SimulatorState,
  queued: QueuedWebhook,
  outgoing: OutgoingWebhook,
): WebhookFault | null {
  const planned = state.webhookFaults.filter((row) => doesMatch(row, queued, outgoing));
  const striking = planned.find((row) => row.skipsLeft <= 0);
  for (const row of planned) row.skipsLeft -= 1;
  if (striking === undefined) return null;
  striking.timesLeft -= 1;
  if (striking.timesLeft <= 0) state.webhookFaults = state.webhookFaults.filter((row) => row !== striking);
  return striking.fault;
}

function doesMatch(planned: PlannedWebhookFault, queued: QueuedWebhook, { value }: OutgoingWebhook): boolean {
  const isField = planned.field === null || planned.field === queued.field;
  const isEvent = planned.event === null || planned.event === queued.event;
  const names = [queued.digits, queued.entryId, wabaNamedIn(value)];
  return isField && isEvent && (planned.subject === null || names.includes(planned.subject));
}

/** Partner events carry the partner's id outside and the account's inside. */
function wabaNamedIn(value: Readonly<Record<string, unknown>>): string | null {
  const info = value['waba_info'];
  if (typeof info !== 'object' || info === null || !('waba_id' in info)) return null;
  return typeof info.waba_id === 'string' ? info.waba_id : null;
}

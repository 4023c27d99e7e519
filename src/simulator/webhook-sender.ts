/** Delivers what is due, one after the other, and retries what was not answered 200 less and less often. */
import { setTimeout as waitMs } from 'node:timers/promises';
import { isSubscribed, wabaOf } from './accounts.ts';
import { callbackUrlOf } from './app-setting.ts';
import { isHeard } from './app-state.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { passTime } from './passing-time.ts';
import { webhookSignatureOf } from './signatures.ts';
import type { SimulatorState } from './state.ts';
import type { QueuedWebhook } from './webhook-state.ts';
import { dueWebhooks, journalDelivery } from './webhook-queue.ts';
import type { DeliveryOutcome } from './webhook-queue.ts';
import { isMessageField } from './webhook-payloads.ts';

/** How often the sender looks at the Clock, in wall time: the Clock may jump and tells nobody. */
const LOOK_EVERY_MS = 50;
/** Wall time that a receiver gets to answer. Ours. */
const ANSWER_WITHIN_MS = 10_000;
/** Clock time to the next attempt, then hourly. Meta says "at once, then with decreasing frequency over 36 hours". */
const RETRY_AFTER_MS = [0, 1_000, 5_000, 30_000, 120_000, 600_000] as const;
const RETRY_LATER_MS = 3_600_000;
const GIVE_UP_AFTER_MS = 36 * 3_600_000;

/** Runs until the local Meta closes. */
export async function runWebhookSender(meta: LocalMeta): Promise<void> {
  while (!meta.closing.aborted) {
    passTime(meta);
    for (const webhook of dueWebhooks(meta.store.state, nowMsOf(meta))) {
      if (meta.closing.aborted) return;
      await deliver(meta, webhook);
    }
    await waitMs(LOOK_EVERY_MS, undefined, { signal: meta.closing }).catch(() => undefined);
  }
}

/** What nobody has subscribed Meta does not send: of the message kind by the account, of any by the app. */
async function deliver(meta: LocalMeta, webhook: QueuedWebhook): Promise<void> {
  if (!meta.store.state.webhooks.includes(webhook)) return;
  if (!isWanted(meta.store.state, webhook)) {
    const outcome = 'not-subscribed';
    meta.store.change((state) => {
      settle(state, webhook, { atMs: nowMsOf(meta), status: null, outcome });
    });
    return;
  }
  const status = await post(meta, webhook);
  if (!meta.closing.aborted) meta.store.change((state) => record(state, webhook, { atMs: nowMsOf(meta), status }));
}

function isWanted(state: SimulatorState, { field, entryId }: QueuedWebhook): boolean {
  return isHeard(state.app, field) && (!isMessageField(field) || isSubscribed(state, entryId));
}

async function post(meta: LocalMeta, webhook: QueuedWebhook): Promise<number | null> {
  const { body, headers } = signed(webhook, meta.options.appSecret);
  try {
    const response = await fetch(callbackOf(meta, webhook), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.any([meta.closing, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

/** Only the message kind follows an override; news of the account goes to the app's own callback. */
function callbackOf(meta: LocalMeta, webhook: QueuedWebhook): string {
  const override = isMessageField(webhook.field) ? wabaOf(meta.store.state, webhook.entryId)?.overrideUrl : null;
  return override ?? callbackUrlOf(meta);
}

function signed(
  { body, signing }: QueuedWebhook,
  appSecret: string,
): { body: string; headers: Record<string, string> } {
  const signature = webhookSignatureOf(body, signing === 'wrong-secret' ? `not-${appSecret}` : appSecret);
  const headers: Record<string, string> = signing === 'missing' ? {} : { 'x-hub-signature-256': signature };
  // the signature stays the one of the bytes that Meta wrote
  return { body: signing === 'reserialised' ? JSON.stringify(JSON.parse(body), null, 1) : body, headers };
}

interface Attempt {
  readonly atMs: number;
  readonly status: number | null;
}

function record(state: SimulatorState, webhook: QueuedWebhook, attempt: Attempt): void {
  if (!state.webhooks.includes(webhook)) return;
  webhook.attempts += 1;
  webhook.firstAttemptAtMs ??= attempt.atMs;
  if (attempt.status === 200) {
    settle(state, webhook, { ...attempt, outcome: 'delivered' });
    return;
  }
  const outcome = attempt.status === null ? 'unreachable' : 'refused';
  // A forged signature is not Meta's: nobody sends that one again.
  if (webhook.signing !== 'good') {
    settle(state, webhook, { ...attempt, outcome });
    return;
  }
  const nextAtMs = attempt.atMs + (RETRY_AFTER_MS[webhook.attempts - 1] ?? RETRY_LATER_MS);
  if (nextAtMs - webhook.firstAttemptAtMs > GIVE_UP_AFTER_MS) {
    settle(state, webhook, { ...attempt, outcome: 'given-up' });
    return;
  }
  webhook.dueAtMs = nextAtMs;
  journalDelivery(state, webhook, { ...attempt, outcome });
}

function settle(state: SimulatorState, webhook: QueuedWebhook, outcome: DeliveryOutcome): void {
  state.webhooks = state.webhooks.filter((row) => row !== webhook);
  journalDelivery(state, webhook, outcome);
  if (outcome.outcome === 'delivered') completeSync(state, webhook);
}

function completeSync(state: SimulatorState, webhook: QueuedWebhook): void {
  const phone = state.phones.find((row) => row.digits === webhook.digits);
  if (phone === undefined) return;
  for (const completed of webhook.completes) {
    const sync = completed === 'contacts' ? 'contactsSync' : 'historySync';
    if (phone[sync] === 'requested') phone[sync] = 'done';
  }
}

/** Resolves when all news of a phone that is due has been sent once; waits in wall time, and not longer than a receiver may. */
export async function sentBefore(meta: LocalMeta, phoneDigits: string): Promise<void> {
  const limit = performance.now() + ANSWER_WITHIN_MS;
  const isWaiting = (webhook: QueuedWebhook): boolean => webhook.digits === phoneDigits && webhook.attempts === 0;
  while (dueWebhooks(meta.store.state, nowMsOf(meta)).some(isWaiting) && performance.now() < limit) {
    await waitMs(LOOK_EVERY_MS, undefined, { signal: meta.closing });
  }
}

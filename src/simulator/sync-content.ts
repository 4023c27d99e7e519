/** Plans what a granted sync sends, and when: contacts here, history chunk by chunk in its own plan. */
import { historyDeclined } from './history-payloads.ts';
import { chunksOf } from './history-plan.ts';
import { contactChange, contactsWebhook } from './message-payloads.ts';
import type { Phone } from './phone-state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

/** The delay to the first batch, and to a decline. Source: observed timelines; ours. */
const FIRST_BATCH_AFTER_MS = 5_000;
const DECLINE_AFTER_MS = 5_000;

export function planContacts(phone: Phone, askedAtMs: number): OutgoingWebhook[] {
  const { isSilent, copies } = phone.contactsShape;
  if (isSilent) return [];
  const batches = batchesOf(phone, askedAtMs);
  const sent = batches.flatMap((changes) => Array.from({ length: copies }, () => changes));
  return sent.map((changes, place) => {
    const webhook = contactsWebhook(phone, askedAtMs + FIRST_BATCH_AFTER_MS + place * phone.syncSpacingMs, changes);
    return place === sent.length - 1 ? { ...webhook, completes: 'contacts' } : webhook;
  });
}

/** Removals carry a later time than the additions that they undo, and come first: the last writer is told by time alone. */
function batchesOf(phone: Phone, askedAtMs: number): object[][] {
  const { batchSize, order, people: knownBy, removedFirst } = phone.contactsShape;
  const added = indexesTo(phone.contacts).map((ordinal) =>
    contactChange({ ordinal, action: 'add', atMs: askedAtMs, knownBy }),
  );
  const removed = indexesTo(Math.min(removedFirst, phone.contacts)).map((ordinal) =>
    contactChange({ ordinal, action: 'remove', atMs: askedAtMs + 1_000, knownBy }),
  );
  const batches = [...batched(removed, batchSize), ...batched(added, batchSize)];
  return order === 'reversed' ? batches.toReversed() : batches;
}

export function planHistory(phone: Phone, askedAtMs: number): OutgoingWebhook[] {
  if (!phone.isHistoryShared) return [historyDeclined(phone, askedAtMs + DECLINE_AFTER_MS)];
  return phone.history.isSilent ? [] : chunksOf(phone, askedAtMs);
}

function batched<Row>(rows: readonly Row[], size: number): Row[][] {
  return indexesTo(Math.ceil(rows.length / size)).map((batch) => rows.slice(batch * size, (batch + 1) * size));
}

function indexesTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

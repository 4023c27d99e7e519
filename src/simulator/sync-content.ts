/** Plans what a granted contacts or history sync sends, and when. Phases and progress as in Meta's history reference. */
import {
  contactChange,
  contactsWebhook,
  historyDeclined,
  historyMessage,
  historyThread,
  historyWebhook,
} from './message-payloads.ts';
import type { Phone } from './state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

/** Contacts in one webhook, the delay to the first batch and to the first chunk. Source: observed timelines; ours. */
const CONTACTS_PER_BATCH = 100;
const FIRST_BATCH_AFTER_MS = 5_000;
const FIRST_CHUNK_AFTER_MS = 20_000;
const DECLINE_AFTER_MS = 5_000;
const DAY_MS = 86_400_000;

/** Days before onboarding that a phase covers. Source: Meta, history reference. */
const PHASES = [
  { fromDay: 0, toDay: 1 },
  { fromDay: 1, toDay: 90 },
  { fromDay: 90, toDay: 180 },
] as const;

export function planContacts(phone: Phone, askedAtMs: number): OutgoingWebhook[] {
  const batches = Math.ceil(phone.contacts / CONTACTS_PER_BATCH);
  return indexesTo(batches).map((batch) => {
    const atMs = askedAtMs + FIRST_BATCH_AFTER_MS + batch * phone.syncSpacingMs;
    const size = Math.min(CONTACTS_PER_BATCH, phone.contacts - batch * CONTACTS_PER_BATCH);
    const changes = indexesTo(size).map((index) => contactChange(batch * CONTACTS_PER_BATCH + index, 'add', askedAtMs));
    const webhook = contactsWebhook(phone, atMs, changes);
    return batch === batches - 1 ? { ...webhook, completes: 'contacts' } : webhook;
  });
}

export function planHistory(phone: Phone, askedAtMs: number): OutgoingWebhook[] {
  if (!phone.isHistoryShared) return [historyDeclined(phone, askedAtMs + DECLINE_AFTER_MS)];
  const { chunks } = phone.history;
  const phases = PHASES.filter((phase) => phase.fromDay < phone.history.days).slice(0, chunks);
  const perPhase = Math.ceil(chunks / Math.max(1, phases.length));
  return indexesTo(chunks).map((chunk) => {
    const phase = Math.min(phases.length - 1, Math.floor(chunk / perPhase));
    const progress = Math.floor((100 * (chunk + 1)) / chunks);
    const head = { phase, chunk_order: chunk - phase * perPhase + 1, progress };
    const atMs = askedAtMs + FIRST_CHUNK_AFTER_MS + chunk * phone.syncSpacingMs;
    const threads = [historyThread(messagesOf(phone, { chunk, phase }))];
    const webhook = historyWebhook(phone, atMs, [{ metadata: head, threads }]);
    return progress === 100 ? { ...webhook, completes: 'history' } : webhook;
  });
}

/** Messages are dealt out evenly and spread over the days of their phase. */
function messagesOf(phone: Phone, place: { chunk: number; phase: number }): object[] {
  const { chunks, messages, days } = phone.history;
  const from = Math.floor((messages * place.chunk) / chunks);
  const to = Math.floor((messages * (place.chunk + 1)) / chunks);
  const { fromDay, toDay } = PHASES[place.phase] ?? PHASES[0];
  const spanDays = Math.min(toDay, days) - fromDay;
  return indexesTo(to - from).map((offset) => {
    const daysBack = fromDay + (spanDays * (offset + 1)) / (to - from + 1);
    return historyMessage(phone, from + offset, (phone.onboardedAtMs ?? 0) - daysBack * DAY_MS);
  });
}

function indexesTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

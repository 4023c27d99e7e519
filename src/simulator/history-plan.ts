/** Plans the chunks of a history sync: phases, order, copies, late ones, media. Source: Meta's history reference. */
import { chunkWebhook, isMedia, mediaWebhook } from './history-payloads.ts';
import type { ChunkHead, PastMessage } from './history-payloads.ts';
import type { Phone } from './phone-state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

/** The delay to the first chunk. Source: observed timelines; ours. */
const FIRST_CHUNK_AFTER_MS = 20_000;
const DAY_MS = 86_400_000;
/** Media ids come only for messages as young as this. Source: Meta, history reference. */
const MEDIA_DAYS = 14;
/** Messages of the chunk that comes after the end. Ours. */
const LATE_MESSAGES = 5;

/** Days before onboarding that a phase covers. Source: Meta, history reference. */
const PHASES = [
  { phase: 0, fromDay: 0, toDay: 1 },
  { phase: 1, fromDay: 1, toDay: 90 },
  { phase: 2, fromDay: 90, toDay: 180 },
] as const;

interface Chunk {
  readonly head: ChunkHead;
  readonly messages: readonly PastMessage[];
}

export function chunksOf(phone: Phone, askedAtMs: number): OutgoingWebhook[] {
  const { history, syncSpacingMs } = phone;
  const rising = risingChunks(phone);
  const sent = inOrder(rising, history.order).flatMap((chunk) => Array.from({ length: history.copies }, () => chunk));
  const atOf = (place: number): number => askedAtMs + FIRST_CHUNK_AFTER_MS + place * syncSpacingMs;
  const webhooks = sent.map((chunk, place) => chunkWebhook(phone, atOf(place), chunk));
  const late = history.hasLateChunk ? lateChunks(phone, rising.length) : [];
  const lateWebhooks = late.map((chunk, place) => chunkWebhook(phone, atOf(sent.length + place), chunk));
  return [...withCompletion(webhooks), ...lateWebhooks, ...mediaOf(phone, sent, atOf)];
}

/** Meta has sent all that belongs to the sync once the last of these is delivered, in whatever order they come. */
function withCompletion(webhooks: readonly OutgoingWebhook[]): OutgoingWebhook[] {
  return webhooks.map((webhook, place) =>
    place === webhooks.length - 1 ? { ...webhook, completes: 'history' } : webhook,
  );
}

/** Chunks are dealt out evenly over the phases that have something; progress rises over all of them. */
function risingChunks(phone: Phone): Chunk[] {
  const { history } = phone;
  const wanted = history.chunkSize === undefined ? history.chunks : Math.ceil(history.messages / history.chunkSize);
  const phases = PHASES.filter(
    ({ phase, fromDay }) => fromDay < history.days && (history.phases === undefined || history.phases.includes(phase)),
  ).slice(0, wanted);
  const chunks = phases.length === 0 ? 0 : wanted;
  const perPhase = Math.ceil(chunks / Math.max(1, phases.length));
  return indexesTo(chunks).map((chunk) => {
    const place = Math.min(phases.length - 1, Math.floor(chunk / perPhase));
    const span = phases[place] ?? PHASES[0];
    const head = {
      phase: span.phase,
      chunkOrder: chunk - place * perPhase + 1,
      progress: Math.floor((100 * (chunk + 1)) / chunks),
    };
    return { head, messages: messagesOf(phone, { chunk, chunks, span }) };
  });
}

/** Messages are dealt out evenly and spread over the days of their phase. */
function messagesOf(
  phone: Phone,
  place: { chunk: number; chunks: number; span: (typeof PHASES)[number] },
): PastMessage[] {
  const { messages, days } = phone.history;
  const from = Math.floor((messages * place.chunk) / place.chunks);
  const to = Math.floor((messages * (place.chunk + 1)) / place.chunks);
  const { fromDay, toDay } = place.span;
  const spanDays = Math.min(toDay, days) - fromDay;
  return indexesTo(to - from).map((offset) => {
    const daysBack = fromDay + (spanDays * (offset + 1)) / (to - from + 1);
    return { index: from + offset, sentAtMs: (phone.onboardedAtMs ?? 0) - daysBack * DAY_MS };
  });
}

function inOrder(rising: readonly Chunk[], order: Phone['history']['order']): readonly Chunk[] {
  if (order === 'reversed') return rising.toReversed();
  return order === 'last-first' ? [...rising.slice(-1), ...rising.slice(0, -1)] : rising;
}

/** A chunk of phase 0 that nobody expects any more: Meta had said 100 before it. */
function lateChunks(phone: Phone, chunks: number): Chunk[] {
  const head = { phase: 0, chunkOrder: chunks + 1, progress: 100 };
  const messages = indexesTo(LATE_MESSAGES).map((offset) => ({
    index: phone.history.messages + offset,
    sentAtMs: (phone.onboardedAtMs ?? 0) - (offset + 1) * 60_000,
  }));
  return [{ head, messages }];
}

/** One webhook to each young placeholder: a moment before its chunk, or after all of them. */
function mediaOf(phone: Phone, sent: readonly Chunk[], atOf: (place: number) => number): OutgoingWebhook[] {
  const { media } = phone.history;
  if (media === 'none') return [];
  const since = (phone.onboardedAtMs ?? 0) - MEDIA_DAYS * DAY_MS;
  return sent.flatMap(({ messages }, place) =>
    messages
      .filter((message) => isMedia(message) && message.sentAtMs >= since)
      .map((message) => mediaWebhook(phone, media === 'before' ? atOf(place) - 1_000 : atOf(sent.length + 1), message)),
  );
}

function indexesTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

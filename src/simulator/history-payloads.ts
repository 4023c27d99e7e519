/** Builds the values of history webhooks: chunks with their threads, media that follows, a decline. Source: Meta's reference. */
import { secondsOf } from './local-meta.ts';
import { messageWebhook } from './message-payloads.ts';
import { MARTA } from './people.ts';
import type { HistoryShape, Phone } from './phone-state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

export interface ChunkHead {
  readonly phase: number;
  readonly chunkOrder: number;
  readonly progress: number;
}

/** A message of the past, the same at every onboarding. Odd ones are the business's own, and media. */
export interface PastMessage {
  readonly index: number;
  readonly sentAtMs: number;
}

export function chunkWebhook(
  phone: Phone,
  atMs: number,
  chunk: { head: ChunkHead; messages: readonly PastMessage[] },
): OutgoingWebhook {
  const shape = phone.history;
  const { phase, chunkOrder, progress } = chunk.head;
  const written = (value: number) => (shape.numbersAs === 'text' ? String(value) : value);
  const metadata = { phase: written(phase), chunk_order: written(chunkOrder), progress: written(progress) };
  const threads = [
    threadOf(
      shape,
      chunk.messages.map((message) => pastMessage(phone, message)),
    ),
  ];
  return historyWebhook(phone, atMs, { history: [{ metadata, threads }] });
}

export function isMedia({ index }: PastMessage): boolean {
  return index % 2 === 1;
}

/** The file to a placeholder: the same message again, in `message_echoes` because the business sent it. */
export function mediaWebhook(phone: Phone, atMs: number, message: PastMessage): OutgoingWebhook {
  const image = { mime_type: 'image/jpeg', sha256: '0f2c', id: `22${String(message.index).padStart(14, '0')}` };
  const content = { ...sentHeadOf(phone, message), type: 'image', image: { ...image, caption: 'Invoice' } };
  return historyWebhook(phone, atMs, { message_echoes: [content] });
}

export function historyDeclined(phone: Phone, atMs: number): OutgoingWebhook {
  const sentence = 'History sync is turned off by the business from the WhatsApp Business App';
  const refusal = {
    code: 2593109,
    title: sentence,
    message: sentence,
    error_data: { details: 'History sharing is turned off by the business' },
  };
  return historyWebhook(phone, atMs, { history: [{ errors: [refusal] }] });
}

function historyWebhook(phone: Phone, atMs: number, content: Readonly<Record<string, unknown>>): OutgoingWebhook {
  return messageWebhook(phone, atMs, { field: 'history', content });
}

/** The thread's id is the person's number, or the business-scoped id where that is all that is known. */
function threadOf({ people }: HistoryShape, messages: readonly object[]): object {
  const { digits, userId, username } = MARTA;
  if (people === 'user-id') return { id: userId, context: { user_id: userId, username }, messages };
  return { id: digits, context: { wa_id: digits, user_id: userId, username }, messages };
}

function pastMessage(phone: Phone, message: PastMessage): object {
  const { statusCase } = phone.history;
  const statusOf = (status: string) => (statusCase === 'lower' ? status.toLowerCase() : status);
  if (isMedia(message)) {
    const history_context = { status: statusOf('DELIVERED') };
    return { ...sentHeadOf(phone, message), type: 'media_placeholder', history_context };
  }
  const from = phone.history.people === 'number' ? { from: MARTA.digits } : { from_user_id: MARTA.userId };
  const text = { body: 'Is the rye bread back?' };
  return { ...from, ...idOf(phone, message), type: 'text', text, history_context: { status: statusOf('READ') } };
}

function sentHeadOf(phone: Phone, message: PastMessage): object {
  const to = phone.history.people === 'number' ? { to: MARTA.digits } : { to_user_id: MARTA.userId };
  return { from: phone.digits, ...to, ...idOf(phone, message) };
}

function idOf(phone: Phone, { index, sentAtMs }: PastMessage): object {
  return { id: `wamid.SIMH${phone.digits}.${index}`, timestamp: String(secondsOf(sentAtMs)) };
}

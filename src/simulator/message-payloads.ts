/** Builds the values of message-type webhooks: echoes, inbound messages, contacts and history. Source: Meta's references. */
import { secondsOf } from './local-meta.ts';
import type { Phone } from './state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

export interface Moment {
  readonly atMs: number;
  /** Makes the ids of messages unique. */
  readonly ordinal: number;
}

/** The other people of the cast; a name outside ASCII keeps signatures honest. */
const PEOPLE = [
  { digits: '15550177001', userId: 'US.20481216324864128256', first: 'Marta', full: 'Marta Kowal' },
  { digits: '15550177002', userId: 'US.20481216324864128257', first: 'Zoë', full: 'Zoë Łuczak' },
  { digits: '15550177003', userId: 'US.20481216324864128258', first: 'Iñaki', full: 'Iñaki Urrutia' },
] as const;

function personOf(ordinal: number): (typeof PEOPLE)[number] {
  return PEOPLE[ordinal % PEOPLE.length] ?? PEOPLE[0];
}

export function messageEcho(phone: Phone, moment: Moment): OutgoingWebhook {
  const person = personOf(moment.ordinal);
  return messageWebhook(phone, moment.atMs, {
    field: 'smb_message_echoes',
    content: {
      contacts: [contactHeadOf(person)],
      message_echoes: [
        {
          from: phone.digits,
          to: person.digits,
          to_user_id: person.userId,
          id: `wamid.SIME${phone.digits}.${moment.ordinal}`,
          timestamp: String(secondsOf(moment.atMs)),
          type: 'text',
          text: { body: 'Yes, from 8:00 – see you' },
        },
      ],
    },
  });
}

export function inboundMessage(phone: Phone, moment: Moment): OutgoingWebhook {
  const person = personOf(moment.ordinal);
  return messageWebhook(phone, moment.atMs, {
    field: 'messages',
    content: {
      contacts: [contactHeadOf(person)],
      messages: [
        {
          from: person.digits,
          from_user_id: person.userId,
          id: `wamid.SIMI${phone.digits}.${moment.ordinal}`,
          timestamp: String(secondsOf(moment.atMs)),
          type: 'text',
          text: { body: 'Is the café open today?' },
        },
      ],
    },
  });
}

/** One entry of `state_sync`; a removal leaves the names out. */
export function contactChange(ordinal: number, action: 'add' | 'remove', atMs: number): object {
  const person = personOf(ordinal);
  const digits = String(15_550_177_000 + 1 + ordinal);
  const names = action === 'add' ? { full_name: `${person.full} ${ordinal}`, first_name: person.first } : {};
  return {
    type: 'contact',
    action,
    contact: { ...names, phone_number: digits },
    metadata: { timestamp: String(secondsOf(atMs)) },
  };
}

export function contactsWebhook(phone: Phone, atMs: number, changes: readonly object[]): OutgoingWebhook {
  return messageWebhook(phone, atMs, { field: 'smb_app_state_sync', content: { state_sync: changes } });
}

export function historyWebhook(phone: Phone, atMs: number, history: readonly object[]): OutgoingWebhook {
  return messageWebhook(phone, atMs, { field: 'history', content: { history } });
}

/** History messages alternate between the customer and the business and are the same at every onboarding. */
export function historyMessage(phone: Phone, index: number, sentAtMs: number): object {
  const person = PEOPLE[0];
  const id = `wamid.SIMH${phone.digits}.${index}`;
  const timestamp = String(secondsOf(sentAtMs));
  if (index % 2 === 0) {
    const text = { body: 'Is the rye bread back?' };
    return { from: person.digits, id, timestamp, type: 'text', text, history_context: { status: 'READ' } };
  }
  const placed = { from: phone.digits, to: person.digits, id, timestamp };
  return { ...placed, type: 'media_placeholder', history_context: { status: 'DELIVERED' } };
}

export function historyThread(messages: readonly object[]): object {
  const { digits, userId } = PEOPLE[0];
  return { id: digits, context: { wa_id: digits, user_id: userId, username: '@marta.k' }, messages };
}

export function historyDeclined(phone: Phone, atMs: number): OutgoingWebhook {
  const sentence = 'History sync is turned off by the business from the WhatsApp Business App';
  const refusal = {
    code: 2593109,
    title: sentence,
    message: sentence,
    error_data: { details: 'History sharing is turned off by the business' },
  };
  return historyWebhook(phone, atMs, [{ errors: [refusal] }]);
}

function contactHeadOf(person: (typeof PEOPLE)[number]): object {
  return { profile: { name: person.first }, wa_id: person.digits, user_id: person.userId };
}

function messageWebhook(
  phone: Phone,
  atMs: number,
  message: { field: string; content: Readonly<Record<string, unknown>> },
): OutgoingWebhook {
  const metadata = { display_phone_number: phone.digits, phone_number_id: phone.phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, ...message.content };
  const { wabaId: entryId, digits } = phone;
  return { field: message.field, entryId, value, digits, occurredAtMs: atMs, dueAtMs: atMs };
}

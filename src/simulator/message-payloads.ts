/** Builds the values of message-type webhooks: echoes, inbound messages, contacts. Source: Meta's references. */
import { secondsOf } from './local-meta.ts';
import { contactOf, personOf } from './people.ts';
import type { KnownBy, Person } from './people.ts';
import type { Phone } from './phone-state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

export interface Moment {
  readonly atMs: number;
  /** Makes the ids of messages unique. */
  readonly ordinal: number;
}

export function messageEcho(phone: Phone, moment: Moment, knownBy: KnownBy = 'number'): OutgoingWebhook {
  const person = personOf(moment.ordinal);
  const to = knownBy === 'number' ? { to: person.digits } : {};
  return messageWebhook(phone, moment.atMs, {
    field: 'smb_message_echoes',
    content: {
      contacts: [contactHeadOf(person, knownBy)],
      message_echoes: [
        {
          from: phone.digits,
          ...to,
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

export function inboundMessage(phone: Phone, moment: Moment, knownBy: KnownBy = 'number'): OutgoingWebhook {
  const person = personOf(moment.ordinal);
  const from = knownBy === 'number' ? { from: person.digits } : {};
  return messageWebhook(phone, moment.atMs, {
    field: 'messages',
    content: {
      contacts: [contactHeadOf(person, knownBy)],
      messages: [
        {
          ...from,
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

export interface ContactChange {
  readonly ordinal: number;
  readonly action: 'add' | 'remove';
  readonly atMs: number;
  readonly knownBy: KnownBy;
}

/** One entry of `state_sync`; a removal leaves the names out. */
export function contactChange({ ordinal, action, atMs, knownBy }: ContactChange): object {
  const person = contactOf(ordinal);
  const names = action === 'add' ? { full_name: person.full, first_name: person.first } : {};
  const known =
    knownBy === 'number' ? { phone_number: person.digits } : { user_id: person.userId, username: person.username };
  return {
    type: 'contact',
    action,
    contact: { ...names, ...known },
    metadata: { timestamp: String(secondsOf(atMs)) },
  };
}

export function contactsWebhook(phone: Phone, atMs: number, changes: readonly object[]): OutgoingWebhook {
  return messageWebhook(phone, atMs, { field: 'smb_app_state_sync', content: { state_sync: changes } });
}

function contactHeadOf(person: Person, knownBy: KnownBy): object {
  const number = knownBy === 'number' ? { wa_id: person.digits } : { username: person.username };
  return { profile: { name: person.first }, ...number, user_id: person.userId };
}

export function messageWebhook(
  phone: Phone,
  atMs: number,
  message: { field: string; content: Readonly<Record<string, unknown>> },
): OutgoingWebhook {
  const metadata = { display_phone_number: phone.digits, phone_number_id: phone.phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, ...message.content };
  const { wabaId: entryId, digits } = phone;
  return { field: message.field, entryId, value, digits, occurredAtMs: atMs, dueAtMs: atMs };
}

/**
 * The shapes of Meta's webhooks, as far as we read them. Every schema takes anything and cannot fail: what is missing or has
 * another type reads as null or as an empty list. Sources: M2, M3, M9, M13, checked 2026-11.
 */
import { z } from 'zod';
import { idOf, integerOf, isWireObject, labelOf, leaf, numberOf, rowsOf, textOf, tolerant } from './wire-values.ts';

/** `entry.time` is there for account-level fields only, in seconds. `id` is a WABA or, for partner events, the partner's portfolio. */
export const Entry = tolerant({ id: leaf(idOf), time: leaf(numberOf), changes: leaf(rowsOf) });
export type Entry = z.output<typeof Entry>;

export const Change = tolerant({ field: leaf(labelOf), value: leaf((value) => (isWireObject(value) ? value : {})) });

/** One change of one entry, with what the envelope says about it. */
export interface Change {
  readonly entry: Pick<Entry, 'id' | 'time'>;
  readonly field: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const AccountShape = tolerant({
  event: leaf(labelOf),
  waba_info: tolerant({ waba_id: leaf(idOf), partner_app_id: leaf(idOf) }),
  ban_info: tolerant({ waba_ban_state: leaf(labelOf) }),
  decision: leaf(labelOf),
  disconnection_info: tolerant({ reason: leaf(textOf), initiated_by: leaf(textOf) }),
  phone_number: leaf(writtenNumberOf),
  display_phone_number: leaf(writtenNumberOf),
  waba_id: leaf(idOf),
  phone_number_id: leaf(idOf),
  timestamp: leaf(numberOf),
});

/**
 * `waba_id`, `phone_number_id` and `timestamp` at the top belong to the form in which the event is a field of its own.
 * `isWabaInfoGiven` tells the long forms of partner events from the short one.
 */
export const AccountValue = z.unknown().transform((value) => ({
  ...AccountShape.parse(value),
  isWabaInfoGiven: isWireObject(value) && 'waba_info' in value,
}));
export type AccountValue = z.output<typeof AccountValue>;

const Metadata = tolerant({ phone_number_id: leaf(idOf), display_phone_number: leaf(writtenNumberOf) });

/** What the four message-like fields share. */
export const MessageValue = tolerant({
  metadata: Metadata,
  history: leaf(rowsOf),
  messages: leaf(rowsOf),
  message_echoes: leaf(rowsOf),
  statuses: leaf(rowsOf),
  state_sync: leaf(rowsOf),
  errors: leaf(rowsOf),
});
export type MessageValue = z.output<typeof MessageValue>;

export const HistoryElement = tolerant({
  metadata: tolerant({ phase: leaf(integerOf), chunk_order: leaf(integerOf), progress: leaf(numberOf) }),
  threads: leaf(rowsOf),
  errors: leaf(rowsOf),
});
export type HistoryElement = z.output<typeof HistoryElement>;

/** Messages, statuses and echoes alike: only the time is read, never the content. */
export const TimedMessage = tolerant({ timestamp: leaf(numberOf) });

export const ContactChange = tolerant({ type: leaf(labelOf), metadata: tolerant({ timestamp: leaf(numberOf) }) });

export const WebhookError = tolerant({ code: leaf(integerOf), error_subcode: leaf(integerOf) });

/** A phone number in either of Meta's forms, as text; anything longer is none. */
function writtenNumberOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.length <= 40 ? text : null;
}

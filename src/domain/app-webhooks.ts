/** Which webhooks Meta sends for our app, and what is wrong with that: what we need is a setting of the app at Meta (P27, C07). */
import type { FailureCode } from './failures.ts';
import { MINUTE_MS } from './policy.ts';

/**
 * The fields without which a number's life cannot be told. What else Meta sends is only kept.
 * Sources: M2, M3, M13 (the fields that `src/meta` takes apart), checked 2026-11.
 */
export const NEEDED_FIELDS = [
  'account_update',
  'account_review_update',
  'history',
  'smb_app_state_sync',
  'smb_message_echoes',
  'messages',
] as const;

/** How old a reading may become before Meta is asked again. Ours: somebody changes the app's settings by hand. */
export const READ_AGAIN_AFTER_MS = 5 * MINUTE_MS;
/** From this age on a reading says nothing any more: whoever reads has not come to it for three times. */
const READING_LASTS_MS = 3 * READ_AGAIN_AFTER_MS;

/** The app's subscription to WhatsApp's webhooks, as Meta tells it. */
export interface AppWebhooks {
  callbackUrl: string | null;
  isActive: boolean;
  fields: readonly string[];
}

/** One look at it. */
export interface WebhookReading {
  checkedAtMs: number;
  /** Null: the app is not subscribed at all, or Meta did not tell. */
  told: AppWebhooks | null;
  /** Why Meta did not tell; null: it did. */
  failure: FailureCode | null;
}

/** What keeps webhooks from us. */
export const WEBHOOK_FAULTS = ['not-subscribed', 'inactive', 'fields-missing', 'other-callback'] as const;
export type WebhookFault = (typeof WEBHOOK_FAULTS)[number];

/** Whether a reading is young enough to stand for a new one. Exactly at its age it is not; one from ahead of us never is. */
export function isFresh(reading: WebhookReading | null, nowMs: number): boolean {
  return reading !== null && isYoungerThan(READ_AGAIN_AFTER_MS, reading, nowMs);
}

function isYoungerThan(ageMs: number, { checkedAtMs }: WebhookReading, nowMs: number): boolean {
  return checkedAtMs <= nowMs && nowMs - checkedAtMs < ageMs;
}

/** The needed fields that Meta does not send; null where that is not known: never read, too long ago, or Meta did not tell. */
export function missingFields(reading: WebhookReading | null, nowMs: number): readonly string[] | null {
  if (reading === null || reading.failure !== null || !isYoungerThan(READING_LASTS_MS, reading, nowMs)) return null;
  const { told } = reading;
  return NEEDED_FIELDS.filter((field) => !told?.isActive || !told.fields.includes(field));
}

/**
 * Everything that is wrong; null where nothing is known, which is no fault. `ourCallback` null: we do not know under which
 * address the world reaches us, and judge no other.
 */
export function webhookFaults(
  reading: WebhookReading | null,
  { ourCallback, nowMs }: { ourCallback: string | null; nowMs: number },
): readonly WebhookFault[] | null {
  const missing = missingFields(reading, nowMs);
  if (reading === null || missing === null) return null;
  const { told } = reading;
  if (told === null) return ['not-subscribed'];
  if (!told.isActive) return ['inactive'];
  const isElsewhere = ourCallback !== null && bareOf(told.callbackUrl ?? '') !== bareOf(ourCallback);
  return [
    ...(missing.length > 0 ? ['fields-missing' as const] : []),
    ...(isElsewhere ? ['other-callback' as const] : []),
  ];
}

/** Two ways of writing one address: a mistaken difference would stop every new signup. */
function bareOf(address: string): string {
  return address.replace(/\/+$/, '').toLowerCase();
}

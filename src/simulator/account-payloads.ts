/** Builds the values of account-level webhooks: review, ban, restriction, limits, names. Source: Meta's references. */
import type { Waba } from './account-state.ts';
import { secondsOf } from './local-meta.ts';
import type { Phone } from './phone-state.ts';
import type { OutgoingWebhook } from './webhook-payloads.ts';

/** Account fields identify the account by `entry.id` and carry a time. */
export function accountWebhook(
  wabaId: string,
  atMs: number,
  change: { field: string; value: Readonly<Record<string, unknown>> },
): OutgoingWebhook {
  return { ...change, entryId: wabaId, digits: null, occurredAtMs: atMs, dueAtMs: atMs };
}

export function accountUpdated(
  { wabaId }: Waba,
  atMs: number,
  value: Readonly<Record<string, unknown>>,
): OutgoingWebhook {
  return accountWebhook(wabaId, atMs, { field: 'account_update', value });
}

export function restricted(waba: Waba, atMs: number, expirationAs: 'number' | 'text'): OutgoingWebhook {
  const restriction_info = waba.restrictions.map(({ type, expiresAtMs }) => {
    const seconds = secondsOf(expiresAtMs);
    return { restriction_type: type, expiration: expirationAs === 'text' ? String(seconds) : seconds };
  });
  return accountUpdated(waba, atMs, { event: 'ACCOUNT_RESTRICTION', restriction_info });
}

/** `waba_ban_date` is human text. Source: Meta, account_update reference. */
export function banMoved(waba: Waba, atMs: number, dateMs: number): OutgoingWebhook {
  const date = new Date(dateMs).toLocaleDateString('en-US', {
    month: 'long',
    day: 'numeric',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const ban_info = { waba_ban_state: waba.banState, waba_ban_date: date };
  return accountUpdated(waba, atMs, { event: 'DISABLED_UPDATE', ban_info });
}

export function reviewDecided({ wabaId }: Waba, atMs: number, decision: string): OutgoingWebhook {
  return accountWebhook(wabaId, atMs, { field: 'account_review_update', value: { decision } });
}

/** Identified by the digits alone, inside the account's entry. */
export function qualityUpdated(
  phone: Phone,
  atMs: number,
  { event, currentLimit }: { event: string; currentLimit: string | number },
): OutgoingWebhook {
  const value = {
    display_phone_number: phone.digits,
    event,
    current_limit: currentLimit,
    max_daily_conversations_per_business: currentLimit,
  };
  return accountWebhook(phone.wabaId, atMs, { field: 'phone_number_quality_update', value });
}

export function nameReviewed(
  phone: Phone,
  atMs: number,
  { decision, reason }: { decision: string; reason: string | null },
): OutgoingWebhook {
  const value = {
    display_phone_number: phone.digits,
    decision,
    requested_verified_name: phone.verifiedName,
    rejection_reason: reason,
  };
  return accountWebhook(phone.wabaId, atMs, { field: 'phone_number_name_update', value });
}

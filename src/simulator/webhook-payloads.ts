/** Builds Meta's webhook envelopes and the news of a partnership. Source: Meta, account_update reference. */
import { secondsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import type { Phone } from './phone-state.ts';

export interface OutgoingWebhook {
  readonly field: string;
  readonly entryId: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly digits: string | null;
  /** When it happened; written as `entry.time` for account fields only. */
  readonly occurredAtMs: number;
  readonly dueAtMs: number;
  readonly completes?: 'contacts' | 'history';
}

/**
 * Fields whose envelopes carry no time, which come only to an app subscribed to the WABA, and which alone follow an
 * override. Source: Meta, webhook overrides.
 */
const MESSAGE_FIELDS = new Set(['messages', 'history', 'smb_app_state_sync', 'smb_message_echoes']);

export function isMessageField(field: string): boolean {
  return MESSAGE_FIELDS.has(field);
}

export interface Entry {
  readonly id: string;
  readonly time?: number;
  readonly changes: readonly { readonly field: string; readonly value: unknown }[];
}

export function envelopeOf(webhook: OutgoingWebhook): { object: string; entry: Entry[] } {
  const time = isMessageField(webhook.field) ? {} : { time: secondsOf(webhook.occurredAtMs) };
  const changes = [{ field: webhook.field, value: webhook.value }];
  return { object: 'whatsapp_business_account', entry: [{ id: webhook.entryId, ...time, changes }] };
}

/** Both kinds of news that a finished dialog brings; `entry.id` is the partner's portfolio, not the WABA. */
export function partnerAdded(meta: LocalMeta, phone: Phone, atMs: number): OutgoingWebhook[] {
  const value = { event: 'PARTNER_ADDED', waba_info: wabaInfoOf(phone) };
  return [
    accountUpdate(phone, value, { atMs, entryId: meta.options.businessId }),
    partnerAppInstalled(meta, phone, atMs),
  ];
}

export function partnerAppUninstalled(meta: LocalMeta, phone: Phone, atMs: number): OutgoingWebhook {
  const { businessId, appId } = meta.options;
  const value = { event: 'PARTNER_APP_UNINSTALLED', waba_info: { ...wabaInfoOf(phone), partner_app_id: appId } };
  return accountUpdate(phone, value, { atMs, entryId: businessId });
}

export type RemovalShape = 'full' | 'no-reason' | 'short';

export interface Removal {
  readonly atMs: number;
  readonly shape: RemovalShape;
  readonly reason: string;
  readonly initiatedBy: 'USER' | 'SYSTEM';
}

/** The short shape is the coexistence page's own example: the WABA in `entry.id`, the digits, nothing else. */
export function partnerRemoved(meta: LocalMeta, phone: Phone, removal: Removal): OutgoingWebhook {
  const { atMs, shape, reason, initiatedBy } = removal;
  if (shape === 'short') {
    const value = { phone_number: phone.digits, event: 'PARTNER_REMOVED' };
    return accountUpdate(phone, value, { atMs, entryId: phone.wabaId });
  }
  const told = shape === 'full' ? { disconnection_info: { reason, initiated_by: initiatedBy } } : {};
  const value = { event: 'PARTNER_REMOVED', waba_info: wabaInfoOf(phone), ...told };
  return accountUpdate(phone, value, { atMs, entryId: meta.options.businessId });
}

export function partnerAppInstalled(meta: LocalMeta, phone: Phone, atMs: number): OutgoingWebhook {
  const { businessId, appId } = meta.options;
  const value = { event: 'PARTNER_APP_INSTALLED', waba_info: { ...wabaInfoOf(phone), partner_app_id: appId } };
  return accountUpdate(phone, value, { atMs, entryId: businessId });
}

/** Names only the WABA, in `entry.id`: no number, also when the WABA has several. */
export function accountMoved(
  phone: Phone,
  event: 'ACCOUNT_OFFBOARDED' | 'ACCOUNT_RECONNECTED',
  atMs: number,
): OutgoingWebhook {
  return accountUpdate(phone, { event }, { atMs, entryId: phone.wabaId });
}

function accountUpdate(
  phone: Phone,
  value: Readonly<Record<string, unknown>>,
  placed: { atMs: number; entryId: string },
): OutgoingWebhook {
  const { atMs, entryId } = placed;
  return { field: 'account_update', entryId, value, digits: phone.digits, occurredAtMs: atMs, dueAtMs: atMs };
}

function wabaInfoOf(phone: Phone): object {
  return { waba_id: phone.wabaId, owner_business_id: phone.businessId };
}

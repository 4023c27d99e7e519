/** Reads `account_update` and its kin: what happened to an account, and which account or number Meta named. */
import { INITIATORS, REMOVAL_REASONS, REVIEW_DECISIONS } from '../domain/facts.ts';
import { digitsOf, phoneNumberId, wabaId } from '../domain/ids.ts';
import type { PhoneNumberId, WabaId } from '../domain/ids.ts';
import type { AccountNews, NewsItem, NewsScope } from '../domain/news.ts';
import { timedAccountKey, untimedAccountKey } from './webhook-keys.ts';
import { AccountValue } from './webhook-payload.ts';
import type { Change } from './webhook-payload.ts';
import { eventTimeOf } from './webhook-time.ts';

/** One library models these as fields of their own; taken as another spelling of the events. */
const FIELD_ALIASES: ReadonlyMap<string, string> = new Map([
  ['account_offboarded', 'ACCOUNT_OFFBOARDED'],
  ['account_reconnected', 'ACCOUNT_RECONNECTED'],
]);

/** Events whose `entry.id` is the partner's portfolio, beside all `PARTNER_…`. Source: M2. */
const EVENTS_OF_PARTNER: ReadonlySet<string> = new Set(['AD_ACCOUNT_LINKED', 'MM_LITE_TERMS_SIGNED']);

/** Known, and only kept. Source: M2. */
const KEPT_EVENTS: ReadonlySet<string> = new Set([
  'PARTNER_APP_INSTALLED',
  'PARTNER_APP_UNINSTALLED',
  'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE',
  'ACCOUNT_DELETED',
  'ACCOUNT_VIOLATION',
  'ACCOUNT_RESTRICTION',
  'DISABLED_UPDATE',
  'VERIFIED_ACCOUNT',
  'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE',
  'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE',
  'VOLUME_BASED_PRICING_TIER_UPDATE',
  'AD_ACCOUNT_LINKED',
  'MM_LITE_TERMS_SIGNED',
]);

/** Fields about an account or a number that are known, and only kept. Sources: M9, M13. */
const REVIEW_FIELD = 'account_review_update';
const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'account_alerts',
  'account_settings_update',
  'security',
  'business_capability_update',
  'business_username_updates',
  'phone_number_quality_update',
  'phone_number_name_update',
  'message_template_status_update',
  'message_template_quality_update',
  'template_category_update',
]);

export function isAccountField(field: string): boolean {
  return field === 'account_update' || field === REVIEW_FIELD || FIELD_ALIASES.has(field) || KEPT_FIELDS.has(field);
}

/** `ourAppId`: whose removal withdraws our access; that of another app is none of ours. */
export function readAccountNews(change: Change, receivedAtMs: number, ourAppId: string): NewsItem {
  const value = AccountValue.parse(change.value);
  if (change.field === REVIEW_FIELD) return readReview(change, value, receivedAtMs);
  if (KEPT_FIELDS.has(change.field)) {
    return { kind: 'recorded', name: change.field, scope: scopeOf(value, entryWabaOf(change)) };
  }
  const event = FIELD_ALIASES.get(change.field) ?? value.event;
  const scope = scopeOf(value, isPartnerEvent(event) ? shortFormWabaOf(change, value) : entryWabaOf(change));
  const news = newsOf(event, { value, scope, ourAppId });
  if (news !== null) return accountItem({ event, news, scope, change, value, receivedAtMs });
  if (KEPT_EVENTS.has(event)) return { kind: 'recorded', name: event, scope };
  return { kind: 'unknown', field: change.field, name: event };
}

type NewsOfWaba = Exclude<AccountNews['kind'], 'partnerRemoved' | 'accountReviewed'>;

/** What each event tells, where its value does not make it none of ours. */
const NEWS_OF_EVENT: Readonly<Record<string, { kind: NewsOfWaba; isMeant?: (told: Told) => boolean }>> = {
  PARTNER_ADDED: { kind: 'partnerAdded' },
  PARTNER_APP_UNINSTALLED: {
    kind: 'appUninstalled',
    isMeant: ({ value, ourAppId }) => value.waba_info.partner_app_id === ourAppId,
  },
  ACCOUNT_OFFBOARDED: { kind: 'accountOffboarded' },
  ACCOUNT_RECONNECTED: { kind: 'accountReconnected' },
  ACCOUNT_DELETED: { kind: 'accountDeleted' },
  DISABLED_UPDATE: { kind: 'accountBanned', isMeant: ({ value }) => value.ban_info.waba_ban_state === 'DISABLE' },
};

/** Null for an event that is not ours to tell, and for one that names nobody: a portfolio id never stands in for a WABA id. */
function newsOf(event: string, told: Told): AccountNews | null {
  if (event === 'PARTNER_REMOVED') return removalOf(told.value, told.scope);
  const known = Object.hasOwn(NEWS_OF_EVENT, event) ? NEWS_OF_EVENT[event] : undefined;
  const { wabaId: waba } = told.scope;
  if (!known || waba === null || known.isMeant?.(told) === false) return null;
  return { kind: known.kind, wabaId: waba };
}

interface Told {
  value: AccountValue;
  scope: NewsScope;
  ourAppId: string;
}

/** FA20. A decision that we do not know is kept. */
function readReview(change: Change, value: AccountValue, receivedAtMs: number): NewsItem {
  const scope = scopeOf(value, entryWabaOf(change));
  const decision = REVIEW_DECISIONS.find((known) => known === value.decision);
  if (scope.wabaId === null || decision === undefined) return { kind: 'recorded', name: change.field, scope };
  const news: AccountNews = { kind: 'accountReviewed', wabaId: scope.wabaId, decision };
  return accountItem({ event: `${REVIEW_FIELD}:${decision}`, news, scope, change, value, receivedAtMs });
}

/** The only event that may name a number by its digits alone. Reason and initiator are taken from the known lists only. */
function removalOf(value: AccountValue, scope: NewsScope): AccountNews | null {
  if (scope.wabaId === null && scope.digits === null) return null;
  const { reason, initiated_by: initiator } = value.disconnection_info;
  return {
    kind: 'partnerRemoved',
    wabaId: scope.wabaId,
    reason: REMOVAL_REASONS.find((known) => known === reason) ?? null,
    initiatedBy: INITIATORS.find((known) => known === initiator) ?? null,
  };
}

interface Reading {
  event: string;
  news: AccountNews;
  scope: NewsScope;
  change: Change;
  value: AccountValue;
  receivedAtMs: number;
}

function accountItem({ event, news, scope, change, value, receivedAtMs }: Reading): NewsItem {
  const seconds = change.entry.time ?? value.timestamp;
  const time = eventTimeOf(seconds, receivedAtMs);
  const key =
    time.isUntimed || seconds === null
      ? untimedAccountKey(event, scope, { value: change.value, receivedAtMs })
      : timedAccountKey(event, scope, seconds);
  return { kind: 'account', key, scope, ...time, news };
}

/** The nested WABA id decides, also against the envelope (case 30). */
function scopeOf(value: AccountValue, envelopeWaba: WabaId | null): NewsScope {
  const told = value.waba_info.waba_id ?? value.waba_id;
  const digits = digitsOf(value.phone_number ?? value.display_phone_number ?? '');
  return {
    phoneNumberId: brandedPhone(value.phone_number_id),
    wabaId: told === null ? envelopeWaba : wabaId(told),
    digits: digits === '' ? null : digits,
  };
}

function isPartnerEvent(event: string): boolean {
  return event.startsWith('PARTNER_') || EVENTS_OF_PARTNER.has(event);
}

/** Only the short form, digits and no `waba_info`, carries the WABA in `entry.id` of a partner event. Source: M2. */
function shortFormWabaOf(change: Change, value: AccountValue): WabaId | null {
  const isShort = !value.isWabaInfoGiven && digitsOf(value.phone_number ?? '') !== '';
  return isShort ? entryWabaOf(change) : null;
}

function entryWabaOf(change: Change): WabaId | null {
  return change.entry.id === null ? null : wabaId(change.entry.id);
}

function brandedPhone(id: string | null): PhoneNumberId | null {
  return id === null ? null : phoneNumberId(id);
}

/** What the phone number node of the Graph API shows, and to whom. */
import type { IssuedToken, Waba } from './account-state.ts';
import { numberHealthOf } from './account-node.ts';
import { wabaOf } from './accounts.ts';
import { isGranted } from './graph-access.ts';
import { secondsOf } from './local-meta.ts';
import type { Phone } from './phone-state.ts';
import type { SimulatorState } from './state.ts';

/** What the list answers when no fields are named. Source: Meta, phone number reference. */
export const LIST_FIELDS_BY_DEFAULT = [
  'verified_name',
  'code_verification_status',
  'display_phone_number',
  'quality_rating',
  'platform_type',
  'throughput',
  'webhook_configuration',
] as const;

/** Whether the partner sees the number at all: a disconnected one reads like one that never was. */
export function isVisible(phone: Phone): boolean {
  if (phone.connected === 'coexistence' || phone.connected === 'offboarded') return true;
  return phone.connected === 'none' && phone.flow === 'standard';
}

export function visiblePhone(state: SimulatorState, phoneNumberId: string, token: IssuedToken): Phone | null {
  const phone = state.phones.find((row) => row.phoneNumberId === phoneNumberId);
  if (phone === undefined || !isVisible(phone) || !isGranted(token, phone.wabaId)) return null;
  return wabaOf(state, phone.wabaId)?.isDeleted === true ? null : phone;
}

/** Newest onboarded first, as Meta lists them. */
export function visiblePhonesOf(state: SimulatorState, wabaId: string): Phone[] {
  return state.phones
    .filter((phone) => phone.wabaId === wabaId && isVisible(phone))
    .sort((left, right) => (right.onboardedAtMs ?? 0) - (left.onboardedAtMs ?? 0));
}

export function numberNodeOf(state: SimulatorState, phone: Phone, appId: string): Record<string, unknown> {
  const waba = wabaOf(state, phone.wabaId);
  return {
    id: phone.phoneNumberId,
    display_phone_number: displayNumberOf(phone.digits),
    verified_name: phone.verifiedName,
    quality_rating: phone.quality,
    quality_score: { score: phone.quality },
    code_verification_status: 'VERIFIED',
    name_status: phone.nameStatus,
    new_name_status: 'NONE',
    ...gateFieldsOf(waba, phone),
    account_mode: 'LIVE',
    is_official_business_account: false,
    throughput: { level: 'STANDARD' },
    last_onboarded_time: phone.onboardedAtMs === null ? undefined : secondsOf(phone.onboardedAtMs),
    whatsapp_business_manager_messaging_limit: waba?.limit ?? 'TIER_250',
    health_status: numberHealthOf(waba, phone, appId),
    webhook_configuration: waba?.overrideUrl == null ? undefined : { whatsapp_business_account: waba.overrideUrl },
  };
}

/** What was set shows instead of the truth. */
function gateFieldsOf(waba: Waba | null, phone: Phone): Record<string, unknown> {
  const isPending = phone.flow === 'standard' || phone.isInReview;
  const platform = phone.gate.platformType ?? (isPending ? 'NOT_APPLICABLE' : 'CLOUD_API');
  const isOnBizApp = phone.gate.isOnBizApp ?? phone.isOnBizApp;
  return {
    status: phone.gate.status ?? statusOf(waba, isPending),
    platform_type: platform,
    host_platform: platform,
    is_on_biz_app: isOnBizApp === 'absent' ? undefined : isOnBizApp,
  };
}

function statusOf(waba: Waba | null, isPending: boolean): string {
  if (isPending) return 'PENDING';
  if (waba?.banState === 'DISABLE') return 'BANNED';
  return waba !== null && waba.restrictions.length > 0 ? 'RESTRICTED' : 'CONNECTED';
}

function displayNumberOf(digits: string): string {
  const northAmerican = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits);
  if (northAmerican !== null) return `+1 ${northAmerican.slice(1).join('-')}`;
  return `+${digits.slice(0, 2)} ${digits.slice(2)}`;
}

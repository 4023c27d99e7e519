/** What the phone number node and the WABA node of the Graph API show. */
import { secondsOf } from './local-meta.ts';
import type { IssuedToken, Phone, SimulatorState } from './state.ts';

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

export const WABA_FIELDS_BY_DEFAULT = ['name', 'timezone_id', 'message_template_namespace'] as const;

/** Whether the partner sees the number at all: a disconnected one reads like one that never was. */
export function isVisible(phone: Phone): boolean {
  if (phone.connected === 'coexistence' || phone.connected === 'offboarded') return true;
  return phone.connected === 'none' && phone.flow === 'standard';
}

export function visiblePhone(state: SimulatorState, phoneNumberId: string, token: IssuedToken): Phone | null {
  const phone = state.phones.find((row) => row.phoneNumberId === phoneNumberId);
  if (phone === undefined || !isVisible(phone) || !token.wabaIds.includes(phone.wabaId)) return null;
  return phone;
}

/** Newest onboarded first, as Meta lists them. */
export function visiblePhonesOf(state: SimulatorState, wabaId: string): Phone[] {
  return state.phones
    .filter((phone) => phone.wabaId === wabaId && isVisible(phone))
    .sort((left, right) => (right.onboardedAtMs ?? 0) - (left.onboardedAtMs ?? 0));
}

export function numberNodeOf(phone: Phone, appId: string): Record<string, unknown> {
  const platform = phone.gate.platformType ?? (phone.flow === 'standard' ? 'NOT_APPLICABLE' : 'CLOUD_API');
  const isOnBizApp = phone.gate.isOnBizApp ?? phone.isOnBizApp;
  return {
    id: phone.phoneNumberId,
    display_phone_number: displayNumberOf(phone.digits),
    verified_name: phone.verifiedName,
    quality_rating: 'GREEN',
    quality_score: { score: 'GREEN' },
    code_verification_status: 'VERIFIED',
    name_status: 'AVAILABLE_WITHOUT_REVIEW',
    new_name_status: 'NONE',
    status: phone.gate.status ?? (phone.flow === 'standard' ? 'PENDING' : 'CONNECTED'),
    platform_type: platform,
    host_platform: platform,
    is_on_biz_app: isOnBizApp === 'absent' ? undefined : isOnBizApp,
    account_mode: 'LIVE',
    is_official_business_account: false,
    throughput: { level: 'STANDARD' },
    last_onboarded_time: phone.onboardedAtMs === null ? undefined : secondsOf(phone.onboardedAtMs),
    whatsapp_business_manager_messaging_limit: 'TIER_250',
    health_status: healthOf(phone, appId),
  };
}

export function wabaNodeOf(state: SimulatorState, wabaId: string): Record<string, unknown> {
  const phone = state.phones.find((row) => row.wabaId === wabaId);
  const name = phone?.verifiedName ?? 'Former account';
  return {
    id: wabaId,
    name,
    account_review_status: 'APPROVED',
    business_verification_status: 'not_verified',
    country: 'US',
    currency: 'USD',
    is_shared_with_partners: true,
    message_template_namespace: `sim_${wabaId}`,
    owner_business: phone?.businessId,
    owner_business_info: phone === undefined ? undefined : { id: phone.businessId, name },
    ownership_type: 'CLIENT_OWNED',
    status: 'ACTIVE',
    timezone_id: '1',
    whatsapp_business_manager_messaging_limit: 'TIER_250',
    health_status: { can_send_message: 'AVAILABLE', entities: [entityOf('WABA', wabaId)] },
  };
}

function healthOf(phone: Phone, appId: string): object {
  return {
    can_send_message: 'AVAILABLE',
    entities: [
      entityOf('PHONE_NUMBER', phone.phoneNumberId),
      entityOf('WABA', phone.wabaId),
      entityOf('BUSINESS', phone.businessId),
      entityOf('APP', appId),
    ],
  };
}

function entityOf(kind: string, id: string): object {
  return { entity_type: kind, id, can_send_message: 'AVAILABLE' };
}

function displayNumberOf(digits: string): string {
  const northAmerican = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits);
  if (northAmerican !== null) return `+1 ${northAmerican.slice(1).join('-')}`;
  return `+${digits.slice(0, 2)} ${digits.slice(2)}`;
}

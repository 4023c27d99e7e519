/** What the nodes of a WABA and of a business portfolio show, and the health that all nodes report. */
import type { Business, Waba } from './account-state.ts';
import { businessOf } from './accounts.ts';
import type { Phone } from './phone-state.ts';
import type { SimulatorState } from './state.ts';

/** What a read answers when no fields are named. Source: Meta, WhatsApp Business account reference. */
export const WABA_FIELDS_BY_DEFAULT = ['name', 'timezone_id', 'message_template_namespace'] as const;
export const BUSINESS_FIELDS_BY_DEFAULT = ['name'] as const;

export function wabaNodeOf(state: SimulatorState, waba: Waba): Record<string, unknown> {
  const owner = businessOf(state, waba.businessId);
  return {
    id: waba.wabaId,
    name: waba.name,
    account_review_status: waba.reviewStatus,
    business_verification_status: owner?.verificationStatus ?? 'not_verified',
    country: waba.country,
    currency: waba.currency,
    is_shared_with_partners: true,
    message_template_namespace: `sim_${waba.wabaId}`,
    owner_business: waba.businessId,
    owner_business_info: { id: waba.businessId, name: owner?.name ?? waba.name },
    ownership_type: 'CLIENT_OWNED',
    primary_business_location: waba.country,
    status: statusOf(waba),
    timezone_id: waba.timezoneId,
    whatsapp_business_manager_messaging_limit: waba.limit,
    health_status: healthOf(waba, [{ kind: 'WABA', id: waba.wabaId }]),
  };
}

export function businessNodeOf(business: Business): Record<string, unknown> {
  return { id: business.businessId, name: business.name, verification_status: business.verificationStatus };
}

export function numberHealthOf(waba: Waba | null, phone: Phone, appId: string): object {
  return healthOf(waba, [
    { kind: 'PHONE_NUMBER', id: phone.phoneNumberId },
    { kind: 'WABA', id: phone.wabaId },
    { kind: 'BUSINESS', id: phone.businessId },
    { kind: 'APP', id: appId },
  ]);
}

function statusOf(waba: Waba): string {
  if (waba.banState === 'DISABLE') return 'DISABLED';
  return waba.restrictions.length > 0 ? 'RESTRICTED' : 'ACTIVE';
}

interface Entity {
  readonly kind: string;
  readonly id: string;
}

/** The overall value is the worst of the entities. Source: Meta, messaging health status. */
const FROM_BEST = ['AVAILABLE', 'LIMITED', 'BLOCKED'];

function healthOf(waba: Waba | null, entities: readonly Entity[]): object {
  const reports = entities.map((entity) => reportOf(waba, entity));
  const worst = Math.max(0, ...reports.map((report) => FROM_BEST.indexOf(report.can_send_message)));
  return { can_send_message: FROM_BEST[worst], entities: reports };
}

function reportOf(waba: Waba | null, { kind, id }: Entity) {
  const { canSend, codes } = heldHealthOf(waba, kind);
  const report = { entity_type: kind, id, can_send_message: canSend };
  if (canSend === 'LIMITED') return { ...report, additional_info: ['Display name has not been approved yet.'] };
  if (canSend !== 'BLOCKED') return report;
  const errors = codes.map((code) => ({
    error_code: code,
    error_description: 'Sending is not possible.',
    possible_solution: 'See the account overview.',
  }));
  return { ...report, errors };
}

/** What was set, else a ban, else nothing in the way. */
function heldHealthOf(waba: Waba | null, kind: string): Waba['health'][string] {
  const banned = { canSend: 'BLOCKED', codes: [141_002] };
  const set = waba?.health[kind];
  if (set !== undefined) return set;
  return kind === 'WABA' && waba?.banState === 'DISABLE' ? banned : { canSend: 'AVAILABLE', codes: [] };
}

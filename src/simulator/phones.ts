/** Makes phones with the Business app and shows them as Meta holds them. */
import { z } from 'zod';
import { isSubscribed } from './accounts.ts';
import { inactivityAtMs } from './passing-time.ts';
import { changedCondition, ConditionChange, ContactsShape, FIT, HistoryShape } from './phone-state.ts';
import type { Phone } from './phone-state.ts';
import type { SimulatorState } from './state.ts';

export const digits = z.string().regex(/^\d{7,15}$/, 'the digits of a phone number, without +');
export const id = z.string().regex(/^\d{1,30}$/, "Meta's ids are numeric strings");

export const NewPhone = z.strictObject({
  digits,
  wabaId: id.optional(),
  phoneNumberId: id.optional(),
  businessId: id.optional(),
  verifiedName: z.string().min(1).default('Northwind Bakery'),
  condition: ConditionChange.prefault({}),
  historyShared: z.boolean().default(true),
  /** A webhook carries 100: two batches by default. */
  contacts: z.number().int().min(0).max(100_000).default(150),
  contactsShape: ContactsShape.prefault({}),
  history: HistoryShape.prefault({}),
  syncErrorsAs: z.enum(['code', 'subcode']).default('code'),
  /** Clock time between two batches or chunks. */
  syncSpacingMs: z.number().int().min(0).default(5_000),
  reviewsNext: z.enum(['none', 'number', 'account']).default('none'),
  autoInactivity: z.boolean().default(false),
  inactivityGraceMs: z.number().int().min(0).default(0),
});
export type NewPhone = z.infer<typeof NewPhone>;

/** Ids follow from the digits, so that the same scenario names the same ids each time it is played. */
export function phoneFrom(wanted: NewPhone, nowMs: number): Phone {
  const { historyShared, autoInactivity, ...told } = wanted;
  return {
    ...told,
    wabaId: wanted.wabaId ?? idFrom('31', wanted.digits),
    phoneNumberId: wanted.phoneNumberId ?? idFrom('41', wanted.digits),
    businessId: wanted.businessId ?? idFrom('51', wanted.digits),
    condition: changedCondition(FIT, wanted.condition),
    isHistoryShared: historyShared,
    connected: 'none',
    flow: null,
    isOnBizApp: false,
    isInReview: false,
    quality: 'GREEN',
    nameStatus: 'AVAILABLE_WITHOUT_REVIEW',
    gate: { isOnBizApp: null, platformType: null, status: null },
    onboardedAtMs: null,
    disconnectedAtMs: null,
    reconnectAtMs: null,
    contactsSync: 'never',
    historySync: 'never',
    lastActiveAtMs: nowMs,
    hasAutoInactivity: autoInactivity,
  };
}

export function phoneViewOf(state: SimulatorState, phone: Phone): object {
  return {
    ...phone,
    cutForInactivityAtMs: inactivityAtMs(phone),
    subscribed: isSubscribed(state, phone.wabaId),
    tokens: state.tokens.filter((token) => token.digits === phone.digits).length,
  };
}

function idFrom(prefix: string, phoneDigits: string): string {
  return `${prefix}${phoneDigits.padStart(15, '0')}`;
}

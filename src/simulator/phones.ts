/** Makes phones with the Business app and shows them as Meta holds them. */
import { z } from 'zod';
import { inactivityAtMs } from './passing-time.ts';
import type { Phone, SimulatorState } from './state.ts';

const digits = z.string().regex(/^\d{7,15}$/, 'the digits of a phone number, without +');
const id = z.string().regex(/^\d{1,30}$/, "Meta's ids are numeric strings");
const count = z.number().int().min(0).max(100_000);

export const NewPhone = z.strictObject({
  digits,
  wabaId: id.optional(),
  phoneNumberId: id.optional(),
  businessId: id.optional(),
  verifiedName: z.string().min(1).default('Northwind Bakery'),
  historyShared: z.boolean().default(true),
  /** A webhook carries 100: two batches by default. */
  contacts: count.default(150),
  history: z
    .strictObject({
      chunks: z.number().int().min(0).max(1_000).default(12),
      messages: count.default(240),
      days: z.number().int().min(1).max(180).default(180),
    })
    .prefault({}),
  /** Clock time between two batches or chunks. */
  syncSpacingMs: z.number().int().min(0).default(5_000),
  autoInactivity: z.boolean().default(false),
  inactivityGraceMs: z.number().int().min(0).default(0),
});
export type NewPhone = z.infer<typeof NewPhone>;

/** Ids follow from the digits, so that the same scenario names the same ids each time it is played. */
export function phoneFrom(wanted: NewPhone, nowMs: number): Phone {
  return {
    digits: wanted.digits,
    wabaId: wanted.wabaId ?? idFrom('31', wanted.digits),
    phoneNumberId: wanted.phoneNumberId ?? idFrom('41', wanted.digits),
    businessId: wanted.businessId ?? idFrom('51', wanted.digits),
    verifiedName: wanted.verifiedName,
    isHistoryShared: wanted.historyShared,
    contacts: wanted.contacts,
    history: wanted.history,
    syncSpacingMs: wanted.syncSpacingMs,
    connected: 'none',
    flow: null,
    isOnBizApp: false,
    gate: { isOnBizApp: null, platformType: null, status: null },
    onboardedAtMs: null,
    disconnectedAtMs: null,
    reconnectAtMs: null,
    contactsSync: 'never',
    historySync: 'never',
    lastActiveAtMs: nowMs,
    hasAutoInactivity: wanted.autoInactivity,
    inactivityGraceMs: wanted.inactivityGraceMs,
  };
}

export function phoneViewOf(state: SimulatorState, phone: Phone): object {
  return {
    ...phone,
    cutForInactivityAtMs: inactivityAtMs(phone),
    subscribed: state.subscribedWabaIds.includes(phone.wabaId),
    tokens: state.tokens.filter((token) => token.digits === phone.digits).length,
  };
}

function idFrom(prefix: string, phoneDigits: string): string {
  return `${prefix}${phoneDigits.padStart(15, '0')}`;
}

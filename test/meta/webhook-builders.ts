/** Builds webhook bodies in Meta's envelope, and reads the golden payloads copied from Meta's pages. */
import { readFileSync } from 'node:fs';

export const WABA = '310000000000017';
export const PARTNER_PORTFOLIO = '610000000000047';
/** Our Meta app. */
export const OUR_APP = '710000000000053';
export const PHONE = '410000000000023';
export const DIGITS = '15550100123';
/** Later than all times in the golden payloads. */
export const RECEIVED_AT_MS = 1_797_000_000_000;

export const METADATA = { display_phone_number: DIGITS, phone_number_id: PHONE };

export function golden(name: string): string {
  return readFileSync(new URL(`payloads/${name}.json`, import.meta.url), 'utf8');
}

export function bodyOf(field: unknown, value: unknown, entry: { id?: unknown; time?: unknown } = {}): string {
  const { id = WABA, ...rest } = entry;
  return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id, ...rest, changes: [{ field, value }] }] });
}

export function accountUpdate(
  value: object,
  entry: { id?: unknown; time?: unknown } = { time: 1_795_305_600 },
): string {
  return bodyOf('account_update', value, entry);
}

export function messageBody(field: string, value: object): string {
  return bodyOf(field, { messaging_product: 'whatsapp', metadata: METADATA, ...value });
}

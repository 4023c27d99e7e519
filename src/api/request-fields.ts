/** The kinds of fields that requests carry: text that a store can keep, ids of ours, phone numbers. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { phoneNumber, type PhoneNumber } from '../domain/ids.ts';
import type { DoorCode } from './door-codes.ts';

/** NOTE: Postgres keeps no NUL in its text, and nothing that people write has one. */
export const text = z.string().refine((written) => !written.includes('\u0000'), 'contains a NUL character');

/** Why an operator does it: kept with the act. */
export const reason = text
  .trim()
  .min(1)
  .max(500)
  .meta({ description: 'Why: kept in the audit with who did it and when.' });

type IdPrefix = 'num' | 'chk' | 'ten' | 'alt';

function idPattern(prefix: IdPrefix): RegExp {
  return new RegExp(`^${prefix}_[\\w-]{1,64}$`);
}

/** An id of ours in a body or a query. */
export function idOf(prefix: IdPrefix) {
  return z.string().regex(idPattern(prefix), `not an id of the form ${prefix}_…`);
}

/** An id of ours in a path: a malformed one answers as an unknown one does, by the code that is the message here. */
export function pathId(prefix: IdPrefix, unknown: DoorCode) {
  return z
    .string()
    .regex(idPattern(prefix), unknown)
    .meta({ description: `${prefix}_…` });
}

const NUMBER_ID = idPattern('num');
export function isNumberId(written: string): boolean {
  return NUMBER_ID.test(written);
}

/** NOTE: possible, not valid: numbers from ranges that our copy of the plan does not know yet are real numbers. */
function isE164(written: string): boolean {
  const parsed = parsePhoneNumberFromString(written);
  return parsed !== undefined && parsed.number === written && parsed.isPossible();
}

export const e164 = z
  .string()
  .refine(isE164, 'not a phone number in E.164, such as +4915123456789')
  .transform((written): PhoneNumber => phoneNumber(written));

const PAGE_MAX = 100;
export const limit = z.coerce.number().int().min(1).max(PAGE_MAX).default(50);
/** A place in rows that only grow. */
export const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const next = z.string().nullable().meta({ description: 'The next `after`; null on the last page.' });

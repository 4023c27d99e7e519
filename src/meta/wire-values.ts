/**
 * Reads single values of Meta's JSON. Each reader answers null for what it cannot read and never throws: unknown content is
 * stored and counted, never refused (GR15).
 */
import { z } from 'zod';

/** Meta's ids are numeric text of varying length; what is longer or has other signs could not be one and is not kept. */
const ID = /^[\w-]{1,64}$/;
const NUMERIC_TEXT = /^\s*-?\d{1,20}(?:\.\d{1,10})?\s*$/;
/** Longest name of a field or event that we keep, in characters. */
const LABEL_MAX = 80;

export type WireObject = Readonly<Record<string, unknown>>;

export function isWireObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function rowsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An id as opaque text; numbers come as text already where they are too long for a number. */
export function idOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && ID.test(text) ? text : null;
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Coerces numbers that came as text; 1e400 and the like are no numbers. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'string') return NUMERIC_TEXT.test(value) ? Number(value) : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function integerOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** Text safe for a database column and a metric label: no control characters, no lone surrogates, bounded. */
export function labelOf(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return '';
  const visible = text.slice(0, 4 * LABEL_MAX).replace(/\p{C}/gu, '');
  return Array.from(visible).slice(0, LABEL_MAX).join('').trim();
}

/** A zod leaf that reads a value, present or not, and cannot fail. */
export function leaf<Value>(read: (value: unknown) => Value) {
  return z.unknown().optional().transform(read);
}

/** A zod object that takes anything: what is no object reads as an empty one. Unknown keys are dropped. */
export function tolerant<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value: unknown) => (isWireObject(value) ? value : {}), z.object(shape));
}

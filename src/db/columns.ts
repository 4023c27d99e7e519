/** Column kinds that the tables share: times in epoch milliseconds, JSON that survives any text, raw bytes. */
import { bigint, customType } from 'drizzle-orm/pg-core';

/** Epoch milliseconds, given by the caller's clock and never by the database's. */
export const epochMs = (name: string) => bigint(name, { mode: 'number' });

/**
 * JSON as text. NOTE: not `jsonb`, which refuses `\u0000` and lone surrogates; `JSON.stringify` escapes both, and text
 * keeps the escapes.
 */
export const jsonText = customType<{ data: unknown; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (written): unknown => JSON.parse(written),
});

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/**
 * Text as Postgres can store it: NUL has no place in its `text`, and no id that Meta or we make contains one.
 * NOTE: a lone surrogate needs no care here, the driver's UTF-8 encoder already writes U+FFFD for it.
 */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD');
}

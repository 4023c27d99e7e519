/**
 * Keys by which the second delivery of the same news is known. Content alone never makes a key for long: a second real
 * disconnect looks like the first (GR3).
 */
import { createHash } from 'node:crypto';

/** How long two untimed events of equal content count as one: ours. */
const UNTIMED_BUCKET_MS = 10 * 60_000;

/** WABA, event and Meta's own second; two numbers named in one second stay two. */
export function timedAccountKey(event: string, named: NamedIds, seconds: number): string {
  return `${event}:${named.wabaId ?? 'none'}:${seconds}${namedSuffix(named)}`;
}

/** For events without a usable time: their content, within the ten minutes of the receipt. */
export function untimedAccountKey(
  event: string,
  named: NamedIds,
  arrival: { value: unknown; receivedAtMs: number },
): string {
  const bucket = Math.floor(arrival.receivedAtMs / UNTIMED_BUCKET_MS);
  return `${event}:${named.wabaId ?? 'none'}:untimed-${bucket}-${hashOf(contentOf(arrival.value))}${namedSuffix(named)}`;
}

/** The same chunk has the same key in whatever delivery it comes, and whatever is written inside its messages. */
export function chunkKey(chunk: {
  phoneNumberId: string | null;
  phase: number;
  chunkOrder: number;
  messageIds: readonly string[];
}): string {
  const { phoneNumberId, phase, chunkOrder, messageIds } = chunk;
  return hashOf(JSON.stringify([phoneNumberId, phase, chunkOrder, messageIds.toSorted()]));
}

export interface NamedIds {
  wabaId: string | null;
  phoneNumberId: string | null;
  digits: string | null;
}

function namedSuffix({ phoneNumberId, digits }: NamedIds): string {
  const named = digits ?? phoneNumberId;
  return named === null ? '' : `:${hashOf(named)}`;
}

/** 128 bits: enough that no two contents meet, short enough to be read in a list. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** NOTE: writing recurses, so that nesting of some thousand levels cannot be written; such content counts as one. */
function contentOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return 'unwritable';
  }
}

/** Turns the body of a verified webhook into news in our own words. Content can never make it fail: the unreadable is `unknown`. */
import type { NewsItem } from '../domain/news.ts';
import { isAccountField, readAccountNews } from './account-news.ts';
import { parseExactJson } from './exact-json.ts';
import { isMessageField, readMessageNews } from './message-news.ts';
import { Change, Entry } from './webhook-payload.ts';
import { isWireObject, labelOf, rowsOf } from './wire-values.ts';

/** Field name under which bodies are told that are no webhook of Meta's at all. */
const ENVELOPE = 'envelope';

export type ParsedBody = { kind: 'json'; body: string } | { kind: 'not-json' };

/**
 * Decodes the received bytes as text that every store takes: a byte order mark is dropped, invalid UTF-8 becomes the
 * replacement character. Only what is no JSON is refused; JSON that the engine cannot hold is still JSON.
 */
export function parseBody(raw: Buffer): ParsedBody {
  const body = withoutMark(raw.toString('utf8'));
  try {
    JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'not-json' };
  }
  return { kind: 'json', body };
}

/** At least one item for any body, in the order of the changes; work grows with the size of the body only. */
export function readNews(rawBody: string, receivedAtMs: number, ourAppId: string): NewsItem[] {
  const changes = changesOf(rawBody);
  if (changes === null) return [{ kind: 'unknown', field: ENVELOPE, name: 'unreadable' }];
  const items: NewsItem[] = [];
  for (const change of changes) {
    for (const item of readChange(change, receivedAtMs, ourAppId)) items.push(item);
  }
  return items.length > 0 ? items : [{ kind: 'unknown', field: ENVELOPE, name: 'empty' }];
}

/** Answers whether a delivery moves forward-only columns and nothing else, so that it needs no row of its own. */
export function isTouchOnly(items: readonly NewsItem[]): boolean {
  return items.length > 0 && items.every(({ kind }) => kind === 'evidence' || kind === 'traffic');
}

function readChange(change: Change, receivedAtMs: number, ourAppId: string): readonly NewsItem[] {
  const { field, value } = change;
  if (isMessageField(field)) return readMessageNews(change, receivedAtMs);
  if (isAccountField(field)) return [readAccountNews(change, receivedAtMs, ourAppId)];
  return [{ kind: 'unknown', field, name: labelOf(value['event']) }];
}

function changesOf(rawBody: string): Change[] | null {
  const envelope = parsedOrNull(rawBody);
  if (!isWireObject(envelope) || !Array.isArray(envelope['entry'])) return null;
  return rowsOf(envelope['entry']).flatMap((row) => {
    const { id, time, changes } = Entry.parse(row);
    return changes.map((change) => ({ entry: { id, time }, ...Change.parse(change) }));
  });
}

/** The engine throws a RangeError where a body needs more memory than it grants. */
function parsedOrNull(rawBody: string): unknown {
  try {
    return parseExactJson(withoutMark(rawBody));
  } catch {
    return null;
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

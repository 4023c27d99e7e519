/**
 * Reads the four message-like fields: history, contacts, echoes and traffic. Content is handed over for the sealed store
 * alone, and only of the two imports.
 */
import { digitsOf, phoneNumberId, wabaId } from '../domain/ids.ts';
import type { NewsItem, NewsScope } from '../domain/news.ts';
import { readContactItems, readMedia, readThreads } from './content-items.ts';
import { chunkKey } from './webhook-keys.ts';
import { ContactChange, HistoryElement, MessageValue, TimedMessage, WebhookError } from './webhook-payload.ts';
import type { Change } from './webhook-payload.ts';
import { newestEvidenceMs } from './webhook-time.ts';
import { integerOf, labelOf } from './wire-values.ts';

/** The customer did not share history. Source: M1. */
const HISTORY_DECLINED = 2593109;
/** Meta knows phases 0 to 2 and counts chunks from 1; beyond these bounds (a database integer) it is no chunk of Meta's. */
const PHASE_MAX = 32_767;
const CHUNK_ORDER_MAX = 2_147_483_647;

type Reader = (value: MessageValue, scope: NewsScope, receivedAtMs: number) => readonly NewsItem[];

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['history', readHistory],
  ['smb_app_state_sync', readContacts],
  ['smb_message_echoes', readEchoes],
  ['messages', readTraffic],
]);

export function isMessageField(field: string): boolean {
  return READERS.has(field);
}

/** A change that holds nothing of the documented form is unknown, not silence. */
export function readMessageNews(change: Change, receivedAtMs: number): readonly NewsItem[] {
  const value = MessageValue.parse(change.value);
  const items = READERS.get(change.field)?.(value, scopeOf(change, value), receivedAtMs) ?? [];
  return items.length > 0 ? items : [unknown(change.field, 'nothing readable')];
}

function readHistory(value: MessageValue, scope: NewsScope, receivedAtMs: number): readonly NewsItem[] {
  const items = value.history.map((element) => readElement(HistoryElement.parse(element), scope, receivedAtMs));
  const media = [...value.messages, ...value.message_echoes];
  if (media.length > 0)
    items.push({ kind: 'history-media', scope, count: media.length, items: readMedia(media, receivedAtMs) });
  if (value.errors.length > 0) items.push(readErrors(value.errors, scope));
  return items;
}

function readElement(element: HistoryElement, scope: NewsScope, receivedAtMs: number): NewsItem {
  if (element.errors.length > 0) return readErrors(element.errors, scope);
  const { phase, chunk_order: chunkOrder, progress } = element.metadata;
  if (!isWithin(phase, PHASE_MAX) || !isWithin(chunkOrder, CHUNK_ORDER_MAX)) return unknown('history', 'chunk');
  const { messageIds, ...content } = readThreads(element.threads, receivedAtMs);
  return {
    kind: 'history-chunk',
    key: chunkKey({ phoneNumberId: scope.phoneNumberId, phase, chunkOrder, messageIds }),
    scope,
    phase,
    chunkOrder,
    progress: percentOf(progress),
    ...content,
  };
}

/** The code stands as `code` or as `error_subcode`. */
function readErrors(errors: readonly unknown[], scope: NewsScope): NewsItem {
  const read = errors.map((error) => WebhookError.parse(error));
  const isDeclined = read.some(({ code, error_subcode: subcode }) => [code, subcode].includes(HISTORY_DECLINED));
  return isDeclined
    ? { kind: 'history-declined', scope }
    : unknown('history', `error ${labelOf(read[0]?.code)}`.trim());
}

/** Rows of other types than `contact` are not ours to count (case 40). */
function readContacts(value: MessageValue, scope: NewsScope, receivedAtMs: number): readonly NewsItem[] {
  const rows = value.state_sync.filter((row) => ContactChange.parse(row).type === 'contact');
  if (rows.length === 0) return [];
  const changedAtMs = newestEvidenceMs(timesOf(rows.map(metadataOf)), receivedAtMs);
  return [{ kind: 'contacts', scope, count: rows.length, changedAtMs, ...readContactItems(rows, receivedAtMs) }];
}

/** Edits and revocations are echoes too: somebody held the app. */
function readEchoes(value: MessageValue, scope: NewsScope, receivedAtMs: number): readonly NewsItem[] {
  if (value.message_echoes.length === 0) return [];
  const atMs = newestEvidenceMs(timesOf(value.message_echoes), receivedAtMs);
  return [{ kind: 'evidence', scope, evidence: 'echo', atMs }];
}

function readTraffic(value: MessageValue, scope: NewsScope, receivedAtMs: number): readonly NewsItem[] {
  const { messages, statuses } = value;
  const atMs = (rows: readonly unknown[]): number => newestEvidenceMs(timesOf(rows), receivedAtMs);
  return [
    ...(messages.length > 0 ? [{ kind: 'traffic', scope, atMs: atMs(messages) } as const] : []),
    ...(statuses.length > 0 ? [{ kind: 'traffic', scope, atMs: atMs(statuses), isStatus: true } as const] : []),
  ];
}

function metadataOf(row: unknown): unknown {
  return ContactChange.parse(row).metadata;
}

function timesOf(messages: readonly unknown[]): (number | null)[] {
  return messages.map((message) => TimedMessage.parse(message).timestamp);
}

function scopeOf(change: Change, { metadata }: MessageValue): NewsScope {
  const digits = digitsOf(metadata.display_phone_number ?? '');
  return {
    phoneNumberId: metadata.phone_number_id === null ? null : phoneNumberId(metadata.phone_number_id),
    wabaId: change.entry.id === null ? null : wabaId(change.entry.id),
    digits: digits === '' ? null : digits,
  };
}

function isWithin(count: number | null, max: number): count is number {
  return count !== null && count >= 0 && count <= max;
}

/** Absent or absurd progress is none yet: 100 ends a sync, so that it is never guessed. */
function percentOf(progress: number | null): number {
  const whole = integerOf(Math.floor(progress ?? 0));
  return whole !== null && whole >= 0 && whole <= 100 ? whole : 0;
}

function unknown(field: string, name: string): NewsItem {
  return { kind: 'unknown', field, name };
}

/** Hands over what was written: each message, media note and contact as opaque text, for the sealed store alone. */
import type { ContentItem } from '../domain/news.ts';
import { idOf, isWireObject, labelOf, leaf, numberOf, rowsOf, textOf, tolerant } from './wire-values.ts';

/** Groups are never part of coexistence; what claims to be one is dropped and counted. Source: M3. */
const GROUP_ID = /@g\.us$/i;

const Thread = tolerant({
  id: leaf(writtenIdOf),
  group_id: leaf(writtenIdOf),
  context: leaf((value) => (isWireObject(value) ? value : null)),
  messages: leaf(rowsOf),
});
const Message = tolerant({ id: leaf(textOf), timestamp: leaf(numberOf), group_id: leaf(writtenIdOf) });
const ContactRow = tolerant({
  action: leaf(labelOf),
  metadata: tolerant({ timestamp: leaf(numberOf) }),
  contact: tolerant({ phone_number: leaf(writtenIdOf), user_id: leaf(writtenIdOf) }),
});

export interface ReadThreads {
  /** Of all messages, groups included: they make the key of the chunk. Empty where Meta gave none. */
  messageIds: readonly string[];
  messageCount: number;
  groupCount: number;
  items: readonly ContentItem[];
}

/** Messages without an id are counted, but cannot be kept once. */
export function readThreads(threads: readonly unknown[], receivedAtMs: number): ReadThreads {
  const messageIds: string[] = [];
  const items: ContentItem[] = [];
  let messageCount = 0;
  let groupCount = 0;
  for (const row of threads) {
    const { id, group_id: groupId, context, messages } = Thread.parse(row);
    for (const message of messages) messageIds.push(Message.parse(message).id ?? '');
    if (groupId !== null || GROUP_ID.test(id ?? '') || messages.some(isOfGroup)) {
      groupCount += 1;
      continue;
    }
    messageCount += messages.length;
    for (const message of messages) {
      items.push(...itemOf('message', message, { receivedAtMs, content: { thread: { id, context }, message } }));
    }
  }
  return { messageIds, messageCount, groupCount, items };
}

function isOfGroup(message: unknown): boolean {
  return Message.parse(message).group_id !== null;
}

/** Media come after their message, or before it (case 25): they are kept beside it, under its id. */
export function readMedia(messages: readonly unknown[], receivedAtMs: number): ContentItem[] {
  return messages.flatMap((message) => itemOf('media', message, { receivedAtMs, content: { message } }));
}

/** A contact is known by its phone number, else by Meta's id of the user; a removal may name either alone. */
export function readContactItems(
  rows: readonly unknown[],
  receivedAtMs: number,
): { items: ContentItem[]; removedCount: number } {
  const items: ContentItem[] = [];
  let removedCount = 0;
  for (const row of rows) {
    const { action, metadata, contact } = ContactRow.parse(row);
    const isRemoval = action.toLowerCase() === 'remove';
    if (isRemoval) removedCount += 1;
    const { phone_number: phoneNumber, user_id: userId } = contact;
    const id = phoneNumber ?? userId;
    const alsoId = phoneNumber === null ? null : userId;
    const json = writtenOf(row);
    if (id === null || json === null) continue;
    items.push({ kind: 'contact', id, alsoId, atMs: timeOf(metadata.timestamp, receivedAtMs), isRemoval, json });
  }
  return { items, removedCount };
}

function itemOf(
  kind: 'message' | 'media',
  message: unknown,
  { receivedAtMs, content }: { receivedAtMs: number; content: object },
): ContentItem[] {
  const { id, timestamp } = Message.parse(message);
  const json = writtenOf(content);
  if (id === null || id === '' || json === null) return [];
  return [{ kind, id, alsoId: null, atMs: timeOf(timestamp, receivedAtMs), isRemoval: false, json }];
}

/** The phone's own time, never later than our receipt (GR1); the receipt where none can be read. */
function timeOf(seconds: number | null, receivedAtMs: number): number {
  const toldMs = seconds === null ? NaN : Math.trunc(seconds * 1000);
  return Number.isSafeInteger(toldMs) && toldMs > 0 ? Math.min(toldMs, receivedAtMs) : receivedAtMs;
}

/** A phone number or an id of a user or thread, as text: users' ids hold a dot, groups' an at sign. */
function writtenIdOf(value: unknown): string | null {
  if (typeof value === 'number') return idOf(value);
  return typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : null;
}

/** NOTE: writing recurses, so that nesting of some thousand levels cannot be written; such content is not kept. */
function writtenOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

/** What one item of the two imports brings: numbers in the ledger, content for the sealed store, a fact, a sign of the app. */
import type { EvidenceKind, FactEnvelope } from '../domain/facts.ts';
import type { NumberId } from '../domain/ids.ts';
import type { ContentItem, NewsItem } from '../domain/news.ts';
import { factIdOf } from './account-facts.ts';
import type { Executor } from './connect.ts';
import { contentRulesOf, type ContentRule } from './content-rules.ts';
import { keepContent } from './content.ts';
import type { Target } from './news-routing.ts';
import type { SecretBox } from './secret-box.ts';
import { countChunk, countContacts, countKeptContacts, countMedia } from './sync-ledger.ts';

export type ImportItem = Extract<
  NewsItem,
  { kind: 'history-chunk' | 'history-media' | 'history-declined' | 'contacts' }
>;

/** What a delivery brought for one number. */
export interface Room {
  target: Target;
  rule: ContentRule;
  /** To be kept; empty where nothing is wanted. */
  items: ContentItem[];
}

interface Heard {
  fact: FactEnvelope | null;
  touch: { evidence: EvidenceKind; atMs: number } | null;
}

const NOTHING: Heard = { fact: null, touch: null };

export function isImport(item: NewsItem): item is ImportItem {
  return ['history-chunk', 'history-media', 'history-declined', 'contacts'].includes(item.kind);
}

/** One room per number that imports speak of; the rules are read for all of them at once. */
export async function roomsFor(tx: Executor, targets: readonly Target[]): Promise<Map<NumberId, Room>> {
  const rules = await contentRulesOf(tx, [...new Set(targets.map(({ numberId }) => numberId))]);
  const rooms = new Map<NumberId, Room>();
  for (const target of targets) {
    const rule = rules.get(target.numberId);
    if (rule !== undefined) rooms.set(target.numberId, { target, rule, items: [] });
  }
  return rooms;
}

/** Counts one item, and gives its content a place in the room if its import is wanted (SY17). */
export async function hear(tx: Executor, item: ImportItem, arrival: Arrival): Promise<Heard> {
  switch (item.kind) {
    case 'history-chunk':
      return hearChunk(tx, item, arrival);
    case 'history-media':
      return hearMedia(tx, item, arrival);
    case 'contacts':
      return hearContacts(tx, item, arrival);
    case 'history-declined':
      return { ...NOTHING, fact: declinedFact(item, arrival) };
  }
}

interface Arrival {
  room: Room;
  receivedAtMs: number;
}
type Of<Kind extends ImportItem['kind']> = Extract<ImportItem, { kind: Kind }>;

async function hearChunk(tx: Executor, chunk: Of<'history-chunk'>, { room, receivedAtMs }: Arrival): Promise<Heard> {
  const isWanted = room.rule.history;
  const counted = await countChunk(tx, room.target, { chunk, receivedAtMs, isWanted });
  if (counted === null) return NOTHING;
  if (isWanted) addTo(room, chunk.items);
  // The messages' own times are old: what the chunk proves is that the phone is at work now.
  return { fact: counted.fact, touch: { evidence: 'history-chunk', atMs: receivedAtMs } };
}

async function hearMedia(tx: Executor, media: Of<'history-media'>, { room, receivedAtMs }: Arrival): Promise<Heard> {
  if (room.rule.history) addTo(room, media.items);
  else await countMedia(tx, room.target, { media: 0, dropped: media.count, receivedAtMs });
  return NOTHING;
}

async function hearContacts(tx: Executor, contacts: Of<'contacts'>, { room, receivedAtMs }: Arrival): Promise<Heard> {
  const { count, removedCount, changedAtMs, items } = contacts;
  const isWanted = room.rule.contacts;
  const kept = isWanted ? items : [];
  // What is kept counts once it is (`keepRoom`); the rest cannot be known again.
  const told = { count: count - kept.length, removedCount: removedCount - kept.filter(isRemoval).length };
  const { isFirst, fact } = await countContacts(tx, room.target, { ...told, receivedAtMs, isWanted });
  addTo(room, kept);
  return { fact, touch: { evidence: 'contact-change', atMs: isFirst ? receivedAtMs : changedAtMs } };
}

const isRemoval = (item: ContentItem): boolean => item.isRemoval;

function declinedFact({ scope }: Of<'history-declined'>, { room, receivedAtMs }: Arrival): FactEnvelope {
  return {
    factId: factIdOf(`declined/${scope.phoneNumberId}/${room.target.cycle}`),
    occurredAtMs: receivedAtMs,
    fact: { kind: 'historyDeclined' },
  };
}

/** NOTE: not a spread, for a webhook can hold more messages than a call may have arguments. */
function addTo(room: Room, items: readonly ContentItem[]): void {
  for (const one of items) room.items.push(one);
}

/** All content of one number in a bounded number of statements, whatever the number of its chunks (case 35). */
export async function keepRoom(
  tx: Executor,
  { target, rule, items }: Room,
  { secretBox, receivedAtMs }: { secretBox: SecretBox; receivedAtMs: number },
): Promise<void> {
  if (items.length === 0) return;
  const expiresAtMs = receivedAtMs + rule.keptForMs;
  const keeping = { secretBox, receivedAtMs, expiresAtMs, isHistorical: true };
  const added = await keepContent(tx, target, { items, keeping });
  await countMedia(tx, target, { media: added.media, dropped: 0, receivedAtMs });
  await countKeptContacts(tx, target, { counted: added.contact, removed: added.removed, receivedAtMs });
}

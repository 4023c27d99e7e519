/** Whom a change of a contact is about: it may name a phone number, a user id or both, and each person is kept in one row. */
import { and, asc, eq, sql } from 'drizzle-orm';
import type { NumberId } from '../domain/ids.ts';
import type { ContentItem } from '../domain/news.ts';
import type { Executor } from './connect.ts';
import { importedContent } from './schema-content.ts';

export interface Keyed {
  item: ContentItem;
  /** The digest of the item's id, then that of its second one. */
  keys: readonly string[];
}

/** An item, and the row in which it belongs. */
export interface Placed {
  contentKey: string;
  alsoKey: string | null;
  item: ContentItem;
}

/** What a cycle has told of people: how many there are, and how many of them are removed. */
interface Tally {
  counted: number;
  removed: number;
}

interface Dated {
  atMs: number;
  isRemoval: boolean;
}

interface KnownRow extends Dated {
  contentKey: string;
  alsoKey: string | null;
  cycle: number;
}

/** All that is one, as far as rows and changes tell. */
interface Person {
  keys: Set<string>;
  rows: KnownRow[];
  changes: Keyed[];
}

/**
 * One change for each person, the latest. Where a change shows that two rows are one person, the older row goes: nothing may
 * be left readable that a removal under either id would miss.
 */
export async function placeContacts(
  tx: Executor,
  { numberId, cycle }: { numberId: NumberId; cycle: number },
  changes: readonly Keyed[],
): Promise<{ placed: readonly Placed[]; tally: Tally }> {
  const tally: Tally = { counted: 0, removed: 0 };
  if (changes.length === 0) return { placed: [], tally };
  const placed: Placed[] = [];
  const gone: string[] = [];
  for (const person of personsOf(await knownRows(tx, numberId, changes), changes)) {
    const place = placeOf(person);
    if (place === null) continue;
    placed.push(place);
    for (const { contentKey } of person.rows) if (contentKey !== place.contentKey) gone.push(contentKey);
    tell(tally, person, cycle);
  }
  await forget(tx, numberId, gone);
  return { placed, tally };
}

const isContactOf = (numberId: NumberId) =>
  and(eq(importedContent.numberId, numberId), eq(importedContent.kind, 'contact'));

/** NOTE: as one parameter, for a webhook can hold more contacts than a statement may have parameters. */
const anyOf = (keys: readonly string[]) => sql`any(${`{${keys.join(',')}}`}::text[])`; // hexadecimal digits alone

function knownRows(tx: Executor, numberId: NumberId, changes: readonly Keyed[]): Promise<KnownRow[]> {
  const { contentKey, alsoKey, atMs, isRemoved: isRemoval, cycle, position } = importedContent;
  const given = anyOf(changes.flatMap(({ keys }) => keys));
  return tx
    .select({ contentKey, alsoKey, atMs, isRemoval, cycle })
    .from(importedContent)
    .where(and(isContactOf(numberId), sql`(${contentKey} = ${given} or ${alsoKey} = ${given})`))
    .orderBy(asc(position));
}

async function forget(tx: Executor, numberId: NumberId, contentKeys: readonly string[]): Promise<void> {
  if (contentKeys.length === 0) return;
  const isGone = sql`${importedContent.contentKey} = ${anyOf(contentKeys)}`;
  await tx.delete(importedContent).where(and(isContactOf(numberId), isGone));
}

function personsOf(rows: readonly KnownRow[], changes: readonly Keyed[]): ReadonlySet<Person> {
  const byKey = new Map<string, Person>();
  for (const row of rows) join(byKey, { keys: new Set(keysOfRow(row)), rows: [row], changes: [] });
  for (const change of changes) join(byKey, { keys: new Set(change.keys), rows: [], changes: [change] });
  return new Set(byKey.values());
}

const keysOfRow = ({ contentKey, alsoKey }: KnownRow): string[] =>
  alsoKey === null ? [contentKey] : [contentKey, alsoKey];

/** What shares a key becomes one. */
function join(byKey: Map<string, Person>, told: Person): void {
  const known = [...told.keys].flatMap((key) => byKey.get(key) ?? []);
  const [one = told, ...others] = new Set([...known, told]);
  for (const { keys, rows, changes } of others) {
    for (const key of keys) one.keys.add(key);
    one.rows.push(...rows);
    one.changes.push(...changes);
    for (const key of keys) byKey.set(key, one);
  }
  for (const key of told.keys) byKey.set(key, one);
}

/** The keys of what is told last come first: a row has room for two, and a third belongs to an id that is no longer theirs. */
function placeOf({ keys, rows, changes }: Person): Placed | null {
  const change = latestOf(changes, ({ item }) => item);
  if (change === undefined) return null;
  const row = latestOf(rows, (one) => one);
  const isRowLast = row !== undefined && !takesPlace(change.item, row);
  const [first, second] = new Set([...(isRowLast ? keysOfRow(row) : change.keys), ...keys]);
  if (first === undefined) return null;
  const isRowKept = row !== undefined && row.contentKey === second;
  const [contentKey, alsoKey = null] = isRowKept ? [row.contentKey, first] : [first, second];
  return { contentKey, alsoKey, item: change.item };
}

/** Each person counts once a cycle, whatever the deliveries: so batches, repeats and another order end alike. */
function tell(tally: Tally, { rows, changes }: Person, cycle: number): void {
  const dated: Dated[] = [...rows, ...changes.map(({ item }) => item)];
  const before = rows.filter((row) => row.cycle === cycle);
  tally.counted += 1 - before.length;
  tally.removed += latestOf(dated, (one) => one)?.isRemoval === true ? 1 : 0;
  tally.removed -= before.filter(({ isRemoval }) => isRemoval).length;
}

function latestOf<Told>(told: readonly Told[], datedOf: (one: Told) => Dated): Told | undefined {
  return told.reduce<Told | undefined>(
    (last, one) => (last === undefined || takesPlace(datedOf(one), datedOf(last)) ? one : last),
    undefined,
  );
}

/** Last writer wins by the contact's own time; in one and the same second a removal wins. Source: M3. */
function takesPlace(given: Dated, known: Dated): boolean {
  if (given.atMs !== known.atMs) return given.atMs > known.atMs;
  return given.isRemoval || !known.isRemoval;
}

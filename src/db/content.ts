/** The sealed store of imported messages, media notes and contacts: each kept once, read by its tenant, gone after its time. */
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { ContentItem } from '../domain/news.ts';
import type { Executor, Store } from './connect.ts';
import { placeContacts, type Keyed, type Placed } from './content-contacts.ts';
import { contentKeysOf } from './content-keys.ts';
import type { Target } from './news-routing.ts';
import { importedContent } from './schema-content.ts';
import { SecretUnreadable, type SecretBox } from './secret-box.ts';

type Kind = ContentItem['kind'];
type Row = typeof importedContent.$inferSelect;

interface ContentRow {
  position: number;
  cycle: number;
  atMs: number;
  receivedAtMs: number;
  expiresAtMs: number;
  isHistorical: boolean;
  /** `unreadable`: its key is no longer configured. */
  state: 'readable' | 'removed' | 'unreadable';
  /** As Meta wrote it; null unless readable. */
  json: string | null;
}

interface Content {
  read(
    tenantId: TenantId,
    numberId: NumberId,
    page: { kind: Kind; after: number; limit: number; nowMs: number },
  ): Promise<readonly ContentRow[]>;
  purgeExpired(nowMs: number, limit: number): Promise<number>;
}

interface Keeping {
  secretBox: SecretBox;
  receivedAtMs: number;
  expiresAtMs: number;
  /** False for what came live: such a copy outranks an imported one (case 26). */
  isHistorical: boolean;
}

/** Rows of one statement: 13 parameters each, of 65,535. */
const BATCH_ROWS = 500;

export function createContent({ db, secretBox }: Store): Content {
  return {
    read: async (tenantId, numberId, { kind, after, limit, nowMs }) => {
      const { position, expiresAtMs } = importedContent;
      const isOwn = and(eq(importedContent.tenantId, tenantId), eq(importedContent.numberId, numberId));
      const isAsked = and(isOwn, eq(importedContent.kind, kind), gt(position, after), gt(expiresAtMs, nowMs));
      const rows = await db.select().from(importedContent).where(isAsked).orderBy(asc(position)).limit(limit);
      return Promise.all(rows.map((row) => opened(secretBox, row)));
    },
    purgeExpired: async (nowMs, limit) => {
      const gone = await db.execute(sql`
        delete from imported_content where ctid = any (array(
          select ctid from imported_content where expires_at_ms <= ${nowMs} limit ${limit} for update skip locked))
        returning 1`);
      return gone.length;
    },
  };
}

/** What was not known before; of contacts, what the cycle had not told: also how many more are removed now. */
interface Added extends Record<Kind, number> {
  removed: number;
}

/** The caller holds the lock of the number's activity row. */
export async function keepContent(
  tx: Executor,
  target: Target,
  given: { items: readonly ContentItem[]; keeping: Keeping },
): Promise<Added> {
  const keysOf = await contentKeysOf(tx, { ...target, secretBox: given.keeping.secretBox });
  const keyed = given.items.map((item) => ({ item, keys: keysOf(item) }));
  const isContact = ({ item }: Keyed): boolean => item.kind === 'contact';
  const { placed, tally } = await placeContacts(tx, target, keyed.filter(isContact));
  const added: Added = { message: 0, media: 0, contact: tally.counted, removed: tally.removed };
  const rows = [...placed, ...firstOfEach(keyed.filter((one) => !isContact(one)))];
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    const batch = rows.slice(from, from + BATCH_ROWS);
    const sealed = await Promise.all(batch.map((row) => rowOf(target, row, given.keeping)));
    for (const { kind, isNew } of await upsert(tx, sealed)) if (isNew && kind !== 'contact') added[kind] += 1;
  }
  return added;
}

/** Each message and media note once: a statement cannot touch a row twice. */
function firstOfEach(items: readonly Keyed[]): Placed[] {
  const first = new Map<string, Placed>();
  for (const { item, keys } of items) {
    const contentKey = keys[0] ?? '';
    if (!first.has(contentKey)) first.set(contentKey, { contentKey, alsoKey: null, item });
  }
  return [...first.values()];
}

const secretPlaceOf = ({
  tenantId,
  numberId,
  kind,
  contentKey,
}: Pick<Row, 'tenantId' | 'numberId' | 'kind' | 'contentKey'>) => ({
  tenantId,
  record: `content/${numberId}/${kind}/${contentKey}`,
});

async function rowOf(
  { numberId, tenantId, cycle }: Target,
  { contentKey, alsoKey, item }: Placed,
  { secretBox, receivedAtMs, expiresAtMs, isHistorical }: Keeping,
): Promise<Omit<Row, 'position'>> {
  const { kind, atMs, isRemoval: isRemoved } = item;
  const named = { numberId, tenantId, kind, contentKey };
  const sealed = isRemoved ? null : await secretBox.seal(secretPlaceOf(named), item.json);
  return { ...named, alsoKey, cycle, atMs, receivedAtMs, expiresAtMs, isHistorical, isRemoved, sealed };
}

/** Whether the given row takes the place of the known one; a message changes only where a live copy meets an imported one. */
const takesPlace = sql`case when excluded.kind = 'contact' then excluded.at_ms > imported_content.at_ms
    or (excluded.at_ms = imported_content.at_ms and (excluded.is_removed or not imported_content.is_removed))
  else imported_content.is_historical and not excluded.is_historical end`;
const newestOf = (column: string) =>
  sql`case when ${takesPlace} then excluded.${sql.identifier(column)} else imported_content.${sql.identifier(column)} end`;

async function upsert(
  tx: Executor,
  rows: readonly Omit<Row, 'position'>[],
): Promise<readonly { kind: Kind; isNew: boolean }[]> {
  return tx
    .insert(importedContent)
    .values([...rows])
    .onConflictDoUpdate({
      target: [importedContent.numberId, importedContent.kind, importedContent.contentKey],
      set: {
        alsoKey: sql`coalesce(excluded.also_key, ${importedContent.alsoKey})`,
        position: newestOf('position'),
        atMs: newestOf('at_ms'),
        receivedAtMs: newestOf('received_at_ms'),
        isRemoved: newestOf('is_removed'),
        sealed: newestOf('sealed'),
        cycle: sql`case when excluded.kind = 'contact' then greatest(${importedContent.cycle}, excluded.cycle)
          else ${importedContent.cycle} end`,
        isHistorical: sql`${importedContent.isHistorical} and excluded.is_historical`,
        expiresAtMs: sql`greatest(${importedContent.expiresAtMs}, excluded.expires_at_ms)`,
      },
    })
    .returning({ kind: importedContent.kind, isNew: sql<boolean>`(xmax = 0)` });
}

async function opened(secretBox: SecretBox, row: Row): Promise<ContentRow> {
  const { position, cycle, atMs, receivedAtMs, expiresAtMs, isHistorical, sealed } = row;
  const told = { position, cycle, atMs, receivedAtMs, expiresAtMs, isHistorical };
  if (sealed === null) return { ...told, state: 'removed', json: null };
  try {
    return { ...told, state: 'readable', json: await secretBox.open(secretPlaceOf(row), sealed) };
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    return { ...told, state: 'unreadable', json: null };
  }
}

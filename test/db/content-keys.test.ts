/** The names under which imported content is kept: keyed by tenant, so that nobody can guess them, and lasting. */
import { createHash } from 'node:crypto';
import { eq, inArray } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { keepContent } from '../../src/db/content.ts';
import { contentKeys, importedContent } from '../../src/db/schema-content.ts';
import { createSecretBox } from '../../src/db/secret-box.ts';
import type { ContentItem, NewsItem } from '../../src/domain/news.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { connectNumber, ids, live, recordOf, START_MS, type Ids } from './builders.ts';
import { KEYS, useDatabase } from './database.ts';
import { deliver, onPhone } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;
const PHONE = '15550177001';
const FRESH = [{ keyId: 'k2', key: new Uint8Array(32).fill(9) }];

const contact = (id: string, over: Partial<ContentItem> = {}): ContentItem => {
  return { kind: 'contact', id, alsoId: null, atMs: AT_MS, isRemoval: false, json: '{"name":"Marta"}', ...over };
};

async function keep(id: Ids, items: readonly ContentItem[], keys = KEYS) {
  const secretBox = createSecretBox(keys);
  const keeping = { secretBox, receivedAtMs: AT_MS, expiresAtMs: AT_MS + DAY_MS, isHistorical: true };
  return keepContent(bench.store.db, { ...id, cycle: 1 }, { items, keeping });
}

const rowsOf = (...of: Ids[]) =>
  bench.store.db
    .select()
    .from(importedContent)
    .where(
      inArray(
        importedContent.numberId,
        of.map(({ numberId }) => numberId),
      ),
    );
const keyOf = (id: Ids) => bench.store.db.select().from(contentKeys).where(eq(contentKeys.tenantId, id.tenantId));

describe('the key of a contact', () => {
  it('is another for each tenant, and cannot be made from what others know', async () => {
    const one = ids('ten_keys_a');
    const other = { ...one, tenantId: ids('ten_keys_b').tenantId };
    for (const id of [one, other]) await keep(id, [contact(PHONE)]);
    const keys = (await rowsOf(one)).map(({ contentKey }) => contentKey);
    const plain = createHash('sha256')
      .update(JSON.stringify([one.numberId, 'contact', PHONE]))
      .digest('hex');
    expect(new Set([...keys, plain.slice(0, 32)]).size).toBe(3);
    const [sealed] = await keyOf(one);
    expect(sealed?.sealed.split('.')).toHaveLength(5);
  });

  it('stays when the encryption keys are rotated, and is sealed with the new one at its next use', async () => {
    const id = ids('ten_rotated');
    for (const keys of [KEYS, [...FRESH, ...KEYS], FRESH]) await keep(id, [contact(PHONE)], keys);
    expect(await rowsOf(id)).toHaveLength(1);
    const [row] = await keyOf(id);
    expect(createSecretBox(FRESH).isSealedNow(row?.sealed ?? '')).toBe(true);
  });

  it('is made once, though two deliveries bring the first content of a tenant at once', async () => {
    const id = ids('ten_first');
    await Promise.all(Array.from({ length: 8 }, () => keep(id, [contact(PHONE)])));
    expect([(await rowsOf(id)).length, (await keyOf(id)).length]).toEqual([1, 1]);
  });

  it('begins anew where its encryption key was taken away, so that no delivery is stuck', async () => {
    const id = ids('ten_lost');
    await keep(id, [contact(PHONE)]);
    expect(await keep(id, [contact(PHONE)], FRESH)).toMatchObject({ contact: 1 });
    expect(await keep(id, [contact(PHONE)], FRESH)).toMatchObject({ contact: 0 });
  });
});

it('a webhook of 17,000 contacts with two ids each is kept, and known when it comes again', async () => {
  const id = ids();
  await connectNumber(bench, id);
  await bench.stores.projection.record(recordOf(live(id), { sequence: 2 }), `run-${id.numberId}`);
  const items = Array.from({ length: 17_000 }, (_none, index) => contact(`1555${index}`, { alsoId: `US.${index}` }));
  const news: NewsItem = {
    kind: 'contacts',
    scope: onPhone(id),
    count: items.length,
    removedCount: 0,
    changedAtMs: AT_MS,
    items,
  };
  await deliver(bench, [news], AT_MS);
  await deliver(bench, [news], AT_MS + 1);
  expect(await rowsOf(id)).toHaveLength(17_000);
});

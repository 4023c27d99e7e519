/** The sealed store of what the imports bring. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { keepContent } from '../../src/db/content.ts';
import { importedContent } from '../../src/db/schema-content.ts';
import { createSecretBox } from '../../src/db/secret-box.ts';
import { tenantId } from '../../src/domain/ids.ts';
import type { ContentItem, NewsItem } from '../../src/domain/news.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { connectNumber, ids, live, recordOf, START_MS, type Ids } from './builders.ts';
import { KEYS, useDatabase } from './database.ts';
import { chunk, contactsOf, deliver, factsOf, onPhone } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;

const message = (id: string, over: Partial<ContentItem> = {}): ContentItem => ({
  kind: 'message',
  id,
  alsoId: null,
  atMs: AT_MS,
  isRemoval: false,
  json: JSON.stringify({ message: { id, text: 'Is the rye bread back?' } }),
  ...over,
});
const contact = (id: string, atMs: number, name: string | null): ContentItem =>
  message(id, { kind: 'contact', atMs, isRemoval: name === null, json: JSON.stringify({ name }) });
const mediaOf = (id: Ids, ...messageIds: string[]): NewsItem => ({
  kind: 'history-media',
  scope: onPhone(id),
  count: messageIds.length,
  items: messageIds.map((one) => message(one, { kind: 'media' })),
});

async function connected(over: Partial<Snapshot> = {}): Promise<Ids> {
  const id = ids();
  await connectNumber(bench, id);
  await bench.stores.projection.record(recordOf(live(id, over), { sequence: 2 }), `run-${id.numberId}`);
  return id;
}
const pageOf = (id: Ids, over: { kind?: ContentItem['kind']; after?: number; limit?: number; nowMs?: number } = {}) =>
  bench.stores.content.read(id.tenantId, id.numberId, { kind: 'message', after: 0, limit: 100, nowMs: AT_MS, ...over });
const tracesOf = (id: Ids, cycle = 1) => bench.stores.syncs.readTraces(id.tenantId, id.numberId, cycle);
const rowsOf = (id: Ids) =>
  bench.store.db.select().from(importedContent).where(eq(importedContent.numberId, id.numberId));

describe('imported content', () => {
  it('lies sealed, under digests, and opens for its own tenant alone', async () => {
    const id = await connected();
    await deliver(bench, [chunk(id, 'a', { items: [message('wamid.15550177001')] })], AT_MS);
    const [row] = await rowsOf(id);
    for (const secret of ['rye bread', '15550177001', 'wamid']) expect(JSON.stringify(row)).not.toContain(secret);
    const [read] = await pageOf(id);
    expect(read).toMatchObject({ state: 'readable', isHistorical: true, atMs: AT_MS, cycle: 1 });
    expect(read?.json).toContain('rye bread');
    const foreign = { kind: 'message', after: 0, limit: 9, nowMs: AT_MS } as const;
    expect(await bench.stores.content.read(tenantId('ten_b'), id.numberId, foreign)).toEqual([]);
  });

  it('does not open where it was moved to another record', async () => {
    const id = await connected();
    await deliver(bench, [chunk(id, 'a', { items: [message('wamid.1'), message('wamid.2')] })], AT_MS);
    const [first, second] = await rowsOf(id);
    const isSecond = eq(importedContent.contentKey, second?.contentKey ?? '');
    await bench.store.db
      .update(importedContent)
      .set({ sealed: first?.sealed ?? null })
      .where(isSecond);
    expect((await pageOf(id)).map(({ state }) => state).toSorted()).toEqual(['readable', 'unreadable']);
  });

  it('never becomes a fact', async () => {
    const id = await connected();
    const unknown = { ...live(id).contacts, state: 'unknown' } as const;
    await bench.stores.projection.record(
      recordOf(live(id, { contacts: unknown }), { sequence: 3 }),
      `run-${id.numberId}`,
    );
    const items = [
      chunk(id, 'a', { progress: 100, items: [message('wamid.1')] }),
      contactsOf(id, [contact('1555', 1, 'Marta')]),
    ];
    await deliver(bench, [...items, mediaOf(id, 'wamid.1')], AT_MS);
    const facts = await factsOf(bench, id);
    expect(facts.map(({ fact }) => fact.kind)).toEqual(['historyChunkArrived', 'contactsArrived']);
    for (const secret of ['rye bread', 'Marta', '1555', 'wamid']) expect(JSON.stringify(facts)).not.toContain(secret);
  });

  it('keeps a message once, whatever the chunk, the delivery and the cycle that bring it', async () => {
    const id = await connected();
    const items = [message('wamid.1'), message('wamid.1'), message('wamid.2')];
    await deliver(bench, [chunk(id, 'a', { items })], AT_MS);
    await deliver(bench, [chunk(id, 'b', { items: [message('wamid.2')] })], AT_MS + 1);
    await bench.stores.projection.record(recordOf(live(id, { cycle: 2 }), { sequence: 3 }), `run-${id.numberId}`);
    await deliver(bench, [chunk(id, 'a', { items })], AT_MS + DAY_MS);
    expect(await pageOf(id)).toHaveLength(2);
    const expiries = (await pageOf(id)).map(({ expiresAtMs }) => expiresAtMs);
    expect(expiries).toEqual([AT_MS + 31 * DAY_MS, AT_MS + 31 * DAY_MS]);
  });

  it.each([
    [true, false],
    [false, true],
  ])(
    'case 26: a live message and its imported copy are one, and it stays live (imported first: %s)',
    async (...order) => {
      const id = await connected();
      for (const isHistorical of order) {
        const { secretBox } = bench.store;
        const keeping = { secretBox, receivedAtMs: AT_MS, expiresAtMs: AT_MS + DAY_MS, isHistorical };
        const items = [message('wamid.1', { json: isHistorical ? '"imported"' : '"live"' })];
        await keepContent(bench.store.db, { ...id, cycle: 1 }, { items, keeping });
      }
      expect(await pageOf(id)).toMatchObject([{ isHistorical: false, json: '"live"' }]);
    },
  );
});

describe('case 27: contacts', () => {
  const CHANGES = [contact('1', 10, 'Old'), contact('1', 30, null), contact('1', 20, 'Stale')];

  it.each([
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])('in the order %i %i %i: the change with the latest time of its own wins', async (...order) => {
    const apart = await connected();
    for (const index of order) await deliver(bench, [contactsOf(apart, CHANGES.slice(index, index + 1))], AT_MS);
    const together = await connected();
    await deliver(
      bench,
      [
        contactsOf(
          together,
          order.flatMap((index) => CHANGES.slice(index, index + 1)),
        ),
      ],
      AT_MS,
    );
    for (const id of [apart, together]) {
      const kept = await pageOf(id, { kind: 'contact' });
      expect(kept).toMatchObject([{ state: 'removed', json: null, atMs: 30 }]);
      expect((await rowsOf(id))[0]?.sealed).toBeNull();
    }
  });

  it.each([
    ['its phone number', '1555'],
    ['its user id', 'US.1'],
  ])('a removal that names %s alone removes the contact that was told with both', async (_name, id) => {
    const both = { ...contact('1555', 10, 'Marta'), alsoId: 'US.1' };
    const apart = await connected();
    await deliver(bench, [contactsOf(apart, [both])], AT_MS);
    await deliver(bench, [contactsOf(apart, [contact(id, 20, null)])], AT_MS);
    const together = await connected();
    await deliver(bench, [contactsOf(together, [contact(id, 20, null), both])], AT_MS);
    for (const one of [apart, together]) {
      expect(await pageOf(one, { kind: 'contact' })).toMatchObject([{ state: 'removed', atMs: 20 }]);
    }
  });

  it('a change moves a contact to the end, so that a reader who has passed it sees it again', async () => {
    const id = await connected();
    await deliver(bench, [contactsOf(id, [contact('1', 10, 'A'), contact('2', 10, 'B')])], AT_MS);
    const seen = await pageOf(id, { kind: 'contact' });
    await deliver(bench, [contactsOf(id, [contact('1', 11, 'A2')])], AT_MS);
    const after = seen.at(-1)?.position ?? 0;
    expect(await pageOf(id, { kind: 'contact', after })).toMatchObject([{ json: '{"name":"A2"}' }]);
  });
});

describe('case 25: media (Y18)', () => {
  it('are counted once a message, before or after it, without putting off the end of the import', async () => {
    const id = await connected();
    await deliver(bench, [mediaOf(id, 'wamid.1', 'wamid.2')], AT_MS);
    await deliver(bench, [chunk(id, 'a', { items: [message('wamid.1')] })], AT_MS + 1);
    await deliver(bench, [mediaOf(id, 'wamid.2', 'wamid.3')], AT_MS + DAY_MS);
    const { history } = await tracesOf(id);
    expect(history).toMatchObject({ media: 3, chunks: 1, counted: 5, lastAtMs: AT_MS + 1 });
    expect(await pageOf(id, { kind: 'media' })).toHaveLength(3);
  });
});

describe('an import that is off (SY17)', () => {
  it('drops content and counts it, until Meta was asked for it', async () => {
    const id = await connected({ imports: { contacts: false, history: false } });
    const news = [chunk(id, 'a', { items: [message('wamid.1')] }), contactsOf(id, [contact('1', 10, 'A')])];
    await deliver(bench, [...news, mediaOf(id, 'wamid.1')], AT_MS);
    expect(await rowsOf(id)).toEqual([]);
    expect(await tracesOf(id)).toMatchObject({ contacts: { dropped: 1 }, history: { dropped: 6, media: 0 } });
    await bench.stores.syncs.intend({ numberId: id.numberId, cycle: 1, type: 'history', ask: 1 }, AT_MS);
    await deliver(
      bench,
      [chunk(id, 'b', { items: [message('wamid.2')] }), contactsOf(id, [contact('2', 10, 'B')])],
      AT_MS,
    );
    expect((await rowsOf(id)).map(({ kind }) => kind)).toEqual(['message']);
  });
});

describe('retention', () => {
  it('ends by the days of the policy, shorter where the number carries fewer, and is purged in bounded batches', async () => {
    const [usual, brief] = [await connected(), await connected({ policy: { ...live(ids()).policy, contentDays: 2 } })];
    const items = [message('wamid.1'), message('wamid.2'), message('wamid.3')];
    for (const id of [usual, brief]) await deliver(bench, [chunk(id, 'a', { items })], AT_MS);
    const endMs = AT_MS + 2 * DAY_MS;
    expect(await pageOf(brief, { nowMs: endMs - 1 })).toHaveLength(3);
    expect(await pageOf(brief, { nowMs: endMs })).toEqual([]);
    await bench.stores.content.purgeExpired(endMs - 1, 10_000); // what other tests have left
    expect((await rowsOf(brief)).length).toBe(3);
    expect(await bench.stores.content.purgeExpired(endMs, 2)).toBe(2);
    expect(await bench.stores.content.purgeExpired(endMs, 2)).toBe(1);
    expect([(await rowsOf(brief)).length, (await rowsOf(usual)).length]).toEqual([0, 3]);
    expect(await bench.stores.content.purgeExpired(AT_MS + 30 * DAY_MS, 100)).toBeGreaterThanOrEqual(3);
    expect(await rowsOf(usual)).toEqual([]);
  });
});

it('content sealed with a key that was rotated out is told as unreadable, beside the rest', async () => {
  const id = await connected();
  const other = createSecretBox([{ keyId: 'old', key: new Uint8Array(32).fill(9) }]);
  const keeping = { receivedAtMs: AT_MS, expiresAtMs: AT_MS + DAY_MS, isHistorical: true };
  for (const [index, secretBox] of [other, createSecretBox(KEYS)].entries()) {
    const items = [message(`wamid.${index}`)];
    await keepContent(bench.store.db, { ...id, cycle: 1 }, { items, keeping: { ...keeping, secretBox } });
  }
  expect((await pageOf(id)).map(({ state }) => state)).toEqual(['unreadable', 'readable']);
});

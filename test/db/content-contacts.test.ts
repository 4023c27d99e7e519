/** One person, one row, one count: whichever ids the changes name, and however Meta cuts them into deliveries. */
import { describe, expect, it } from 'vitest';
import type { ContentItem } from '../../src/domain/news.ts';
import { connectNumber, ids, live, recordOf, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { contactsOf, deliver } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;
const PHONE = '15550177001';
const USER = 'US.1';

/** A change at that second of the contact's own time; without a name it is a removal. */
const change = (id: string | [string, string], second: number, name: string | null = null): ContentItem => {
  const [first, alsoId] = typeof id === 'string' ? [id, null] : id;
  const json = JSON.stringify({ name });
  return { kind: 'contact', id: first, alsoId, atMs: second * 1000, isRemoval: name === null, json };
};

async function connected(wanted = true): Promise<Ids> {
  const id = ids();
  await connectNumber(bench, id);
  const imports = { contacts: wanted, history: true };
  await bench.stores.projection.record(recordOf(live(id, { imports }), { sequence: 2 }), `run-${id.numberId}`);
  return id;
}
/** Each batch is a delivery of its own. */
async function told(id: Ids, ...batches: (readonly ContentItem[])[]): Promise<Ids> {
  for (const [index, batch] of batches.entries()) await deliver(bench, [contactsOf(id, batch)], AT_MS + index);
  return id;
}
async function keptOf(id: Ids) {
  const page = { kind: 'contact', after: 0, limit: 100, nowMs: AT_MS } as const;
  const rows = await bench.stores.content.read(id.tenantId, id.numberId, page);
  return rows.map(({ state, json }) => (json === null ? state : (JSON.parse(json) as unknown)));
}
const countsOf = async (id: Ids, cycle = 1) => {
  const { contacts } = await bench.stores.syncs.readTraces(id.tenantId, id.numberId, cycle);
  const { counted, removed, dropped } = contacts;
  return { counted, removed, dropped };
};

const APART = [change(PHONE, 10, 'By phone'), change(USER, 11, 'By user id')];
const BOTH: [string, string] = [PHONE, USER];

describe('a contact that was told by its phone number and by its user id apart', () => {
  it.each([
    ['its phone number', PHONE],
    ['its user id', USER],
    ['both', BOTH],
  ])('is one once a change names both: a removal by %s leaves nothing readable', async (_name, gone) => {
    const changes = [...APART, change(BOTH, 20, 'Marta'), change(gone, 30)];
    const apart = await told(await connected(), ...changes.map((one) => [one]));
    const together = await told(await connected(), changes);
    const linkedAtOnce = await told(await connected(), APART, changes.slice(2));
    for (const id of [apart, together, linkedAtOnce]) {
      expect(await keptOf(id)).toEqual(['removed']);
      expect(await countsOf(id)).toEqual({ counted: 1, removed: 1, dropped: 0 });
    }
  });

  it('keeps what is the latest, though the change that names both comes late', async () => {
    const late = change(BOTH, 5, 'Stale');
    const live = await told(await connected(), APART, [late]);
    expect(await keptOf(live)).toEqual([{ name: 'By user id' }]);
    const removed = await told(await connected(), APART, [change(PHONE, 12)], [late]);
    expect(await keptOf(removed)).toEqual(['removed']);
    for (const id of [live, removed]) expect(await keptOf(await told(id, [change(BOTH, 40, 'New')]))).toHaveLength(1);
  });

  it('goes with its latest phone number where that has changed', async () => {
    const id = await told(await connected(), [change(BOTH, 10, 'Old')], [change(['15550177002', USER], 20, 'New')]);
    expect(await keptOf(id)).toEqual([{ name: 'New' }]);
    await told(id, [change(USER, 30)]);
    expect(await keptOf(id)).toEqual(['removed']);
  });

  it('leaves others alone', async () => {
    const other = change('15550177009', 10, 'Other');
    const id = await told(await connected(), [...APART, other], [change(BOTH, 20, 'Marta')], [change(USER, 30)]);
    expect(await keptOf(id)).toEqual([{ name: 'Other' }, 'removed']);
    expect(await countsOf(id)).toEqual({ counted: 2, removed: 1, dropped: 0 });
  });
});

describe('the count of contacts (FA30)', () => {
  const ITEMS = [
    change('1', 10, 'A'),
    change('2', 10, 'B'),
    change('3', 10, 'C'),
    change('1', 20, 'A2'),
    change('2', 20),
  ];

  it('is the same whatever the batches, their repeats and their order', async () => {
    const inOne = await told(await connected(), ITEMS);
    const otherwise = await told(await connected(), ITEMS.slice(0, 2), ITEMS.slice(1), ITEMS, ITEMS.slice(3));
    const backwards = await told(await connected(), ...ITEMS.toReversed().map((one) => [one]));
    for (const id of [inOne, otherwise, backwards]) {
      expect(await countsOf(id)).toEqual({ counted: 3, removed: 1, dropped: 0 });
    }
  });

  it('follows a contact that comes back after its removal', async () => {
    const id = await told(await connected(), ITEMS, [change('2', 30, 'B again')]);
    expect(await countsOf(id)).toEqual({ counted: 3, removed: 0, dropped: 0 });
  });

  it('begins anew in the next cycle, which brings the same contacts again', async () => {
    const id = await told(await connected(), ITEMS);
    await bench.stores.projection.record(recordOf(live(id, { cycle: 2 }), { sequence: 3 }), `run-${id.numberId}`);
    await told(id, ITEMS.slice(0, 3), ITEMS);
    expect(await countsOf(id, 1)).toEqual({ counted: 3, removed: 1, dropped: 0 });
    expect(await countsOf(id, 2)).toEqual({ counted: 3, removed: 1, dropped: 0 });
  });

  it('is of what was told where nothing is kept to know it by (SY17)', async () => {
    const id = await told(await connected(false), ITEMS, ITEMS.slice(3));
    expect(await countsOf(id)).toEqual({ counted: 7, removed: 2, dropped: 7 });
  });
});

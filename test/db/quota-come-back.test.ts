/** The slot of a number that Meta has put off for days: others have it meanwhile, and it asks for its own anew. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { numberFacts } from '../../src/db/schema-inbox.ts';
import { queueAfterRefusal } from '../../src/domain/come-back-queue.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/policy.ts';
import { ids, invited, live, recordOf, START_MS, type Ids } from './builders.ts';
import { useQuota } from './quota-scene.ts';

const { bench, quota, reserve, begin, withdraw } = useQuota();
const PUT_OFF_MS = START_MS + HOUR_MS;
const BACK_MS = PUT_OFF_MS + 7 * DAY_MS;

/** Meta says in the dialog that the number is used too little yet. */
async function putOff(id: Ids, over: Parameters<typeof recordOf>[1] = {}): Promise<void> {
  const told = { atMs: PUT_OFF_MS, code: 'NUMBER_NOT_ACTIVE_ENOUGH' } as const;
  const queued = queueAfterRefusal(invited(id), BACK_MS, told);
  const record = recordOf(queued, { atMs: PUT_OFF_MS, to: 'awaiting-signup', ...over });
  await bench.stores.projection.record(record, `run-${id.numberId}`);
}

const slotFactsOf = async (id: Ids) =>
  (await bench.store.db.select().from(numberFacts).where(eq(numberFacts.numberId, id.numberId))).map(
    ({ envelope }) => envelope.occurredAtMs,
  );

describe('a number that Meta has put off for days', () => {
  it('gives its slot back at once, to whoever waits', async () => {
    await quota().setLimit(1, 'for this test', START_MS);
    const [first, second] = [ids(), ids()];
    await begin(first);
    expect(await begin(second)).toMatchObject({ kind: 'queued' });
    await putOff(first);
    expect((await quota().grantNext(PUT_OFF_MS, 50)).granted).toEqual([second.numberId]);
  });

  it('takes a new slot on its date, once, where there is room', async () => {
    await quota().setLimit(1, 'for this test', START_MS);
    const first = ids();
    await begin(first);
    await putOff(first);
    expect(await quota().read(PUT_OFF_MS)).toMatchObject({ taken: 0, left: 1 });
    expect([await reserve(first, BACK_MS), await reserve(first, BACK_MS)]).toEqual([
      { kind: 'granted' },
      { kind: 'granted' },
    ]);
    expect(await quota().read(BACK_MS)).toMatchObject({ taken: 1, left: 0 });
  });

  it('is promised a date where there is none, and is told of its second slot too', async () => {
    await quota().setLimit(1, 'for this test', START_MS);
    const [before, first, second] = [ids(), ids(), ids()];
    await begin(before);
    await begin(first);
    await withdraw(before, START_MS + 1);
    expect((await quota().grantNext(START_MS + 2, 50)).granted).toEqual([first.numberId]);
    await putOff(first);
    expect(await begin(second, PUT_OFF_MS)).toEqual({ kind: 'granted' });

    const queued = await reserve(first, BACK_MS);
    expect(queued).toMatchObject({ kind: 'queued', position: 1 });
    expect(queued.kind === 'queued' && queued.promisedAtMs > BACK_MS).toBe(true);
    await withdraw(second, BACK_MS + HOUR_MS);
    expect((await quota().grantNext(BACK_MS + HOUR_MS, 50)).granted).toEqual([first.numberId]);
    expect(await slotFactsOf(first)).toEqual([START_MS + 2, BACK_MS + HOUR_MS]);
  });

  it('keeps a place in the queue that it has by then', async () => {
    await quota().setLimit(1, 'for this test', START_MS);
    const [first, second] = [ids(), ids()];
    await begin(first);
    await putOff(first);
    await begin(second, PUT_OFF_MS);
    const queued = await reserve(first, BACK_MS);
    expect(queued.kind).toBe('queued');
    await putOff(first, { sequence: 2 });
    expect(await reserve(first, BACK_MS + HOUR_MS)).toEqual(queued);
  });

  it('still counts where it was connected before: that slot is used', async () => {
    const id = ids();
    await begin(id);
    const record = recordOf(live(id), { goesLive: { attempt: 1, evidenceAtMs: START_MS } });
    await bench.stores.projection.record(record, `run-${id.numberId}`);
    await putOff(id, { sequence: 2 });
    expect(await quota().read(PUT_OFF_MS)).toMatchObject({ taken: 1 });
  });
});

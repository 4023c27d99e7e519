import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/db/connect.ts';
import { createStores } from '../../src/db/stores.ts';
import { tenantId } from '../../src/domain/ids.ts';
import type { NewsItem } from '../../src/domain/news.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { claimNumber, connectNumber, createNumber, gone, ids, recordOf, START_MS } from './builders.ts';
import type { Ids } from './builders.ts';
import { clock, KEYS, useDatabase } from './database.ts';
import { account, deliver, factsOf } from './deliveries.ts';

const bench = useDatabase();
function added(id: Ids, when: { key: string; occurredAtMs: number }, digits: string | null = null): NewsItem {
  return account({ kind: 'partnerAdded', wabaId: id.wabaId }, { wabaId: id.wabaId, digits }, when);
}

describe('a claim', () => {
  it('case 15: is won by exactly one of 20 tenants that race for one number', async () => {
    const shared = ids();
    const rivals = Array.from({ length: 20 }, (_, index) => {
      const { numberId } = ids();
      return { ...shared, numberId, tenantId: tenantId(`ten_rival_${index}`) };
    });
    for (const rival of rivals) await createNumber(bench, rival);
    const answers = await Promise.all(rivals.map((rival) => claimNumber(bench, rival)));
    expect(answers.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'held-elsewhere')).toHaveLength(19);
  });

  it('on a WABA is won by one of two tenants that race for it with different numbers', async () => {
    const { wabaId } = ids();
    const rivals = [
      { ...ids('ten_a'), wabaId },
      { ...ids('ten_b'), wabaId },
    ];
    for (const rival of rivals) await createNumber(bench, rival);
    const answers = await Promise.all(rivals.map((rival) => claimNumber(bench, rival)));
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['claimed', 'held-elsewhere']);
  });

  it('of another number in the WABA of another tenant is refused', async () => {
    const first = ids('ten_a');
    await connectNumber(bench, first);
    const second = { ...ids('ten_b'), wabaId: first.wabaId };
    await createNumber(bench, second);
    expect(await claimNumber(bench, second)).toEqual({ kind: 'held-elsewhere' });
    const sibling = { ...ids('ten_a'), wabaId: first.wabaId };
    await createNumber(bench, sibling);
    expect(await claimNumber(bench, sibling)).toMatchObject({ kind: 'claimed' });
  });

  it('yields once its link is gone, and not before', async () => {
    const holder = ids('ten_a');
    await connectNumber(bench, holder);
    const newcomer = {
      ...ids('ten_b'),
      wabaId: holder.wabaId,
      phoneNumberId: holder.phoneNumberId,
      digits: holder.digits,
    };
    await createNumber(bench, newcomer);
    expect(await claimNumber(bench, newcomer)).toEqual({ kind: 'held-elsewhere' });
    await bench.stores.projection.record(recordOf(gone(holder, 'held'), { sequence: 2 }), `run-${holder.numberId}`);
    expect(await claimNumber(bench, newcomer)).toMatchObject({ kind: 'claimed' });
    expect(await claimNumber(bench, holder, { cycle: 2, attempt: 1 })).toEqual({ kind: 'held-elsewhere' });
  });

  it('is given back by the attempt that failed, unless the link uses it', async () => {
    const id = ids();
    await createNumber(bench, id);
    await claimNumber(bench, id);
    const key = { numberId: id.numberId, cycle: 1, attempt: 1 };
    expect(await bench.stores.claims.release(key)).toBe('done');
    expect(await bench.stores.claims.release(key)).toBe('not-needed');

    const connected = ids();
    await connectNumber(bench, connected);
    await claimNumber(bench, connected, { cycle: 2, attempt: 1 });
    expect(await bench.stores.claims.release({ numberId: connected.numberId, cycle: 2, attempt: 1 })).toBe(
      'not-needed',
    );
    const rival = { ...connected, numberId: ids().numberId, tenantId: tenantId('ten_z') };
    await createNumber(bench, rival);
    expect(await claimNumber(bench, rival)).toEqual({ kind: 'held-elsewhere' });
  });

  it('goes with the credential that is forgotten after the end, and with the record', async () => {
    for (const end of [gone(ids(), 'forgotten'), { ...gone(ids(), 'held'), closed: 'retired' as const }]) {
      const id = { ...ids(), numberId: end.numberId };
      await connectNumber(bench, id);
      const ended = { ...end, wabaId: id.wabaId, phoneNumberId: id.phoneNumberId };
      await bench.stores.projection.record(recordOf(ended, { sequence: 2 }), `run-${id.numberId}`);
      const next = { ...id, numberId: ids().numberId, tenantId: tenantId('ten_next') };
      await createNumber(bench, next);
      expect(await claimNumber(bench, next)).toMatchObject({ kind: 'claimed' });
      expect(await bench.stores.claims.release({ numberId: next.numberId, cycle: 1, attempt: 1 })).toBe('done');
    }
  });

  it('brings the facts that waited for its ids, in the order of their time, and the same ones when it is repeated', async () => {
    const id = ids();
    clock.atMs = START_MS + 40 * DAY_MS;
    await deliver(bench, [added(id, { key: 'too-old', occurredAtMs: START_MS })], START_MS);
    await deliver(bench, [added(id, { key: 'later', occurredAtMs: clock.atMs - 1_000 })], clock.atMs);
    await deliver(bench, [added(id, { key: 'earlier', occurredAtMs: clock.atMs - 2_000 })], clock.atMs);
    await createNumber(bench, id);
    const first = await claimNumber(bench, id);
    expect(first).toMatchObject({
      kind: 'claimed',
      parked: [{ occurredAtMs: clock.atMs - 2_000 }, { occurredAtMs: clock.atMs - 1_000 }],
    });
    expect(await claimNumber(bench, id)).toEqual(first);
    expect(await claimNumber(bench, id, { cycle: 1, attempt: 2 })).toEqual({ kind: 'claimed', parked: [] });
  });

  it('that races with news for its ids gets the news one way, and only one', async () => {
    clock.atMs = START_MS;
    for (let round = 0; round < 10; round += 1) {
      const id = ids();
      await createNumber(bench, id);
      const [claimed] = await Promise.all([
        claimNumber(bench, id),
        deliver(bench, [added(id, { key: `race-${round}`, occurredAtMs: START_MS })], START_MS),
      ]);
      const parked = claimed.kind === 'claimed' ? claimed.parked : [];
      expect(parked.length + (await factsOf(bench, id)).length).toBe(1);
    }
  });

  it('leaves what names a sibling for the sibling', async () => {
    const id = ids();
    clock.atMs = START_MS;
    await deliver(bench, [added(id, { key: 'sibling', occurredAtMs: START_MS }, '15550199999')], START_MS);
    await createNumber(bench, id);
    expect(await claimNumber(bench, id)).toEqual({ kind: 'claimed', parked: [] });
  });
});

describe('a WABA', () => {
  it('is needed while another number of it holds a claim', async () => {
    const [first, second] = [ids(), ids()];
    const sibling = { ...second, wabaId: first.wabaId };
    await connectNumber(bench, first);
    const need = () =>
      bench.stores.claims.withWaba(first.wabaId, first.numberId, (isNeeded) => Promise.resolve(isNeeded));
    expect(await need()).toBe(false);
    await connectNumber(bench, sibling);
    expect(await need()).toBe(true);
    const ended = { ...gone(sibling, 'held') };
    await bench.stores.projection.record(recordOf(ended, { sequence: 2 }), `run-${sibling.numberId}`);
    expect(await need()).toBe(true);
    const forgotten = recordOf(gone(sibling, 'forgotten'), { sequence: 3 });
    await bench.stores.projection.record(forgotten, `run-${sibling.numberId}`);
    expect(await need()).toBe(false);
  });

  it('is changed by one attempt at a time', async () => {
    const id = ids();
    let inside = 0;
    const act = async (): Promise<number> => {
      inside += 1;
      const seen = inside;
      await bench.store.db.execute('select pg_sleep(0.02)');
      inside -= 1;
      return seen;
    };
    const seen = await Promise.all([1, 2, 3].map(() => bench.stores.claims.withWaba(id.wabaId, id.numberId, act)));
    expect(seen).toEqual([1, 1, 1]);
  });

  it('leaves the pool to what is done under its lock', async () => {
    const store = openStore({ url: bench.url, encryptionKeys: KEYS, max: 1 });
    const { claims, activity } = createStores(store, { clock, evidenceDebounceMs: 1 });
    const nobody = { anyAtMs: null, evidence: null };
    const look = (id: Ids) => claims.withWaba(id.wabaId, id.numberId, () => activity.read(id.numberId));
    expect(await Promise.all([ids(), ids(), ids()].map(look))).toEqual([nobody, nobody, nobody]);
    await store.close();
  });

  it('tells which of its phone number ids siblings hold live, and the invited digits', async () => {
    const first = ids();
    await connectNumber(bench, first);
    const sibling = { ...ids(), wabaId: first.wabaId };
    await createNumber(bench, sibling);
    const answer = await bench.stores.claims.readExpectations(sibling.numberId, first.wabaId);
    expect(answer).toEqual({ expectedDigits: null, heldIds: [first.phoneNumberId], expectedAccount: null });
  });
});

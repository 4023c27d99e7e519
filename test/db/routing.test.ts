import { describe, expect, it } from 'vitest';
import { connectNumber, createNumber, gone, ids, live, recordOf, START_MS } from './builders.ts';
import type { Ids } from './builders.ts';
import { dialogRunId } from '../../src/domain/ids.ts';
import { useDatabase } from './database.ts';
import { account, chunk, deliver, factsOf, onPhone, parkedOn } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;

async function siblings(): Promise<[Ids, Ids]> {
  const first = ids();
  const second = { ...ids(), wabaId: first.wabaId };
  await connectNumber(bench, first);
  await connectNumber(bench, second);
  return [first, second];
}

const removedFrom = (id: Ids) =>
  ({ kind: 'partnerRemoved', wabaId: id.wabaId, reason: 'PRIMARY_INACTIVITY', initiatedBy: 'SYSTEM' }) as const;

describe('account news', () => {
  it('that names only the WABA goes to its one live number, as news that can mean no other', async () => {
    const id = ids();
    await connectNumber(bench, id);
    await deliver(
      bench,
      [account(removedFrom(id), { wabaId: id.wabaId }, { key: `removed-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    const [fact] = await factsOf(bench, id);
    expect(fact).toMatchObject({ occurredAtMs: AT_MS, fact: { ...removedFrom(id), isOnlyNumber: true } });
    expect(fact?.factId).toMatch(/^meta\/[0-9a-f]{32}$/);
  });

  it('that names only the WABA is offered to every sibling, and strikes none', async () => {
    const [first, second] = await siblings();
    await deliver(
      bench,
      [account(removedFrom(first), { wabaId: first.wabaId }, { key: `all-${first.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    const [one] = await factsOf(bench, first);
    const [other] = await factsOf(bench, second);
    expect(one).toMatchObject({ fact: { isOnlyNumber: false } });
    expect(other).toEqual(one);
  });

  it('counts only live and suspended siblings', async () => {
    const [first, second] = await siblings();
    await bench.stores.projection.record(recordOf(gone(second, 'held'), { sequence: 2 }), `run-${second.numberId}`);
    const news = { kind: 'accountOffboarded', wabaId: first.wabaId } as const;
    await deliver(
      bench,
      [account(news, { wabaId: first.wabaId }, { key: `one-${first.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, first)).toMatchObject([{ fact: { kind: 'accountOffboarded', isOnlyNumber: true } }]);
    expect(await factsOf(bench, second)).toMatchObject([{ fact: { isOnlyNumber: false } }]);
  });

  it('that names a number by its digits is for that sibling alone', async () => {
    const [first, second] = await siblings();
    const scope = { wabaId: first.wabaId, digits: second.digits };
    await deliver(
      bench,
      [account(removedFrom(first), scope, { key: `named-${first.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, first)).toEqual([]);
    expect(await factsOf(bench, second)).toMatchObject([{ fact: { isOnlyNumber: true } }]);
  });

  it('that names digits which we do not know ends no number at once', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const scope = { wabaId: id.wabaId, digits: '491500000000' };
    await deliver(
      bench,
      [account(removedFrom(id), scope, { key: `foreign-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, id)).toMatchObject([{ fact: { isOnlyNumber: false } }]);
  });

  it('without a WABA finds its number by the digits, and by the phone number id', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const news = { ...removedFrom(id), wabaId: null };
    await deliver(
      bench,
      [account(news, { digits: id.digits }, { key: `digits-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    const reconnected = { kind: 'accountReconnected', wabaId: id.wabaId } as const;
    await deliver(
      bench,
      [account(reconnected, onPhone(id), { key: `phone-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, id)).toMatchObject([
      { fact: { kind: 'partnerRemoved', isOnlyNumber: true } },
      { fact: { kind: 'accountReconnected', isOnlyNumber: true } },
    ]);
  });

  it('reaches a number whose attempt has found the WABA, before anything is claimed', async () => {
    const id = ids();
    await createNumber(bench, id);
    const start = live(id);
    const found = { wabaId: id.wabaId, phoneNumberId: null, onboardedAtMs: null, grants: [] };
    const searching = {
      ...start,
      wabaId: null,
      link: { ...start.link, state: 'none' as const },
      attempt: { ...start.attempt, state: 'running' as const, found },
    };
    await bench.stores.projection.record(recordOf(searching), 'run-1');
    const news = { kind: 'accountOffboarded', wabaId: id.wabaId } as const;
    await deliver(
      bench,
      [account(news, { wabaId: id.wabaId }, { key: `away-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, id)).toMatchObject([{ fact: news }]);
    expect(await parkedOn(bench, id)).toBe(0);
  });

  it('spends no signal on the news of a grant that the number already rests on', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const news = { kind: 'partnerAdded', wabaId: id.wabaId } as const;
    await deliver(
      bench,
      [account(news, { wabaId: id.wabaId }, { key: `late-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, id)).toEqual([]);
    expect(await parkedOn(bench, id)).toBe(0);
  });

  it('of a signup past our page is told to a number at rest, unless a sibling was in our dialog then (AT39)', async () => {
    const id = ids();
    await connectNumber(bench, id);
    await bench.stores.projection.record(recordOf(gone(id, 'held'), { sequence: 2 }), `run-${id.numberId}`);
    const shared = (key: string, occurredAtMs: number) =>
      account({ kind: 'partnerAdded', wabaId: id.wabaId }, { wabaId: id.wabaId }, { key, occurredAtMs });
    const other = { ...ids(), tenantId: id.tenantId };
    await createNumber(bench, other);
    await bench.stores.dialogRuns.open(
      {
        dialogRunId: dialogRunId(`dlg_${other.numberId}`),
        numberId: other.numberId,
        cycle: 1,
        attempt: 1,
        openedAtMs: AT_MS,
        expiresAtMs: AT_MS + 3_600_000,
        disclosure: { version: 1, by: 'the owner' },
      },
      { windowMs: 3_600_000, perNumber: 99, perTenant: 999 },
    );
    await deliver(bench, [shared(`ours-${id.wabaId}`, AT_MS + 60_000)], AT_MS + 60_000);
    expect(await factsOf(bench, id)).toEqual([]);
    await deliver(bench, [shared(`past-${id.wabaId}`, AT_MS - 60_000)], AT_MS + 60_000);
    expect(await factsOf(bench, id)).toMatchObject([{ occurredAtMs: AT_MS - 60_000, fact: { kind: 'partnerAdded' } }]);
  });

  it('of a former WABA is still told to the number that had it', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const former = ids();
    const moved = recordOf(live(id, { formerIds: [former.wabaId] }), { sequence: 2 });
    await bench.stores.projection.record(moved, `run-${id.numberId}`);
    await deliver(
      bench,
      [account(removedFrom(former), { wabaId: former.wabaId }, { key: `old-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, id)).toMatchObject([{ fact: { wabaId: former.wabaId, isOnlyNumber: false } }]);
  });

  it('that nobody claims is parked once, also when it is told twice', async () => {
    const id = ids();
    const item = account(removedFrom(id), { wabaId: id.wabaId }, { key: `parked-${id.wabaId}`, occurredAtMs: AT_MS });
    await deliver(bench, [item], AT_MS);
    await deliver(bench, [item], AT_MS + 1);
    expect(await parkedOn(bench, id)).toBe(1);
  });

  it('never happened later than it was received', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const item = account(
      removedFrom(id),
      { wabaId: id.wabaId },
      { key: `future-${id.wabaId}`, occurredAtMs: AT_MS + 999_999 },
    );
    await deliver(bench, [item], AT_MS);
    expect(await factsOf(bench, id)).toMatchObject([{ occurredAtMs: AT_MS }]);
  });

  it('for a closed number is parked, not delivered', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const closed = recordOf({ ...gone(id, 'forgotten'), closed: 'retired' }, { sequence: 2 });
    await bench.stores.projection.record(closed, `run-${id.numberId}`);
    await deliver(
      bench,
      [account(removedFrom(id), { wabaId: id.wabaId }, { key: `closed-${id.wabaId}`, occurredAtMs: AT_MS })],
      AT_MS,
    );
    expect(await factsOf(bench, id)).toEqual([]);
    expect(await parkedOn(bench, id)).toBe(1);
  });
});

describe('two deliveries over the same numbers', () => {
  it('never wait for each other in a circle', async () => {
    const numbers = [ids(), ids(), ids(), ids()];
    for (const id of numbers) await connectNumber(bench, id);
    const rounds = Array.from({ length: 12 }, (_, round) => {
      const order = round % 2 === 0 ? numbers : numbers.toReversed();
      return deliver(
        bench,
        order.map((id) => chunk(id, `round-${round}`)),
        AT_MS + round,
      );
    });
    await Promise.all(rounds);
    for (const id of numbers) {
      const { history } = await bench.stores.syncs.readLedger(id.numberId, 1);
      expect(history).toMatchObject({ chunks: 12, counted: 60 });
    }
  });
});

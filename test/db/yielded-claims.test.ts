/** Two tenants and one number: the link of the first is gone, the second proves it (ST5, FA52, scenario of two tenants). */
import { describe, expect, it } from 'vitest';
import { credentials } from '../../src/db/schema-signup.ts';
import { claimNumber, connectNumber, createNumber, gone, ids, live, recordOf, START_MS } from './builders.ts';
import type { Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { account, deliver, factsOf, onPhone, parkedOn } from './deliveries.ts';

const bench = useDatabase();
const AT_MS = START_MS + 60_000;
const LIVE_MS = START_MS + 50_000;
const FIRST = { cycle: 1, attempt: 1 };

/** The number of the first tenant is gone and held; that of the second is created on the same ids. */
async function twoTenants(over: Partial<Ids> = {}): Promise<[Ids, Ids]> {
  const holder = ids('ten_a');
  await connectNumber(bench, holder);
  await end(holder, 'held');
  const newcomer = { ...holder, ...over, numberId: ids().numberId, tenantId: ids('ten_b').tenantId };
  await createNumber(bench, newcomer);
  return [holder, newcomer];
}

const end = (id: Ids, credential: 'held' | 'forgotten', sequence = 2) =>
  bench.stores.projection.record(recordOf(gone(id, credential), { sequence }), `run-${id.numberId}`);

async function goLive(id: Ids): Promise<void> {
  const goesLive = { attempt: 1, evidenceAtMs: START_MS };
  await bench.stores.projection.record(recordOf(live(id), { goesLive, atMs: LIVE_MS }), `run-${id.numberId}`);
}

const release = (id: Ids) => bench.stores.claims.release({ numberId: id.numberId, ...FIRST });

const reconnected = (id: Ids) => ({ kind: 'accountReconnected', wabaId: id.wabaId }) as const;
const removed = (id: Ids) =>
  ({ kind: 'partnerRemoved', wabaId: id.wabaId, reason: 'CHANGE_NUMBER', initiatedBy: 'USER' }) as const;

const hear = (id: Ids, news: Parameters<typeof account>[0], scope: Parameters<typeof account>[1]) =>
  deliver(bench, [account(news, scope, { key: `${news.kind}-${id.numberId}`, occurredAtMs: AT_MS })], AT_MS);

describe('a number that has yielded to another tenant', () => {
  it.each(['claimed', 'live'])('hears nothing of the WABA while the newcomer is %s', async (state) => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    if (state === 'live') await goLive(newcomer);
    await hear(newcomer, reconnected(newcomer), { wabaId: newcomer.wabaId });
    const told = (await factsOf(bench, holder)).map(({ fact }) => fact.kind);
    expect(told).not.toContain('accountReconnected');
    expect(await factsOf(bench, newcomer)).toMatchObject([
      { fact: { kind: 'accountReconnected', isOnlyNumber: true } },
    ]);
  });

  it('is not meant by its digits any more, with the WABA and without', async () => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    const { digits, wabaId } = newcomer;
    await hear(newcomer, removed(newcomer), { wabaId, digits });
    await hear(newcomer, { kind: 'accountOffboarded', wabaId }, { digits });
    expect(await factsOf(bench, holder)).toEqual([]);
    expect((await factsOf(bench, newcomer)).map(({ fact }) => fact.kind)).toEqual([
      'partnerRemoved',
      'accountOffboarded',
    ]);
  });

  it('hears nothing of its former ids, where the digits were proved under others', async () => {
    const elsewhere = ids();
    const [holder, newcomer] = await twoTenants({
      wabaId: elsewhere.wabaId,
      phoneNumberId: elsewhere.phoneNumberId,
    });
    await claimNumber(bench, newcomer);
    await hear(holder, reconnected(holder), onPhone(holder));
    await hear(holder, removed(holder), { wabaId: holder.wabaId });
    expect(await factsOf(bench, holder)).toEqual([]);
    expect(await parkedOn(bench, holder)).toBe(1);
  });

  it('is looked at no more with the credential that it still holds', async () => {
    const [holder, newcomer] = await twoTenants();
    const { numberId, tenantId } = holder;
    const place = { tenantId, record: `credential/${numberId}/1/1` };
    const tokenSealed = await bench.store.secretBox.seal(place, 'EAAG-held');
    await bench.store.db.insert(credentials).values({ numberId, tenantId, ...FIRST, state: 'current', tokenSealed });
    expect(await bench.stores.credentials.readForLook(numberId)).toBe('EAAG-held');
    await claimNumber(bench, newcomer);
    expect(await bench.stores.credentials.readForLook(numberId)).toBeNull();
    expect(await bench.stores.credentials.readCurrent(numberId)).toBe('EAAG-held');
  });

  it('is told once the newcomer is live, and never by whom', async () => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    expect(await factsOf(bench, holder)).toEqual([]);
    await goLive(newcomer);
    const told = await factsOf(bench, holder);
    expect(told).toMatchObject([{ occurredAtMs: LIVE_MS, fact: { kind: 'claimYielded' } }]);
    expect(JSON.stringify(told)).not.toContain(newcomer.numberId);
    expect(JSON.stringify(told)).not.toContain(newcomer.tenantId);
    expect(await factsOf(bench, newcomer)).toEqual([]);
  });

  it('is not told where it held nothing that could return', async () => {
    const [holder, newcomer] = await twoTenants();
    await end(holder, 'forgotten', 3);
    await claimNumber(bench, newcomer);
    await goLive(newcomer);
    expect(await factsOf(bench, holder)).toEqual([]);
  });
});

describe('a claim that was set aside', () => {
  it('is given back when the newcomer fails: its number hears again, and is refused to others as before', async () => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    expect(await release(newcomer)).toBe('done');
    await hear(holder, reconnected(holder), { wabaId: holder.wabaId });
    expect(await factsOf(bench, holder)).toMatchObject([{ fact: { kind: 'accountReconnected', isOnlyNumber: true } }]);
    await bench.stores.projection.record(recordOf(live(holder), { sequence: 3 }), `run-${holder.numberId}`);
    expect(await claimNumber(bench, newcomer, { cycle: 1, attempt: 2 })).toEqual({ kind: 'held-elsewhere' });
    expect(await release(newcomer)).toBe('not-needed');
  });

  it('yields again to the next attempt of the newcomer', async () => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    await release(newcomer);
    expect(await claimNumber(bench, newcomer, { cycle: 1, attempt: 2 })).toMatchObject({ kind: 'claimed' });
    expect(await claimNumber(bench, holder, { cycle: 2, attempt: 1 })).toEqual({ kind: 'held-elsewhere' });
  });

  it('is not given back once its hold is over', async () => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    await end(holder, 'forgotten', 3);
    await release(newcomer);
    const next = { ...ids('ten_c'), wabaId: holder.wabaId };
    await createNumber(bench, next);
    expect(await claimNumber(bench, next)).toMatchObject({ kind: 'claimed' });
  });

  it('is not given back into a WABA that went to another tenant meanwhile', async () => {
    const elsewhere = ids();
    const [holder, newcomer] = await twoTenants({
      wabaId: elsewhere.wabaId,
      phoneNumberId: elsewhere.phoneNumberId,
    });
    await claimNumber(bench, newcomer);
    const third = { ...ids('ten_c'), wabaId: holder.wabaId };
    await createNumber(bench, third);
    expect(await claimNumber(bench, third)).toMatchObject({ kind: 'claimed' });
    await release(newcomer);
    await hear(third, reconnected(third), { wabaId: third.wabaId });
    expect(await factsOf(bench, holder)).toEqual([]);
    expect(await factsOf(bench, third)).toHaveLength(1);
  });

  it('keeps the subscription of its WABA needed while its number may return', async () => {
    const [holder, newcomer] = await twoTenants();
    await claimNumber(bench, newcomer);
    const need = () =>
      bench.stores.claims.withWaba(newcomer.wabaId, newcomer.numberId, (isNeeded) => Promise.resolve(isNeeded));
    expect(await need()).toBe(true);
    await end(holder, 'forgotten', 3);
    expect(await need()).toBe(false);
  });

  it('leaves alone what an attempt of its number has claimed elsewhere', async () => {
    const [holder, newcomer] = await twoTenants();
    const other = { ...ids(), numberId: holder.numberId, tenantId: holder.tenantId };
    expect(await claimNumber(bench, other, { cycle: 2, attempt: 1 })).toMatchObject({ kind: 'claimed' });
    expect(await claimNumber(bench, newcomer)).toMatchObject({ kind: 'claimed' });
    const rival = { ...other, numberId: ids().numberId, tenantId: newcomer.tenantId };
    await createNumber(bench, rival);
    expect(await claimNumber(bench, rival)).toEqual({ kind: 'held-elsewhere' });
  });
});

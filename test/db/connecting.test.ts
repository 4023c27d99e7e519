/** What connecting leaves in the store: grants, accounts, candidates, and an attempt that goes over to another number. */
import { describe, expect, it } from 'vitest';
import { waitFor } from '../domain/builders.ts';
import { businessPortfolioId, dialogRunId, phoneNumberId, tenantId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { grants } from '../../src/db/schema-connect.ts';
import { attemptFindings, claims } from '../../src/db/schema-signup.ts';
import { claimNumber, connectNumber, createNumber, gone, ids, invited, live, recordOf, START_MS } from './builders.ts';
import type { Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { factsOf } from './deliveries.ts';

const bench = useDatabase();
const keyOf = (id: Ids, cycle = 1, attempt = 1) => ({ numberId: id.numberId, cycle, attempt });
const RUN = dialogRunId('dlg_1');

/** Another row of a tenant whose dialog ended on the number of `holder`, with a candidate of its own. */
async function newcomerTo(holder: Ids, tenant: string = holder.tenantId): Promise<Ids> {
  const { wabaId, phoneNumberId: phone, digits } = holder;
  const newcomer = { ...ids(tenant), wabaId, phoneNumberId: phone, digits };
  await createNumber(bench, newcomer);
  await bench.stores.credentials.intendExchange(keyOf(newcomer), RUN, START_MS);
  const token = { accessToken: `token-of-${newcomer.numberId}`, expiresAtMs: null };
  await bench.stores.credentials.keepCandidate(keyOf(newcomer), RUN, token);
  return newcomer;
}

describe('an attempt that ends on a number of the same tenant (AT37, AT38)', () => {
  it.each(['live', 'gone'] as const)('goes over to it while it is %s: credential, finding, fact', async (state) => {
    const holder = ids();
    await connectNumber(bench, holder);
    if (state === 'gone') {
      await bench.stores.projection.record(recordOf(gone(holder, 'held'), { sequence: 2 }), `run-${holder.numberId}`);
    }
    const newcomer = await newcomerTo(holder);
    const duplicate = { kind: 'duplicate', of: holder.numberId };
    expect(await claimNumber(bench, newcomer)).toEqual(duplicate);
    expect(await claimNumber(bench, newcomer), 'a repeat').toEqual(duplicate);

    const { credentials } = bench.stores;
    expect(await credentials.readCandidate(keyOf(newcomer))).toBeNull();
    expect(await credentials.readCandidate(keyOf(holder, 2))).toBe(`token-of-${newcomer.numberId}`);
    const told = (await factsOf(bench, holder)).filter(({ fact }) => fact.kind === 'attemptHandedOver');
    expect(told).toMatchObject([
      { fact: { from: newcomer.numberId, cycle: 2, attempt: 1, wabaId: holder.wabaId, finishedAtMs: START_MS } },
    ]);
    const found = await bench.store.db.select().from(attemptFindings);
    expect(found.filter((row) => row.numberId === holder.numberId && row.cycle === 2)).toHaveLength(1);
    const held = await bench.store.db.select().from(claims);
    expect(held.filter(({ value }) => value === holder.digits)).toMatchObject([
      { numberId: holder.numberId, cycle: 2 },
    ]);
  });

  it('nothing moves to a number that is busy with its own attempt', async () => {
    const holder = ids();
    await connectNumber(bench, holder);
    const busy = live(holder);
    const snapshot: Snapshot = { ...busy, attempt: { ...busy.attempt, state: 'running' } };
    await bench.stores.projection.record(recordOf(snapshot, { sequence: 2 }), `run-${holder.numberId}`);
    const newcomer = await newcomerTo(holder);
    expect(await claimNumber(bench, newcomer)).toEqual({ kind: 'duplicate', of: holder.numberId });
    expect(await bench.stores.credentials.readCandidate(keyOf(newcomer))).toBe(`token-of-${newcomer.numberId}`);
    expect(await factsOf(bench, holder)).toEqual([]);
  });

  it('case 14: another tenant is told nothing, and nothing moves', async () => {
    const holder = ids('ten_a');
    await connectNumber(bench, holder);
    const newcomer = await newcomerTo(holder, 'ten_b');
    expect(await claimNumber(bench, newcomer)).toEqual({ kind: 'held-elsewhere' });
    expect(await factsOf(bench, holder)).toEqual([]);
  });
});

describe('what was granted and read (C01 to C04, C14 to C20)', () => {
  it('keeps each grant with its count, and the time of the first reading', async () => {
    const id = ids();
    await createNumber(bench, id);
    const given = { scope: 'business_management', count: 1 };
    await bench.stores.credentials.keepGrants(keyOf(id), [given], START_MS);
    await bench.stores.credentials.keepGrants(keyOf(id), [{ ...given, count: 2 }], START_MS + 1);
    const rows = await bench.store.db.select().from(grants);
    expect(rows.filter(({ numberId }) => numberId === id.numberId)).toMatchObject([
      { scope: 'business_management', targets: 2, grantedAtMs: START_MS },
    ]);
  });

  it('shows the account of the number to its tenant alone, in its latest reading', async () => {
    const id = ids();
    await connectNumber(bench, id);
    const portfolio = { portfolioId: businessPortfolioId('51'), portfolioName: 'Lotus Ltd\u0000' };
    const reading = { name: 'Lotus', timeZoneId: '1', currency: 'USD', reviewStatus: 'APPROVED', ...portfolio };
    const { claims: store, numbers } = bench.stores;
    await store.keepAccount(id.numberId, id.wabaId, { ...reading, checkedAtMs: START_MS + 5 });
    await store.keepAccount(id.numberId, id.wabaId, { ...reading, name: 'Older', checkedAtMs: START_MS });
    const row = await numbers.read(id.tenantId, id.numberId);
    expect(row?.account).toMatchObject({
      wabaId: id.wabaId,
      name: 'Lotus',
      portfolioId: '51',
      checkedAtMs: START_MS + 5,
    });
    const other = { ...ids('ten_elsewhere'), wabaId: id.wabaId };
    await createNumber(bench, other);
    expect((await numbers.read(tenantId('ten_elsewhere'), other.numberId))?.account).toBeNull();
  });

  it('CM06 offers the latest candidates, while a choice is awaited', async () => {
    const id = ids();
    await createNumber(bench, id);
    const rest = { verifiedName: 'Lotus', isOnBizApp: true, platformType: 'CLOUD_API', status: 'CONNECTED' };
    const listed = (phone: string) => ({
      ...rest,
      phoneNumberId: phoneNumberId(phone),
      digits: `1${phone}`,
      onboardedAtMs: null,
    });
    await bench.stores.claims.keepCandidates(keyOf(id), id.wabaId, [listed('1'), listed('2')]);
    await bench.stores.claims.keepCandidates(keyOf(id), id.wabaId, [listed('2'), listed('3')]);
    const read = async () => (await bench.stores.numbers.read(id.tenantId, id.numberId))?.candidates;
    expect(await read()).toEqual([]);
    const start = invited(id);
    const wait = waitFor({ for: 'choice', choices: { kind: 'number', ids: ['2', '3'] } });
    const asking: Snapshot = { ...start, attempt: { ...start.attempt, state: 'waiting', wait } };
    await bench.stores.projection.record(recordOf(asking, { to: 'connecting' }), 'run-1');
    expect(await read()).toEqual([
      { phoneNumberId: '2', digits: '12', verifiedName: 'Lotus' },
      { phoneNumberId: '3', digits: '13', verifiedName: 'Lotus' },
    ]);
  });

  it('AT15 counts the intents of each run of the dialog apart', async () => {
    const id = ids();
    await createNumber(bench, id);
    const intend = (run: string) => bench.stores.credentials.intendExchange(keyOf(id), dialogRunId(run), START_MS);
    expect([await intend('dlg_a'), await intend('dlg_a'), await intend('dlg_b'), await intend('dlg_b')]).toEqual([
      0, 1, 0, 1,
    ]);
  });
});

/** What a backend expects of an account, kept with the number's row: P13, C01, C03. */
import { describe, expect, it } from 'vitest';
import type { ExpectedAccount } from '../../src/domain/expectations.ts';
import { businessPortfolioId, dialogRunId } from '../../src/domain/ids.ts';
import { claimNumber, connectNumber, createNumber, ids, invited, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { factsOf } from './deliveries.ts';
import { keepExpected } from '../../src/db/expectations.ts';

const bench = useDatabase();
const LOTUS: ExpectedAccount = {
  portfolioId: businessPortfolioId('5001'),
  portfolioName: 'Lotus Ltd',
  wabaName: null,
};

async function create(id: Ids, expected: ExpectedAccount | null): Promise<void> {
  const { numberId, tenantId } = id;
  const snapshot = invited(id);
  const nextDeadline = { kind: 'invitation-expires', atMs: snapshot.attempt.expiresAtMs } as const;
  const own = { numberId, tenantId, phoneNumber: null, reference: null, atMs: START_MS };
  await bench.stores.numbers.create({ ...own, expected, snapshot, nextDeadline });
}

const read = async (id: Ids) => (await bench.stores.numbers.read(id.tenantId, id.numberId))?.expected;
const readWhileConnecting = async (id: Ids) =>
  (await bench.stores.claims.readExpectations(id.numberId, id.wabaId)).expectedAccount;

describe('the expected account', () => {
  it('is there for the number and for the attempt that connects it', async () => {
    const [expecting, open] = [ids(), ids()];
    await create(expecting, LOTUS);
    await createNumber(bench, open);
    expect([await read(expecting), await readWhileConnecting(expecting)]).toEqual([LOTUS, LOTUS]);
    expect([await read(open), await readWhileConnecting(open)]).toEqual([null, null]);
  });

  it('stays as it was said first, when the same onboarding is written again', async () => {
    const id = ids();
    await create(id, LOTUS);
    await create(id, { ...LOTUS, portfolioName: 'Rose Ltd' });
    expect(await read(id)).toEqual(LOTUS);
  });

  it('takes any name that people write', async () => {
    const id = ids();
    await create(id, { ...LOTUS, wabaName: 'Lotus \u0000 \u{1F33A}' });
    expect((await read(id))?.wabaName).toBe('Lotus \uFFFD \u{1F33A}');
  });
});

/** An attempt of another row, of which `given` was expected, ends on the number of `holder` with the account of Rose Ltd. */
async function handOverTo(holder: Ids, given: ExpectedAccount | null): Promise<unknown> {
  const giver = { ...holder, numberId: ids().numberId };
  await create(giver, given);
  const key = { numberId: giver.numberId, cycle: 1, attempt: 1 };
  const { credentials, claims } = bench.stores;
  await credentials.intendExchange(key, dialogRunId(`dlg_${giver.numberId}`), START_MS);
  const token = { accessToken: 'token', expiresAtMs: null };
  await credentials.keepCandidate(key, dialogRunId(`dlg_${giver.numberId}`), token);
  const told = { name: 'Rose', portfolioId: businessPortfolioId('5002'), portfolioName: 'Rose Ltd' };
  const rest = { timeZoneId: '1', currency: 'EUR', reviewStatus: null, checkedAtMs: START_MS };
  await claims.keepAccount(giver.numberId, giver.wabaId, { ...told, ...rest });
  expect(await claimNumber(bench, giver)).toEqual({ kind: 'duplicate', of: holder.numberId });
  const [over] = (await factsOf(bench, holder)).map(({ fact }) => fact);
  return over?.kind === 'attemptHandedOver' ? (over.unexpected ?? null) : 'nothing went over';
}

async function connected(own: ExpectedAccount | null): Promise<Ids> {
  const holder = ids();
  await connectNumber(bench, holder);
  if (own) await keepExpected(bench.store.db, holder, own);
  return holder;
}

describe('P13 an attempt that goes over to a number of the same tenant', () => {
  const ROSE: ExpectedAccount = {
    portfolioId: businessPortfolioId('5002'),
    portfolioName: 'Rose Ltd',
    wabaName: 'Tulip',
  };
  const byLotus = {
    fields: ['portfolio-id', 'portfolio-name'],
    portfolioIds: { expected: LOTUS.portfolioId, told: '5002' },
  };
  const byRose = { fields: ['waba-name'], portfolioIds: null };

  it('takes along what was expected of it, where the receiver expects nothing', async () => {
    const holder = await connected(null);
    expect(await handOverTo(holder, LOTUS)).toEqual([byLotus]);
    expect(await read(holder)).toEqual(LOTUS);
  });

  it('is held against what the receiver itself expects, which stays', async () => {
    const holder = await connected(LOTUS);
    expect(await handOverTo(holder, null)).toEqual([byLotus]);
    expect(await read(holder)).toEqual(LOTUS);
  });

  it('is held against both, the receiver first', async () => {
    const holder = await connected(LOTUS);
    expect(await handOverTo(holder, ROSE)).toEqual([byLotus, byRose]);
    expect(await read(holder)).toEqual(LOTUS);
  });

  it('says nothing where nothing differs, or nothing was expected', async () => {
    expect(await handOverTo(await connected(null), { ...ROSE, wabaName: null })).toBeNull();
    expect(await handOverTo(await connected(null), null)).toBeNull();
  });
});

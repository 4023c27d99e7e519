/** What a backend expects of an account, kept with the number's row: P13, C01, C03. */
import { describe, expect, it } from 'vitest';
import type { ExpectedAccount } from '../../src/domain/expectations.ts';
import { businessPortfolioId } from '../../src/domain/ids.ts';
import { createNumber, ids, invited, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';

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

/** P13, U04: the owner connects the account of another business than the expected one: connected, said, and asked about. */
import { expect, test } from 'vitest';
import { idOf, isConnected, reach, sendParts, sentencesOf } from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld({ logLevel: 'error' });

const EXPECTED = { businessPortfolioId: '519990000000001', businessPortfolioName: 'Lotus Ltd' };
const OTHER_BUSINESS = '519990000000002';

/** Through the dialog with the login of the business that is given. */
async function connect(digits: string, businessId: string) {
  const { backend, meta } = bench.world;
  await meta.makePhone({ digits, contacts: 0, history: { chunks: 0, messages: 0 } });
  await meta.post(`businesses/${EXPECTED.businessPortfolioId}`, { name: 'LOTUS ltd' });
  await meta.post(`businesses/${OTHER_BUSINESS}`, { name: 'Rose Ltd' });
  const body = { phoneNumber: `+${digits}`, expected: EXPECTED };
  const id = idOf(await backend.call('POST', '/v1/onboardings', { body }));
  const { state } = await backend.openDialog(id);
  const { code, message } = await meta.finishSignup(digits, { businessId });
  await sendParts(bench.world, { numberId: id, state, dialog: { code: code ?? '', message } });
  await reach(bench.world, id, isConnected);
  const shown = (await backend.call('GET', `/v1/numbers/${id}`)).body;
  return { shown, told: await sentencesOf(bench.world, id) };
}

test('the account of another business is connected, with both tasks, the words, and the hint', async () => {
  const { shown, told } = await connect('15550119001', OTHER_BUSINESS);
  expect(shown).toMatchObject({
    connection: 'connected',
    needsAttention: true,
    account: {
      businessPortfolioId: OTHER_BUSINESS,
      expected: [
        { of: 'businessPortfolioId', verdict: 'different' },
        { of: 'businessPortfolioName', expected: 'Lotus Ltd', told: 'Rose Ltd', verdict: 'different' },
      ],
    },
    dialog: { hint: { code: 'WRONG_ACCOUNT' } },
    tasks: expect.arrayContaining([
      expect.objectContaining({ kind: 'confirm-names', for: 'owner' }),
      expect.objectContaining({ kind: 'op-owner-changed', for: 'operator' }),
    ]),
  });
  const said = `(${EXPECTED.businessPortfolioId} was expected, ${OTHER_BUSINESS} came)`;
  expect(told.filter((sentence) => sentence.includes(said))).toHaveLength(1);
  expect(told.join(' ')).not.toMatch(/Lotus|Rose/);
});

test('the account of the expected business is connected, and nobody is asked', async () => {
  const { shown, told } = await connect('15550119002', EXPECTED.businessPortfolioId);
  expect(shown).toMatchObject({
    needsAttention: false,
    account: { expected: [{ verdict: 'same' }, { verdict: 'same' }] },
    dialog: { hint: null },
  });
  expect(shown).toMatchObject({
    tasks: expect.not.arrayContaining([expect.objectContaining({ kind: 'confirm-names' })]),
  });
  expect(told.filter((sentence) => sentence.startsWith('Not as expected'))).toEqual([]);
});

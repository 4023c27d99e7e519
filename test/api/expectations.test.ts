/** The account that a backend expects, as its API takes and shows it: P13, C01, C03, U04. */
import { describe, expect, it } from 'vitest';
import { numberSchema } from '../../src/api/number-resource.ts';
import type { NumberRow } from '../../src/api/ports.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { businessPortfolioId, numberId, wabaId, type NumberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS } from './door.ts';

const CARD = {
  wabaId: wabaId('1001'),
  name: 'Lotus Flowers',
  timeZoneId: '1',
  portfolioId: businessPortfolioId('5002'),
  portfolioName: null,
  reviewStatus: 'APPROVED',
  checkedAtMs: NOW_MS,
};
const RUN = { openedAtMs: NOW_MS, abandonedStep: null, isAbandoned: false } as const;

async function expecting(expected: object) {
  const door = createDoor();
  const answer = await door.post('/v1/onboardings', { expected });
  const id = numberId(String(answer.json.id));
  const set = (more: Partial<NumberRow>): void => {
    const row = door.state.rows.get(id);
    if (row) door.state.rows.set(id, { ...row, ...more });
  };
  const read = async () => numberSchema.parse((await door.get(`/v1/numbers/${id}`)).json);
  return { ...door, answer, id, set, read };
}

/** The dialog has ended with this. */
function failedWith(code: FailureCode, { alter, id }: { alter: ReturnType<typeof createDoor>['alter']; id: NumberId }) {
  const told = { step: null, detail: null, atMs: NOW_MS, retryAtMs: null, metaCode: null, supportReference: null };
  const failure = { ...told, code, phoneStillLinked: 'no' as const };
  alter(id, ({ attempt }) => ({ attempt: { ...attempt, failure } }));
}

describe('what an onboarding expects', () => {
  it('is shown beside what Meta tells, in the verdict of each', async () => {
    const expected = { businessPortfolioId: '5001', businessPortfolioName: ' Lotus Ltd ', wabaName: 'lotus flowers' };
    const { set, read } = await expecting(expected);
    expect((await read()).account, 'nothing was read yet').toBeNull();
    set({ account: CARD });
    expect((await read()).account?.expected).toEqual([
      { of: 'businessPortfolioId', expected: '5001', told: '5002', verdict: 'different' },
      { of: 'businessPortfolioName', expected: 'Lotus Ltd', told: null, verdict: 'not-told' },
      { of: 'wabaName', expected: 'lotus flowers', told: 'Lotus Flowers', verdict: 'same' },
    ]);
  });

  it('is nothing where nothing is named, and never reaches the workflow', async () => {
    const { set, read, state, id } = await expecting({});
    set({ account: CARD });
    expect(state.rows.get(id)?.expected).toBeNull();
    expect((await read()).account?.expected).toEqual([]);
    const named = await expecting({ wabaName: 'Lotus' });
    expect(JSON.stringify(named.state.rows.get(named.id)?.snapshot)).not.toContain('Lotus');
  });

  it.each([
    [{ businessPortfolioId: 'lotus' }, 'expected.businessPortfolioId'],
    [{ businessPortfolioId: '' }, 'expected.businessPortfolioId'],
    [{ businessPortfolioName: '  ' }, 'expected.businessPortfolioName'],
    [{ wabaName: 'x'.repeat(256) }, 'expected.wabaName'],
    [{ wabaName: '\u0000' }, 'expected.wabaName'],
  ])('refuses %j', async (expected, field) => {
    const { answer, state } = await expecting(expected);
    expect(answer.json).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field }] });
    expect(state.rows.size).toBe(0);
  });
});

describe('U04 the hint at the login of another business', () => {
  it('stands beside the remedy of an error that smells of it, in the name of the business', async () => {
    const door = await expecting({ businessPortfolioName: 'Lotus Ltd' });
    failedWith('NUMBER_IN_OTHER_BUSINESS', door);
    const { failure } = (await door.read()).attempt;
    expect(failure).toMatchObject({ code: 'NUMBER_IN_OTHER_BUSINESS', hint: { code: 'WRONG_ACCOUNT' } });
    expect(failure?.hint?.remedy.join(' ')).toContain('the account that manages Lotus Ltd');
    failedWith('APP_TOO_OLD', door);
    expect((await door.read()).attempt.failure?.hint).toBeNull();
  });

  it('is told of the latest run whose account belongs to another business, until the next run', async () => {
    const door = await expecting({});
    failedWith('SUBSCRIPTION_REFUSED', door);
    door.set({ lastDialog: { ...RUN, wrongAccount: 'other-business' } });
    const { dialog, attempt } = await door.read();
    expect([dialog.hint?.code, attempt.failure?.hint?.code]).toEqual(['WRONG_ACCOUNT', 'WRONG_ACCOUNT']);
    expect(dialog.hint?.remedy.join(' ')).toContain('the account that manages your business');
    door.set({ lastDialog: { ...RUN, wrongAccount: null } });
    const later = await door.read();
    expect([later.dialog.hint, later.attempt.failure?.hint]).toEqual([null, null]);
  });
});

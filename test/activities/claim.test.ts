import { describe, expect, it } from 'vitest';
import { NEEDED_FIELDS } from '../../src/domain/app-webhooks.ts';
import { businessPortfolioId, phoneNumberId } from '../../src/domain/ids.ts';
import { createWorld, failureFrom, graphFailure, KEY, listed, NOW_MS, PHONE, TENANT, WABA } from './world.ts';

function connecting() {
  const world = createWorld();
  world.state.candidate = 'token';
  return world;
}
const HAND_OVER = { onboardedAtMs: NOW_MS, finishedAtMs: NOW_MS, grants: [] };
const RESOLVE = { key: KEY, wabaId: WABA, openedAtMs: NOW_MS, chosenId: null };

describe('claiming (ST4 to ST6)', () => {
  it('stores what was found and answers ids alone', async () => {
    const { activities, calls } = connecting();
    expect(await activities.resolveNumber(RESOLVE)).toEqual({
      kind: 'found',
      phoneNumberId: PHONE,
      onboardedAtMs: NOW_MS,
      hasTimeZone: true,
    });
    expect(calls).toContain('keepFinding 2001');
  });

  it.each([
    ['NUMBER_AMBIGUOUS', [listed('1'), listed('2')], null, ['1', '2']],
    ['NUMBER_NOT_EXPECTED', [listed('1')], '999', ['1']],
  ] as const)('case 54: %s binds nothing and offers the candidates', async (...[code, rows, expectedDigits, ids]) => {
    const { activities, state, calls } = connecting();
    state.listed = [...rows];
    state.expectations = { expectedDigits, heldIds: [], expectedAccount: null };
    expect(await activities.resolveNumber(RESOLVE)).toEqual({ kind: 'undecided', code, phoneNumberIds: ids });
    expect(calls).toContain(`keepCandidates ${ids.join(' ')}`);
    expect(calls.some((call) => call.startsWith('keepFinding'))).toBe(false);
  });

  it('case 54: none is no binding', async () => {
    const { activities, state, calls } = connecting();
    state.listed = [];
    const failure = await failureFrom(activities.resolveNumber(RESOLVE));
    expect(failure).toMatchObject({ type: 'NUMBER_NOT_FOUND', isRetryable: false });
    expect(calls.some((call) => call.startsWith('keep'))).toBe(false);
  });

  it('CM06 takes what a person has chosen, and only if it is still there', async () => {
    const { activities, state, calls } = connecting();
    state.listed = [listed('1'), listed('2')];
    expect(await activities.resolveNumber({ ...RESOLVE, chosenId: phoneNumberId('2') })).toMatchObject({
      kind: 'found',
      phoneNumberId: '2',
    });
    expect(calls).toContain('keepFinding 2');
    const gone = await failureFrom(activities.resolveNumber({ ...RESOLVE, chosenId: phoneNumberId('3') }));
    expect(gone.type).toBe('NUMBER_NOT_FOUND');
  });

  it('C01 stores what the account tells, and connects also where it tells nothing', async () => {
    const { activities, state, calls, fail } = connecting();
    expect(await activities.resolveNumber(RESOLVE)).toMatchObject({ hasTimeZone: true });
    expect(calls).toContain('keepAccount Lotus Flowers');
    state.account = { ...state.account, timeZoneId: null };
    expect(await activities.resolveNumber(RESOLVE)).toMatchObject({ hasTimeZone: false });
    fail('readWaba', graphFailure('ACCESS_WITHDRAWN'));
    expect(await activities.resolveNumber(RESOLVE)).toMatchObject({ phoneNumberId: PHONE, hasTimeZone: null });
  });

  it.each([
    ['another portfolio', { portfolioId: businessPortfolioId('5009') }, ['portfolio-id'], true],
    ['another name', { wabaName: 'Rose Gardens' }, ['waba-name'], false],
  ] as const)('P13 %s: told without its name, and found all the same', async (...[, named, fields, isJournalled]) => {
    const { activities, state, calls } = connecting();
    const expectedAccount = { portfolioId: null, portfolioName: null, wabaName: null, ...named };
    state.expectations = { expectedDigits: null, heldIds: [], expectedAccount };
    const answer = await activities.resolveNumber(RESOLVE);
    expect(answer).toMatchObject({ kind: 'found', phoneNumberId: PHONE, unexpected: { fields } });
    expect(JSON.stringify(answer)).not.toMatch(/Rose|Lotus/);
    expect(calls.includes('noteOtherBusiness'), 'the journal of the dialog').toBe(isJournalled);
  });

  it('P13 an account that is as expected, or that could not be read, is answered as if nothing were expected', async () => {
    const { activities, state, calls, fail } = connecting();
    const expectedAccount = { portfolioId: businessPortfolioId('5001'), portfolioName: 'LOTUS LTD', wabaName: null };
    const plain = await activities.resolveNumber(RESOLVE);
    state.expectations = { expectedDigits: null, heldIds: [], expectedAccount };
    expect(await activities.resolveNumber(RESOLVE)).toEqual(plain);
    fail('readWaba', graphFailure('ACCESS_WITHDRAWN'));
    expect(await activities.resolveNumber(RESOLVE)).not.toHaveProperty('unexpected');
    expect(calls).not.toContain('noteOtherBusiness');
  });

  it('claims through the store', async () => {
    expect(await connecting().activities.claimNumber({ key: KEY, tenantId: TENANT, handOver: HAND_OVER })).toEqual({
      kind: 'claimed',
      parked: [],
    });
  });

  it.each(['missing', 'misdirected'] as const)(
    'case 12: C07 reads a subscription back; %s is tried again twice',
    async (subscription) => {
      const { activities, state, run, calls } = connecting();
      await activities.subscribeApp({ key: KEY, wabaId: WABA });
      expect(calls.slice(0, 2)).toEqual(['subscribe', 'readSubscription']);
      state.subscription = subscription;
      const tries: boolean[] = [];
      for (const attempt of [1, 2, 3]) {
        run.info = { ...run.info, attempt };
        const failure = await failureFrom(activities.subscribeApp({ key: KEY, wabaId: WABA }));
        expect(failure.type).toBe('SUBSCRIPTION_REFUSED');
        tries.push(failure.isRetryable);
      }
      expect(tries).toEqual([true, true, false]);
    },
  );

  it.each([
    ['all that we need', { fields: [...NEEDED_FIELDS] }, []],
    ['all but one', { fields: NEEDED_FIELDS.filter((field) => field !== 'history') }, ['history']],
    ['nothing while it rests', { fields: [...NEEDED_FIELDS], isActive: false }, [...NEEDED_FIELDS]],
  ])('case 12: C07 says which fields our app does not hear, without a call more: %s', async (...[, told, missing]) => {
    const { activities, state, calls } = connecting();
    const webhooks = { callbackUrl: null, isActive: true, ...told };
    state.webhooks = { checkedAtMs: NOW_MS - 1, told: webhooks, failure: null };
    expect(await activities.subscribeApp({ key: KEY, wabaId: WABA })).toEqual({ missingFields: missing });
    expect(calls.filter((call) => call.startsWith('subscri') || call.startsWith('read'))).toEqual([
      'subscribe',
      'readSubscription',
    ]);
  });

  it('case 12: C07 says nothing of the fields where nobody has read them, or too long ago', async () => {
    const { activities, state } = connecting();
    const subscribed = () => activities.subscribeApp({ key: KEY, wabaId: WABA });
    expect(await subscribed()).toEqual({ missingFields: null });
    state.webhooks = { checkedAtMs: NOW_MS - 15 * 60_000, told: null, failure: null };
    expect(await subscribed()).toEqual({ missingFields: null });
  });
});

import { describe, expect, it } from 'vitest';
import { phoneNumberId } from '../../src/domain/ids.ts';
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
    state.expectations = { expectedDigits, heldIds: [] };
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
      expect(calls).toEqual(['subscribe', 'readSubscription']);
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
});

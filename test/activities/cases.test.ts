/** Calls at Meta as other systems test them: cases and mistakes by the numbers of docs/coverage.md. */
import { describe, expect, it } from 'vitest';
import { dialogRunId, phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import { createWorld, failureFrom, graphFailure, KEY, listed, NOW_MS, PHONE, WABA } from './world.ts';

const RESOLVE = { key: KEY, wabaId: WABA, openedAtMs: NOW_MS, chosenId: null };
const LOOK = { numberId: KEY.numberId, phoneNumberId: PHONE, credential: { kind: 'current' } } as const;

function connecting() {
  const world = createWorld();
  world.state.candidate = 'token';
  return world;
}
const asking = (type: 'contacts' | 'history', ask: number) => ({
  key: { numberId: KEY.numberId, cycle: 1, type, ask },
  phoneNumberId: PHONE,
});

describe('what is saved', () => {
  it('case 13: is what Graph confirms: the account of the grant, the number of its list', async () => {
    const { activities, state, calls } = connecting();
    state.result = { ending: 'coexistence', wabaId: WABA };
    state.listed = [listed('2001', { isOnBizApp: false }), listed('2002')];
    expect(await activities.checkToken({ key: KEY })).toMatchObject({ kind: 'granted', wabaId: WABA });
    expect(await activities.resolveNumber(RESOLVE)).toMatchObject({ phoneNumberId: '2002' });
    expect(calls).toContain('keepFinding 2002');
  });

  it('case 54: a number off the app, or one that a sibling holds, is none that could be meant', async () => {
    const { activities, state, calls } = connecting();
    state.listed = [listed('1', { isOnBizApp: false }), listed('2', { isOnBizApp: false })];
    expect((await failureFrom(activities.resolveNumber(RESOLVE))).type).toBe('NUMBER_NOT_FOUND');
    state.listed = [listed('3', { onboardedAtMs: NOW_MS - 1 })];
    state.expectations = { expectedDigits: null, heldIds: [phoneNumberId('3')], expectedAccount: null };
    expect((await failureFrom(activities.resolveNumber(RESOLVE))).type).toBe('NUMBER_NOT_FOUND');
    expect(calls.some((call) => call.startsWith('keepFinding'))).toBe(false);
  });

  it('mistake 7: the account of the result is taken from any place of the granted list, never the first of it', async () => {
    const { activities, state } = connecting();
    const granted = [wabaId('1'), wabaId('2'), WABA];
    state.report = { ...state.report, wabaIds: granted };
    state.result = { ending: 'coexistence', wabaId: WABA };
    expect(await activities.checkToken({ key: KEY })).toMatchObject({ kind: 'granted', wabaId: WABA });
    state.result = null;
    expect(await activities.checkToken({ key: KEY })).toMatchObject({ kind: 'undecided', wabaIds: granted });
  });
});

describe('a sync request', () => {
  it('case 22: answered with 502 is unknown, and the second run sends nothing', async () => {
    const { activities, fail, count } = createWorld();
    fail('requestSync', graphFailure('GRAPH_UNAVAILABLE', { reach: 'unknown', httpStatus: 502 }));
    expect((await activities.requestSync(asking('history', 1))).outcome).toBe('unknown');
    expect((await activities.requestSync(asking('history', 1))).outcome).toBe('unknown');
    expect(count('requestSync')).toBe(1);
  });

  it('case 21: is one for each kind, and a repeat of either finds its answer', async () => {
    const { activities, count } = createWorld();
    for (const type of ['contacts', 'history', 'contacts', 'history'] as const)
      expect((await activities.requestSync(asking(type, 1))).outcome).toBe('requested');
    expect(count('requestSync')).toBe(2);
  });
});

describe('which step failed', () => {
  it('case 18: our own store that fails is told as ours, not as a refusal of Meta', async () => {
    const { activities, fail } = createWorld();
    fail('keepCandidate', new Error('connection refused'));
    const failure = await failureFrom(activities.exchangeCode({ key: KEY, dialogRunId: dialogRunId('dlg_1') }));
    expect(failure).toMatchObject({ type: 'STORE_UNAVAILABLE', isRetryable: true });
  });

  it('case 18: a step that Meta refused carries its code and its trace', async () => {
    const { activities, fail } = connecting();
    fail('subscribe', graphFailure('ACCESS_WITHDRAWN', { metaCode: 200, traceId: 'trace-9' }));
    const failure = await failureFrom(activities.subscribeApp({ key: KEY, wabaId: WABA }));
    expect(failure.type).toBe('ACCESS_WITHDRAWN');
    expect(JSON.stringify(failure.details)).toContain('trace-9');
  });
});

describe('one bad read', () => {
  it('mistake 1, mistake 10: is answered, and takes neither credential nor subscription away', async () => {
    const { activities, fail, calls, state } = createWorld();
    fail('readNumber', graphFailure('NUMBER_NOT_VISIBLE'));
    expect(await activities.probeNumber(LOOK)).toMatchObject({ class: 'not-visible' });
    expect([calls, state.current]).toEqual([['readNumber'], 'token-current']);
  });
});

import { describe, expect, it } from 'vitest';
import { wabaId } from '../../src/domain/ids.ts';
import { createWorld, failureFrom, graphFailure, KEY, NOW_MS, RUN, WABA } from './world.ts';

const EXCHANGE = { key: KEY, dialogRunId: RUN };
const LOST = graphFailure('GRAPH_UNAVAILABLE', { reach: 'unknown', httpStatus: null });

describe('the exchange of a code (ST1)', () => {
  it('stores the token as a candidate and answers nothing', async () => {
    const { activities, state } = createWorld();
    expect(await activities.exchangeCode(EXCHANGE)).toBeUndefined();
    expect(state.candidate).toBe('token-of-the-code');
  });

  it('finds the candidate when repeated and does not call Meta again', async () => {
    const { activities, count } = createWorld();
    await activities.exchangeCode(EXCHANGE);
    await activities.exchangeCode(EXCHANGE);
    expect(count('exchangeCode')).toBe(1);
  });

  it('is tried once more after a lost answer while the code is younger than 25 seconds', async () => {
    const { activities, state, fail, pass } = createWorld();
    fail('exchangeCode', LOST);
    expect(await failureFrom(activities.exchangeCode(EXCHANGE))).toMatchObject({
      type: 'GRAPH_UNAVAILABLE',
      isRetryable: true,
    });
    pass(24_999);
    await activities.exchangeCode(EXCHANGE);
    expect(state.candidate).toBe('token-of-the-code');
  });

  it('is unconfirmed when the code is 25 seconds old after a lost answer', async () => {
    const { activities, fail, pass, count } = createWorld();
    fail('exchangeCode', LOST);
    await failureFrom(activities.exchangeCode(EXCHANGE));
    pass(25_000);
    const failure = await failureFrom(activities.exchangeCode(EXCHANGE));
    expect(failure).toMatchObject({ type: 'SIGNUP_EXCHANGE_UNCONFIRMED', isRetryable: false });
    expect(count('exchangeCode')).toBe(1);
  });

  it('asks Meta at most twice', async () => {
    const { activities, fail, count } = createWorld();
    fail('exchangeCode', LOST, LOST);
    await failureFrom(activities.exchangeCode(EXCHANGE));
    await failureFrom(activities.exchangeCode(EXCHANGE));
    expect((await failureFrom(activities.exchangeCode(EXCHANGE))).type).toBe('SIGNUP_EXCHANGE_UNCONFIRMED');
    expect(count('exchangeCode')).toBe(2);
  });

  it('is unconfirmed when Meta says used after a crash, and used when it says so at once', async () => {
    const crashed = createWorld();
    crashed.state.intents = 1;
    crashed.fail('exchangeCode', graphFailure('SIGNUP_CODE_USED'));
    expect((await failureFrom(crashed.activities.exchangeCode(EXCHANGE))).type).toBe('SIGNUP_EXCHANGE_UNCONFIRMED');
    const fresh = createWorld();
    fresh.fail('exchangeCode', graphFailure('SIGNUP_CODE_USED'));
    expect(await failureFrom(fresh.activities.exchangeCode(EXCHANGE))).toMatchObject({
      type: 'SIGNUP_CODE_USED',
      isRetryable: false,
    });
  });

  it('does not wait for a rate limit that outlasts the code', async () => {
    const { activities, fail } = createWorld();
    fail('exchangeCode', graphFailure('GRAPH_RATE_LIMITED'));
    const failure = await failureFrom(activities.exchangeCode(EXCHANGE));
    expect(failure).toMatchObject({ type: 'GRAPH_RATE_LIMITED', isRetryable: false, nextRetryDelay: null });
  });

  it('cannot go on with a code that was forgotten', async () => {
    const { activities, state, count } = createWorld();
    state.code = null;
    expect((await failureFrom(activities.exchangeCode(EXCHANGE))).type).toBe('SIGNUP_EXCHANGE_UNCONFIRMED');
    expect(count('exchangeCode')).toBe(0);
  });
});

describe('the check of the token (ST2, ST3)', () => {
  function checking() {
    const world = createWorld();
    world.state.candidate = 'token';
    return world;
  }
  const other = wabaId('1002');

  it('takes the one account that was granted where no result has come', async () => {
    expect(await checking().activities.checkToken({ key: KEY })).toMatchObject({ kind: 'granted', wabaId: WABA });
  });

  it("case 57, mistake 7: takes the result's account by membership, whatever its position", async () => {
    const { activities, state } = checking();
    state.report = { ...state.report, wabaIds: [WABA, other] };
    state.result = { ending: 'coexistence', wabaId: other };
    expect(await activities.checkToken({ key: KEY })).toMatchObject({ kind: 'granted', wabaId: other });
  });

  it.each([
    ['SIGNUP_TOKEN_INVALID', { isValid: false }],
    ['SIGNUP_APP_FOREIGN', { appId: 'app-2' }],
    ['SIGNUP_SCOPE_MISSING', { grants: [{ scope: 'whatsapp_business_management', count: 1 }] }],
    ['SIGNUP_RESULT_MISSING', { wabaIds: [] }],
  ] as const)('says %s for good', async (code, difference) => {
    const { activities, state } = checking();
    state.report = { ...state.report, ...difference };
    expect(await failureFrom(activities.checkToken({ key: KEY }))).toMatchObject({ type: code, isRetryable: false });
  });

  it('mistake 7: ST3 leaves the choice open where several accounts were granted and no result has come', async () => {
    const { activities, state } = checking();
    state.report = { ...state.report, wabaIds: [WABA, other, WABA] };
    expect(await activities.checkToken({ key: KEY })).toMatchObject({ kind: 'undecided', wabaIds: [WABA, other] });
  });

  it('C14 stores every grant with its count, and names one that is missing', async () => {
    const { activities, state, calls } = checking();
    expect(await activities.checkToken({ key: KEY })).toMatchObject({ grants: state.report.grants });
    expect(calls).toContain('keepGrants 3');
    state.report = { ...state.report, grants: [{ scope: 'whatsapp_business_management', count: 1 }] };
    const failure = await failureFrom(activities.checkToken({ key: KEY }));
    expect(failure.details).toEqual([{ missing: ['whatsapp_business_messaging'] }]);
  });

  it('case 13: refuses an account that the browser names and Meta did not grant', async () => {
    const { activities, state } = checking();
    state.result = { ending: 'coexistence', wabaId: other };
    expect((await failureFrom(activities.checkToken({ key: KEY }))).type).toBe('SIGNUP_ASSETS_MISMATCHED');
  });

  it('cannot go on without a candidate', async () => {
    expect((await failureFrom(createWorld().activities.checkToken({ key: KEY }))).type).toBe('SIGNUP_TOKEN_INVALID');
  });
});

describe('the failure of an activity', () => {
  it('carries ids and classes, never a message of Meta', async () => {
    const { activities, fail, state } = createWorld();
    state.candidate = 'token';
    const ids = { metaCode: 190, metaSubcode: 460, httpStatus: 401 };
    fail('debugToken', graphFailure('TOKEN_REVOKED', ids));
    const failure = await failureFrom(activities.checkToken({ key: KEY }));
    expect(failure.details).toEqual([{ reach: 'answered', traceId: 'trace-1', waitMs: null, ...ids }]);
    expect(JSON.stringify(failure)).not.toContain('secret-token');
  });

  it('asks for the wait that Meta names', async () => {
    const { activities, fail, state } = createWorld();
    state.candidate = 'token';
    fail(
      'debugToken',
      graphFailure('GRAPH_RATE_LIMITED', { retryAfterMs: 90_000 }),
      graphFailure('GRAPH_RATE_LIMITED'),
    );
    expect((await failureFrom(activities.checkToken({ key: KEY }))).nextRetryDelay).toBe(90_000);
    expect((await failureFrom(activities.checkToken({ key: KEY }))).nextRetryDelay).toBe(3_600_000);
  });

  it('case 18: is retried where a store failed, and does not quote it', async () => {
    const { activities, fail } = createWorld();
    fail('record', Object.assign(new Error('insert of secret-token failed'), { code: 'ECONNREFUSED' }));
    const record = { sequence: 1 } as Parameters<typeof activities.recordTransition>[0];
    const failure = await failureFrom(activities.recordTransition(record));
    expect(failure).toMatchObject({ type: 'STORE_UNAVAILABLE', isRetryable: true });
    expect(JSON.stringify(failure)).not.toContain('secret-token');
  });

  it('fences a record by its run', async () => {
    const { activities, state } = createWorld();
    const record = { sequence: 7, atMs: NOW_MS } as Parameters<typeof activities.recordTransition>[0];
    await activities.recordTransition(record);
    expect(state.records).toEqual(['run-1/7']);
  });
});

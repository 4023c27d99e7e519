import { describe, expect, it } from 'vitest';
import type { SyncType } from '../../src/domain/commands.ts';
import { failureToldOf, probeOf } from '../../src/workflows/failure-code.ts';
import { createWorld, failureFrom, graphFailure, KEY, NOW_MS, PHONE, TENANT, WABA } from './world.ts';

function connecting() {
  const world = createWorld();
  world.state.candidate = 'token';
  return world;
}

describe('the gate (ST7)', () => {
  const GATE = { key: KEY, phoneNumberId: PHONE };

  it('AT29 a banned account is a no, and is not asked again', async () => {
    const { activities, state } = connecting();
    state.reading = { ...state.reading, status: 'BANNED' };
    expect(await failureFrom(activities.readGate(GATE))).toMatchObject({ type: 'ACCOUNT_BANNED', isRetryable: false });
  });

  it('answers with the probe when the number is alive', async () => {
    expect(await connecting().activities.readGate(GATE)).toMatchObject({ class: 'alive', startedAtMs: NOW_MS });
  });

  it.each([
    ['NUMBER_NOT_ON_APP', { isOnBizApp: false }, 'off-app'],
    ['REVIEW_TIMED_OUT', { status: 'PENDING' }, 'pending'],
    ['NUMBER_NOT_ON_CLOUD_API', { platformType: 'ON_PREMISE' }, 'off-app'],
  ] as const)(
    'asks again with %s, whatever the catalogue says, and tells its last probe',
    async (code, part, probe) => {
      const { activities, state } = connecting();
      state.reading = { ...state.reading, ...part };
      const failure = await failureFrom(activities.readGate(GATE));
      expect(failure).toMatchObject({ type: code, isRetryable: true });
      expect(failure.details).toMatchObject([{ class: probe, startedAtMs: NOW_MS }]);
    },
  );

  it('takes a fault of Meta for no word, and waits as long as it is asked to', async () => {
    const { activities, fail } = connecting();
    fail('readNumber', graphFailure('GRAPH_RATE_LIMITED', { retryAfterMs: 7_000 }));
    const failure = await failureFrom(activities.readGate(GATE));
    expect(failure).toMatchObject({ type: 'CONNECTION_TIMED_OUT', isRetryable: true, nextRetryDelay: 7_000 });
    expect(failure.details).toMatchObject([{ class: 'no-word', reading: null, waitMs: 7_000 }]);
  });

  it('AT19 a wait that Meta asks for past the soft deadline is heard beside the look', async () => {
    const { activities, fail } = connecting();
    fail('readNumber', graphFailure('GRAPH_RATE_LIMITED'));
    const error = await activities.readGate(GATE).catch((thrown: unknown) => thrown);
    expect(failureToldOf(error).waitMs).toBe(3_600_000);
    expect(probeOf(error)).toMatchObject({ class: 'no-word', reading: null });
  });
});

describe('a single look (GR8)', () => {
  const LOOK = { numberId: KEY.numberId, phoneNumberId: PHONE };

  it('answers a class for every failure of Meta', async () => {
    const { activities, fail } = connecting();
    fail('readNumber', graphFailure('TOKEN_REVOKED'), graphFailure('NUMBER_NOT_VISIBLE'));
    expect(await activities.probeNumber({ ...LOOK, credential: { kind: 'current' } })).toMatchObject({
      class: 'token-dead',
    });
    const candidate = { kind: 'candidate', key: KEY } as const;
    expect(await activities.probeNumber({ ...LOOK, credential: candidate })).toMatchObject({ class: 'not-visible' });
  });

  it('asks nothing where another number has taken the ids: what stands there is no return of this one', async () => {
    const { activities, state, calls } = connecting();
    state.hasYielded = true;
    const look = { ...LOOK, credential: { kind: 'current' } } as const;
    expect(await activities.probeNumber(look)).toMatchObject({ class: 'no-word', reading: null });
    expect(calls).toEqual([]);
  });

  it('tells the wait that Meta asks for', async () => {
    const { activities, fail } = connecting();
    fail('readNumber', graphFailure('GRAPH_RATE_LIMITED', { retryAfterMs: 7_000 }), graphFailure('GRAPH_UNAVAILABLE'));
    const look = { ...LOOK, credential: { kind: 'candidate', key: KEY } } as const;
    expect(await activities.probeNumber(look)).toMatchObject({ class: 'no-word', waitMs: 7_000 });
    expect(await activities.probeNumber(look)).toEqual({ class: 'no-word', startedAtMs: NOW_MS, reading: null });
  });

  it('has no word without a credential, and asks nothing', async () => {
    const { activities, state, calls } = connecting();
    state.current = null;
    const probe = await activities.probeNumber({ ...LOOK, credential: { kind: 'current' } });
    expect(probe).toEqual({ class: 'no-word', startedAtMs: NOW_MS, reading: null });
    expect(calls).toEqual([]);
  });
});

describe('a read of the token behind a link (FA41)', () => {
  const READ = { numberId: KEY.numberId, wabaId: WABA };

  it.each([
    ['valid', {}],
    ['dead', { isValid: false }],
    ['dead', { appId: 'app-2' }],
    ['dead', { wabaIds: [] }],
  ] as const)('is %s for %j', async (expected, difference) => {
    const { activities, state } = createWorld();
    state.report = { ...state.report, ...difference };
    expect(await activities.checkCredential(READ)).toBe(expected);
  });

  it('has no word where Meta fails, or nothing is held', async () => {
    const { activities, state, fail } = createWorld();
    fail('debugToken', graphFailure('GRAPH_UNAVAILABLE'));
    expect(await activities.checkCredential(READ)).toBe('no-word');
    state.current = null;
    expect(await activities.checkCredential(READ)).toBe('no-word');
  });
});

describe('asking for a sync', () => {
  const ask = (type: SyncType = 'history') => ({
    key: { numberId: KEY.numberId, cycle: 1, type, ask: 1 },
    phoneNumberId: PHONE,
  });

  it('is asked once: a repeat finds its answer', async () => {
    const { activities, count } = createWorld();
    expect(await activities.requestSync(ask())).toEqual({ outcome: 'requested', waitMs: null });
    expect(await activities.requestSync(ask())).toEqual({ outcome: 'requested', waitMs: null });
    expect(count('requestSync')).toBe(1);
  });

  it('case 23: is unknown after a crash between the call and its record, and not asked again', async () => {
    const { activities, fail, count } = createWorld();
    fail('settle requested', new Error('the store is down'));
    expect((await failureFrom(activities.requestSync(ask()))).type).toBe('STORE_UNAVAILABLE');
    expect((await activities.requestSync(ask())).outcome).toBe('unknown');
    expect(count('requestSync')).toBe(1);
  });

  it.each([
    ['due', graphFailure('GRAPH_UNAVAILABLE', { reach: 'not-sent', httpStatus: null })],
    ['due', graphFailure('GRAPH_RATE_LIMITED')],
    ['unknown', graphFailure('GRAPH_UNAVAILABLE', { reach: 'unknown', httpStatus: null })],
    ['unknown', graphFailure('GRAPH_UNAVAILABLE', { httpStatus: 500 })],
    ['unknown', graphFailure('GRAPH_ERROR_UNKNOWN', { httpStatus: 200 })],
    ['refused', graphFailure('GRAPH_UNAVAILABLE', { httpStatus: 500, metaCode: 131_000 })],
    ['requested', graphFailure('SYNC_ALREADY_REQUESTED')],
    ['expired', graphFailure('SYNC_WINDOW_MISSED')],
    ['declined', graphFailure('HISTORY_DECLINED')],
    ['due', graphFailure('TOKEN_REVOKED')],
    ['due', graphFailure('NUMBER_NOT_VISIBLE')],
    ['due', graphFailure('ACCESS_WITHDRAWN')],
    ['refused', graphFailure('REQUEST_WRONG')],
  ])('is %s after %o', async (outcome, failure) => {
    const { activities, fail } = createWorld();
    fail('requestSync', failure);
    expect((await activities.requestSync(ask())).outcome).toBe(outcome);
  });

  it.each([
    [true, graphFailure('TOKEN_REVOKED')],
    [true, graphFailure('TOKEN_EXPIRED')],
    [true, graphFailure('NUMBER_NOT_VISIBLE')],
    [true, graphFailure('ACCESS_WITHDRAWN')],
    [undefined, graphFailure('GRAPH_RATE_LIMITED')],
    [undefined, graphFailure('TOKEN_REVOKED', { reach: 'not-sent', httpStatus: null })],
    [undefined, graphFailure('GRAPH_UNAVAILABLE', { httpStatus: 500 })],
    [undefined, graphFailure('REQUEST_WRONG')],
  ])(
    'puts the link in doubt (%s) where the answer names the credential or the number: %o',
    async (isInDoubt, failure) => {
      const { activities, fail } = createWorld();
      fail('requestSync', failure);
      expect((await activities.requestSync(ask())).isLinkInDoubt).toBe(isInDoubt);
    },
  );

  it('is due without a credential, and Meta is not asked', async () => {
    const { activities, state, count } = createWorld();
    state.current = null;
    expect(await activities.requestSync(ask())).toEqual({ outcome: 'due', waitMs: null });
    expect(count('requestSync')).toBe(0);
    state.current = 'token-current';
    expect((await activities.requestSync(ask())).outcome).toBe('requested');
  });

  it('may be asked anew after surely nothing was accepted, and says how long to wait', async () => {
    const { activities, fail, count } = createWorld();
    fail('requestSync', graphFailure('GRAPH_RATE_LIMITED', { retryAfterMs: 5_000 }));
    expect(await activities.requestSync(ask())).toEqual({ outcome: 'due', waitMs: 5_000 });
    expect((await activities.requestSync(ask())).outcome).toBe('requested');
    expect(count('requestSync')).toBe(2);
  });

  it('knows no decline of contacts', async () => {
    const { activities, fail } = createWorld();
    fail('requestSync', graphFailure('HISTORY_DECLINED'));
    expect((await activities.requestSync(ask('contacts'))).outcome).toBe('refused');
  });
});

describe('undo (8.3)', () => {
  const UNSUBSCRIBE = { numberId: KEY.numberId, wabaId: WABA, credential: { kind: 'current' } } as const;

  it('unsubscribes the last number of an account, and only that', async () => {
    const { activities, state, count } = createWorld();
    state.isNeeded = true;
    expect(await activities.unsubscribeIfLast(UNSUBSCRIBE)).toBe('not-needed');
    expect(count('unsubscribe')).toBe(0);
    state.isNeeded = false;
    expect(await activities.unsubscribeIfLast(UNSUBSCRIBE)).toBe('done');
  });

  it.each(['NUMBER_NOT_VISIBLE', 'ACCESS_WITHDRAWN', 'TOKEN_REVOKED'] as const)(
    'is not needed after %s',
    async (code) => {
      const { activities, fail } = createWorld();
      fail('unsubscribe', graphFailure(code));
      expect(await activities.unsubscribeIfLast(UNSUBSCRIBE)).toBe('not-needed');
    },
  );

  it('is tried again after a fault of Meta', async () => {
    const { activities, fail } = createWorld();
    fail('unsubscribe', graphFailure('GRAPH_UNAVAILABLE'));
    expect(await failureFrom(activities.unsubscribeIfLast(UNSUBSCRIBE))).toMatchObject({ isRetryable: true });
  });

  it('forgets the chosen credential and leaves the other', async () => {
    const { activities, state } = connecting();
    const candidate = { kind: 'candidate', key: KEY } as const;
    const forget = { numberId: KEY.numberId, credential: candidate };
    expect(await activities.forgetCredential(forget)).toBe('done');
    expect([state.candidate, state.current]).toEqual([null, 'token-current']);
    expect(await activities.forgetCredential(forget)).toBe('not-needed');
    expect(await activities.forgetCredential({ ...forget, credential: { kind: 'current' } })).toBe('done');
    expect(await activities.releaseClaim({ key: KEY })).toBe('done');
  });
});

describe('the app on the phone', () => {
  it("takes the owner's word as stated evidence, and reminds through the store", async () => {
    const { activities, calls } = createWorld();
    await activities.noteAppOpened({ numberId: KEY.numberId, openedAtMs: 42 });
    const reminder = { numberId: KEY.numberId, tenantId: TENANT, cycle: 1, evidenceAtMs: 1, rung: '7', dueAtMs: 2 };
    expect(await activities.sendReminder(reminder)).toEqual({ kind: 'reminded' });
    expect(calls).toEqual(['touch stated 42', 'remind 7']);
  });
});

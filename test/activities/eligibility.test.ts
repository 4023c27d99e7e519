import { describe, expect, it } from 'vitest';
import { numberId } from '../../src/domain/ids.ts';
import { createWorld, failureFrom, NOW_MS, TENANT } from './world.ts';

const input = { numberId: numberId('num_1'), tenantId: TENANT };

describe('looking at the rules again', () => {
  it('judges by the time for which it was scheduled, and answers verdict and date alone', async () => {
    const { activities, calls, pass } = createWorld();
    pass(1_000);
    expect(await activities.recheckEligibility(input)).toEqual({
      verdict: 'no',
      comeBackAtMs: NOW_MS + 1_001,
      slotPromisedAtMs: null,
    });
    expect(calls).toEqual([`recheck ${NOW_MS + 1_000}`]);
  });

  it.each([
    ['a slot is free', { kind: 'granted' }, null],
    ['a slot is promised', { kind: 'queued', position: 1, promisedAtMs: NOW_MS + 9 }, NOW_MS + 9],
  ] as const)('takes a slot of the quota once they allow it: %s', async (_name, reservation, slotPromisedAtMs) => {
    const { activities, calls, state } = createWorld();
    state.recheck = { verdict: 'likely', comeBackAtMs: null };
    state.reservation = reservation;
    expect(await activities.recheckEligibility(input)).toEqual({ ...state.recheck, slotPromisedAtMs });
    expect(calls).toEqual([`recheck ${NOW_MS}`, 'reserve num_1']);
  });

  it('is retried while the store is down', async () => {
    const { activities, fail } = createWorld();
    fail(`recheck ${NOW_MS}`, new Error('connection refused'));
    const failure = await failureFrom(activities.recheckEligibility(input));
    expect([failure.type, failure.isRetryable]).toEqual(['STORE_UNAVAILABLE', true]);
  });
});

import { describe, expect, it } from 'vitest';
import { createWorld, failureFrom, graphFailure, KEY, WABA } from './world.ts';

const OF_NUMBER = { numberId: KEY.numberId, wabaId: WABA };
const READS = ['active', 'missing', 'misdirected'] as const;

describe("our app's subscription (FA42, SU02)", () => {
  it.each(READS)('%s is read as it is, and nothing is changed', async (subscription) => {
    const { activities, state, calls } = createWorld();
    state.subscription = subscription;
    expect(await activities.readSubscription(OF_NUMBER)).toEqual({ read: subscription });
    expect(calls).toEqual(['readSubscription']);
  });

  it.each(READS)('a repair subscribes, then reads back: %s', async (subscription) => {
    const { activities, state, calls } = createWorld();
    state.subscription = subscription;
    expect(await activities.repairSubscription(OF_NUMBER)).toEqual({ read: subscription });
    expect(calls).toEqual(['subscribe', 'readSubscription']);
  });

  describe.each(['readSubscription', 'repairSubscription'] as const)('%s', (name) => {
    const first = name === 'readSubscription' ? name : 'subscribe';

    it.each([
      ['GRAPH_UNAVAILABLE', {}],
      ['GRAPH_RATE_LIMITED', {}],
      ['ACCESS_WITHDRAWN', { reach: 'unknown' }],
    ] as const)('%s is no word, and no reason to doubt the link', async (code, more) => {
      const { activities, fail } = createWorld();
      fail(first, graphFailure(code, more));
      expect(await activities[name](OF_NUMBER)).toEqual({ read: 'no-word' });
    });

    it.each(['ACCESS_WITHDRAWN', 'TOKEN_REVOKED', 'NUMBER_NOT_VISIBLE'] as const)(
      '%s puts the link in doubt',
      async (code) => {
        const { activities, fail } = createWorld();
        fail(first, graphFailure(code));
        expect(await activities[name](OF_NUMBER)).toEqual({ read: 'no-word', isLinkInDoubt: true });
      },
    );

    it('asks nothing without a credential', async () => {
      const { activities, state, calls } = createWorld();
      state.current = null;
      expect([await activities[name](OF_NUMBER), calls]).toEqual([{ read: 'no-word' }, []]);
    });

    it('a store that is down is no answer', async () => {
      const { activities, fail } = createWorld();
      fail(first, new Error('no connection'));
      expect(await failureFrom(activities[name](OF_NUMBER))).toMatchObject({ type: 'STORE_UNAVAILABLE' });
    });
  });
});

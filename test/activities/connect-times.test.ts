import { describe, expect, it } from 'vitest';
import { createWorld, failureFrom, KEY, WABA } from './world.ts';

function holdingCandidate() {
  const world = createWorld();
  world.state.candidate = 'token-1';
  return world;
}

describe('the moment of the subscription (C23)', () => {
  it('is noted once it was read back, and not before', async () => {
    const { activities, calls } = holdingCandidate();
    await activities.subscribeApp({ key: KEY, wabaId: WABA });
    expect(calls).toEqual(['subscribe', 'readSubscription', 'noteSubscribed']);
  });

  it('is not noted where what is read back is not ours', async () => {
    const { activities, state, count } = holdingCandidate();
    state.subscription = 'misdirected';
    await failureFrom(activities.subscribeApp({ key: KEY, wabaId: WABA }));
    expect(count('noteSubscribed')).toBe(0);
  });

  it('is noted by the repeat where the store was down: subscribing twice is one subscription', async () => {
    const { activities, fail, count } = holdingCandidate();
    fail('noteSubscribed', new Error('connection refused'));
    await failureFrom(activities.subscribeApp({ key: KEY, wabaId: WABA }));
    await activities.subscribeApp({ key: KEY, wabaId: WABA });
    expect(count('noteSubscribed')).toBe(2);
  });
});

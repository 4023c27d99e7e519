import { expect, it } from 'vitest';
import { SYNC_STATES } from '../../src/domain/snapshot.ts';
import { needsOpenApp, stateSeen } from '../../src/domain/sync-seen.ts';

const NOTHING = { isAccepted: false, hasData: false };
const ACCEPTED = { isAccepted: true, hasData: false };
const DATA = { isAccepted: false, hasData: true };

it.each([
  ['due', NOTHING, 'due'],
  ['due', ACCEPTED, 'requested'],
  ['asking', ACCEPTED, 'requested'],
  ['due', DATA, 'receiving'],
  ['requested', DATA, 'receiving'],
  ['requested', ACCEPTED, 'requested'],
] as const)('an import that was recorded as %s with %o is %s', (state, trace, seen) => {
  expect(stateSeen({ state }, trace)).toBe(seen);
});

it.each(SYNC_STATES.filter((state) => !['due', 'asking', 'requested'].includes(state)))(
  '%s was recorded at once and stays',
  (state) => {
    expect(stateSeen({ state }, { isAccepted: true, hasData: true })).toBe(state);
  },
);

it('the app should stay open while data is on its way', () => {
  expect(SYNC_STATES.filter(needsOpenApp)).toEqual(['asking', 'requested', 'receiving', 'stalled']);
});

import { expect, it } from 'vitest';
import { completeSnapshot } from '../../src/domain/older-snapshot.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { connecting, gone, hours, invited, live, suspended, T0 } from './builders.ts';

/** As the first version stored it. */
function older(s: Snapshot): Snapshot {
  const {
    tasks: _tasks,
    grants: _grants,
    lastSignup: _last,
    duplicateOf: _duplicate,
    answered: _answered,
    ...rest
  } = s;
  const {
    wait: _wait,
    queuedFor: _queued,
    chosenId: _chosen,
    spare: _spare,
    isAccessDoubted: _doubted,
    ...attempt
  } = s.attempt;
  const { choiceHours: _hours, syncAlertHours: _alerts, ...policy } = s.policy;
  return JSON.parse(JSON.stringify({ ...rest, attempt, policy })) as Snapshot; // as the store reads it
}

it.each([
  ['invited', invited()],
  ['connecting', connecting()],
  ['live', live()],
  ['suspended', suspended()],
  ['gone', gone()],
])('a snapshot of older code that was %s goes on as it was', (_name, s) => {
  const completed = completeSnapshot(older(s));
  expect(completed).toEqual(s);
  expect(nextDueOf(completed, T0 + hours(1))).toEqual(nextDueOf(s, T0 + hours(1)));
});

it('why it is where it is stays unknown until something is told', () => {
  const { because: _because, ...rest } = live();
  expect(completeSnapshot(rest).because).toBeUndefined();
});

it('one of today stays as it is', () => {
  const s = live({}, { tasks: [{ kind: 'keep-app-open', state: 'open', sinceMs: T0 }] });
  expect(completeSnapshot(s)).toEqual(s);
});

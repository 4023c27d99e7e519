import { describe, expect, it } from 'vitest';
import { endLink } from '../../src/domain/end-link.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { subscriptionDoubt } from '../../src/domain/subscription.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { closeTask, isTaskOpen, openTask } from '../../src/domain/tasks.ts';
import { days, envelope, gone, hours, ignoredAs, lastLine, live, suspended, T0, withAttempt } from './builders.ts';

const QUIET_MS = T0 + hours(24);
const missed = (connectedAtMs = T0): Fact => ({ kind: 'trafficMissed', connectedAtMs });
const seen = (connectedAtMs = T0): Fact => ({ kind: 'trafficSeen', connectedAtMs });
const hear = (s: Snapshot, fact: Fact, atMs = QUIET_MS): Snapshot => takeFact(s, envelope(fact, atMs), atMs);
const signedUp = (connectedAtMs: number): Partial<Snapshot> => ({
  lastSignup: { openedAtMs: T0, finishedAtMs: T0, connectedAtMs },
});
const keys = (s: Snapshot): string[] => s.unsaid.map(({ row, key }) => `${row} ${key}`);

describe('LI20: no message has passed since the number went live', () => {
  it('asks Meta at once whether it tells us of them, and the owner to test both ways', () => {
    const quiet = hear(live({}, signedUp(T0)), missed());
    expect(quiet.subscription).toEqual(subscriptionDoubt('look', QUIET_MS));
    expect(nextDueOf(quiet, QUIET_MS)).toMatchObject({ kind: 'subscription-look', atMs: QUIET_MS });
    expect(isTaskOpen(quiet, 'test-both-ways')).toBe(true);
    expect(keys(quiet)).toEqual(['LI20 trafficMissed', 'LI20 taskOpened']);
    expect(quiet.link.state).toBe('live');
  });

  it('opens the task again that a person had called done', () => {
    const told = { row: 'CM14', atMs: T0, as: 'done' } as const;
    const done = closeTask(openTask(live(), 'test-both-ways', { row: 'AT20', atMs: T0 }), 'test-both-ways', told);
    expect(isTaskOpen(hear(done, missed()), 'test-both-ways')).toBe(true);
  });

  it('leaves a doubt that is there as it is', () => {
    const subscription = { ...subscriptionDoubt('repair', T0), found: 'missing', repairs: 2 } as const;
    expect(hear(live({}, { subscription }), missed()).subscription).toEqual(subscription);
  });

  it('is doubted also where the link was paused while the news was on its way', () => {
    const quiet = hear(suspended(), missed(), T0 + days(2));
    expect(quiet.subscription).toEqual(subscriptionDoubt('look', T0 + days(2)));
    expect([isTaskOpen(quiet, 'test-both-ways'), quiet.link.state]).toEqual([true, 'suspended']);
    expect(nextDueOf(quiet, T0 + days(2))).toMatchObject({ kind: 'subscription-look' });
  });

  it('says since when, however late it is told', () => {
    const [line] = hear(suspended(), missed(), T0 + days(2)).unsaid;
    expect(line && sentenceOf(line)).toBe(
      'No message has passed since 2026-11-01 10:00Z, when it was connected: Meta is asked whether it tells us of them.',
    );
  });

  it('is told anew of a link that came back', () => {
    expect(hear(live({}, signedUp(T0)), missed(T0 + days(3)), T0 + days(4)).subscription?.step).toBe('look');
  });

  it.each([
    ['gone', gone()],
    ['without a usable credential', live({}, { credential: 'held' })],
  ] as const)('changes nothing of a number that is %s', (_name, s) => {
    const next = hear(s, missed(), T0 + days(2));
    expect([ignoredAs(next), next.subscription, next.tasks]).toEqual(['LI20 n', undefined, s.tasks]);
  });

  it.each([missed(T0 - 1), seen(T0 - 1)])('$kind of an earlier link says nothing of this one', (fact) => {
    const open = openTask(live({}, signedUp(T0)), 'test-both-ways', { row: 'AT20', atMs: T0 });
    const next = hear(open, fact);
    expect([ignoredAs(next), next.subscription, next.tasks]).toEqual(['LI20 s', undefined, open.tasks]);
  });

  it('waits while a new signup runs over the live link', () => {
    const running = withAttempt(live(), { state: 'running', step: 'exchange' });
    expect(nextDueOf(hear(running, missed()), QUIET_MS)?.kind).not.toBe('subscription-look');
  });

  it('the doubt goes with the link', () => {
    const quiet = hear(live(), missed());
    const ended = endLink(quiet, { row: 'LI02', reason: 'unknown', initiator: null, atMs: QUIET_MS }, QUIET_MS);
    expect(ended).not.toHaveProperty('subscription');
  });
});

describe('FA38: the first message of a number that was quiet', () => {
  it('is the test that was asked for', () => {
    const next = hear(hear(live(), missed()), seen(), QUIET_MS + 1);
    expect(next.tasks).toMatchObject([{ kind: 'test-both-ways', state: 'done' }]);
    expect(lastLine(next)).toBe('LI20 taskClosed');
  });

  it('changes nothing where nobody was asked', () => {
    expect(ignoredAs(hear(live(), seen()))).toBe('LI20 n');
  });
});

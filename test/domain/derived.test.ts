import { describe, expect, it } from 'vitest';
import { CONNECTIONS, connectionOf, mayBecome, type Connection } from '../../src/domain/connection.ts';
import { headlineOf, needsAttention } from '../../src/domain/headline.ts';
import { sendGateOf } from '../../src/domain/send-gate.ts';
import type { Attempt, Snapshot } from '../../src/domain/snapshot.ts';
import { subscriptionDoubt } from '../../src/domain/subscription.ts';
import {
  connecting,
  days,
  gone,
  hours,
  invited,
  live,
  suspended,
  T0,
  waiting,
  withAttempt,
  withLink,
} from './builders.ts';

const suspect = {
  class: null,
  sinceMs: T0,
  firstAtMs: null,
  lookAtMs: T0,
  looks: 0,
  isReturn: false,
  removal: null,
} as const;
const overdue = { ...live().activity, overdueSinceMs: T0 };
const over = (s: Snapshot, state: Attempt['state']): Snapshot => withAttempt(s, { state });
const leaving = (s: Snapshot): Snapshot => ({ ...s, leave: { state: 'asked', untilMs: T0 } });
const closed = (s: Snapshot): Snapshot => ({ ...s, closed: 'retired' });

const ROWS: readonly [string, Snapshot, [Connection, string]][] = [
  ['closed beats all', closed(leaving(live())), ['closed', 'closed']],
  ['running over nothing', connecting(), ['connecting', 'connecting']],
  ['in review', waiting({ for: 'review' }), ['connecting', 'in-review']],
  ['waiting for the gate', waiting(), ['connecting', 'connecting']],
  ['waiting for Meta', waiting({ for: 'resume' }), ['connecting', 'connecting']],
  ['waiting for a choice', waiting({ for: 'choice' }), ['connecting', 'needs-action']],
  ['waiting for the phone', waiting({ for: 'device' }), ['connecting', 'needs-action']],
  ['undoing', connecting({ state: 'undoing' }), ['connecting', 'connecting']],
  ['running over a live link', over(live(), 'running'), ['connecting', 'connected']],
  ['running over a pause', over(suspended(), 'waiting'), ['connecting', 'paused']],
  ['running while leaving', over(leaving(live()), 'running'), ['connecting', 'disconnecting']],
  ['leaving over a live link', leaving(live()), ['disconnecting', 'disconnecting']],
  ['leaving over a pause', leaving(suspended()), ['disconnecting', 'disconnecting']],
  ['live', live(), ['connected', 'connected']],
  ['live and overdue', live({}, { activity: overdue }), ['connected', 'at-risk']],
  ['live and invited', over(live(), 'open'), ['connected', 'connected']],
  ['suspended', suspended(), ['paused', 'paused']],
  ['suspended and overdue', { ...suspended(), activity: overdue }, ['paused', 'paused']],
  ['open', invited(), ['awaiting-signup', 'awaiting-signup']],
  ['queued', over(invited(), 'queued'), ['awaiting-signup', 'queued']],
  ['cooling', over(invited(), 'cooling'), ['awaiting-signup', 'cooling-down']],
  ['gone and cooling', over(gone(), 'cooling'), ['awaiting-signup', 'cooling-down']],
  ['gone', gone(), ['disconnected', 'disconnected']],
];

describe('the connection and its headline', () => {
  it.each(ROWS)('%s', (_name, s, words) => {
    expect([connectionOf(s), headlineOf(s)]).toEqual(words);
  });

  it('an operator is asked for when undo failed, a disconnect is stuck, or the link is in doubt', () => {
    expect(needsAttention(live())).toBe(false);
    expect(needsAttention({ ...live(), incompleteUndo: ['releaseClaim'] })).toBe(true);
    expect(needsAttention({ ...live(), leave: { state: 'stuck', untilMs: null } })).toBe(true);
    expect(needsAttention(leaving(live()))).toBe(false);
    expect(needsAttention(withLink(live(), { suspect }))).toBe(true);
  });
});

const MAY: Record<Connection, readonly Connection[]> = {
  'awaiting-signup': ['connecting', 'closed', 'disconnected', 'connected'],
  connecting: ['awaiting-signup', 'connected', 'paused', 'disconnecting', 'disconnected', 'closed'],
  connected: ['connecting', 'paused', 'disconnecting', 'disconnected', 'awaiting-signup', 'closed'],
  paused: ['connected', 'connecting', 'disconnecting', 'disconnected', 'awaiting-signup', 'closed'],
  disconnecting: ['connected', 'paused', 'connecting', 'disconnected', 'closed'],
  disconnected: ['awaiting-signup', 'connecting', 'connected', 'closed'],
  closed: [],
};

describe.each(CONNECTIONS)('1.1 from %s', (from) => {
  it.each(CONNECTIONS)('to %s', (to) => {
    expect(mayBecome(from, to)).toBe(from === to || MAY[from].includes(to));
  });
});

describe('10.2 the send gate', () => {
  const shut = { replies: false, templates: false, utility: false, warnings: [] };

  it.each([
    ['closed', closed(live()), { reason: 'not-connected', untilMs: null }],
    ['no link yet', connecting(), { reason: 'not-connected', untilMs: null }],
    ['gone', gone(), { reason: 'not-connected', untilMs: null }],
    ['suspended', suspended(T0 + days(1)), { reason: 'paused', untilMs: T0 + days(1) + hours(72) }],
    ['a credential that is not valid', live({}, { credential: 'held' }), { reason: 'access-lost', untilMs: null }],
  ] as const)('is shut: %s', (_name, s, why) => {
    expect(sendGateOf(s)).toEqual({ ...shut, ...why });
  });

  it('is open over a live link, also while a new signup runs, with warnings in order', () => {
    expect(sendGateOf(over(live(), 'running'))).toMatchObject({
      replies: true,
      templates: true,
      utility: true,
      reason: null,
      warnings: [],
    });
    const worried = leaving(live({ suspect }, { activity: overdue }));
    expect(sendGateOf(worried).warnings).toEqual(['unverified', 'leaving', 'at-risk']);
    expect(sendGateOf(worried).replies).toBe(true);
    const lost = { ...subscriptionDoubt('repair', T0), found: 'missing' } as const;
    expect(sendGateOf(live({}, { subscription: lost })).warnings).toEqual(['replies-may-be-lost']);
    expect(sendGateOf(live({}, { subscription: { ...lost, found: null } })).warnings).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/domain/failures.ts';
import type { UndoStep } from '../../src/domain/snapshot.ts';
import { codeReceived, days, hours, invited, minutes, offboarded, reconnected, removed, T0, WABA } from './builders.ts';
import { Life } from './life.ts';
import { standardMeta } from './scripted-meta.ts';

const CONNECTED_AT = T0;

function connectedLife(): Life {
  const life = new Life({ state: invited(), nowMs: T0 - hours(1) });
  life.runTo(CONNECTED_AT);
  life.hear(codeReceived(), { cycle: 1 });
  life.runTo(CONNECTED_AT);
  return life;
}

/** Silence from the first day on: disconnected for inactivity on day 14, cleaned up three days later. */
function lostLife(): Life {
  const life = connectedLife();
  life.runTo(T0 + days(14) + hours(9));
  life.hear(removed({ reason: 'PRIMARY_INACTIVITY' }));
  life.runTo(T0 + days(18));
  return life;
}

describe('sixty days of one number', () => {
  it('play from the invitation to a guided disconnect, in milliseconds', () => {
    const startedAt = performance.now();
    const life = new Life({ state: invited(), nowMs: T0 - hours(1) });
    life.runTo(T0 - minutes(2));
    expect(life.headline).toBe('awaiting-signup');
    life.hear({ kind: 'partnerAdded', wabaId: WABA }, { occurredAtMs: T0 - minutes(1) });
    life.runTo(CONNECTED_AT);
    life.hear(codeReceived(), { cycle: 1 });
    life.runTo(CONNECTED_AT);
    expect(life.headline).toBe('connected');
    expect(life.asks.map(({ type }) => type)).toEqual(['contacts', 'history']);

    // both imports arrive and are complete
    life.hear({ kind: 'contactsArrived' }, { occurredAtMs: T0 + minutes(1), deliveredAtMs: T0 + minutes(1) });
    const chunk = { kind: 'historyChunkArrived', phase: 2, chunkOrder: 9, progress: 100 } as const;
    life.hear(chunk, { occurredAtMs: T0 + minutes(20), deliveredAtMs: T0 + minutes(20) });
    life.runTo(T0 + hours(1));
    expect([life.state.contacts.state, life.state.history.state]).toEqual(['complete', 'complete']);

    // echoes until day 2: the reminder of day 7 finds them and is not sent
    const lastSeenAt = T0 + days(2);
    life.meta.use(lastSeenAt);
    life.runTo(lastSeenAt + days(7) + hours(6) - 1);
    expect(life.reminders).toEqual([]);

    // then silence
    life.runTo(lastSeenAt + days(14) + hours(6));
    const told = life.reminders.map(({ rung, atMs }) => [rung, (atMs - lastSeenAt - hours(6)) / days(1)]);
    expect(told).toEqual([
      ['7', 7],
      ['10', 10],
      ['12', 12],
      ['13', 13],
    ]);
    expect(life.headline).toBe('at-risk');
    expect(life.overdueAtMs).toEqual([{ toldAtMs: lastSeenAt + days(14) + hours(6), evidenceAtMs: lastSeenAt }]);

    const removedAt = lastSeenAt + days(14) + hours(9);
    life.runTo(removedAt);
    life.hear(removed({ reason: 'PRIMARY_INACTIVITY' }));
    life.runTo(removedAt);
    expect(life.headline).toBe('disconnected');
    expect(life.state.link.end).toMatchObject({ reason: 'inactivity', phoneStillLinked: 'no' });
    life.runTo(removedAt + hours(72) - 1);
    expect(life.state.credential).toBe('held');
    life.runTo(removedAt + hours(72));
    expect(life.state.credential).toBe('forgotten');
    expect(life.state.compensation).toEqual([]);

    // back as cycle 2, paused by a new phone, and back again
    const againAt = removedAt + days(5);
    life.runTo(againAt);
    expect(life.command({ kind: 'startReonboarding' }).outcome).toBe('accepted');
    life.hear(codeReceived(), { cycle: 2, occurredAtMs: againAt + minutes(5), deliveredAtMs: againAt + minutes(5) });
    life.runTo(againAt + hours(3));
    expect([life.headline, life.state.cycle]).toEqual(['connected', 2]);
    const pausedAt = againAt + days(8);
    life.runTo(pausedAt);
    life.hear(offboarded());
    life.runTo(pausedAt + hours(20));
    expect(life.headline).toBe('paused');
    life.hear(reconnected());
    life.runTo(pausedAt + hours(20));
    expect(life.headline).toBe('connected');
    expect(life.state.activity.anyAtMs).toBe(pausedAt + hours(20));

    // used until day 55, then a guided disconnect
    life.meta.use(T0 + days(40));
    life.meta.use(T0 + days(52));
    life.runTo(T0 + days(55));
    expect(life.headline).toBe('connected');
    expect(life.command({ kind: 'requestDisconnect' }).outcome).toBe('accepted');
    life.runTo(T0 + days(57));
    expect(life.headline).toBe('disconnecting');
    life.hear(removed());
    life.runTo(T0 + days(61));
    expect(life.headline).toBe('disconnected');
    expect(life.state.link.end?.reason).toBe('owner-disconnected');
    expect(life.trail).toEqual([
      'connecting',
      'connected',
      'disconnected',
      'awaiting-signup',
      'connecting',
      'connected',
      'paused',
      'connected',
      'disconnecting',
      'disconnected',
    ]);
    life.runTo(T0 + days(57 + 365));
    expect(life.state.closed).toBe('retired');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('a re-onboarding that fails at the gate is undone in order, rests with reason, remedy and date, and is withdrawn', () => {
    const life = lostLife();
    const undone: UndoStep[] = [];
    life.meta.step = (step) => (step === 'gate' ? 'CONNECTION_TIMED_OUT' : null);
    life.meta.probe = () => 'off-app';
    life.meta.undo = (step) => {
      undone.push(step);
      return 'done';
    };
    const againAt = T0 + days(20);
    life.runTo(againAt);
    life.command({ kind: 'startReonboarding' });
    life.hear(codeReceived(), { cycle: 2 });
    life.runTo(againAt + minutes(5));
    expect(life.headline).toBe('connecting');
    life.runTo(againAt + minutes(12));
    expect(undone).toEqual(['unsubscribeIfLast', 'releaseClaim', 'forgetCredential']);
    expect(life.headline).toBe('cooling-down');
    const { failure, opensAtMs } = life.state.attempt;
    expect(failure?.code).toBe('NUMBER_NOT_ON_APP');
    expect(FAILURES.NUMBER_NOT_ON_APP.remedy.length).toBeGreaterThan(0);
    expect(failure?.retryAtMs).toBe(opensAtMs);
    expect((opensAtMs ?? 0) - (failure?.atMs ?? 0)).toBe(minutes(15));
    expect(failure?.phoneStillLinked).toBe('no');
    expect(life.command({ kind: 'cancelOnboarding' }).outcome).toBe('accepted');
    life.runTo(againAt + hours(1));
    expect(life.headline).toBe('disconnected');
    expect(life.state.link.end?.reason).toBe('inactivity');
  });

  it('a cooling attempt opens again by itself, and its next dialog can go live', () => {
    const life = lostLife();
    life.meta.step = (step) => (step === 'gate' ? 'CONNECTION_TIMED_OUT' : null);
    life.meta.probe = () => 'off-app';
    life.command({ kind: 'startReonboarding' });
    life.hear(codeReceived(), { cycle: 2 });
    life.runTo(life.nowMs + minutes(30));
    expect([life.headline, life.state.attempt.ordinal]).toEqual(['awaiting-signup', 2]);
    Object.assign(life.meta, standardMeta());
    life.hear(codeReceived(2), { cycle: 2 });
    life.runTo(life.nowMs + minutes(1));
    expect(life.headline).toBe('connected');
  });

  it('its onboarding with both imports is recorded four times', () => {
    const life = new Life({ state: invited(), nowMs: T0 - hours(1) });
    life.hear(codeReceived(), { cycle: 1, occurredAtMs: T0, deliveredAtMs: T0 });
    life.hear({ kind: 'contactsArrived' }, { deliveredAtMs: T0 + minutes(1) });
    const chunk = { kind: 'historyChunkArrived', phase: 2, chunkOrder: 9, progress: 100 } as const;
    life.hear(chunk, { deliveredAtMs: T0 + minutes(20) });
    life.runTo(T0 + hours(1));
    expect([life.state.contacts.state, life.state.history.state]).toEqual(['complete', 'complete']);
    expect(life.state.sequence).toBe(4); // each record is an Action
  });

  it('the same story twice is the same story', () => {
    expect(lostLife().sentences).toEqual(lostLife().sentences);
  });
});

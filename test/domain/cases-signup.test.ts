/** Signups as other systems test them, from the end of the dialog to the imports (docs/coverage.md). */
import { describe, expect, it } from 'vitest';
import type { Fact, SignupEnding } from '../../src/domain/facts.ts';
import { takeCommand } from '../../src/domain/react.ts';
import { sendGateOf } from '../../src/domain/send-gate.ts';
import type { AttemptStep } from '../../src/domain/snapshot.ts';
import { codeReceived, days, invited, minutes, T0, WABA } from './builders.ts';
import { Life } from './life.ts';
import type { ScriptedMeta } from './scripted-meta.ts';

const finished = (ending: SignupEnding): Fact => ({ kind: 'signupFinished', attempt: 1, ending, wabaId: WABA });

/** An invitation that lies open at T0; what is done at Meta is written down, with the connection in which it was done. */
function opened(meta: Partial<ScriptedMeta> = {}, imports = { contacts: true, history: true }) {
  const done: string[] = [];
  const steps: AttemptStep[] = [];
  const life = new Life({
    state: invited({ imports }),
    nowMs: T0,
    meta: {
      ...meta,
      step: (step) => {
        steps.push(step);
        done.push(`${step} while ${life.connection}`);
        return meta.step?.(step) ?? null;
      },
      undo: (step) => {
        done.push(`undo ${step}`);
        return 'done';
      },
    },
  });
  return { life, done, steps };
}

function connected(meta: Partial<ScriptedMeta> = {}, imports?: { contacts: boolean; history: boolean }) {
  const world = opened(meta, imports);
  world.life.hear(codeReceived(), { cycle: 1 });
  world.life.runTo(T0);
  return world;
}

describe('a dialog that ended otherwise', () => {
  it.each([
    ['case 6', 'unknown-finish', 'SIGNUP_FLOW_UNSUPPORTED'],
    ['case 7', 'standard', 'SIGNUP_MODE_DRIFTED'],
    ['case 9', 'waba-only', 'SIGNUP_WITHOUT_NUMBER'],
    ['case 10', 'malformed', 'SIGNUP_FLOW_UNSUPPORTED'],
  ] as const)('%s: the ending %s is told as %s, and nothing is done at Meta', (...[, ending, code]) => {
    const { life, done } = opened();
    life.hear(finished(ending), { cycle: 1 });
    life.runTo(T0);
    expect([life.state.attempt.failure?.code, life.state.closed, done, life.asks]).toEqual([code, 'no', [], []]);
  });

  it('case 7: the ordinary dialog stops an attempt that has its code already, before anything is claimed', () => {
    const { life, done } = opened({
      step: (step) => {
        if (step === 'exchange') life.hear(finished('standard'), { cycle: 1 });
        return null;
      },
    });
    life.hear(codeReceived(), { cycle: 1 });
    life.runTo(T0 + days(1));
    expect(done).toEqual(['exchange while connecting', 'undo forgetCredential']);
    expect(life.state.attempt.failure?.code).toBe('SIGNUP_MODE_DRIFTED');
    expect(life.trail).not.toContain('connected');
  });
});

describe('the steps at Meta', () => {
  it('case 8, case 12: the number is resolved by us, and our app subscribed, before it counts as connected', () => {
    const { life, done } = connected();
    expect(done).toEqual(
      ['exchange', 'check-token', 'resolve', 'claim', 'subscribe', 'gate'].map((step) => `${step} while connecting`),
    );
    expect(life.connection).toBe('connected');
  });

  it('case 14: a number that another tenant has ends it at the claim, with nothing that could not be taken back', () => {
    const { life, done } = connected({ step: (step) => (step === 'claim' ? 'NUMBER_HELD_ELSEWHERE' : null) });
    expect(done).toEqual([
      'exchange while connecting',
      'check-token while connecting',
      'resolve while connecting',
      'claim while connecting',
      'undo releaseClaim',
      'undo forgetCredential',
    ]);
    expect([life.asks, life.state.attempt.failure?.code]).toEqual([[], 'NUMBER_HELD_ELSEWHERE']);
  });

  it('case 42: a subscription that fails leaves a number that can be connected, and a success clears its failure', () => {
    const refusals: ('SUBSCRIPTION_REFUSED' | null)[] = ['SUBSCRIPTION_REFUSED', null];
    const { life } = connected({ step: (step) => (step === 'subscribe' ? (refusals.shift() ?? null) : null) });
    expect([life.state.closed, life.connection, life.state.attempt.failure?.code]).toEqual([
      'no',
      'awaiting-signup',
      'SUBSCRIPTION_REFUSED',
    ]);
    const mended = takeCommand(life.state, { command: { kind: 'retryNow' }, by: 'operator' }, T0 + minutes(1));
    life.advance(mended.next);
    life.hear(codeReceived(life.state.attempt.ordinal), { cycle: 1 });
    life.runTo(T0 + minutes(2));
    expect([life.connection, life.state.attempt.failure]).toEqual(['connected', null]);
  });

  it('case 43: a number whose platform does not apply yet is in review, neither connected nor failed', () => {
    const { life } = connected({
      step: (step) => (step === 'gate' ? 'REVIEW_TIMED_OUT' : null),
      probe: () => 'pending',
    });
    life.runTo(T0 + days(1));
    expect([life.connection, life.headline, sendGateOf(life.state).replies]).toEqual([
      'connecting',
      'in-review',
      false,
    ]);
    expect(life.state.attempt.failure).toBeNull();
  });
});

describe('the imports of a fresh connection', () => {
  it('case 16: are asked for in the moment of connecting, before anything that has no deadline', () => {
    const askedAtMs: number[] = [];
    const { life } = connected({
      requestSync: (_type, nowMs) => {
        askedAtMs.push(nowMs);
        return { outcome: 'requested', waitMs: null };
      },
    });
    expect(askedAtMs).toEqual([T0, T0]);
    expect([life.asks.map(({ type }) => type), life.reminders]).toEqual([['contacts', 'history'], []]);
  });

  it('case 24: a declined history is an end of the import, not of the connection', () => {
    const { life } = connected();
    life.hear({ kind: 'historyDeclined' }, { occurredAtMs: T0 + minutes(1), deliveredAtMs: T0 + minutes(1) });
    life.runTo(T0 + days(1));
    expect([life.state.history.state, life.state.history.failure, life.connection]).toEqual([
      'declined',
      null,
      'connected',
    ]);
    expect(sendGateOf(life.state).replies).toBe(true);
    expect(life.asks).toHaveLength(2);
  });

  it('case 37: a confirmation that comes again, with another time or the same, makes no second call', () => {
    const { life, steps } = connected();
    const before = { link: life.state.link.state, attempt: life.state.attempt.state, steps: steps.length };
    const added: Fact = { kind: 'partnerAdded', wabaId: WABA };
    for (const atMs of [T0, T0, T0 + minutes(1)]) life.hear(added, { occurredAtMs: atMs });
    life.runTo(T0 + minutes(5));
    expect({ link: life.state.link.state, attempt: life.state.attempt.state, steps: steps.length }).toEqual(before);
    expect(life.asks).toHaveLength(2);
  });

  it('case 47: none is asked for that was not wanted', () => {
    const { life } = connected({}, { contacts: false, history: false });
    life.runTo(T0 + days(2));
    expect([life.connection, life.asks]).toEqual(['connected', []]);
  });

  it.each(['refused', 'unknown', 'due', 'expired'] as const)(
    'case 47: a request that ends %s does not break the onboarding',
    (outcome) => {
      const { life } = connected({ requestSync: () => ({ outcome, waitMs: null }) });
      life.runTo(T0 + days(2));
      expect([life.connection, life.state.link.state, sendGateOf(life.state).replies]).toEqual([
        'connected',
        'live',
        true,
      ]);
    },
  );
});

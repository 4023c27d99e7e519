import { describe, expect, it } from 'vitest';
import { attemptAfterClock } from '../../src/domain/attempt.ts';
import { retryNow } from '../../src/domain/attempt-commands.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Fact, SignupEnding } from '../../src/domain/facts.ts';
import { dialogRunId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Attempt, Snapshot } from '../../src/domain/snapshot.ts';
import { closeTask, openTask } from '../../src/domain/tasks.ts';
import {
  codeReceived,
  connecting,
  days,
  envelope,
  gone,
  hours,
  ignoredAs,
  invited,
  lastLine,
  minutes,
  removed,
  RUN,
  T0,
  WABA,
  waiting,
  withAttempt,
} from './builders.ts';

const finished = (ending: SignupEnding = 'coexistence'): Fact => ({
  kind: 'signupFinished',
  attempt: 1,
  ending,
  wabaId: WABA,
});
const inState = (state: Attempt['state'], over: Partial<Attempt> = {}): Snapshot =>
  withAttempt(invited(), { state, ...over });
const hear = (s: Snapshot, fact: Fact, cycle = 1): Snapshot => takeFact(s, envelope(fact, T0, { cycle }), T0);

describe('the code', () => {
  it.each(['open', 'queued', 'cooling'] as const)('AT13 starts the exchange from %s', (state) => {
    const { attempt } = hear(inState(state, { opensAtMs: T0 + hours(1) }), codeReceived());
    expect(attempt).toMatchObject({
      state: 'running',
      step: 'exchange',
      dialogRunId: RUN,
      finishedAtMs: T0,
      opensAtMs: null,
    });
  });

  it.each(['running', 'waiting'] as const)('AT15 past the exchange changes nothing while %s', (state) => {
    const s = connecting({ state, step: 'resolve' });
    const same = hear(s, codeReceived());
    expect([same.attempt, ignoredAs(same)]).toEqual([s.attempt, 'AT15 d']);
    expect(ignoredAs(hear(s, codeReceived(1, dialogRunId('dlg_2'))))).toBe('AT15 s');
  });

  it('GR4 of another cycle or another attempt, or without an attempt, is stale', () => {
    expect(ignoredAs(hear(invited(), codeReceived(), 2))).toBe('AT13 s');
    expect(ignoredAs(hear(invited(), codeReceived(2)))).toBe('AT13 s');
    expect(ignoredAs(hear(gone(), codeReceived()))).toBe('AT13 s');
  });
});

describe('the end of the dialog', () => {
  it.each(['open', 'cooling'] as const)('AT12 without its code fails the attempt from %s', (state) => {
    const { attempt } = hear(inState(state), finished());
    expect(attempt.state).toBe('undoing');
    expect(attempt.failure).toMatchObject({ code: 'SIGNUP_CODE_MISSING', phoneStillLinked: 'likely' });
  });

  it('AT16 that comes after the code fills in the earlier finish', () => {
    const next = hear(connecting({ finishedAtMs: T0 + minutes(1) }), finished());
    expect([next.attempt.state, next.attempt.finishedAtMs, ignoredAs(next)]).toEqual(['running', T0, 'AT16 d']);
  });

  it.each([
    ['standard', 'SIGNUP_MODE_DRIFTED'],
    ['waba-only', 'SIGNUP_WITHOUT_NUMBER'],
    ['grant-only', 'SIGNUP_FLOW_UNSUPPORTED'],
    ['on-behalf', 'SIGNUP_FLOW_UNSUPPORTED'],
    ['unknown-finish', 'SIGNUP_FLOW_UNSUPPORTED'],
    ['malformed', 'SIGNUP_FLOW_UNSUPPORTED'],
  ] as const)('AT17 %s fails it with %s in every state before the end', (ending, code) => {
    for (const s of [
      inState('open'),
      inState('queued'),
      inState('cooling'),
      connecting(),
      connecting({ state: 'waiting' }),
    ]) {
      const { attempt } = hear(s, finished(ending));
      expect([attempt.state, attempt.failure?.code]).toEqual(['undoing', code]);
    }
  });

  it('AT16 answers a question that nobody asks while undoing, or of another cycle', () => {
    expect(ignoredAs(hear(connecting({ state: 'undoing' }), finished('standard')))).toBe('AT16 s');
    expect(ignoredAs(hear(connecting(), finished('standard'), 2))).toBe('AT16 s');
  });
});

describe('partnerAdded', () => {
  const added: Fact = { kind: 'partnerAdded', wabaId: WABA };
  const openedAt = invited().attempt.openedAtMs;

  it('AT24 tells when the dialog ended, and proves nothing', () => {
    const next = takeFact(connecting(), envelope(added, T0 - minutes(3)), T0);
    expect([next.attempt.state, next.attempt.finishedAtMs, lastLine(next)]).toEqual([
      'running',
      T0 - minutes(3),
      'AT24 partnerAdded',
    ]);
  });

  it('AT25 from more than the boundary before the invitation belongs to an earlier cycle', () => {
    expect(ignoredAs(takeFact(invited(), envelope(added, openedAt - minutes(2) - 1), T0))).toBe('AT25 l');
    expect(lastLine(takeFact(invited(), envelope(added, openedAt - minutes(2)), T0))).toBe('AT24 partnerAdded');
  });
});

describe('news of the link while an attempt is under way', () => {
  it('AT27 from before the finish acts on the old link at once', () => {
    const s = { ...gone(), attempt: connecting().attempt };
    const next = takeFact(s, envelope(removed({ reason: 'CHANGE_NUMBER' }), T0 - 1), T0);
    expect(next.attempt.deferred).toEqual([]);
    expect(next.unsaid.length).toBeGreaterThan(s.unsaid.length);
  });

  it('AT27 in the second of the finish is not from after it', () => {
    const next = takeFact(connecting(), envelope(removed(), T0), T0);
    expect([next.attempt.deferred, ignoredAs(next)]).toEqual([[], 'LI01 n']);
  });

  it.each(['running', 'waiting', 'undoing'] as const)('AT26 from after the finish waits for the end of %s', (state) => {
    const next = takeFact(connecting({ state }), envelope(removed(), T0 + 1), T0 + 1);
    expect(next.attempt.deferred).toHaveLength(1);
    expect(next.attempt.state).toBe(state);
  });

  it('AT26 a removal asks the waiting gate for a look at once', () => {
    const s = waiting({ for: 'review', lookAtMs: T0 + minutes(30) });
    expect(takeFact(s, envelope(removed(), T0 + 5), T0 + 5).attempt.wait?.lookAtMs).toBe(T0 + 5);
  });
});

describe('the clock', () => {
  const expiresAt = invited().attempt.expiresAtMs;

  it.each(['open', 'queued', 'cooling'] as const)(
    'AT08 an invitation that is %s expires, and the record closes',
    (state) => {
      expect(attemptAfterClock(inState(state), expiresAt - 1)).toBeNull();
      const next = attemptAfterClock(inState(state), expiresAt);
      expect([next?.closed, next?.attempt.state]).toEqual(['expired', 'none']);
    },
  );

  it('AT08 over a link that is gone it only ends the attempt', () => {
    const next = attemptAfterClock({ ...gone(), attempt: invited().attempt }, expiresAt);
    expect(next && [next.closed, connectionOf(next)]).toEqual(['no', 'disconnected']);
  });

  it.each([
    ['queued', 'AT06'],
    ['cooling', 'AT35'],
  ] as const)('a %s attempt opens by itself at its date (%s)', (state, row) => {
    const s = inState(state, { opensAtMs: T0 + minutes(15) });
    expect(attemptAfterClock(s, T0 + minutes(15) - 1)).toBeNull();
    const next = attemptAfterClock(s, T0 + minutes(15));
    expect(next && [next.attempt.state, next.attempt.opensAtMs, lastLine(next)]).toEqual([
      'open',
      null,
      `${row} invitationOpened`,
    ]);
  });

  it('AT34 an attempt that waits for our fix does not open by itself', () => {
    expect(attemptAfterClock(inState('queued'), T0 + days(3))).toBeNull();
  });

  it('AT34 nor does it expire: its invitation is prolonged until the fix is made, or dismissed', () => {
    const waits = openTask(inState('queued', { queuedFor: 'our-fix' }), 'op-config', { row: 'AT34', atMs: T0 });
    const next = attemptAfterClock(waits, expiresAt);
    expect(next?.attempt).toMatchObject({ state: 'queued', queuedFor: 'our-fix', expiresAtMs: expiresAt + days(7) });
    expect([next && lastLine(next), nextDueOf(waits, T0)?.atMs]).toEqual(['AT34 invitationProlonged', expiresAt]);
    const dismissed = closeTask(waits, 'op-config', { row: 'CM14', atMs: T0, as: 'dismissed' });
    expect(attemptAfterClock(dismissed, expiresAt)?.closed).toBe('expired');
  });

  it('AT34 made after the old date, the fix opens a whole invitation', () => {
    const waits = inState('queued', { queuedFor: 'our-fix' });
    const fixedAt = expiresAt + days(1);
    const { attempt } = retryNow(waits, 'operator', fixedAt).next;
    expect([attempt.state, attempt.openedAtMs, attempt.expiresAtMs]).toEqual(['open', fixedAt, fixedAt + days(7)]);
  });
});

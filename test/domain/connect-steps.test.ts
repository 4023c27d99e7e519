import { describe, expect, it } from 'vitest';
import {
  afterGateLook,
  afterStep,
  attemptUndone,
  beforeStep,
  nextConnectStep,
  stepFailed,
} from '../../src/domain/connect-steps.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import { FAILURES, type FailureCode } from '../../src/domain/failures.ts';
import { wabaId } from '../../src/domain/ids.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import type { AttemptStep, Snapshot, UndoStep } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import {
  codeReceived,
  connecting,
  days,
  envelope,
  gone,
  hours,
  invited,
  minutes,
  probe,
  removed,
  RUN,
  T0,
  waitFor,
  waiting,
  withAttempt,
} from './builders.ts';
import { Life } from './life.ts';

function connectingLife(meta: ConstructorParameters<typeof Life>[0]['meta'], state: Snapshot = invited()): Life {
  const life = new Life({ state, nowMs: T0, ...(meta ? { meta } : {}) });
  life.hear(codeReceived(state.attempt.ordinal), { cycle: state.cycle });
  life.runTo(T0);
  return life;
}

/** What was undone, in order, after `failing` said no with `code`. */
function undoneAfter(failing: AttemptStep, code: FailureCode): { undone: UndoStep[]; life: Life } {
  const undone: UndoStep[] = [];
  const undo = (step: UndoStep): 'done' => {
    undone.push(step);
    return 'done';
  };
  const life = connectingLife({ step: (step) => (step === failing ? code : null), probe: () => 'off-app', undo });
  life.runTo(T0 + minutes(12));
  return { undone, life };
}

describe('C07 the subscription of the account', () => {
  const subscribed = (missingFields: readonly string[]) =>
    afterStep(connecting({ step: 'subscribe' }), { step: 'subscribe', missingFields }, T0);

  it('goes on to the gate, and names what our app does not hear without being recorded for it alone', () => {
    const plain = subscribed([]);
    const short = subscribed(['history', 'messages']);
    expect([plain.attempt, plain.unsaid.map(({ key }) => key)]).toEqual([short.attempt, ['accountSubscribed']]);
    expect(short.unsaid.map(sentenceOf)[1]).toContain('history, messages');
    expect(mustRecord({ ...short, unsaid: short.unsaid.slice(1) })).toBe(false);
  });
});

describe('8.1 a step that says no is undone in reverse', () => {
  it.each([
    ['exchange', 'SIGNUP_CODE_EXPIRED', ['forgetCredential']],
    ['check-token', 'SIGNUP_SCOPE_MISSING', ['forgetCredential']],
    ['resolve', 'NUMBER_NOT_FOUND', ['forgetCredential']],
    ['claim', 'NUMBER_HELD_ELSEWHERE', ['releaseClaim', 'forgetCredential']],
    ['subscribe', 'SUBSCRIPTION_REFUSED', ['unsubscribeIfLast', 'releaseClaim', 'forgetCredential']],
    ['gate', 'CONNECTION_TIMED_OUT', ['unsubscribeIfLast', 'releaseClaim', 'forgetCredential']],
  ] as const)('AT21 %s', (failing, code, expected) => {
    const { undone, life } = undoneAfter(failing, code);
    expect(undone).toEqual(expected);
    expect(life.state.attempt.undo).toEqual([]);
    expect(life.state.credential).toBe('none');
  });

  it('registers an undo before its step, once', () => {
    const once = beforeStep(connecting(), 'claim');
    expect(once.attempt.undo).toEqual(['releaseClaim']);
    expect(beforeStep(once, 'claim')).toBe(once);
    expect(beforeStep(once, 'gate')).toBe(once);
  });

  it('GR13 reads what stands before the credential that could read it is forgotten', () => {
    const { life } = undoneAfter('gate', 'CONNECTION_TIMED_OUT');
    const told = life.sentences.map((sentence) => sentence.split(' ')[0]);
    expect(told.indexOf('GR13')).toBe(told.lastIndexOf('8.3') - 1);
    expect(life.state.attempt.failure?.phoneStillLinked).toBe('no');
    const early = undoneAfter('check-token', 'SIGNUP_SCOPE_MISSING').life;
    expect(early.sentences.some((sentence) => sentence.startsWith('GR13'))).toBe(false);
    expect(early.state.attempt.failure?.phoneStillLinked).toBe('likely');
  });

  it('an undo that fails for good is listed and holds nothing up', () => {
    const undo = (step: UndoStep): 'done' | FailureCode => (step === 'releaseClaim' ? 'STORE_UNAVAILABLE' : 'done');
    const life = connectingLife({ step: (step) => (step === 'subscribe' ? 'SUBSCRIPTION_REFUSED' : null), undo });
    expect(life.state.incompleteUndo).toEqual(['releaseClaim']);
    expect(life.state.attempt.state).toBe('queued');
  });
});

describe('AT34 what follows a failure', () => {
  const undoing = (code: FailureCode, over: Partial<Snapshot['attempt']> = {}): Snapshot =>
    connecting({
      state: 'undoing',
      failure: {
        step: 'gate',
        detail: null,
        code,
        atMs: T0,
        retryAtMs: null,
        phoneStillLinked: 'likely',
        metaCode: null,
        supportReference: null,
      },
      ...over,
    });

  it.each([
    ['GRAPH_UNAVAILABLE', 'open', null],
    ['GRAPH_RATE_LIMITED', 'cooling', 60],
    ['SIGNUP_CODE_EXPIRED', 'open', null],
    ['CONNECTION_TIMED_OUT', 'cooling', 15],
    ['REVIEW_TIMED_OUT', 'cooling', 24 * 60],
    ['SIGNUP_APP_FOREIGN', 'queued', null],
  ] as const)('%s: %s, minutes to wait: %s', (code, state, wait) => {
    const { attempt } = attemptUndone(undoing(code), T0);
    const atMs = wait === null ? null : T0 + minutes(wait);
    expect([attempt.state, attempt.opensAtMs, attempt.failure?.retryAtMs]).toEqual([state, atMs, atMs]);
    expect([attempt.ordinal, attempt.failuresInARow, attempt.failure?.code]).toEqual([2, 1, code]);
  });

  it('a run that fails when its invitation is all but over leaves its owner a whole one, with the failure shown', () => {
    const { attempt } = attemptUndone(undoing('NUMBER_AMBIGUOUS', { expiresAtMs: T0 + hours(1) }), T0);
    expect([attempt.state, attempt.failure?.code]).toEqual(['open', 'NUMBER_AMBIGUOUS']);
    expect(attempt.expiresAtMs).toBe(T0 + days(7));
    const later = attemptUndone(undoing('NUMBER_AMBIGUOUS', { expiresAtMs: T0 + days(9) }), T0);
    expect(later.attempt.expiresAtMs).toBe(T0 + days(9));
  });

  it.each(Object.keys(FAILURES) as FailureCode[])('%s leads to a state that its retry promises', (code) => {
    const next = attemptUndone(undoing(code), T0);
    const { retry, waitMinutes, isLookedAtAgain } = FAILURES[code];
    if (retry === 'never') return expect(next.closed).toBe('refused');
    if (retry === 'after-our-fix' || isLookedAtAgain) return expect(next.attempt.state).toBe('queued');
    expect(next.attempt.state).toBe(waitMinutes === null ? 'open' : 'cooling');
  });

  it('never: none; a first onboarding closes, a re-onboarding is disconnected', () => {
    expect(attemptUndone(undoing('NUMBER_HELD_ELSEWHERE'), T0).closed).toBe('refused');
    const again = attemptUndone({ ...gone(), attempt: undoing('NUMBER_HELD_ELSEWHERE').attempt }, T0);
    expect([again.closed, connectionOf(again), again.attempt.failure?.code]).toEqual([
      'no',
      'disconnected',
      'NUMBER_HELD_ELSEWHERE',
    ]);
  });

  it.each([
    [2, 5],
    [3, 10],
    [4, 20],
    [5, 40],
    [6, 60],
    [8, 60],
  ])('case 46: AT36 after %i failures in a row the next cools for %i minutes', (failuresInARow, wait) => {
    const { attempt } = attemptUndone(undoing('SIGNUP_CODE_EXPIRED', { failuresInARow }), T0);
    expect([attempt.state, attempt.opensAtMs]).toEqual(['cooling', T0 + minutes(wait)]);
  });

  it('AT36 the longer of our wait and that of Meta counts', () => {
    const { attempt } = attemptUndone(undoing('CONNECTION_TIMED_OUT', { failuresInARow: 2 }), T0);
    expect(attempt.opensAtMs).toBe(T0 + minutes(15));
  });

  it('case 46: AT36 the tenth attempt is the last', () => {
    expect(attemptUndone(undoing('SIGNUP_CODE_EXPIRED', { ordinal: 9 }), T0).closed).toBe('no');
    const last = attemptUndone(undoing('SIGNUP_CODE_EXPIRED', { ordinal: 10 }), T0);
    expect([last.closed, last.attempt.failure?.code]).toEqual(['refused', 'ATTEMPTS_EXHAUSTED']);
  });

  it('AT33 a wish to stop outranks every retry', () => {
    expect(attemptUndone(undoing('GRAPH_UNAVAILABLE', { isCancelled: true }), T0).closed).toBe('withdrawn');
    expect(nextConnectStep(connecting({ isCancelled: true }), T0)).toEqual({ kind: 'stop' });
  });
});

describe('the gate', () => {
  const gateFails = (seen: (nowMs: number) => ProbeClass): Life =>
    connectingLife({ step: (step) => (step === 'gate' ? 'CONNECTION_TIMED_OUT' : null), probe: seen });

  it('AT19 AT22 past the soft deadline is looked at every 30 seconds, and may still pass', () => {
    const life = gateFails((nowMs) => (nowMs < T0 + minutes(5) ? 'off-app' : 'alive'));
    expect([life.headline, life.state.attempt.state]).toEqual(['connecting', 'waiting']);
    life.runTo(T0 + minutes(6));
    expect(life.headline).toBe('connected');
  });

  it.each([
    ['off-app', minutes(10), 'NUMBER_NOT_ON_APP'],
    ['no-word', minutes(10), 'CONNECTION_TIMED_OUT'],
    ['not-visible', minutes(10), 'CONNECTION_TIMED_OUT'],
    ['pending', hours(72), 'REVIEW_TIMED_OUT'],
  ] as const)('AT23 %s: over after its own patience', (seen, patienceMs, code) => {
    const life = gateFails(() => seen);
    const startedAt = life.nowMs;
    life.runTo(startedAt + patienceMs - 1);
    expect(life.state.attempt.state).toBe('waiting');
    life.runTo(startedAt + patienceMs + minutes(1));
    expect([life.state.attempt.state, life.state.attempt.failure?.code]).toEqual(['cooling', code]);
  });

  it('AT23 the patience of a review is given once, however often Meta changes its answer', () => {
    let looks = 0;
    const life = gateFails(() => (looks++ % 2 === 0 ? 'pending' : 'off-app'));
    const startedAt = life.nowMs;
    life.runTo(startedAt + hours(72) + minutes(2));
    expect(life.state.attempt.state).toBe('cooling');
  });

  it('AT19 a number that turns out to be in review is shown so', () => {
    const life = gateFails(() => 'pending');
    expect(life.headline).toBe('in-review');
  });

  it.each([
    ['alive', 'connected', null],
    ['off-app', 'cooling-down', 'REMOVED_WHILE_CONNECTING'],
  ] as const)('AT26 a removal after the finish: %s at the gate means %s', (seen, headline, code) => {
    const life = gateFails((nowMs) => (nowMs < T0 + minutes(2) ? 'off-app' : seen));
    life.runTo(T0 + minutes(2));
    life.hear(removed(), { occurredAtMs: T0 + minutes(1) });
    life.runTo(T0 + minutes(2));
    expect([life.headline, life.state.attempt.failure?.code ?? null]).toEqual([headline, code]);
  });

  it('AT26 a doubtful removal that waited is looked into once the number is live', () => {
    const s = connecting({ step: 'gate', deferred: [envelope(removed(), T0 + 1)] });
    const next = afterGateLook(
      withAttempt(s, { state: 'waiting', wait: waitFor({ lookAtMs: T0 }) }),
      probe('alive', T0 + minutes(1)),
      T0 + minutes(1),
    );
    expect([next.link.state, next.link.suspect?.removal]).toEqual(['live', { reason: null, initiatedBy: null }]);
  });

  it('AT33 a wish to stop outranks a gate that passes in the same turn', () => {
    const s = waiting({ lookAtMs: T0 }, { isCancelled: true });
    expect(afterGateLook(s, probe('alive', T0), T0)).toBe(s);
  });

  it('AT21 every other step fails at once', () => {
    const next = stepFailed(
      connecting({ step: 'resolve' }),
      { step: 'resolve', code: 'SUBSCRIPTION_REFUSED', probe: null },
      T0,
    );
    expect(next.attempt).toMatchObject({ state: 'undoing', dialogRunId: RUN });
  });
});

describe('AT20 goLive', () => {
  it('takes the proof from the gate, the evidence from the finish, and former ids from before', () => {
    const state = { ...gone(), cycle: 2, wabaId: wabaId('900'), attempt: invited().attempt };
    const life = connectingLife({}, state);
    expect(life.state.link).toMatchObject({ state: 'live', provedAtMs: T0, sinceMs: T0, end: null, hold: null });
    expect([life.state.credential, life.state.compensation, life.state.formerIds]).toEqual(['valid', [], ['900']]);
    expect(life.state.activity.anyAtMs).toBe(T0);
  });

  it('GR16 facts that waited for the claim are heard before the gate is used', () => {
    const parked = [
      envelope(removed(), T0 - days(1)),
      envelope({ kind: 'partnerAdded', wabaId: wabaId('1') }, T0 - minutes(1)),
    ];
    const life = connectingLife({ parked: () => parked });
    expect([life.headline, life.state.activity.anyAtMs]).toEqual(['connected', T0 - minutes(1)]);
    expect(life.sentences.some((sentence) => sentence.startsWith('LI01'))).toBe(true);
  });
});

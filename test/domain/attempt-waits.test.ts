/** The waits of an attempt: AT19, AT22, AT23, AT28. */
import { describe, expect, it } from 'vitest';
import { chooseNumber, retryNow } from '../../src/domain/attempt-commands.ts';
import { giveUp, stepUndecided } from '../../src/domain/attempt-waits.ts';
import { afterStep, nextConnectStep, stepFailed } from '../../src/domain/connect-steps.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { headlineOf } from '../../src/domain/headline.ts';
import { wabaId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { AttemptStep, Snapshot } from '../../src/domain/snapshot.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import {
  connecting,
  days,
  envelope,
  hours,
  invited,
  lastLine,
  minutes,
  probe,
  PHONE,
  T0,
  WABA,
  waiting,
  withAttempt,
} from './builders.ts';

const OTHER = wabaId('310000000000018');
const seconds = (count: number): number => count * 1000;
const undecided = (step: 'check-token' | 'resolve', code: FailureCode, ids: readonly string[]) =>
  ({ kind: 'undecided', step, code, ids }) as const;
/** `step` fails with `code` at a time; Meta may ask for a wait. */
const fails = (
  s: Snapshot,
  [step, code, waitMs = null]: readonly [AttemptStep, FailureCode, (number | null)?],
  nowMs: number,
): Snapshot => stepFailed(s, { step, code, probe: null, waitMs }, nowMs);

describe('ST3 several accounts and no result', () => {
  const several = undecided('check-token', 'SIGNUP_RESULT_MISSING', [WABA, OTHER]);
  const first = stepUndecided(connecting({ step: 'check-token' }), several, T0);

  it('AT19 waits for the result first, looking again, and asks nobody', () => {
    expect(first.attempt.wait).toMatchObject({ for: 'resume', step: 'check-token', untilMs: T0 + seconds(60) });
    expect(nextConnectStep(first, T0 + seconds(30))).toEqual({ kind: 'step', step: 'check-token' });
    const again = stepUndecided(first, several, T0 + seconds(30));
    expect(again.attempt.wait).toMatchObject({ for: 'resume', untilMs: T0 + seconds(60), lookAtMs: T0 + seconds(60) });
    expect(isTaskOpen(again, 'choose-number')).toBe(false);
  });

  it('AT19 then offers the granted accounts for a day', () => {
    const asked = stepUndecided(first, several, T0 + seconds(60));
    expect(asked.attempt.wait).toMatchObject({ for: 'choice', choices: { kind: 'waba', ids: [WABA, OTHER] } });
    expect(asked.attempt.wait?.untilMs).toBe(T0 + seconds(60) + hours(24));
    expect([headlineOf(asked), isTaskOpen(asked, 'choose-number')]).toEqual(['needs-action', true]);
  });

  it('CM06 offers what a person can choose from, and keeps what was granted for whichever is chosen', () => {
    const grants = [{ scope: 'whatsapp_business_management', count: 200 }];
    const ids = Array.from({ length: 200 }, (_, index) => `31000000000${index}`);
    const asked = stepUndecided(first, { ...several, ids, grants }, T0 + seconds(60));
    expect(asked.attempt.wait?.choices?.ids).toEqual(ids.slice(0, 50));
    const { next } = chooseNumber(asked, '310000000007', T0 + seconds(90));
    expect(next.attempt.found).toMatchObject({ wabaId: '310000000007', grants });
  });

  it('AT16 a late result makes it look at once; at a choice only one that was granted', () => {
    const told = (s: Snapshot, waba: typeof WABA): Snapshot =>
      takeFact(
        s,
        envelope({ kind: 'signupFinished', attempt: 1, ending: 'coexistence', wabaId: waba }, T0, { cycle: 1 }),
        T0 + 5,
      );
    expect(told(first, OTHER).attempt.wait?.lookAtMs).toBe(T0 + 5);
    const asked = stepUndecided(first, several, T0 + seconds(60));
    expect(told(asked, OTHER).attempt).toMatchObject({ state: 'running', step: 'check-token', wait: null });
    expect(told(asked, wabaId('1')).attempt.state).toBe('waiting');
  });
});

describe('CM06 choosing', () => {
  const ids = [PHONE, '410000000000024'];
  const asked = stepUndecided(connecting({ step: 'resolve' }), undecided('resolve', 'NUMBER_AMBIGUOUS', ids), T0);

  it('AT22 goes on at the step that asked, with the number that was chosen', () => {
    const { answer, next } = chooseNumber(asked, '410000000000024', T0 + 1);
    expect(answer.outcome).toBe('accepted');
    expect(next.attempt).toMatchObject({ state: 'running', step: 'resolve', chosenId: '410000000000024', wait: null });
    expect(isTaskOpen(next, 'choose-number')).toBe(false);
  });

  it('AT22 takes an account for what it is: the number is looked for in it', () => {
    const wait = { for: 'choice', step: 'check-token', choices: { kind: 'waba', ids: [WABA, OTHER] } } as const;
    const { next } = chooseNumber(waiting(wait), OTHER, T0);
    expect(next.attempt).toMatchObject({ step: 'resolve', found: { wabaId: OTHER }, chosenId: null });
  });

  it.each([
    ['what was not offered', asked, '1', 'CHOICE_NOT_OFFERED'],
    ['where nothing is offered', waiting(), PHONE, 'COMMAND_OUT_OF_STATE'],
    ['before the code', invited(), PHONE, 'COMMAND_OUT_OF_STATE'],
    ['while undoing', withAttempt(asked, { state: 'undoing' }), PHONE, 'COMMAND_OUT_OF_STATE'],
  ] as const)('refuses %s', (...[, s, id, failure]) => {
    const { answer, next } = chooseNumber(s, id, T0);
    expect([answer.outcome, answer.failure, next]).toEqual(['refused', failure, s]);
  });

  it.each([
    ['resolve', 'NUMBER_AMBIGUOUS'],
    ['resolve', 'NUMBER_NOT_EXPECTED'],
  ] as const)('AT23 nobody chose: %s fails with %s', (step, code) => {
    const s = stepUndecided(connecting({ step }), undecided(step, code, ids), T0);
    expect(nextConnectStep(s, T0 + hours(24) - 1)).toMatchObject({ kind: 'wait', untilMs: T0 + hours(24) });
    expect(nextConnectStep(s, T0 + hours(24))).toEqual({ kind: 'give-up' });
    expect(giveUp(s, T0 + hours(24)).attempt).toMatchObject({ state: 'undoing', failure: { code, step } });
  });
});

describe('AT19 a passing fault past a step’s own retries', () => {
  it.each(['check-token', 'resolve', 'subscribe'] as const)('%s waits a day, at growing distances', (step) => {
    let s = fails(connecting({ step }), [step, 'GRAPH_UNAVAILABLE'], T0);
    expect(s.attempt.wait).toMatchObject({ for: 'resume', step, untilMs: T0 + hours(24) });
    const looks: number[] = [];
    for (let nowMs = T0; looks.length < 8;) {
      const lookAtMs = s.attempt.wait?.lookAtMs ?? 0;
      looks.push(lookAtMs - nowMs);
      nowMs = lookAtMs;
      s = fails(s, [step, 'GRAPH_UNAVAILABLE'], nowMs);
    }
    expect(looks).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map(minutes));
    expect(s.attempt.wait?.untilMs).toBe(T0 + hours(24));
    const over = fails(s, [step, 'GRAPH_UNAVAILABLE'], T0 + hours(24));
    expect(over.attempt).toMatchObject({ state: 'undoing', failure: { code: 'GRAPH_UNAVAILABLE' } });
  });

  it('AT22 a step that passes goes on, and the wait is gone', () => {
    const s = fails(connecting({ step: 'subscribe' }), ['subscribe', 'GRAPH_RATE_LIMITED'], T0);
    const next = afterStep(s, { step: 'subscribe', missingFields: [] }, T0 + minutes(1));
    expect(next.attempt).toMatchObject({ state: 'running', step: 'gate', wait: null });
  });

  it.each([
    ['exchange', 'GRAPH_UNAVAILABLE'],
    ['check-token', 'TOKEN_REVOKED'],
    ['subscribe', 'ACCESS_WITHDRAWN'],
    ['subscribe', 'NUMBER_NOT_FOUND'],
  ] as const)('AT21 %s: %s is a no', (step, code) => {
    expect(fails(connecting({ step }), [step, code], T0).attempt.state).toBe('undoing');
  });

  it.each([
    ['NUMBER_NOT_FOUND', 'resolve'],
    ['NUMBER_NOT_VISIBLE', 'subscribe'],
  ] as const)('%s is looked for every half minute, for ten minutes', (code, step) => {
    const s = fails(connecting({ step }), [step, code], T0);
    expect(s.attempt.wait).toMatchObject({ lookAtMs: T0 + seconds(30), untilMs: T0 + minutes(10) });
    expect(fails(s, [step, code], T0 + minutes(10)).attempt.failure?.code).toBe(code);
  });
});

describe('troubles that take turns', () => {
  it('are bounded all the same', () => {
    let s = connecting({ step: 'resolve' });
    let nowMs = T0;
    for (let turn = 0; s.attempt.state !== 'undoing' && turn < 2_000; turn += 1) {
      s = fails(s, ['resolve', turn % 2 === 0 ? 'NUMBER_NOT_FOUND' : 'GRAPH_UNAVAILABLE'], nowMs);
      nowMs += minutes(5);
    }
    expect(s.attempt.state).toBe('undoing');
    expect(nowMs).toBeLessThanOrEqual(T0 + hours(48) + minutes(10));
  });
});

describe('CM07 retryNow', () => {
  it('goes on at once, but never within the wait that Meta asks for', () => {
    const s = fails(connecting({ step: 'subscribe' }), ['subscribe', 'GRAPH_RATE_LIMITED', minutes(20)], T0);
    expect(s.attempt.wait?.lookAtMs).toBe(T0 + minutes(20));
    const early = retryNow(s, 'operator', T0 + minutes(19));
    expect(early.answer).toMatchObject({ outcome: 'refused', atMs: T0 + minutes(20) });
    const own = fails(connecting({ step: 'subscribe' }), ['subscribe', 'GRAPH_UNAVAILABLE'], T0);
    const { answer, next } = retryNow(own, 'tenant', T0 + 5);
    expect([answer.outcome, nextConnectStep(next, T0 + 5)]).toEqual(['accepted', { kind: 'step', step: 'subscribe' }]);
  });

  it.each([
    ['gate', 'accepted'],
    ['review', 'accepted'],
    ['device', 'accepted'],
    ['choice', 'refused'],
  ] as const)('a wait for %s: %s', (what, outcome) => {
    expect(retryNow(waiting({ for: what }), 'tenant', T0).answer.outcome).toBe(outcome);
  });

  const cooling = (code: FailureCode): Snapshot => {
    const failure = { ...giveUp(waiting(), T0).attempt.failure, code } as Snapshot['attempt']['failure'];
    return withAttempt(invited(), { state: 'cooling', opensAtMs: T0 + minutes(40), openedAtMs: T0, failure });
  };

  it('ends our own cooling, never Meta’s part of it', () => {
    expect(retryNow(cooling('SIGNUP_CODE_EXPIRED'), 'tenant', T0 + 1).next.attempt.state).toBe('open');
    const metas = cooling('CONNECTION_TIMED_OUT');
    expect(retryNow(metas, 'tenant', T0 + minutes(15) - 1).answer).toMatchObject({
      outcome: 'refused',
      atMs: T0 + minutes(15),
    });
    expect(retryNow(metas, 'tenant', T0 + minutes(15)).next.attempt).toMatchObject({ state: 'open', opensAtMs: null });
  });

  it('counts Meta’s part as it was told: it doubles with each failure in a row', () => {
    const third = withAttempt(cooling('SIGNUP_UNAVAILABLE'), { failuresInARow: 3 });
    expect(retryNow(third, 'owner', T0 + minutes(20) - 1).answer).toMatchObject({
      outcome: 'refused',
      atMs: T0 + minutes(20),
    });
    expect(retryNow(third, 'owner', T0 + minutes(20)).answer.outcome).toBe('accepted');
  });

  it('releases what waits for our fix for an operator alone', () => {
    const s = withAttempt(invited(), { state: 'queued', queuedFor: 'our-fix' });
    expect(retryNow(s, 'tenant', T0).answer.outcome).toBe('refused');
    expect(retryNow(s, 'operator', T0).next.attempt).toMatchObject({ state: 'open', queuedFor: null });
    const other = withAttempt(invited(), { state: 'queued', queuedFor: 'quota' });
    expect(retryNow(other, 'operator', T0).answer.outcome).toBe('refused');
  });

  it('is refused with its date where the rules are to be looked at again', () => {
    const opensAtMs = T0 + days(7);
    const s = withAttempt(invited(), { state: 'queued', queuedFor: 'come-back', opensAtMs });
    expect(retryNow(s, 'operator', opensAtMs).answer).toMatchObject({ outcome: 'refused', atMs: opensAtMs });
  });
});

describe('ST7 the gate’s failure', () => {
  it('AT29 a look that reads BANNED ends it', () => {
    const banned = probe('alive', T0);
    const read = { ...banned, reading: banned.reading && { ...banned.reading, status: 'BANNED' } };
    const next = stepFailed(connecting({ step: 'gate' }), { step: 'gate', code: 'ACCOUNT_BANNED', probe: read }, T0);
    expect([next.attempt.state, lastLine(next)]).toEqual(['undoing', 'AT21 attemptFailing']);
  });

  it('case 18: C24 names the step, Meta’s code and its trace', () => {
    const told = { detail: 'whatsapp_business_messaging', metaCode: '190/460', supportReference: 'trace-1' };
    const failed = { step: 'check-token', code: 'SIGNUP_SCOPE_MISSING', probe: null, ...told } as const;
    expect(stepFailed(connecting({ step: 'check-token' }), failed, T0).attempt.failure).toMatchObject({
      step: 'check-token',
      code: 'SIGNUP_SCOPE_MISSING',
      ...told,
    });
  });
});

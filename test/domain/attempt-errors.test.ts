/** Every way in which Meta's dialog can end without a code, and what follows (AT10, AT16 to AT18, AT34 to AT36). */
import { describe, expect, it } from 'vitest';
import { attemptAfterClock } from '../../src/domain/attempt.ts';
import { isComeBackDue } from '../../src/domain/come-back-queue.ts';
import { afterRecheck } from '../../src/domain/come-back.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { FAILURES, type FailureCode } from '../../src/domain/failures.ts';
import type { Fact, SignupEnding } from '../../src/domain/facts.ts';
import { goLive } from '../../src/domain/go-live.ts';
import { wabaId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import {
  connecting,
  days,
  envelope,
  gone,
  hours,
  ignoredAs,
  invited,
  lastLine,
  live,
  minutes,
  probe,
  RUN,
  suspended,
  T0,
  WABA,
  withAttempt,
} from './builders.ts';

const refused = (failure: FailureCode, attempt = 1): Fact => ({
  kind: 'signupErrorReported',
  attempt,
  dialogRunId: RUN,
  failure,
  metaCode: '3441049',
  supportReference: '9c41d07be2f0a86',
});
const hear = (s: Snapshot, fact: Fact, cycle = s.cycle): Snapshot => takeFact(s, envelope(fact, T0, { cycle }), T0);
const rowsOf = (s: Snapshot): string[] => s.unsaid.map(({ row, key }) => `${row} ${key}`);
const codes = Object.keys(DIALOG_FAILURES) as (keyof typeof DIALOG_FAILURES)[];

describe('AT10 an error of the dialog', () => {
  it.each(codes)('%s leads where its own row says, with nothing to undo', (code) => {
    const { retry, waitMinutes, isLookedAtAgain } = FAILURES[code];
    const rest = isLookedAtAgain ? 'queued' : 'cooling';
    const { attempt, closed } = hear(invited(), refused(code));
    expect(attempt.failure).toMatchObject({ code, atMs: T0, metaCode: '3441049', supportReference: '9c41d07be2f0a86' });
    expect(attempt.undo).toEqual([]);
    const state = { never: 'none', 'after-our-fix': 'queued', 'after-wait': rest }[retry as string] ?? 'open';
    expect([attempt.state, closed]).toEqual([state, retry === 'never' ? 'refused' : 'no']);
    expect(attempt.opensAtMs).toBe(waitMinutes === null ? null : T0 + minutes(waitMinutes));
    const fix = retry === 'after-our-fix' ? 'our-fix' : null;
    expect(attempt.queuedFor).toBe(isLookedAtAgain ? 'come-back' : fix);
  });

  it('AT34 after a change by the owner the invitation is open at once, with the failure shown', () => {
    const next = hear(invited(), refused('APP_TOO_OLD'));
    expect(next.attempt).toMatchObject({ state: 'open', ordinal: 2, failuresInARow: 1, failure: { retryAtMs: null } });
    expect(rowsOf(next).slice(-2)).toEqual(['AT10 dialogRefused', 'AT34 invitationOpened']);
  });

  it.each([
    ['PLATFORM_STILL_CONNECTED', minutes(15)],
    ['OTP_LIMITED', hours(12)],
  ] as const)('AT35 after %s it cools, then opens by itself as a new link, still showing why', (code, waitMs) => {
    const cooling = hear(invited(), refused(code));
    expect(attemptAfterClock(cooling, T0 + waitMs - 1)).toBeNull();
    const opened = attemptAfterClock(cooling, T0 + waitMs);
    expect(opened && [opened.attempt.state, lastLine(opened)]).toEqual(['open', 'AT35 invitationOpened']);
    expect(opened?.attempt.failure).toMatchObject({ code, retryAtMs: T0 + waitMs });
    expect(opened?.attempt.expiresAtMs).toBe(T0 + waitMs + days(7));
  });

  it('P02 AT34 of too little use of the app is queued with its date: the clock opens nothing, the rules are looked at again', () => {
    const queued = hear(invited(), refused('NUMBER_NOT_ACTIVE_ENOUGH'));
    const dueAtMs = T0 + days(7);
    const failure = { code: 'NUMBER_NOT_ACTIVE_ENOUGH', retryAtMs: dueAtMs, metaCode: '3441049' };
    expect(queued.attempt).toMatchObject({ state: 'queued', queuedFor: 'come-back', ordinal: 2, failure });
    expect(rowsOf(queued).slice(-2)).toEqual(['AT10 dialogRefused', 'AT34 comeBackAfterRefusal']);
    expect(queued.story.at(-1)).toContain("Queued after Meta's refusal (NUMBER_NOT_ACTIVE_ENOUGH)");
    expect(nextDueOf(queued, T0)).toMatchObject({ kind: 'attempt-opens', atMs: dueAtMs });
    expect(attemptAfterClock(queued, dueAtMs + days(30))).toBeNull();
    expect([isComeBackDue(queued, dueAtMs - 1), isComeBackDue(queued, dueAtMs)]).toEqual([false, true]);
  });

  it('P02 AT06 the new look after it invites as a look at the start does, still showing why', () => {
    const queued = hear(invited(), refused('NUMBER_NOT_ACTIVE_ENOUGH'));
    const atMs = T0 + days(7);
    const next = afterRecheck(queued, { verdict: 'likely', comeBackAtMs: null, slotPromisedAtMs: null }, atMs);
    const failure = { code: 'NUMBER_NOT_ACTIVE_ENOUGH' };
    expect(next.attempt).toMatchObject({ state: 'open', queuedFor: null, openedAtMs: atMs, ordinal: 2, failure });
    expect(next.attempt.expiresAtMs).toBe(atMs + days(next.policy.inviteDays));
    expect(lastLine(next)).toBe('AT06 comeBackInvited');
  });

  it('AT36 the last attempt of a cycle is not queued for a date', () => {
    const s = withAttempt(invited(), { ordinal: 10 });
    expect(hear(s, refused('NUMBER_NOT_ACTIVE_ENOUGH', 10)).attempt.failure?.code).toBe('ATTEMPTS_EXHAUSTED');
  });

  it('AT34 never: over a link that is gone only the cycle ends, over none the record', () => {
    const over = { ...gone(), attempt: invited().attempt };
    expect(hear(over, refused('REGION_NOT_SUPPORTED'))).toMatchObject({ closed: 'no', attempt: { state: 'none' } });
    expect(hear(invited(), refused('REGION_NOT_SUPPORTED')).closed).toBe('refused');
  });

  it.each([
    ['SIGNUP_MODE_DRIFTED', 'op-mode-drift', 'op-config'],
    ['PARTNER_NOT_VERIFIED', 'op-config', 'op-mode-drift'],
  ] as const)('AT34 %s waits for our fix, and an operator sees %s', (code, task, other) => {
    const next = hear(invited(), refused(code));
    expect([isTaskOpen(next, task), isTaskOpen(next, other)]).toEqual([true, false]);
    expect(attemptAfterClock(next, T0 + days(1))).toBeNull();
  });

  it.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [5, 60],
    [9, 60],
  ])("Meta's fault number %i in a row is waited for %i minutes", (inARow, waitMinutes) => {
    const s = withAttempt(invited(), { failuresInARow: inARow - 1 });
    expect(hear(s, refused('SIGNUP_UNAVAILABLE')).attempt.opensAtMs).toBe(T0 + minutes(waitMinutes));
  });

  it.each([
    [2, 0],
    [3, 5],
    [4, 10],
    [7, 60],
  ])('AT36 failure number %i in a row cools by our own rule for %i minutes', (inARow, waitMinutes) => {
    const { attempt } = hear(withAttempt(invited(), { failuresInARow: inARow - 1 }), refused('APP_TOO_OLD'));
    expect([attempt.state, attempt.opensAtMs]).toEqual(
      waitMinutes === 0 ? ['open', null] : ['cooling', T0 + minutes(waitMinutes)],
    );
  });

  it('AT36 the longer wait counts, ours or that of the code', () => {
    const s = withAttempt(invited(), { failuresInARow: 2 });
    expect(hear(s, refused('PLATFORM_STILL_CONNECTED')).attempt.opensAtMs).toBe(T0 + minutes(15));
  });

  it('AT36 the last attempt of a cycle ends it', () => {
    const s = withAttempt(invited(), { ordinal: 10 });
    const next = hear(s, refused('APP_TOO_OLD', 10));
    expect([next.closed, next.attempt.failure?.code]).toEqual(['refused', 'ATTEMPTS_EXHAUSTED']);
    expect(hear(withAttempt(invited(), { ordinal: 9 }), refused('APP_TOO_OLD', 9)).attempt.ordinal).toBe(10);
  });

  it.each([
    ['connected', live],
    ['paused', suspended],
  ])('AT10 over a link that is %s leaves the link alone', (_name, over) => {
    const s = { ...over(), attempt: invited().attempt };
    const next = hear(s, refused('NUMBER_NOT_ADDABLE'));
    expect([next.link, next.attempt.state, next.closed]).toEqual([s.link, 'cooling', 'no']);
  });

  it.each(['running', 'waiting', 'undoing'] as const)('AT18 after the code, while %s, it changes nothing', (state) => {
    const s = connecting({ state });
    const next = hear(s, refused('APP_TOO_OLD'));
    expect([next.attempt, ignoredAs(next)]).toEqual([s.attempt, 'AT18 n']);
  });

  it('AT10 of another cycle, another attempt, a resting one or none answers nothing', () => {
    expect(ignoredAs(hear(invited(), refused('APP_TOO_OLD'), 2))).toBe('AT10 s');
    expect(ignoredAs(hear(invited(), refused('APP_TOO_OLD', 2)))).toBe('AT10 s');
    expect(ignoredAs(hear(gone(), refused('APP_TOO_OLD')))).toBe('AT10 s');
    for (const state of ['cooling', 'queued'] as const) {
      expect(ignoredAs(hear(withAttempt(invited(), { state }), refused('APP_TOO_OLD')))).toBe('AT10 s');
    }
  });
});

describe('case 46: failures in a row', () => {
  it('count on over failures of every kind, and begin anew after a success', () => {
    const twice = hear(hear(invited(), refused('APP_TOO_OLD')), refused('NAME_LOCKED', 2));
    expect(twice.attempt).toMatchObject({ ordinal: 3, failuresInARow: 2, state: 'open' });
    const s = connecting({ ...twice.attempt, state: 'running', step: 'gate', finishedAtMs: T0 });
    expect(goLive(s, probe('alive', T0), T0).attempt.failuresInARow).toBe(0);
  });
});

describe('an ending that gives no number', () => {
  const finished = (ending: SignupEnding, waba = WABA): Fact => ({
    kind: 'signupFinished',
    attempt: 1,
    ending,
    wabaId: waba,
  });

  it('AT16 a late result that names another account than the granted one contradicts it', () => {
    const found = { ...connecting().attempt.found, wabaId: WABA };
    const s = connecting({ found });
    const other = hear(s, finished('coexistence', wabaId('310000000000099')));
    expect([other.attempt.state, other.attempt.failure?.code]).toEqual(['undoing', 'SIGNUP_RESULT_CONTRADICTED']);
    expect(ignoredAs(hear(s, finished('coexistence')))).toBe('AT16 d');
    expect(ignoredAs(hear(connecting(), finished('coexistence', wabaId('310000000000099'))))).toBe('AT16 d');
  });

  it.each([
    ['malformed', 'its result names no WhatsApp account'],
    ['standard', 'ordinary dialog'],
  ] as const)('case 41: AT17 %s is told in words', (ending, words) => {
    const told = hear(invited(), finished(ending)).story.join('\n');
    expect(told).toContain(words);
    expect(told).toContain('Connecting failed');
  });
});

describe('an invitation that ends', () => {
  it('AT08 says that it has expired, whatever failed before', () => {
    const s = withAttempt(hear(invited(), refused('APP_TOO_OLD')), { expiresAtMs: T0 + 1 });
    expect(attemptAfterClock(s, T0 + 1)?.attempt.failure).toMatchObject({ code: 'INVITATION_EXPIRED', metaCode: null });
  });
});

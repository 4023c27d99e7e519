/** What a connected number and a half-connected one owe to people: C02, C12, C14 to C17, C21, C23. */
import { describe, expect, it } from 'vitest';
import { afterStep, attemptUndone, stepFailed } from '../../src/domain/connect-steps.ts';
import { giveUp } from '../../src/domain/attempt-waits.ts';
import { hasGoneLive } from '../../src/domain/go-live.ts';
import { ASKED_SCOPES, missingGrants, NEEDED_SCOPES } from '../../src/domain/grants.ts';
import { takeFact } from '../../src/domain/react.ts';
import { mustRecord } from '../../src/domain/story.ts';
import type { AttemptFailure, Snapshot } from '../../src/domain/snapshot.ts';
import { openTask } from '../../src/domain/tasks.ts';
import {
  connecting,
  envelope,
  live,
  minutes,
  PHONE,
  probe,
  removed,
  T0,
  WABA,
  waiting,
  withAttempt,
} from './builders.ts';

const granted = (scopes: readonly string[]) => scopes.map((scope) => ({ scope, count: 1 }));
const openTasks = (s: Snapshot): string[] => s.tasks.filter(({ state }) => state === 'open').map(({ kind }) => kind);
const keys = (s: Snapshot): string[] => s.unsaid.map(({ key }) => key);

describe('C14 to C17 the grants', () => {
  it.each([
    [ASKED_SCOPES, []],
    [NEEDED_SCOPES, ['business_management', 'whatsapp_business_manage_events']],
    [[], [...ASKED_SCOPES]],
  ])('given %j: missing %j', (given, missing) => {
    expect(missingGrants(granted(given))).toEqual(missing);
  });

  it('one that is not needed is named, and holds nothing up', () => {
    const s = connecting({ step: 'check-token' });
    const next = afterStep(s, { step: 'check-token', wabaId: WABA, grants: granted(NEEDED_SCOPES) }, T0);
    expect(next.attempt).toMatchObject({ state: 'running', step: 'resolve' });
    expect(next.unsaid.at(-1)).toMatchObject({
      key: 'grantsMissing',
      params: { scopes: 'business_management, whatsapp_business_manage_events' },
    });
    const all = afterStep(s, { step: 'check-token', wabaId: WABA, grants: granted(ASKED_SCOPES) }, T0);
    expect(keys(all)).not.toContain('grantsMissing');
  });
});

describe('C02 the time zone', () => {
  it.each([
    [true, false],
    [false, true],
    [null, false],
  ])('%s: told %s', (hasTimeZone, isTold) => {
    const answer = { step: 'resolve', phoneNumberId: PHONE, onboardedAtMs: null, hasTimeZone } as const;
    const next = afterStep(connecting({ step: 'resolve' }), answer, T0);
    expect(keys(next).includes('timeZoneMissing')).toBe(isTold);
  });
});

describe('AT20 going live', () => {
  const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: granted(NEEDED_SCOPES) };
  const before = openTask(connecting({ step: 'gate', found }), 'disconnect-on-phone', { row: '8.1', atMs: T0 });
  const next = afterStep(before, { step: 'gate', probe: probe('alive', T0 + 7) }, T0 + minutes(2));

  it('C21 voids the old tasks and opens the next steps', () => {
    expect(openTasks(next)).toEqual(['test-both-ways', 'relink-companions', 'add-payment-method']);
    expect(next.tasks.find(({ kind }) => kind === 'disconnect-on-phone')?.state).toBe('void');
  });

  it('C18, C23 keeps what was granted and how long it took', () => {
    expect(next.grants).toEqual(found.grants);
    expect(next.lastSignup).toEqual({
      openedAtMs: before.attempt.openedAtMs,
      finishedAtMs: T0,
      connectedAtMs: T0 + minutes(2),
    });
  });

  it('what is told beside the move to connected waits for its record', () => {
    const unhurried = {
      ...next,
      unsaid: next.unsaid.filter(({ key }) => key !== 'connected' && key !== 'syncSettled'),
    };
    expect(unhurried.unsaid.map(({ key }) => key)).toContain('taskOpened');
    expect(mustRecord(unhurried)).toBe(false);
  });
});

describe('whether the candidate has become the credential', () => {
  const atGate = connecting({
    step: 'gate',
    found: { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: [] },
  });
  const passes = (s: Snapshot): Snapshot =>
    afterStep(s, { step: 'gate', probe: probe('alive', T0 + minutes(1)) }, T0 + minutes(20));

  it('it has where the gate passed, also over a link that stood', () => {
    expect(hasGoneLive(atGate, passes(atGate))).toBe(true);
    const renewed = { ...live(), cycle: 2, attempt: atGate.attempt };
    expect(hasGoneLive(renewed, passes(renewed))).toBe(true);
  });

  it('it has where a removal that had waited ends the link at once: the clean-up needs that very credential', () => {
    const s = takeFact(atGate, envelope(removed(), T0 + minutes(10)), T0 + minutes(10));
    const next = passes(s);
    expect([next.link.state, next.credential]).toEqual(['gone', 'held']);
    expect(next.compensation).toEqual(['forgetCredential', 'unsubscribeIfLast']);
    expect(hasGoneLive(s, next)).toBe(true);
  });

  it('it has not where the attempt goes on, fails, or was withdrawn', () => {
    const cancelled = withAttempt(atGate, { isCancelled: true });
    expect(hasGoneLive(cancelled, passes(cancelled))).toBe(false);
    expect(hasGoneLive(atGate, giveUp(atGate, T0))).toBe(false);
    const renewing = withAttempt({ ...live(), cycle: 2 }, { ...atGate.attempt, state: 'undoing', isCancelled: true });
    expect(hasGoneLive(renewing, attemptUndone(renewing, T0))).toBe(false);
  });
});

describe('C12 a half-connected number', () => {
  const failed = (failure: Partial<AttemptFailure>): Snapshot => {
    const s = giveUp(waiting(), T0);
    return attemptUndone(withAttempt(s, { failure: s.attempt.failure && { ...s.attempt.failure, ...failure } }), T0);
  };

  it('is guided on the phone, rests 15 minutes, and starts again by itself', () => {
    for (const code of ['NUMBER_NOT_ON_APP', 'NUMBER_NOT_ON_CLOUD_API'] as const) {
      const next = failed({ code });
      expect(openTasks(next)).toEqual(['disconnect-on-phone']);
      expect(next.attempt).toMatchObject({ state: 'cooling', opensAtMs: T0 + minutes(15) });
    }
  });

  it.each([
    ['the phone shows no link any more', { phoneStillLinked: 'no' }],
    ['nothing of ours was at Meta yet', { step: 'resolve' }],
    ['it failed before the code', { step: null }],
  ] as const)('not where %s', (_why, failure) => {
    expect(openTasks(failed(failure))).toEqual([]);
  });

  it('8.1 also where the owner cancelled after the finish', () => {
    const step = { step: 'resolve', code: 'SUBSCRIPTION_REFUSED', probe: null } as const;
    const s = stepFailed(connecting({ step: 'resolve', isCancelled: true }), step, T0);
    expect(openTasks(attemptUndone(s, T0))).toEqual(['disconnect-on-phone']);
  });
});

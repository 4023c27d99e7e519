import { describe, expect, it } from 'vitest';
import { attemptAfterClock } from '../../src/domain/attempt.ts';
import { isComeBackDue, queuedForComeBack } from '../../src/domain/come-back-queue.ts';
import { afterRecheck, afterRecheckFault } from '../../src/domain/come-back.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import { deadlinesOf, nextDueOf } from '../../src/domain/deadlines.ts';
import { headlineOf } from '../../src/domain/headline.ts';
import { takeCommand, takeFact } from '../../src/domain/react.ts';
import { codeReceived, days, envelope, gone, hours, invited, lastLine, live, minutes, T0 } from './builders.ts';

const DUE = T0 + days(7);
const queued = queuedForComeBack(invited(), DUE);
const allowed = { verdict: 'likely', comeBackAtMs: null, slotPromisedAtMs: null } as const;

describe('an onboarding that the rules do not allow yet', () => {
  it('AT02 is queued until its date, and says so', () => {
    expect(queued.attempt).toMatchObject({ state: 'queued', queuedFor: 'come-back', opensAtMs: DUE });
    expect([headlineOf(queued), lastLine(queued), queued.unsaid.length]).toEqual(['queued', 'AT02 comeBackQueued', 1]);
    expect(nextDueOf(queued, T0)).toMatchObject({ kind: 'attempt-opens', atMs: DUE });
  });

  it('the clock alone neither opens nor ends it, however late it is', () => {
    for (const atMs of [DUE - 1, DUE, DUE + days(30)]) expect(attemptAfterClock(queued, atMs)).toBeNull();
    expect([isComeBackDue(queued, DUE - 1), isComeBackDue(queued, DUE)]).toEqual([false, true]);
    expect(isComeBackDue(invited(), DUE)).toBe(false);
  });

  it('can be withdrawn, and a code that comes all the same is taken', () => {
    const withdrawn = takeCommand(queued, { command: { kind: 'cancelOnboarding' }, by: 'tenant' }, T0);
    expect(withdrawn.next.closed).toBe('withdrawn');
    const running = takeFact(queued, envelope(codeReceived(), T0, { cycle: 1 }), T0);
    expect([running.attempt.state, isComeBackDue(running, DUE)]).toEqual(['running', false]);
  });
});

describe('the new look at the rules', () => {
  it.each(['likely', 'unclear'] as const)('AT06 %s invites: the invitation lives from now on', (verdict) => {
    const late = DUE + hours(5);
    const { attempt, ...s } = afterRecheck(queued, { verdict, comeBackAtMs: null, slotPromisedAtMs: null }, late);
    expect(attempt).toMatchObject({ state: 'open', queuedFor: null, opensAtMs: null, openedAtMs: late });
    expect(attempt.expiresAtMs).toBe(late + days(queued.policy.inviteDays));
    expect([lastLine({ ...s, attempt }), s.closed]).toEqual(['AT06 comeBackInvited', 'no']);
    expect(attemptAfterClock({ ...s, attempt }, attempt.expiresAtMs - 1)).toBeNull();
    expect(attemptAfterClock({ ...s, attempt }, attempt.expiresAtMs)?.closed).toBe('expired');
  });

  it('AT02 allowed, but without a slot, waits for one', () => {
    const next = afterRecheck(queued, { ...allowed, slotPromisedAtMs: DUE + days(2) }, DUE);
    expect(next.attempt).toMatchObject({ state: 'queued', queuedFor: 'quota', opensAtMs: DUE + days(2) });
    expect(lastLine(next)).toBe('AT02 slotPromised');
  });

  it('AT02 no with a later date waits until then, told', () => {
    const next = afterRecheck(queued, { verdict: 'no', comeBackAtMs: DUE + days(3), slotPromisedAtMs: null }, DUE);
    expect(next.attempt).toMatchObject({ state: 'queued', queuedFor: 'come-back', opensAtMs: DUE + days(3) });
    expect(lastLine(next)).toBe('AT02 comeBackQueued');
  });

  it('a date that passed while the rules were looked at is looked at again shortly, not refused', () => {
    const next = afterRecheck(queued, { verdict: 'no', comeBackAtMs: DUE - 1, slotPromisedAtMs: null }, DUE);
    expect(next.attempt).toMatchObject({ state: 'queued', opensAtMs: DUE + minutes(1) });
  });

  it('AT06 no for good ends it refused, and the record of a number that never had a link closes', () => {
    const next = afterRecheck(queued, { verdict: 'no', comeBackAtMs: null, slotPromisedAtMs: null }, DUE);
    expect([next.closed, next.attempt.state, next.attempt.failure?.code]).toEqual([
      'refused',
      'none',
      'ELIGIBILITY_REFUSED',
    ]);
    expect(next.unsaid.map(({ key }) => key).slice(-3)).toEqual(['comeBackRefused', 'attemptEnded', 'closed']);
  });

  it('over a link that is gone it ends the attempt alone', () => {
    const next = afterRecheck(
      { ...gone(), attempt: queued.attempt },
      { verdict: 'no', comeBackAtMs: null, slotPromisedAtMs: null },
      DUE,
    );
    expect([next.closed, connectionOf(next)]).toEqual(['no', 'disconnected']);
  });

  it('a link that came back meanwhile stays as it is, whatever the rules say', () => {
    const s = { ...live(), attempt: queued.attempt };
    const next = afterRecheck(s, { verdict: 'no', comeBackAtMs: null, slotPromisedAtMs: null }, DUE);
    expect([next.link, next.closed, connectionOf(next), next.attempt.state]).toEqual([
      s.link,
      'no',
      'connected',
      'none',
    ]);
    expect(deadlinesOf(s, DUE).map(({ kind }) => kind)).toContain('attempt-opens');
  });

  it('that could not be made is made again an hour later, and decides nothing', () => {
    const next = afterRecheckFault(queued, DUE);
    expect(next).toEqual({ ...queued, attempt: { ...queued.attempt, opensAtMs: DUE + hours(1) } });
  });

  it('changes nothing where nobody waits for it any more', () => {
    const open = invited();
    expect([afterRecheck(open, allowed, DUE), afterRecheckFault(open, DUE)]).toEqual([open, open]);
  });
});

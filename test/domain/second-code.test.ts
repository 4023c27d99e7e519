/** The code of another run of the dialog, while the first is exchanged or undone: AT14, AT15. */
import { describe, expect, it } from 'vitest';
import { afterStep, afterUndo, attemptUndone, nextConnectStep, stepFailed } from '../../src/domain/connect-steps.ts';
import { dialogRunId, wabaId } from '../../src/domain/ids.ts';
import { takeCommand, takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { codeReceived, connecting, envelope, ignoredAs, minutes, T0, WABA, withAttempt } from './builders.ts';

const NOW = T0 + minutes(5);
const OTHER_RUN = dialogRunId('dlg_2');
const found = { wabaId: WABA, phoneNumberId: null, onboardedAtMs: null, grants: [] };

describe('AT14, AT15 a second run of the dialog', () => {
  const second = (s: Snapshot): Snapshot => takeFact(s, envelope(codeReceived(1, OTHER_RUN), NOW, { cycle: 1 }), NOW);
  const exchanging = connecting({ step: 'exchange', undo: ['forgetCredential'] });

  it('AT15 the first exchange is good: the other code is forgotten', () => {
    const next = afterStep(second(exchanging), { step: 'exchange' }, NOW);
    expect(next.attempt).toMatchObject({ step: 'check-token', spare: null });
    expect(ignoredAs(second(next))).toBe('AT15 s');
  });

  it('AT15 the first is refused: the other is exchanged', () => {
    const failed = { step: 'exchange', code: 'SIGNUP_CODE_USED', probe: null } as const;
    const next = stepFailed(second(exchanging), failed, NOW);
    expect(next.attempt).toMatchObject({ state: 'running', step: 'exchange', dialogRunId: OTHER_RUN, spare: null });
    expect(stepFailed(next, failed, NOW).attempt.state).toBe('undoing');
  });

  const undoing = stepFailed(
    connecting({ step: 'check-token', undo: ['forgetCredential'] }),
    { step: 'check-token', code: 'SIGNUP_TOKEN_INVALID', probe: null },
    NOW,
  );

  const undone = (s: Snapshot, nowMs: number): Snapshot =>
    attemptUndone(afterUndo(s, { step: 'forgetCredential', result: 'done' }, nowMs), nowMs);

  it('AT14 while undoing it is kept, and begins the next attempt by being exchanged', () => {
    const heard = second(undoing);
    expect(nextConnectStep(heard, NOW)).toEqual({ kind: 'undo', step: 'forgetCredential' });
    const { attempt, tasks } = undone(heard, NOW + 5_000);
    expect(attempt).toMatchObject({ ordinal: 2, state: 'running', step: 'exchange', dialogRunId: OTHER_RUN, undo: [] });
    expect(attempt).toMatchObject({ finishedAtMs: NOW, openedAtMs: undoing.attempt.openedAtMs, spare: null });
    expect(tasks.filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('AT14 neither a wait of the failure nor a task for it stands in its way', () => {
    const broken = withAttempt(second(undoing), {
      failure: undoing.attempt.failure && { ...undoing.attempt.failure, code: 'APP_SECRET_WRONG', step: 'gate' },
    });
    const next = undone(broken, NOW + 5_000);
    expect([next.attempt.state, next.tasks]).toEqual(['running', []]);
  });

  it('AT14 one that has died meanwhile is told, and the owner connects again', () => {
    const late = NOW + 25_000;
    expect(undone(second(undoing), late - 1).attempt.state).toBe('running');
    const next = undone(second(undoing), late);
    expect(next.attempt).toMatchObject({ ordinal: 2, state: 'open' });
    expect(next.unsaid).toContainEqual(expect.objectContaining({ row: 'AT14', key: 'attemptFailing' }));
  });

  it('AT14 a wish to stop is heard all the same: nothing of it is exchanged', () => {
    const stopped = takeCommand(second(undoing), { command: { kind: 'cancelOnboarding' }, by: 'owner' }, NOW).next;
    expect(undone(stopped, NOW).closed).toBe('withdrawn');
  });

  it('AT14 nothing begins where no attempt can follow', () => {
    const over = withAttempt(undoing, { ordinal: 10 });
    const heard = takeFact(over, envelope(codeReceived(10, OTHER_RUN), NOW, { cycle: 1 }), NOW);
    expect(undone(heard, NOW).closed).toBe('refused');
  });

  it('AT16 its result comes under the attempt that its dialog was opened for', () => {
    const next = withAttempt(undone(second(undoing), NOW), { step: 'resolve', found });
    const result = { kind: 'signupFinished', attempt: 1, ending: 'coexistence', wabaId: wabaId('1') } as const;
    const told = takeFact(next, envelope(result, NOW + 1, { cycle: 1 }), NOW + 1);
    expect(told.attempt.failure?.code).toBe('SIGNUP_RESULT_CONTRADICTED');
    const foreign = takeFact(next, envelope({ ...result, attempt: 3 }, NOW + 1, { cycle: 1 }), NOW + 1);
    expect(ignoredAs(foreign)).toBe('AT16 s');
  });
});

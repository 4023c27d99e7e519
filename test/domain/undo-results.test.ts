/** What could not be undone, and the tasks that an attempt leaves (CM14). */
import { describe, expect, it } from 'vitest';
import { retryNow } from '../../src/domain/attempt-commands.ts';
import { endAttempt, openNextCycle } from '../../src/domain/attempt.ts';
import { afterStep, afterUndo, attemptUndone } from '../../src/domain/connect-steps.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { needsAttention } from '../../src/domain/headline.ts';
import { takeCommand } from '../../src/domain/react.ts';
import { afterCompensation } from '../../src/domain/settle.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { isTaskOpen, openTask } from '../../src/domain/tasks.ts';
import type { TaskKind } from '../../src/domain/task-kinds.ts';
import { connecting, days, gone, lastLine, live, PHONE, probe, T0, WABA, withAttempt } from './builders.ts';

const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: [] };
const failed = { step: 'unsubscribeIfLast', result: 'COMPENSATION_INCOMPLETE' } as const;
const done = { step: 'unsubscribeIfLast', result: 'done' } as const;
const ofAttempt = afterUndo(connecting({ state: 'undoing', undo: ['unsubscribeIfLast'], found }), failed, T0);
const stateOf = (s: Snapshot, kind: TaskKind): string | undefined => s.tasks.find((task) => task.kind === kind)?.state;

describe('8.3 an undo that fails for good', () => {
  it.each([
    ['of an attempt', ofAttempt],
    ['after a link', afterCompensation(gone(), failed, T0)],
  ])('%s is listed, and an operator’s task', (_name, s) => {
    expect([s.incompleteUndo, isTaskOpen(s, 'op-undo'), needsAttention(s)]).toEqual([
      ['unsubscribeIfLast'],
      true,
      true,
    ]);
  });

  it.each([
    ['the same step is done later', afterCompensation(ofAttempt, done, T0), 'void'],
    ['an operator says that it is done', asked('completeTask'), 'done'],
    ['the number goes live', goneLive(ofAttempt), 'void'],
  ])('is off the list when %s', (_name, s, state) => {
    expect([s.incompleteUndo, stateOf(s, 'op-undo'), needsAttention(s)]).toEqual([[], state, false]);
  });

  it.each([
    ['another step is done', afterUndo(ofAttempt, { step: 'releaseClaim', result: 'done' }, T0)],
    ['the step is not needed by now', afterUndo(ofAttempt, { ...done, result: 'not-needed' }, T0)],
    ['the task is only dismissed', asked('dismissTask')],
  ])('stays on it when %s', (_name, s) => {
    expect(s.incompleteUndo).toEqual(['unsubscribeIfLast']);
  });
});

function asked(kind: 'completeTask' | 'dismissTask'): Snapshot {
  return takeCommand(ofAttempt, { command: { kind, task: 'op-undo' }, by: 'operator' }, T0).next;
}

function goneLive(s: Snapshot): Snapshot {
  const atGate = withAttempt(s, { state: 'running', step: 'gate', undo: [] });
  return afterStep(atGate, { step: 'gate', probe: probe('alive', T0) }, T0 + 1);
}

/** Waits for a fix of ours after a failure, over a link that is gone. */
function waitingForFix(code: FailureCode): Snapshot {
  const again = openNextCycle(gone(), T0 + days(2));
  const failure = { code, atMs: 0, retryAtMs: null, phoneStillLinked: 'likely', step: 'exchange' } as const;
  const told = { ...failure, detail: null, metaCode: null, supportReference: null };
  return attemptUndone(withAttempt(again, { state: 'undoing', failure: told }), T0 + days(2));
}

function endTask(s: Snapshot, kind: 'completeTask' | 'dismissTask', task: TaskKind) {
  return takeCommand(s, { command: { kind, task }, by: 'operator' }, T0 + days(2));
}

describe('the tasks of an attempt', () => {
  it.each([
    ['APP_SECRET_WRONG', 'op-config'],
    ['SIGNUP_MODE_DRIFTED', 'op-mode-drift'],
  ] as const)('%s: %s is done when an operator lets it go on, and void when it ends', (code, task) => {
    const queued = waitingForFix(code);
    expect(stateOf(queued, task)).toBe('open');
    expect(stateOf(retryNow(queued, 'operator', T0 + days(2)).next, task)).toBe('done');
    const ended = takeCommand(queued, { command: { kind: 'cancelOnboarding' }, by: 'tenant' }, T0 + days(2)).next;
    expect([ended.attempt.state, ended.closed, stateOf(ended, task)]).toEqual(['none', 'no', 'void']);
  });

  it.each([
    ['APP_SECRET_WRONG', 'op-config'],
    ['SIGNUP_MODE_DRIFTED', 'op-mode-drift'],
  ] as const)('CM14 %s: with %s done by an operator the invitation opens again', (code, task) => {
    const { answer, next } = endTask(waitingForFix(code), 'completeTask', task);
    expect([answer.outcome, next.attempt.state, next.attempt.queuedFor]).toEqual(['accepted', 'open', null]);
    expect([stateOf(next, task), next.attempt.failure?.code, lastLine(next)]).toEqual([
      'done',
      code,
      'CM14 invitationOpened',
    ]);
  });

  it('CM14 dismissed opens nothing, and an operator may still let it go on', () => {
    const { next } = endTask(waitingForFix('APP_SECRET_WRONG'), 'dismissTask', 'op-config');
    expect([next.attempt.state, stateOf(next, 'op-config')]).toEqual(['queued', 'dismissed']);
    expect(retryNow(next, 'operator', T0 + days(2)).next.attempt.state).toBe('open');
  });

  it.each([
    ['the attempt waits for something else', { state: 'queued', queuedFor: 'quota' }, 'op-config'],
    ['the attempt is at work', { state: 'running', queuedFor: null }, 'op-config'],
    ['it is another task', { state: 'queued', queuedFor: 'our-fix' }, 'op-sync'],
  ] as const)('CM14 done opens nothing where %s', (_name, over, task) => {
    const s = openTask(withAttempt(waitingForFix('APP_SECRET_WRONG'), over), task, { row: '', atMs: T0 });
    expect(endTask(s, 'completeTask', task).next.attempt).toEqual(s.attempt);
  });

  it('AT34 what waits for our fix is not told as ended', () => {
    const told = waitingForFix('APP_SECRET_WRONG').story.join('\n');
    expect(told).toContain('The attempt waits for a fix of ours (APP_SECRET_WRONG)');
    expect(told).not.toContain('The attempt has ended');
  });

  it('CM14 one that a person has done is recorded at once', () => {
    const s = { ...openTask(live(), 'test-both-ways', { row: '', atMs: T0 }), unsaid: [] };
    const asks = { command: { kind: 'completeTask', task: 'test-both-ways' }, by: 'owner' } as const;
    expect(mustRecord(takeCommand(s, asks, T0).next)).toBe(true);
  });

  it('to choose ends with it, and one that is not its own stays', () => {
    const told = { row: '', atMs: T0 };
    const s = openTask(openTask(gone(), 'choose-number', told), 'disconnect-on-phone', told);
    const ended = endAttempt(s, { row: 'AT33', why: 'withdrawn' }, T0);
    expect([stateOf(ended, 'choose-number'), stateOf(ended, 'disconnect-on-phone')]).toEqual(['void', 'open']);
  });
});

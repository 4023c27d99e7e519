/** Commands to an attempt that waits for a person, or rests by our own rule (CM06, CM07, CM14). */
import { ACCEPTED, refused, type Answered } from './answers.ts';
import { isQueuedForFix, waitOfRowMs } from './attempt.ts';
import { goOn } from './attempt-waits.ts';
import { waitsForComeBack } from './come-back-queue.ts';
import type { Asker } from './commands.ts';
import { FAILURES } from './failures.ts';
import { opened, openedAnew } from './fresh-snapshot.ts';
import { phoneNumberId, wabaId } from './ids.ts';
import type { Attempt, AttemptWait, Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { closeTask } from './tasks.ts';
import type { TaskKind } from './task-kinds.ts';

/** CM06: one of the offered choices; the saga goes on at the step that asked. */
export function chooseNumber(s: Snapshot, choiceId: string, nowMs: number): Answered {
  const { wait } = s.attempt;
  if (s.attempt.state !== 'waiting' || wait?.for !== 'choice' || !wait.choices) return { answer: refused(), next: s };
  if (!wait.choices.ids.includes(choiceId)) return { answer: refused('CHOICE_NOT_OFFERED'), next: s };
  const isWaba = wait.choices.kind === 'waba';
  const attempt: Attempt = {
    ...s.attempt,
    state: 'running',
    wait: null,
    step: 'resolve',
    ...(isWaba ? { found: { ...s.attempt.found, wabaId: wabaId(choiceId) } } : { chosenId: phoneNumberId(choiceId) }),
  };
  const what = isWaba ? 'account' : 'number';
  const chosen = say({ ...s, attempt }, 'choiceMade', { row: 'AT22', atMs: nowMs, what });
  return { answer: ACCEPTED, next: closeTask(chosen, 'choose-number', { row: 'CM06', atMs: nowMs, as: 'done' }) };
}

/** CM07: at once, save within a wait of Meta's own; what waits for our fix is released by an operator alone. */
export function retryNow(s: Snapshot, by: Asker, nowMs: number): Answered {
  const { attempt } = s;
  if (attempt.state === 'waiting' && attempt.wait) return retryStep(s, attempt.wait, nowMs);
  if (isQueuedForFix(attempt) && by === 'operator') return openNow(s, nowMs);
  if (waitsForComeBack(attempt)) return { answer: refused('COMMAND_OUT_OF_STATE', attempt.opensAtMs), next: s };
  if (attempt.state !== 'cooling') return { answer: refused(), next: s };
  const untilMs = endOfMetasWait(attempt);
  if (nowMs < untilMs) return { answer: refused('COMMAND_OUT_OF_STATE', untilMs), next: s };
  return openNow(s, nowMs);
}

/**
 * A choice cannot be skipped; a look at the gate is only brought forward. A phone that is awaited goes on being awaited where
 * the gate does not pass (AT28).
 */
function retryStep(s: Snapshot, wait: AttemptWait, nowMs: number): Answered {
  if (wait.for === 'choice') return { answer: refused(), next: s };
  if (wait.notBeforeMs !== null && nowMs < wait.notBeforeMs) {
    return { answer: refused('COMMAND_OUT_OF_STATE', wait.notBeforeMs), next: s };
  }
  if (wait.for === 'device') return { answer: ACCEPTED, next: goOn(s, { row: 'CM07', why: 'as asked' }, nowMs) };
  const next = { ...s, attempt: { ...s.attempt, wait: { ...wait, lookAtMs: nowMs } } };
  return { answer: ACCEPTED, next };
}

/** The attempt was made when the last one had been undone: from then on its failure's own wait runs. */
function endOfMetasWait({ failure, failuresInARow, openedAtMs }: Attempt): number {
  return openedAtMs + (failure ? waitOfRowMs(FAILURES[failure.code], failuresInARow) : 0);
}

/** The tasks that say what is to be mended before the attempt goes on. */
const TASKS_OF_FIX: readonly TaskKind[] = ['op-config', 'op-mode-drift'];

/** Where it waited for a fix of ours, the operator who releases it says that it is made. */
function openNow(s: Snapshot, nowMs: number): Answered {
  const told = sayOpened(s, { row: 'CM07', atMs: nowMs });
  const done = { row: 'CM07', atMs: nowMs, as: 'done' } as const;
  return { answer: ACCEPTED, next: TASKS_OF_FIX.reduce((state, task) => closeTask(state, task, done), told) };
}

/** CM14: with the task of a fix that is done, what waited for it opens; nothing else does. */
export function openAfterFix(s: Snapshot, task: TaskKind, nowMs: number): Snapshot {
  const isAwaited = TASKS_OF_FIX.includes(task) && isQueuedForFix(s.attempt);
  return isAwaited ? sayOpened(s, { row: 'CM14', atMs: nowMs }) : s;
}

/** After a fix of ours its owner has a whole invitation again. */
function sayOpened(s: Snapshot, told: { row: string; atMs: number }): Snapshot {
  const attempt = isQueuedForFix(s.attempt) ? openedAnew(s, told.atMs) : opened(s.attempt);
  return say({ ...s, attempt }, 'invitationOpened', { ...told, attempt: attempt.ordinal });
}

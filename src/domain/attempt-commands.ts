/** Commands to an attempt that waits for a person, or rests by our own rule (lifecycle.md CM06, CM07). */
import { ACCEPTED, refused, type Answered } from './answers.ts';
import { waitOfRowMs } from './attempt.ts';
import { goOn } from './attempt-waits.ts';
import { waitsForComeBack } from './come-back-queue.ts';
import type { Asker } from './commands.ts';
import { FAILURES } from './failures.ts';
import { opened } from './fresh-snapshot.ts';
import { phoneNumberId, wabaId } from './ids.ts';
import type { Attempt, AttemptWait, Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { closeTask } from './tasks.ts';

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
  if (attempt.state === 'queued' && attempt.queuedFor === 'our-fix' && by === 'operator') return openNow(s, nowMs);
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

/** Where it waited for a fix of ours, the operator who releases it says that it is made. */
function openNow(s: Snapshot, nowMs: number): Answered {
  const attempt = opened(s.attempt);
  const told = say({ ...s, attempt }, 'invitationOpened', { row: 'CM07', atMs: nowMs, attempt: attempt.ordinal });
  const done = { row: 'CM07', atMs: nowMs, as: 'done' } as const;
  return { answer: ACCEPTED, next: closeTask(closeTask(told, 'op-config', done), 'op-mode-drift', done) };
}

/** What an undo step led to, of an attempt or after a link: what failed for good is listed, and an operator's task. */
import type { FailureCode } from './failures.ts';
import type { Snapshot, UndoStep } from './snapshot.ts';
import { say } from './story.ts';
import { closeTask, openTask } from './tasks.ts';

/** Done, not needed, or failed for good: it never holds the number. */
export interface Undone {
  step: UndoStep;
  result: 'done' | 'not-needed' | FailureCode;
}

/** 8.3. A step that is done at a later time is no longer left undone. */
export function tellUndone(s: Snapshot, { step, result }: Undone, nowMs: number): Snapshot {
  if (result === 'not-needed') return say(s, 'undone', { row: '8.3', atMs: nowMs, step, result });
  if (result === 'done')
    return withoutLeftUndone(say(s, 'undone', { row: '8.3', atMs: nowMs, step, result }), step, nowMs);
  const incomplete = { ...s, incompleteUndo: [...new Set([...s.incompleteUndo, step])] };
  const told = say(incomplete, 'undoIncomplete', { row: '8.3', atMs: nowMs, step, code: result });
  return openTask(told, 'op-undo', { row: '8.3', atMs: nowMs });
}

function withoutLeftUndone(s: Snapshot, step: UndoStep, nowMs: number): Snapshot {
  if (!s.incompleteUndo.includes(step)) return s;
  const left = { ...s, incompleteUndo: s.incompleteUndo.filter((one) => one !== step) };
  return left.incompleteUndo.length > 0 ? left : closeTask(left, 'op-undo', { row: '8.3', atMs: nowMs, as: 'void' });
}

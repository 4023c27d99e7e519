/** What a person should do next: at most twenty tasks of a number, each open once. */
import type { Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { TASK_FOR, type Task, type TaskKind, type TaskState } from './task-kinds.ts';

const TASKS_MAX = 20;

export function isTaskOpen(s: Snapshot, kind: TaskKind): boolean {
  return s.tasks.some((task) => task.kind === kind && task.state === 'open');
}

interface Told {
  row: string;
  atMs: number;
}

/** Opening an open one changes nothing. The oldest closed ones make room. */
export function openTask(s: Snapshot, kind: TaskKind, told: Told): Snapshot {
  return openTasks(s, [kind], told);
}

/** Several for the same person, told in one line. */
export function openTasks(s: Snapshot, kinds: readonly [TaskKind, ...TaskKind[]], { row, atMs }: Told): Snapshot {
  const fresh = kinds.filter((kind) => !isTaskOpen(s, kind));
  if (fresh.length === 0) return s;
  const tasks = fresh.reduce((known, kind) => withOpen(known, { kind, state: 'open', sinceMs: atMs }), s.tasks);
  return say({ ...s, tasks }, 'taskOpened', { row, atMs, task: fresh.join(' '), who: TASK_FOR[kinds[0]] });
}

function withOpen(tasks: readonly Task[], opened: Task): readonly Task[] {
  const others = tasks.filter(({ kind }) => kind !== opened.kind);
  const open = others.filter(({ state }) => state === 'open');
  const closed = others.filter(({ state }) => state !== 'open');
  const room = Math.max(0, TASKS_MAX - 1 - open.length);
  const kept = room === 0 ? [] : closed.slice(-room);
  return [...kept, ...open.slice(-(TASKS_MAX - 1)), opened];
}

/** Closes an open task; one that is not open stays as it is. */
export function closeTask(
  s: Snapshot,
  kind: TaskKind,
  { row, atMs, as }: { row: string; atMs: number; as: Exclude<TaskState, 'open'> },
): Snapshot {
  if (!isTaskOpen(s, kind)) return s;
  const tasks = s.tasks.map((task) => (task.kind === kind ? { ...task, state: as } : task));
  return say({ ...s, tasks }, 'taskClosed', { row, atMs, task: kind, as });
}

/** The cause of all open tasks is gone: a link has ended, or a new one has begun. */
export function voidTasks(s: Snapshot, kept: readonly TaskKind[] = []): Snapshot {
  const isMoot = ({ state, kind }: Task): boolean => state === 'open' && !kept.includes(kind);
  if (!s.tasks.some(isMoot)) return s;
  return { ...s, tasks: s.tasks.map((task) => (isMoot(task) ? { ...task, state: 'void' } : task)) };
}

/** A record has closed: only what a phone still shows of it is left to do. */
export function voidTasksOfClosed(s: Snapshot): Snapshot {
  return voidTasks(s, ['disconnect-on-phone']);
}

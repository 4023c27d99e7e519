/** What a person should do next: at most twenty tasks of a number, each open once (lifecycle.md section 1.2). */
import type { Snapshot } from './snapshot.ts';
import { say } from './story.ts';

/** Who a task is for. */
export const TASK_FOR = {
  'keep-app-open': 'owner',
  'test-both-ways': 'owner',
  'relink-companions': 'owner',
  'confirm-names': 'owner',
  'sign-up-again': 'owner',
  'choose-number': 'owner',
  'disconnect-on-phone': 'owner',
  'finish-verification': 'owner',
  'add-payment-method': 'owner',
  'op-sync': 'operator',
  'op-undo': 'operator',
  'op-mode-drift': 'operator',
  'op-subscription': 'operator',
  'op-unclaimed-signup': 'operator',
  'op-config': 'operator',
} as const satisfies Record<string, 'owner' | 'operator'>;
export type TaskKind = keyof typeof TASK_FOR;

export const TASK_STATES = ['open', 'done', 'dismissed', 'void'] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface Task {
  kind: TaskKind;
  state: TaskState;
  sinceMs: number;
}

const TASKS_MAX = 20;

export function isTaskOpen(s: Snapshot, kind: TaskKind): boolean {
  return s.tasks.some((task) => task.kind === kind && task.state === 'open');
}

/** Opening an open one changes nothing. The oldest closed ones make room. */
export function openTask(s: Snapshot, kind: TaskKind, { row, atMs }: { row: string; atMs: number }): Snapshot {
  if (isTaskOpen(s, kind)) return s;
  const others = s.tasks.filter((task) => task.kind !== kind);
  const open = others.filter(({ state }) => state === 'open');
  const closed = others.filter(({ state }) => state !== 'open');
  const room = Math.max(0, TASKS_MAX - 1 - open.length);
  const kept = room === 0 ? [] : closed.slice(-room);
  const tasks: readonly Task[] = [...kept, ...open.slice(-(TASKS_MAX - 1)), { kind, state: 'open', sinceMs: atMs }];
  return say({ ...s, tasks }, 'taskOpened', { row, atMs, task: kind, who: TASK_FOR[kind] });
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

/** The cause of all open tasks is gone: a cycle has ended or a new one has begun. */
export function voidTasks(s: Snapshot): Snapshot {
  if (s.tasks.every(({ state }) => state !== 'open')) return s;
  return { ...s, tasks: s.tasks.map((task) => (task.state === 'open' ? { ...task, state: 'void' } : task)) };
}

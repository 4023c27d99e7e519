/** What a person can be asked to do about a number, and whose task it is (lifecycle.md section 1.2). */

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

/** All of them, in the order of the table. */
export const TASK_KINDS = Object.keys(TASK_FOR).filter((kind): kind is TaskKind => Object.hasOwn(TASK_FOR, kind));

export const TASK_STATES = ['open', 'done', 'dismissed', 'void'] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface Task {
  kind: TaskKind;
  state: TaskState;
  sinceMs: number;
}

/** What a person can be asked to do about a number, and whose task it is. */

/** Who a task is for. */
export const TASK_FOR = {
  'keep-app-open': 'owner',
  'test-both-ways': 'owner',
  'relink-companions': 'owner',
  'choose-number': 'owner',
  'disconnect-on-phone': 'owner',
  'add-payment-method': 'owner',
  'confirm-names': 'owner',
  'choose-time-zone': 'owner',
  'op-sync': 'operator',
  'op-undo': 'operator',
  'op-mode-drift': 'operator',
  'op-owner-changed': 'operator',
  'op-unclaimed-signup': 'operator',
  'op-config': 'operator',
  'op-subscription': 'operator',
} as const satisfies Record<string, 'owner' | 'operator'>;
export type TaskKind = keyof typeof TASK_FOR;

/** What is to be done, in words that follow "To do:". */
export const TASK_WORDS: Readonly<Record<TaskKind, string>> = {
  'keep-app-open': 'keep the WhatsApp Business app open while the import runs',
  'test-both-ways': 'send a message from the app and receive one on it',
  'relink-companions': 'link WhatsApp Web and the other devices again',
  'choose-number': 'choose the account or the number that is meant',
  'disconnect-on-phone': 'disconnect in the app: Settings > Account > Business Platform',
  'add-payment-method': 'add a payment method at Meta',
  'confirm-names': 'confirm the business and its names at Meta: they are not those that were expected',
  'choose-time-zone': 'choose a time zone for the account in WhatsApp Manager, under Account settings',
  'op-sync': 'look at an import that does not come',
  'op-owner-changed': 'find out whose business was connected: it is not the expected one',
  'op-undo': 'finish by hand what could not be undone',
  'op-mode-drift': 'check why Meta showed the dialog of another flow (completing this opens the invitation again)',
  'op-unclaimed-signup': 'find out who signed up past our page',
  'op-config': 'mend the setting of ours that the failure names (completing this opens the invitation again)',
  'op-subscription': "find out why our app's subscription of the account does not hold",
};

/** All of them, in the order of the table. */
export const TASK_KINDS = Object.keys(TASK_FOR).filter((kind): kind is TaskKind => Object.hasOwn(TASK_FOR, kind));

export const TASK_STATES = ['open', 'done', 'dismissed', 'void'] as const;
export type TaskState = (typeof TASK_STATES)[number];

export interface Task {
  kind: TaskKind;
  state: TaskState;
  sinceMs: number;
}

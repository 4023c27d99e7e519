/** What can be asked of a number, imperative: the closed list of commands and the shape of every answer. */
import type { FailureCode } from './failures.ts';
import type { TaskKind } from './task-kinds.ts';

/** Who asks: a tenant's backend, the owner on a page, an operator. */
export const ASKERS = ['tenant', 'owner', 'operator'] as const;
export type Asker = (typeof ASKERS)[number];

export const SYNC_TYPES = ['contacts', 'history'] as const;
export type SyncType = (typeof SYNC_TYPES)[number];

/** What an operator knows of an import that is unknown or stalled. */
export const SYNC_RESOLUTIONS = ['accepted', 'complete', 'give-up', 'ask-again'] as const;
export type SyncResolution = (typeof SYNC_RESOLUTIONS)[number];

export type Command =
  /** CM03. */
  | { kind: 'startReonboarding' }
  /** CM05. */
  | { kind: 'cancelOnboarding' }
  /** CM06. One of the choices that the waiting attempt offers: a WABA or a phone number id. */
  | { kind: 'chooseNumber'; choiceId: string }
  /** CM07. */
  | { kind: 'retryNow' }
  /** CM08. */
  | { kind: 'changeSyncChoice'; type: SyncType; isWanted: boolean }
  /** CM09. */
  | { kind: 'requestSync'; type: SyncType }
  /** CM10. */
  | { kind: 'resolveSync'; type: SyncType; as: SyncResolution }
  /** CM14. */
  | { kind: 'completeTask'; task: TaskKind }
  | { kind: 'dismissTask'; task: TaskKind }
  /** CM11. `openedAtMs`: when the app was opened, within the last 14 days and not ahead. */
  | { kind: 'confirmAppOpened'; openedAtMs: number }
  /** CM15. */
  | { kind: 'requestDisconnect' }
  /** CM18. */
  | { kind: 'withdrawDisconnect' }
  /** CM25. */
  | { kind: 'repairSubscription' };

export type CommandKind = Command['kind'];

/**
 * What travels in an update; `commandId` is the caller's Idempotency-Key, with `operator/` before an operator's, so that a
 * repeat gets the first answer.
 */
export interface CommandEnvelope {
  commandId: string;
  by: Asker;
  command: Command;
}

/** The loop's answer: given when it takes the command, before it acts on it. */
export interface CommandAnswer {
  outcome: 'accepted' | 'already' | 'refused';
  /** Why it was refused; null otherwise. */
  failure: FailureCode | null;
  /** The date that goes with the answer (a promise, a limit, the next due date), epoch ms; null where there is none. */
  atMs: number | null;
}

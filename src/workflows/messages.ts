/** Names and types of everything that is sent to a number's workflow: the only file of this folder that callers import. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandAnswer, CommandEnvelope, CommandKind } from '../domain/commands.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import type { Snapshot } from '../domain/snapshot.ts';

export const NUMBER_LIFECYCLE = 'numberLifecycle';
export const TASK_QUEUE = 'tandem';

/** Something that happened to the number. */
export const fact = defineSignal<[FactEnvelope]>('fact');

/** Something asked of the number, one update a command; the update id is the command id. */
export const commands = {
  startReonboarding: defineUpdate<CommandAnswer, [CommandEnvelope]>('startReonboarding'),
  cancelOnboarding: defineUpdate<CommandAnswer, [CommandEnvelope]>('cancelOnboarding'),
  chooseNumber: defineUpdate<CommandAnswer, [CommandEnvelope]>('chooseNumber'),
  retryNow: defineUpdate<CommandAnswer, [CommandEnvelope]>('retryNow'),
  changeSyncChoice: defineUpdate<CommandAnswer, [CommandEnvelope]>('changeSyncChoice'),
  requestSync: defineUpdate<CommandAnswer, [CommandEnvelope]>('requestSync'),
  resolveSync: defineUpdate<CommandAnswer, [CommandEnvelope]>('resolveSync'),
  completeTask: defineUpdate<CommandAnswer, [CommandEnvelope]>('completeTask'),
  dismissTask: defineUpdate<CommandAnswer, [CommandEnvelope]>('dismissTask'),
  confirmAppOpened: defineUpdate<CommandAnswer, [CommandEnvelope]>('confirmAppOpened'),
  requestDisconnect: defineUpdate<CommandAnswer, [CommandEnvelope]>('requestDisconnect'),
  repairSubscription: defineUpdate<CommandAnswer, [CommandEnvelope]>('repairSubscription'),
  withdrawDisconnect: defineUpdate<CommandAnswer, [CommandEnvelope]>('withdrawDisconnect'),
} as const satisfies Record<CommandKind, unknown>;

/** The whole state of the number, as it is now. */
export const status = defineQuery<Snapshot>('status');

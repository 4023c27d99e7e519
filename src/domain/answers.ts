/** The words with which the loop answers a command. */
import type { CommandAnswer } from './commands.ts';
import type { FailureCode } from './failures.ts';
import type { Snapshot } from './snapshot.ts';

export const ACCEPTED: CommandAnswer = { outcome: 'accepted', failure: null, atMs: null };
export const ALREADY: CommandAnswer = { outcome: 'already', failure: null, atMs: null };

export function refused(failure: FailureCode = 'COMMAND_OUT_OF_STATE', atMs: number | null = null): CommandAnswer {
  return { outcome: 'refused', failure, atMs };
}

export interface Answered {
  answer: CommandAnswer;
  next: Snapshot;
}

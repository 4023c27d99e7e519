/** Commands to the imports (lifecycle.md CM08 to CM10). */
import { refused, type Answered } from './answers.ts';
import type { Asker, Command, SyncType } from './commands.ts';
import type { Snapshot } from './snapshot.ts';

type SyncCommand = Extract<Command, { type: SyncType }>;

export function takeSyncCommand(s: Snapshot, _asked: { command: SyncCommand; by: Asker }, _nowMs: number): Answered {
  return { answer: refused(), next: s };
}

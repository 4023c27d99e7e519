/** Commands to an attempt that waits for a person (lifecycle.md CM06, CM07). */
import type { Answered } from './answers.ts';
import { refused } from './answers.ts';
import type { Asker } from './commands.ts';
import type { Snapshot } from './snapshot.ts';

/** CM06: one of the offered choices. */
export function chooseNumber(s: Snapshot, _choiceId: string, _nowMs: number): Answered {
  return { answer: refused(), next: s };
}

/** CM07: not within Meta's own wait. */
export function retryNow(s: Snapshot, _by: Asker, _nowMs: number): Answered {
  return { answer: refused(), next: s };
}

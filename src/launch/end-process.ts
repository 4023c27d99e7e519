/** Ends a process within a bound: asked first, then killed. */
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './process-identity.ts';

/** How long a process may take for a clean end before it is killed. */
export const CLEAN_END_MS = 10_000;
/** After SIGKILL only the kernel is left to act. */
const KILLED_END_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/** True when the process is gone. `signal` is what its program takes for a clean stop. */
export async function endProcess(
  pid: number,
  signal: NodeJS.Signals = 'SIGTERM',
  cleanEndMs = CLEAN_END_MS,
): Promise<boolean> {
  send(pid, signal);
  const isGone = await isGoneWithin(pid, cleanEndMs);
  // the group too when the process itself ended well: what it started must not outlive it
  send(pid, 'SIGKILL');
  return isGone || isGoneWithin(pid, KILLED_END_MS);
}

/** To the whole group where the process leads one, as every child of ours does. */
function send(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // no such group, or gone: the process itself is next
    }
  }
}

async function isGoneWithin(pid: number, limitMs: number): Promise<boolean> {
  const limit = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > limit) return false;
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}

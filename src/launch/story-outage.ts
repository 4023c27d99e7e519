/** Processes that die and come back in a story, and the time that passes meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Scene } from './story-scene.ts';

const LOOK_AGAIN_MS = 50;
/** How long the clock may take to move while a worker is down, in wall time. */
const DARK_MAX_MS = 30_000;

export async function kill({ stage }: Scene, role: 'server' | 'worker'): Promise<string | null> {
  if (!stage.kill) return 'on this stage no process can be killed';
  await stage.kill(role, 'SIGKILL');
  return null;
}

/** What waits for the worker goes on once it is back, and the ways that were begun come to their end. */
export async function start({ stage, journeys }: Scene, role: 'server' | 'worker'): Promise<string | null> {
  if (!stage.start) return 'on this stage no process can be started';
  await stage.start(role);
  for (const { end } of journeys.splice(0)) await end;
  return null;
}

/** Answers when the clock has moved: the workflows follow it once a worker is there again. */
export async function moveInTheDark({ stage, journeys }: Scene, byMs: number): Promise<string | null> {
  const toMs = stage.nowMs() + byMs;
  const end = stage.advance(byMs);
  end.catch(() => {}); // heard where it is waited for
  journeys.push({ toMs, end });
  const limit = performance.now() + DARK_MAX_MS;
  while (stage.nowMs() < toMs) {
    if (performance.now() > limit) return 'the clock does not move while the worker is down';
    await pause(LOOK_AGAIN_MS);
  }
  return null;
}

/** A small durable life: wakes on given days after its start, notes its own time, continues as new in the middle. */
import { condition, continueAsNew, defineQuery, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

const DAY_MS = 86_400_000;

export interface Life {
  readonly days: readonly number[];
  /** Epoch ms of the first run's start. */
  readonly startedAtMs?: number;
  /** Epoch ms of each wake so far. */
  readonly wakes?: readonly number[];
  readonly continuesAfterWakes?: number;
}

export interface Seen {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly wakes: readonly number[];
  readonly signalAtMs: number | null;
}

export const seen = defineQuery<Seen>('seen');
export const poked = defineSignal('poked');

const { note } = proxyActivities<{ note(day: number): Promise<void> }>({ startToCloseTimeout: 10_000 });

export async function dayCounter(life: Life): Promise<void> {
  const startedAtMs = life.startedAtMs ?? Date.now();
  const wakes = [...(life.wakes ?? [])];
  let signalAtMs: number | null = null;
  setHandler(seen, () => ({ startedAtMs, nowMs: Date.now(), wakes, signalAtMs }));
  setHandler(poked, () => void (signalAtMs = Date.now()));
  for (const day of life.days.slice(wakes.length)) {
    await condition(() => false, Math.max(1, startedAtMs + day * DAY_MS - Date.now()));
    await note(day);
    wakes.push(Date.now());
    if (wakes.length === life.continuesAfterWakes)
      await continueAsNew<typeof dayCounter>({ ...life, startedAtMs, wakes });
  }
}

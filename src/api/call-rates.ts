/** Bounds how often one run of the dialog may call within a minute. Counted by each process for itself. */
import type { Clock } from '../domain/clock.ts';
import type { DialogRunId } from '../domain/ids.ts';
import { MINUTE_MS, POLICY } from '../domain/policy.ts';
import { Problem } from './problem.ts';

/** Windows that have ended are dropped where there are more. */
const WINDOWS_MAX = 10_000;

export function createCallRates(clock: Clock): (run: DialogRunId) => void {
  const windows = new Map<DialogRunId, { endsAtMs: number; calls: number }>();

  function dropEnded(nowMs: number): void {
    for (const [run, { endsAtMs }] of windows) if (endsAtMs <= nowMs) windows.delete(run);
  }

  /** Throws where the run has called too often. */
  return (run) => {
    const nowMs = clock.nowMs();
    if (windows.size >= WINDOWS_MAX) dropEnded(nowMs);
    const known = windows.get(run);
    const window = known && nowMs < known.endsAtMs ? known : { endsAtMs: nowMs + MINUTE_MS, calls: 0 };
    windows.set(run, window);
    window.calls += 1;
    if (window.calls > POLICY.runCallsMax.value)
      throw new Problem('DIALOG_CALLS_EXHAUSTED', { retryAtMs: window.endsAtMs });
  };
}

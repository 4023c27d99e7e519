/** Bounds how often one run of the dialog, or the link of one number, may call within a minute. Counted by each process for itself. */
import type { Clock } from '../domain/clock.ts';
import type { DialogRunId, NumberId } from '../domain/ids.ts';
import { DOOR_POLICY } from '../domain/door-policy.ts';
import { MINUTE_MS } from '../domain/policy.ts';
import { Problem } from './problem.ts';

/** Windows that have ended are dropped where there are more. */
const WINDOWS_MAX = 10_000;

type Caller = DialogRunId | NumberId;

/** Throws where the caller has called too often. */
export type CountCall = (caller: Caller) => void;

export function createCallRates(clock: Clock): CountCall {
  const windows = new Map<Caller, { endsAtMs: number; calls: number }>();

  function dropEnded(nowMs: number): void {
    for (const [caller, { endsAtMs }] of windows) if (endsAtMs <= nowMs) windows.delete(caller);
  }

  return (caller) => {
    const nowMs = clock.nowMs();
    if (windows.size >= WINDOWS_MAX) dropEnded(nowMs);
    const known = windows.get(caller);
    const window = known && nowMs < known.endsAtMs ? known : { endsAtMs: nowMs + MINUTE_MS, calls: 0 };
    windows.set(caller, window);
    window.calls += 1;
    if (window.calls > DOOR_POLICY.runCallsMax.value)
      throw new Problem('DIALOG_CALLS_EXHAUSTED', { retryAtMs: window.endsAtMs });
  };
}

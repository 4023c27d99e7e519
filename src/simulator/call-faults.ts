/** Picks the planned fault that a Graph call runs into, and spends it. */
import type { CallFault, CallName, SimulatorState } from './state.ts';

/** `names` are all the words by which a test may address the subject: ids and digits. */
export function takeCallFault(state: SimulatorState, call: CallName, names: readonly string[]): CallFault | null {
  const planned = state.callFaults.find(
    (row) => row.call === call && (row.subject === null || names.includes(row.subject)),
  );
  if (planned === undefined) return null;
  planned.timesLeft -= 1;
  if (planned.timesLeft <= 0) state.callFaults = state.callFaults.filter((row) => row !== planned);
  return planned.fault;
}

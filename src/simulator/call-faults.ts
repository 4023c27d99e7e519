/** Picks the planned fault that a Graph call runs into, and spends it. */
import type { CallFault, CallName } from './fault-state.ts';
import type { SimulatorState } from './state.ts';

/** `names` are all the words by which a test may address the subject: ids and digits. */
export function takeCallFault(state: SimulatorState, call: CallName, names: readonly string[]): CallFault | null {
  const planned = state.callFaults.filter(
    (row) => (row.call === call || row.call === 'any') && (row.subject === null || names.includes(row.subject)),
  );
  const striking = planned.find((row) => row.skipsLeft <= 0);
  for (const row of planned) row.skipsLeft -= 1;
  if (striking === undefined) return null;
  striking.timesLeft -= 1;
  if (striking.timesLeft <= 0) state.callFaults = state.callFaults.filter((row) => row !== striking);
  return striking.fault;
}

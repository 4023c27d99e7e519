/**
 * An import by what lies in the store: a request's answer and arriving data are there before the workflow records them, which
 * it does with its next transition, for each record costs an Action.
 */
import type { Sync, SyncState } from './snapshot.ts';

export interface SyncTrace {
  /** Meta has said yes to a request of this cycle. */
  isAccepted: boolean;
  hasData: boolean;
}

const BEFORE_DATA: readonly SyncState[] = ['due', 'asking', 'requested'];

/** What was settled or is in trouble was recorded at once, and stays as it is. */
export function stateSeen({ state }: Pick<Sync, 'state'>, { isAccepted, hasData }: SyncTrace): SyncState {
  if (!BEFORE_DATA.includes(state)) return state;
  if (hasData) return 'receiving';
  return isAccepted ? 'requested' : state;
}

const AT_THE_PHONE: readonly SyncState[] = ['asking', 'requested', 'receiving', 'stalled'];

/** Whether data is on its way from the phone, so that the app should stay open on it. */
export function needsOpenApp(state: SyncState): boolean {
  return AT_THE_PHONE.includes(state);
}

/** How an import is spoken of: its name in the story, and the answer to "will my old chats come?" from its live state. */
import type { SyncType } from './commands.ts';
import type { Sync, SyncState } from './snapshot.ts';

export const SYNC_NAMES: Record<SyncType, string> = { contacts: 'Contacts', history: 'History' };

const ANSWERS: Record<SyncState, string> = {
  off: 'Nothing is imported: old chats remain reachable in the app.',
  due: 'The import has been chosen and will be asked for.',
  asking: 'The import is being asked for.',
  requested: 'The import was asked for: keep the app open on the phone.',
  unknown: 'We do not know yet whether the import began: keep the app open on the phone.',
  receiving: 'The import is running: keep the app open on the phone.',
  complete: 'The import is complete.',
  expired: 'The day for importing has passed: connect again to import. Old chats remain reachable in the app.',
  refused: 'The import could not be started. Old chats remain reachable in the app.',
  cut: 'The connection ended before the import was complete. Old chats remain reachable in the app.',
  declined: 'You chose not to share your history. Old chats remain reachable in the app.',
  stalled: 'The import has stopped: open the app on the phone and leave it open.',
};

/** For the owner. Source: the guide's questions about history (G1, for Y07 and Y08), checked 2026-11. */
export function syncAnswerOf({ state }: Pick<Sync, 'state'>): string {
  return ANSWERS[state];
}

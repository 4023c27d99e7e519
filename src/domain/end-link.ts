/** How a link ends: our reason, what the phone may still show, and what is to be cleaned up. */
import type { Initiator, RemovalReason } from './facts.ts';
import { NO_ACTIVITY, withoutSubscriptionDoubt } from './fresh-snapshot.ts';
import { HOUR_MS } from './policy.ts';
import type { EndReason, Leave, PhoneStillLinked, Snapshot, Sync } from './snapshot.ts';
import { say } from './story.ts';
import { voidTasks } from './tasks.ts';
import { cutIfOpen } from './syncs.ts';

interface End {
  /** The row that decided it (docs/coverage.md). */
  row: string;
  reason: EndReason;
  initiator: Initiator | null;
  atMs: number;
}

export const STILL_LINKED: Record<EndReason, PhoneStillLinked> = {
  inactivity: 'no',
  'companion-inactivity': 'no',
  'owner-disconnected': 'no',
  'enforced-or-deleted': 'unknown',
  'moved-to-consumer-app': 'no',
  'number-changed': 'no',
  're-registered': 'no',
  unknown: 'unknown',
  'confirmed-dead': 'unknown',
  'left-the-app': 'unknown',
  'no-return': 'unknown',
  'app-removed': 'likely',
  'waba-deleted': 'unknown',
  'claimed-elsewhere': 'unknown',
  cancelled: 'likely',
};

const REASONS: Record<Exclude<RemovalReason, 'ACCOUNT_DISCONNECTED'>, EndReason> = {
  PRIMARY_INACTIVITY: 'inactivity',
  COMPANION_INACTIVITY: 'companion-inactivity',
  BUSINESS_DOWNGRADE: 'moved-to-consumer-app',
  CHANGE_NUMBER: 'number-changed',
  USER_RE_REGISTERED: 're-registered',
};

/** Our reason for Meta's removal. An open wish to leave turns an unexplained one into the owner's (LE03). */
export function endReasonOf(
  removal: { reason: RemovalReason | null; initiatedBy: Initiator | null },
  leave: Leave,
): EndReason {
  const { reason, initiatedBy } = removal;
  if (reason !== null && reason !== 'ACCOUNT_DISCONNECTED') return REASONS[reason];
  if (leave.state !== 'none') return 'owner-disconnected';
  if (reason === null || initiatedBy === null) return 'unknown';
  return initiatedBy === 'USER' ? 'owner-disconnected' : 'enforced-or-deleted';
}

/** Ends from which no return is possible with the credential: it is not held. */
const NOT_HELD: readonly EndReason[] = ['cancelled', 'app-removed', 'waba-deleted', 'claimed-elsewhere'];

/** endLink: the link is gone, the credential is held for the undo window; after it the clean-up runs. */
export function endLink(s: Snapshot, { row, reason, initiator, atMs }: End, nowMs: number): Snapshot {
  const heldUntilMs = NOT_HELD.includes(reason) ? nowMs : nowMs + s.policy.undoHours * HOUR_MS;
  const ended: Snapshot = {
    ...withoutSubscriptionDoubt(s),
    link: {
      ...s.link,
      state: 'gone',
      suspect: null,
      access: null,
      pause: null,
      verify: null,
      end: { reason, initiator, atMs, phoneStillLinked: STILL_LINKED[reason] },
      hold: { untilMs: heldUntilMs },
    },
    leave: { state: 'none', untilMs: null },
    credential: 'held',
    contacts: cutIfOpen(s.contacts),
    history: cutIfOpen(s.history),
    activity: NO_ACTIVITY,
    compensation: ['forgetCredential', 'unsubscribeIfLast'],
  };
  return say(voidTasks(ended), 'linkEnded', { row, atMs: nowMs, reason, heldUntilMs });
}

/** The anchors of open syncs move by the length of a pause, so that a pause is not taken for silence (resume). */
export function shiftSync(sync: Sync, byMs: number): Sync {
  const shifted = (atMs: number | null): number | null => (atMs === null ? null : atMs + byMs);
  return { ...sync, askedAtMs: shifted(sync.askedAtMs), lastDataAtMs: shifted(sync.lastDataAtMs) };
}

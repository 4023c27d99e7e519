/** All that is true of one number, as plain JSON: what its workflow carries through continue-as-new. */
import type { CommandAnswer } from './commands.ts';
import type { FailureCode } from './failures.ts';
import type { FactEnvelope, Initiator, RemovalReason } from './facts.ts';
import type { NumberId, DialogRunId, PhoneNumberId, TenantId, WabaId } from './ids.ts';
import type { Policy } from './policy.ts';
import type { ProbeClass } from './probe.ts';
import type { Task, TaskKind } from './task-kinds.ts';
import type { TimelineLine } from './timeline.ts';

/** Why a link ended, in our words. */
export const END_REASONS = [
  'inactivity',
  'companion-inactivity',
  'owner-disconnected',
  'enforced-or-deleted',
  'moved-to-consumer-app',
  'number-changed',
  're-registered',
  'unknown',
  'confirmed-dead',
  'left-the-app',
  'no-return',
  'app-removed',
  'waba-deleted',
  'claimed-elsewhere',
  'cancelled',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What the phone may still show after the end of a link, or after a failed attempt. */
export type PhoneStillLinked = 'no' | 'likely' | 'unknown';

/** What stands at Meta. It survives a new signup that fails. */
export interface Link {
  state: 'none' | 'live' | 'suspended' | 'gone';
  /** Meta's last onboarded time: no service window opens before it. */
  sinceMs: number | null;
  /** When the gate or a verified return last proved it (GR5). */
  provedAtMs: number | null;
  /** Watermark of event times: older news changes nothing (GR2). */
  asOfMs: number;
  /** Start of the latest read that said alive (GR5, GR8). */
  aliveReadAtMs: number | null;
  /** The latest reconnection that we have seen: an older offboard is over (LI13). */
  reconnectedAtMs: number | null;
  /** A doubt that two agreeing looks decide; `removal` is Meta's word that raised it, if one did. */
  suspect: {
    class: ProbeClass | null;
    sinceMs: number;
    /** Start of the first look of this class. */
    firstAtMs: number | null;
    lookAtMs: number;
    looks: number;
    /** Meta reported the number back while we knew of no pause: an alive read proves a return (LI14). */
    isReturn: boolean;
    removal: { reason: RemovalReason | null; initiatedBy: Initiator | null } | null;
  } | null;
  /** Meta says that our app was removed: reads of the token decide (LI15, LI38). */
  access: { sinceMs: number; lookAtMs: number; looks: number } | null;
  pause: { sinceMs: number; untilMs: number } | null;
  /** Reads on the way to a return: the first at once, then after 1, 5 and 15 minutes. */
  verify: { startedAtMs: number; lookAtMs: number; looks: number } | null;
  end: { reason: EndReason; initiator: Initiator | null; atMs: number; phoneStillLinked: PhoneStillLinked } | null;
  /** While it runs the credential is kept and a return needs no new signup. */
  hold: { untilMs: number } | null;
}

export const ATTEMPT_STATES = ['none', 'queued', 'open', 'running', 'waiting', 'undoing', 'cooling'] as const;

/** The steps of a running attempt, in order (ST rows). */
export const ATTEMPT_STEPS = ['exchange', 'check-token', 'resolve', 'claim', 'subscribe', 'gate'] as const;
export type AttemptStep = (typeof ATTEMPT_STEPS)[number];

export const UNDO_STEPS = ['forgetCredential', 'releaseClaim', 'unsubscribeIfLast'] as const;
export type UndoStep = (typeof UNDO_STEPS)[number];

/** What an attempt waits for: the gate, Meta's review, the phone, a person's choice, the end of a passing fault. */
export const WAIT_REASONS = ['gate', 'review', 'device', 'choice', 'resume'] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** A wait of an attempt, with its own patience (AT19). */
export interface AttemptWait {
  for: WaitReason;
  /** Where it goes on. */
  step: AttemptStep;
  /** What the attempt fails with when the patience is over (AT23). */
  code: FailureCode;
  untilMs: number;
  /** The next look; null where only a person or Meta's word can end it earlier. */
  lookAtMs: number | null;
  /** The end of a wait that Meta asked for: nobody may go on before it. */
  notBeforeMs: number | null;
  looks: number;
  /** What the latest look at the gate saw. */
  class: ProbeClass | null;
  /** What a person may choose from, by id alone. */
  choices: { kind: 'waba' | 'number'; ids: readonly string[] } | null;
}

/** What a read of a token says; `no-word` where Meta could not be asked. */
export type AccessRead = 'valid' | 'dead' | 'no-word';

/** One permission that the owner gave, and for how many accounts. */
export interface Grant {
  scope: string;
  count: number;
}

/** Why an attempt failed, and from when it may be tried again. */
export interface AttemptFailure {
  /** The step that failed; null before the code. */
  step: AttemptStep | null;
  /** What the code alone does not say, such as the names of the permissions that are missing. */
  detail: string | null;
  code: FailureCode;
  atMs: number;
  retryAtMs: number | null;
  phoneStillLinked: PhoneStillLinked;
  /** Meta's own code and its reference for support: the session of the dialog, or the trace of a Graph call. */
  metaCode: string | null;
  supportReference: string | null;
}

/** What a read of our app's subscription to the account says (FA42); `no-word` where Meta could not be asked. */
export type SubscriptionRead = 'active' | 'missing' | 'misdirected' | 'no-word';

/** A doubt about that subscription: read first, then repaired until it reads active (SU02). */
export interface SubscriptionDoubt {
  /** `repair` subscribes again and reads back. */
  step: 'look' | 'repair';
  /** What the latest read with a word says; null before it. */
  found: 'missing' | 'misdirected' | null;
  sinceMs: number;
  dueAtMs: number;
  /** Reads without a word, one after another. */
  silences: number;
  /** Repairs that Meta answered within the day that began at `dayFromMs`. */
  repairs: number;
  dayFromMs: number;
}

/** A signup on its way, over any link. */
export interface Attempt {
  state: (typeof ATTEMPT_STATES)[number];
  /**
   * Counts the runs through the dialog inside a cycle, from 1; once-only results are keyed by number, cycle and this.
   */
  ordinal: number;
  openedAtMs: number;
  /** End of the invitation. */
  expiresAtMs: number;
  /** When a queued or cooling attempt opens by itself; of a quota, a promise that `slotGranted` keeps. */
  opensAtMs: number | null;
  /** What a queued attempt waits for: Meta's wait after a disconnect, a come-back date with a new look at the rules, a slot, our fix. */
  queuedFor: 'platform-wait' | 'come-back' | 'quota' | 'our-fix' | null;
  /** Earliest of partnerAdded, signupFinished and code: the end of the dialog. */
  finishedAtMs: number | null;
  dialogRunId: DialogRunId | null;
  step: AttemptStep | null;
  /** Set while waiting. */
  wait: AttemptWait | null;
  /** The number that a person chose of those offered. */
  chosenId: PhoneNumberId | null;
  /**
   * A code of another run of the dialog, and when it came: tried where the first is refused (AT15); one that comes while
   * undoing begins the next attempt, if it still lives then (AT14).
   */
  spare: { dialogRunId: DialogRunId; atMs: number } | null;
  /** The attempt that its dialog was opened for: this one, or the one before, during whose undo the code came (AT14). */
  dialogOrdinal: number;
  /** Meta says that our app was removed: the token is read before the next step (AT31). */
  isAccessDoubted: boolean;
  /** What the steps have found out so far. */
  found: {
    wabaId: WabaId | null;
    phoneNumberId: PhoneNumberId | null;
    onboardedAtMs: number | null;
    grants: readonly Grant[];
    /** What the account leaves for people to do once it is connected; absent where it leaves nothing. */
    accountTasks?: readonly TaskKind[];
  };
  /** Registered before its step, undone in reverse. */
  undo: readonly UndoStep[];
  failuresInARow: number;
  failure: AttemptFailure | null;
  /** The owner or the backend asked to stop; heard at the next step's edge. */
  isCancelled: boolean;
  /** What stands at Meta was read after a failure, or cannot be read. */
  hasLooked: boolean;
  /** Facts about the link that came after the dialog's finish: they act once the attempt has ended either way. */
  deferred: readonly FactEnvelope[];
}

/** A wish over a link that stands. */
export interface Leave {
  state: 'none' | 'asked' | 'stuck';
  untilMs: number | null;
}

export const SYNC_STATES = [
  'off',
  'due',
  'asking',
  'requested',
  'unknown',
  'receiving',
  'complete',
  'expired',
  'refused',
  'cut',
  'declined',
  'stalled',
] as const;
export type SyncState = (typeof SYNC_STATES)[number];

/** One of the two once-only imports of a cycle. */
export interface Sync {
  state: SyncState;
  askedAtMs: number | null;
  /** How often Meta was asked in this cycle, the first call included. */
  asks: number;
  /** Calls in this cycle for the link that stood until this one came over it: they are not named again. Absent: none. */
  asksBefore?: number;
  /** Not before this time: the wait that Meta or the back-off asks for. */
  notBeforeMs: number | null;
  /** Latest data of which we know. */
  lastDataAtMs: number | null;
  /** History alone: Meta's `progress` has reached 100. */
  hasSeenFull: boolean;
  /** History alone: Meta's overall progress, 0 to 100. */
  progress: number;
  failure: FailureCode | null;
  /** Hours of the window at which people were warned that it had still not been asked for. */
  alertedHours: readonly number[];
  /** An operator had it asked once more (CM10). */
  isAskedByHand: boolean;
}

/** When the app was last seen in use, what was reminded of, and whether the limit has passed. */
export interface Activity {
  /** Latest evidence of any kind that the workflow knows; the truth may be up to the debounce later. */
  anyAtMs: number | null;
  /** Rungs of the ladder already told for this evidence, in days. */
  remindedDays: readonly number[];
  overdueSinceMs: number | null;
  /** Reminders sent after the limit. */
  overdueReminders: number;
}

export interface Snapshot {
  version: 1;
  numberId: NumberId;
  tenantId: TenantId;
  policy: Policy;
  cycle: number;
  /** Counts the recorded transitions of this number; fences its projection. */
  sequence: number;
  link: Link;
  attempt: Attempt;
  leave: Leave;
  closed: 'no' | CloseReason;
  /** The number that took this one's attempt over; null unless it closed as a duplicate. */
  duplicateOf: NumberId | null;
  credential: 'none' | 'valid' | 'held' | 'forgotten';
  /** Absent while nothing speaks against it. */
  subscription?: SubscriptionDoubt;
  /** What people should do next. */
  tasks: readonly Task[];
  /** What the tenant wants imported. */
  imports: {
    contacts: boolean;
    history: boolean;
    /** The tenant may not import: both are off, and nobody may choose them. */
    isForbidden?: true;
  };
  contacts: Sync;
  history: Sync;
  /** End of Meta's window for asking, our margin taken off; null before the first link. */
  syncWindowEndsAtMs: number | null;
  activity: Activity;
  wabaId: WabaId | null;
  phoneNumberId: PhoneNumberId | null;
  /** What the signup that made the link was granted. */
  grants: readonly Grant[];
  /** When that signup was opened, when its dialog ended, and when the gate let it pass. */
  lastSignup: { openedAtMs: number; finishedAtMs: number; connectedAtMs: number } | null;
  /** Ids that the number had before (GR7). */
  formerIds: readonly string[];
  /** Undo steps that are still to be done after a link ended; empty when done. */
  compensation: readonly UndoStep[];
  /** Undo steps that failed for good. */
  incompleteUndo: readonly UndoStep[];
  /** Lines not yet recorded. */
  unsaid: readonly TimelineLine[];
  /** The last ten sentences, for the Temporal UI. */
  story: readonly string[];
  /** The last sentence that tells of a move, kept when asides follow it; absent in what older code stored. */
  because?: string;
  /** Ring of fact ids against repeats (GR3). */
  factIds: readonly string[];
  /** The last answers, against repeats of a command in a later run. */
  answered: readonly { commandId: string; answer: CommandAnswer }[];
  /** Facts that had arrived but were not yet taken when the run continued as new. */
  mailbox: readonly FactEnvelope[];
}

export const CLOSE_REASONS = [
  'expired',
  'withdrawn',
  'refused',
  'retired',
  'number-changed',
  'waba-deleted',
  'claimed-elsewhere',
  'duplicate',
  'cancelled',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/**
 * What can happen to a number, past tense: the closed list of facts, and the envelope that carries one to its
 * workflow.
 */
import type { UnexpectedAccount } from './expectations.ts';
import type { FailureCode } from './failures.ts';
import type { DialogRunId, NumberId, PhoneNumberId, WabaId } from './ids.ts';
import type { TaskKind } from './task-kinds.ts';

/**
 * How Meta's dialog ended, as its message event tells. `malformed`: a finish that names no WABA. Source: M4.
 */
export const SIGNUP_ENDINGS = [
  'coexistence',
  'standard',
  'waba-only',
  'grant-only',
  'on-behalf',
  'unknown-finish',
  'malformed',
] as const;
export type SignupEnding = (typeof SIGNUP_ENDINGS)[number];

/**
 * Why Meta removed a partner. Anything else on the wire is kept raw in the inbox and told as `null` here.
 * Source: M2.
 */
export const REMOVAL_REASONS = [
  'PRIMARY_INACTIVITY',
  'COMPANION_INACTIVITY',
  'ACCOUNT_DISCONNECTED',
  'BUSINESS_DOWNGRADE',
  'CHANGE_NUMBER',
  'USER_RE_REGISTERED',
] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

export const INITIATORS = ['USER', 'SYSTEM'] as const;
export type Initiator = (typeof INITIATORS)[number];

/** Meta's decision about an account; anything else on the wire is recorded only. Source: M13. */
export const REVIEW_DECISIONS = ['APPROVED', 'REJECTED', 'PENDING', 'DEFERRED'] as const;
export type ReviewDecision = (typeof REVIEW_DECISIONS)[number];

/** A trace that somebody used the app on the phone. */
export const EVIDENCE_KINDS = ['signup', 'reconnected', 'stated', 'contact-change', 'history-chunk', 'echo'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/**
 * Facts of one number. `isOnlyNumber` is set by the routing: the number is our one live or suspended number of its
 * WABA, or where none stands our only one there, or the event named it by its digits (GR6). Payloads hold
 * references, enum values, counts and times only.
 */
export type Fact =
  /** FA02. The code itself lies encrypted beside its dialog run. */
  | { kind: 'signupCodeReceived'; attempt: number; dialogRunId: DialogRunId }
  /** FA03. `wabaId` is the browser's claim: a hint, never a proof. */
  | { kind: 'signupFinished'; attempt: number; ending: SignupEnding; wabaId: WabaId | null }
  /** FA05. `metaCode`: the dialog's own code; `supportReference`: Meta's session id, for its support. */
  | {
      kind: 'signupErrorReported';
      attempt: number;
      dialogRunId: DialogRunId;
      failure: FailureCode;
      metaCode: string | null;
      supportReference: string | null;
    }
  /** FA10. */
  | { kind: 'partnerAdded'; wabaId: WabaId }
  /** FA12, in any of its three shapes. */
  | {
      kind: 'partnerRemoved';
      wabaId: WabaId | null;
      isOnlyNumber: boolean;
      reason: RemovalReason | null;
      initiatedBy: Initiator | null;
    }
  /** FA14. */
  | { kind: 'accountOffboarded'; wabaId: WabaId; isOnlyNumber: boolean }
  /** FA15. */
  | { kind: 'accountReconnected'; wabaId: WabaId; isOnlyNumber: boolean }
  /** FA13, of our own app alone. */
  | { kind: 'appUninstalled'; wabaId: WabaId }
  /** FA16. */
  | { kind: 'accountDeleted'; wabaId: WabaId }
  /** FA19. */
  | { kind: 'accountBanned'; wabaId: WabaId }
  /** FA20. */
  | { kind: 'accountReviewed'; wabaId: WabaId; decision: ReviewDecision }
  /** FA50. The quota has room for this number. */
  | { kind: 'slotGranted' }
  /** FA51. Another row of the tenant ended on this number; its credential is this attempt's candidate already. */
  | {
      kind: 'attemptHandedOver';
      from: NumberId;
      cycle: number;
      attempt: number;
      wabaId: WabaId;
      phoneNumberId: PhoneNumberId;
      onboardedAtMs: number | null;
      finishedAtMs: number;
      grants: readonly { scope: string; count: number }[];
      accountTasks?: readonly TaskKind[];
      /** P13: what the receiver expected otherwise, and then what the giver did; there only where something differs. */
      unexpected?: readonly UnexpectedAccount[];
    }
  /** FA52. Another number proved the ids of this one's link, which is gone, and is live: never to whom. */
  | { kind: 'claimYielded' }
  /** FA30, posted only while wanted. */
  | { kind: 'contactsArrived' }
  /** FA31: one fact a phase, and one when `progress` reaches 100. */
  | { kind: 'historyChunkArrived'; phase: number; chunkOrder: number; progress: number }
  /** FA32. */
  | { kind: 'historyDeclined' }
  /** LI20: no echo, message or status came since the link went live then, or came back; `trafficHours` have passed. */
  | { kind: 'trafficMissed'; connectedAtMs: number }
  /** FA38, of a link that was told to be quiet: its first echo or inbound message, once. A status tests nothing. */
  | { kind: 'trafficSeen'; connectedAtMs: number }
  /** FA37: one fact an episode, while the workflow waits for a sign of the app. `evidenceAtMs` is clamped (GR1). */
  | { kind: 'activitySeen'; evidence: EvidenceKind; evidenceAtMs: number };

export type FactKind = Fact['kind'];

/** What travels in the `fact` signal. */
export interface FactEnvelope {
  /** Unique per real happening: the second delivery of the same news carries the same id. */
  factId: string;
  /** Meta's time of the event, never later than our receipt (GR1); our clock for facts of our own making. */
  occurredAtMs: number;
  /** Meta gave no time, or an absurd one: `occurredAtMs` is the receipt. */
  isUntimed?: true;
  /** Only for facts of our own making (GR4): one that is not of the current cycle is stale. */
  cycle?: number;
  fact: Fact;
}

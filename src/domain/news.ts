/**
 * What one verified webhook tells, in our own words and not yet routed: the contract between Meta's wire format and
 * the inbox.
 */
import type { EvidenceKind, Initiator, RemovalReason, ReviewDecision } from './facts.ts';
import type { PhoneNumberId, WabaId } from './ids.ts';

/**
 * Which number an item speaks of, as far as Meta named it. Routing: phone number id, else WABA id, else digits, else
 * parked.
 */
export interface NewsScope {
  phoneNumberId: PhoneNumberId | null;
  wabaId: WabaId | null;
  digits: string | null;
}

/** A fact before routing has said whether the number is the only one it can mean. */
export type AccountNews =
  | { kind: 'partnerAdded'; wabaId: WabaId }
  | { kind: 'partnerRemoved'; wabaId: WabaId | null; reason: RemovalReason | null; initiatedBy: Initiator | null }
  | { kind: 'accountOffboarded'; wabaId: WabaId }
  | { kind: 'accountReconnected'; wabaId: WabaId }
  /** FA13, of our own app alone. */
  | { kind: 'appUninstalled'; wabaId: WabaId }
  | { kind: 'accountDeleted'; wabaId: WabaId }
  | { kind: 'accountBanned'; wabaId: WabaId }
  | { kind: 'accountReviewed'; wabaId: WabaId; decision: ReviewDecision };

/** One message, media note or contact as Meta wrote it: sealed by the store, never told to a workflow. */
export interface ContentItem {
  kind: 'message' | 'media' | 'contact';
  /** Meta's id of the message; of a contact its phone number or user id. */
  id: string;
  /** Of a contact that is told with both, the user id: later changes may name either. */
  alsoId: string | null;
  /** Its own time, epoch ms, never later than our receipt. */
  atMs: number;
  isRemoval: boolean;
  /** Opaque JSON text. */
  json: string;
}

export type NewsItem =
  /** FA10, FA12, FA14, FA15. `key` is unique per real happening: WABA + event + time (+ digits hash). */
  | { kind: 'account'; key: string; scope: NewsScope; occurredAtMs: number; isUntimed: boolean; news: AccountNews }
  /** FA31. `key`: digest of the chunk, without the cycle (the inbox adds number and cycle). */
  | {
      kind: 'history-chunk';
      key: string;
      scope: NewsScope;
      phase: number;
      chunkOrder: number;
      progress: number;
      messageCount: number;
      /** Group chats that were dropped. */
      groupCount: number;
      items: readonly ContentItem[];
    }
  /** FA32. */
  | { kind: 'history-declined'; scope: NewsScope }
  /** FA33. */
  | { kind: 'history-media'; scope: NewsScope; count: number; items: readonly ContentItem[] }
  /** FA30. `changedAtMs`: the latest change's own time. */
  | {
      kind: 'contacts';
      scope: NewsScope;
      count: number;
      removedCount: number;
      changedAtMs: number;
      items: readonly ContentItem[];
    }
  /** FA34: moves a column, never a signal unless wanted. */
  | { kind: 'evidence'; scope: NewsScope; evidence: EvidenceKind; atMs: number }
  /** FA35: says nothing of the phone. `isStatus`: Meta's word on messages that we sent, nothing that came in. */
  | { kind: 'traffic'; scope: NewsScope; atMs: number; isStatus?: true }
  /** FA11, FA26 and whatever else we know and only keep. */
  | { kind: 'recorded'; name: string; scope: NewsScope }
  /** GR15: fields, events and shapes that we do not know. */
  | { kind: 'unknown'; field: string; name: string };

/** What is told to backends: the types, and what a completion event proves (C22). */
import type { BusinessPortfolioId, PhoneNumberId, WabaId } from './ids.ts';
import { DAY_MS } from './policy.ts';

export const EVENT_TYPES = ['number.connected', 'activity.due', 'activity.overdue'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Rows of the outbox that are told as events. A nudge to an owner who left the dialog is none: AT09 names no event. */
export const EVENT_KINDS = ['number.connected', 'reminder'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** `rung`: a day of the ladder, or `overdue-1` and so on once the limit has passed. */
export function eventTypeOf(kind: EventKind, rung: string | null): EventType {
  if (kind === 'number.connected') return kind;
  return rung?.startsWith('overdue') ? 'activity.overdue' : 'activity.due';
}

/** How long the former secret of a tenant signs beside the new one, so that receivers can change over. Ours, 2026-11. */
export const FORMER_SECRET_MS = DAY_MS;

export const EVENT_PROOFS = [
  'consent',
  'dialog',
  'permissions',
  'number',
  'account',
  'partner-added',
  'claim',
  'subscription',
  'gate',
] as const;

/** One thing that we hold and that anybody with access to the records can look up by its id. */
export interface EventEvidence {
  proves: (typeof EVENT_PROOFS)[number];
  id: string;
  /** ISO 8601: the text is signed, and never changes. */
  at: string;
}

/** AT20. Never a token, a code or content; times in ISO 8601. */
export interface ConnectedEvent {
  cycle: number;
  attempt: number;
  phoneNumberId: PhoneNumberId | null;
  wabaId: WabaId | null;
  /** Null where Meta has not told it. */
  businessPortfolioId: BusinessPortfolioId | null;
  scopes: readonly { scope: string; accounts: number }[];
  /** Null where no reading of the subscription is held. */
  subscription: { readBackAt: string } | null;
  /** No other reading opens the gate (`classOfReading`). */
  gate: { isOnBizApp: true; platformType: 'CLOUD_API'; readAt: string };
  connectedAt: string;
  evidence: readonly EventEvidence[];
}

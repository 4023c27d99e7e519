/** What the owner is told before Meta's window opens: the permissions it will ask for, and what changes in the app. */
import { isInForce } from './eligibility-rules.ts';

export interface Disclosure {
  version: number;
  /** ISO dates, UTC; `validUntil` is the first day on which it no longer holds. */
  validFrom: string;
  validUntil: string | null;
  source: string;
  checkedOn: string;
  /** What is accepted. */
  text: string;
  permissions: readonly string[];
  changes: readonly string[];
  limits: readonly string[];
}

/** For U05. Sources: M1, G1. */
export const DISCLOSURES: readonly Disclosure[] = [
  {
    version: 1,
    validFrom: '2025-02-11',
    validUntil: null,
    source: 'Meta: onboarding app users (M1); the guide (G1)',
    checkedOn: '2026-11-22',
    text: 'I allow what is listed under permissions, and I know what changes in the app and which limits hold.',
    permissions: [
      'Import contacts and the history of chats, if you choose to share them.',
      'Connect the app by a code that is scanned or copied on the phone.',
      'Manage the business portfolio.',
      'Manage its WhatsApp accounts.',
      'Manage and read conversations.',
      'Log and send events.',
    ],
    changes: [
      'All linked devices are unlinked; up to four can be linked again, but not the Windows app and not Wear OS.',
      'Disappearing messages are switched off in chats with one person; view-once and live location are disabled there.',
      'Broadcast lists become read-only, and no new ones can be made.',
      'Groups stay in the app alone: they are never shared.',
      'The name of the business cannot be changed once the number is connected.',
      'A paid verification badge may be lost.',
    ],
    limits: [
      'The app must be opened at least every 13 days, or Meta cuts the connection.',
      'At most 20 messages a second are sent from the platform.',
      'Marketing messages are limited to 250 different recipients in 24 hours at first, for the whole portfolio.',
      'Messages from the platform are charged by Meta; those from the app stay free.',
      'No 24-hour window is open for chats from before the connection.',
    ],
  },
];

/** The newest that holds; null on a day that has none. */
export function disclosureAt(atMs: number): Disclosure | null {
  const inForce = DISCLOSURES.filter((disclosure) => isInForce(disclosure, atMs));
  return inForce.toSorted((left, right) => right.version - left.version)[0] ?? null;
}

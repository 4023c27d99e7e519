/** A link that stands beneath an attempt: what of it goes on meanwhile, and what an undo leaves alone (8.3, 8.4). */
import type { Link, Snapshot, UndoStep } from './snapshot.ts';

/** Live, or in a pause from which it may return. */
export function isStanding({ state }: Pick<Link, 'state'>): boolean {
  return state === 'live' || state === 'suspended';
}

/**
 * While its attempt waits, a link that stands is looked at, imported and watched as ever. Not while the phone is awaited: what
 * was told of the link waits too, and what is read or refused then may come of the change of phone alone (LI35).
 */
export function isCaredForMeanwhile({ attempt, link }: Pick<Snapshot, 'attempt' | 'link'>): boolean {
  return attempt.state === 'waiting' && attempt.wait?.for !== 'device' && isStanding(link);
}

/** The account sends its webhooks by one subscription for all: the link on it that stands needs what the attempt subscribed. */
export function isNeededByLink({ attempt, link, wabaId }: Snapshot, step: UndoStep): boolean {
  return step === 'unsubscribeIfLast' && isStanding(link) && attempt.found.wabaId === wabaId;
}

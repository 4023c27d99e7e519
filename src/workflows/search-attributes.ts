/** What an operator can search for in the Temporal UI: derived from the snapshot, opaque ids and words only. */
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  type SearchAttributePair,
  type SearchAttributeUpdatePair,
  type TypedSearchAttributes,
} from '@temporalio/common';
import { headlineOf, needsAttention } from '../domain/headline.ts';
import type { Deadline } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';

const STATE = defineSearchAttributeKey('TandemState', SearchAttributeType.KEYWORD);
const TENANT = defineSearchAttributeKey('TandemTenant', SearchAttributeType.KEYWORD);
const WABA = defineSearchAttributeKey('TandemWaba', SearchAttributeType.KEYWORD);
const REASON = defineSearchAttributeKey('TandemReason', SearchAttributeType.KEYWORD);
const NEXT_DEADLINE = defineSearchAttributeKey('TandemNextDeadline', SearchAttributeType.DATETIME);
const NEEDS_ATTENTION = defineSearchAttributeKey('TandemNeedsAttention', SearchAttributeType.BOOL);
const CYCLE = defineSearchAttributeKey('TandemCycle', SearchAttributeType.INT);

/** Why the number is where it is, in one word: the end of the link, else the last failure. */
function reasonOf(s: Snapshot): string {
  if (s.closed !== 'no') return s.closed;
  if (s.link.state === 'gone' && s.link.end) return s.link.end.reason;
  return s.attempt.failure?.code ?? 'none';
}

/** All attributes as they should be now. */
export function searchAttributesOf(s: Snapshot, next: Deadline | null): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [
    { key: STATE, value: headlineOf(s) },
    { key: TENANT, value: s.tenantId },
    { key: REASON, value: reasonOf(s) },
    { key: NEEDS_ATTENTION, value: needsAttention(s) },
    { key: CYCLE, value: s.cycle },
  ];
  if (s.wabaId) pairs.push({ key: WABA, value: s.wabaId });
  if (next) pairs.push({ key: NEXT_DEADLINE, value: new Date(next.atMs) });
  return pairs;
}

/**
 * What changes them from those that the run shows: one that is left out of an upsert would stay, so a deadline that is gone is
 * unset. A run that has ended keeps its last one: nothing is due in it.
 */
export function searchAttributeUpdatesOf(
  s: Snapshot,
  next: Deadline | null,
  shown: TypedSearchAttributes,
): SearchAttributeUpdatePair[] {
  const pairs = searchAttributesOf(s, next);
  const isGone = s.closed === 'no' && next === null && shown.get(NEXT_DEADLINE) !== undefined;
  return isGone ? [...pairs, { key: NEXT_DEADLINE, value: null }] : pairs;
}

/** What decides whether an upsert is worth its Action: the deadline's kind counts, its exact date does not. */
export function fingerprintOf(s: Snapshot, next: Deadline | null): string {
  return [headlineOf(s), reasonOf(s), needsAttention(s), s.cycle, s.wabaId ?? '', next?.kind ?? ''].join('|');
}

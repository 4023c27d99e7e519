/** How a rule tells what it did: lines that wait to be recorded, and the last ten sentences for the Temporal UI. */
import type { FactEnvelope } from './facts.ts';
import type { Snapshot } from './snapshot.ts';
import {
  IGNORED_BECAUSE,
  isoMinute,
  sentenceOf,
  type IgnoredLetter,
  type SentenceKey,
  type TimelineLine,
} from './timeline.ts';

const STORY_SENTENCES_MAX = 10;

/**
 * Lines that may wait for the next record instead of causing one: each record costs an Action, these change no decision. A
 * first invitation is stored with the number's row, before its workflow starts; a later one is a move, and so is recorded.
 */
const UNHURRIED: readonly SentenceKey[] = [
  'onboardingStarted',
  'syncProgress',
  'ignored',
  'partnerAdded',
  'codeReceived',
  'syncRequested',
  'taskOpened',
  'grantsMissing',
  'timeZoneMissing',
  'fieldsMissing',
  'accountUnexpected',
];

/** Lines beside the story: none of them is why a number is where it is. */
const ASIDES: readonly SentenceKey[] = ['ignored', 'taskOpened', 'taskClosed', 'syncProgress'];

/** When it happened, the row that decided it (docs/coverage.md), and the values of the sentence. */
type Told = Pick<TimelineLine, 'atMs' | 'row'> & TimelineLine['params'];

/** Adds one line. */
export function say(s: Snapshot, key: SentenceKey, { atMs, row, ...params }: Told): Snapshot {
  const line: TimelineLine = { atMs, row, key, params };
  const told = `${isoMinute(atMs)} ${sentenceOf(line)}`;
  const because = ASIDES.includes(key) ? {} : { because: told };
  return { ...s, ...because, unsaid: [...s.unsaid, line], story: [...s.story, told].slice(-STORY_SENTENCES_MAX) };
}

/** A fact that changes nothing leaves a line with the letter that says why that is right. */
export function ignore(
  s: Snapshot,
  envelope: FactEnvelope,
  { row, why }: { row: string; why: IgnoredLetter },
): Snapshot {
  const params = { fact: envelope.fact.kind, why: IGNORED_BECAUSE[why], letter: why };
  return say(s, 'ignored', { row, atMs: envelope.occurredAtMs, ...params });
}

/** Unhurried lines that may wait: more of them would make the snapshot grow with every fact of a storm. */
const UNSAID_LINES_MAX = 50;

/** Answers whether something was said that must be recorded before the number goes to rest. */
export function mustRecord(s: Snapshot): boolean {
  return s.unsaid.length > UNSAID_LINES_MAX || s.unsaid.some((line) => !UNHURRIED.includes(line.key));
}

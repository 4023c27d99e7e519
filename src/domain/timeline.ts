/**
 * The story of a number in sentences: message keys with their values inside the workflow, plain English at the edge.
 */

type Params = Readonly<Record<string, string | number | null>>;

/** One thing that happened. `row` is its row of lifecycle.md; `letter` says why a fact changed nothing (section 0). */
export interface TimelineLine {
  atMs: number;
  row: string;
  key: SentenceKey;
  params: Params;
}

/** Why ignoring a fact is right. */
export const IGNORED_BECAUSE = {
  d: 'the state already says so',
  l: 'newer news has decided',
  s: 'it answers a question that nobody asks any more',
  w: 'it names ids that the number no longer has',
  n: 'nothing stands that it could change',
  c: 'a later read at Meta says otherwise',
} as const;
export type IgnoredLetter = keyof typeof IGNORED_BECAUSE;

function day(atMs: unknown): string {
  return typeof atMs === 'number' ? isoMinute(atMs) : 'an unknown time';
}

/** ISO 8601 to the minute in UTC, by arithmetic alone: the domain has no Date. Source: civil-from-days, H. Hinnant. */
export function isoMinute(epochMs: number): string {
  const minutes = Math.floor(epochMs / 60_000);
  const days = Math.floor(minutes / 1440);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ofDay = minutes - days * 1440;
  return `${year}-${two(month)}-${two(dayOfMonth)} ${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}Z`;
}

const UNDO_WORDS: Readonly<Record<string, string>> = {
  unsubscribeIfLast: "our app's subscription of the account",
  releaseClaim: 'the claim of the number',
  forgetCredential: 'the credential, which is forgotten',
};

function undoWords(step: unknown): string {
  return UNDO_WORDS[String(step)] ?? String(step);
}

const SENTENCES = {
  onboardingStarted: (p) => `Invited: cycle ${p.cycle} is open until ${day(p.untilMs)}.`,
  onboardingQueued: (p) => `Re-onboarding is queued until ${day(p.untilMs)}: Meta asks for a wait after a disconnect.`,
  invitationOpened: (p) => `The invitation is open again, for attempt ${p.attempt}.`,
  invitationEnded: (p) => `The invitation has ended: ${p.why}.`,
  codeReceived: (p) => `The owner finished Meta's dialog; its code arrived (attempt ${p.attempt}).`,
  codeStored: () => 'The code was exchanged; the credential is stored.',
  tokenChecked: () => 'The credential is ours, with both permissions and the account granted.',
  numberFound: () => 'Exactly one number was found in the account.',
  numberClaimed: () => 'The number is claimed for this tenant.',
  accountSubscribed: () => 'Our app is subscribed to the WhatsApp account, read back.',
  gateWaiting: (p) => `Meta has not finished connecting; we keep looking until ${day(p.untilMs)}.`,
  connected: (p) => `Connected: the number is on the app and on Cloud API (cycle ${p.cycle}).`,
  attemptFailing: (p) => `Connecting failed: ${p.code}. What was done is being undone.`,
  undone: (p) => `Undone: ${undoWords(p.step)}${p.result === 'not-needed' ? ' (not needed)' : ''}.`,
  undoIncomplete: (p) => `Could not undo ${undoWords(p.step)}: ${p.code}. An operator must look.`,
  phoneShows: (p) => `Read at Meta after the failure: the phone is ${p.shows}.`,
  attemptCooling: (p) => `The attempt rests until ${day(p.retryAtMs)} (${p.code}).`,
  attemptEnded: (p) => `The attempt has ended: ${p.why}.`,
  partnerAdded: () => 'Meta says that the account was shared with us.',
  removed: (p) => `Meta removed the connection (${p.reason}).`,
  linkEnded: (p) => `Disconnected: ${p.reason}. The credential is held until ${day(p.heldUntilMs)}.`,
  linkSuspected: (p) => `The connection is in doubt (${p.why}); a second look decides.`,
  suspectCleared: (p) => `The doubt about the connection is gone: ${p.why}.`,
  paused: (p) => `Paused: the phone was changed. Nothing is torn down; a return is awaited until ${day(p.untilMs)}.`,
  returnAnnounced: () => 'Meta says that the phone is back; it is being verified.',
  returnUnproved: (p) => `The return could not be verified yet (${p.class}).`,
  resumed: () => 'Connected again: the return was verified at Meta.',
  syncRequested: (p) => `The import of ${p.type} was asked for, once, and Meta accepted.`,
  syncOutcome: (p) => `${p.type}: ${p.outcome}.`,
  syncProgress: (p) =>
    p.progress === 100
      ? 'History: Meta has sent all of it (100 %); stragglers are awaited.'
      : `History: phase ${p.phase} has begun, ${p.progress} % in all.`,
  syncSettled: (p) => `${p.type}: ${p.state}${p.failure === null ? '' : ` (${p.failure})`}.`,
  reminded: (p) => `Reminder for day ${p.days}: please open the app. Last seen ${day(p.evidenceAtMs)}.`,
  overdue: (p) => `Overdue: no sign of the app since ${day(p.evidenceAtMs)}. Meta may cut the connection.`,
  overdueReminded: (p) => `Overdue reminder ${p.ordinal}: open the app today to stay connected.`,
  appSeen: (p) => `The app was used (${p.evidence}): the reminders start again.`,
  disconnectAsked: (p) => `A disconnect was asked for; the steps on the phone are awaited until ${day(p.untilMs)}.`,
  disconnectWithdrawn: () => 'The wish to disconnect was withdrawn.',
  disconnectStuck: () => 'The disconnect was not seen in time: an operator must look.',
  compensated: (p) => `Cleaned up after the end: ${p.steps}.`,
  taskOpened: (p) => `To do for the ${p.who}: ${p.task}.`,
  taskClosed: (p) => `No longer to do: ${p.task} (${p.as}).`,
  closed: (p) => `Closed: ${p.why}.`,
  ignored: (p) => `${p.fact} changed nothing: ${p.why}.`,
} as const satisfies Record<string, (params: Params) => string>;

export type SentenceKey = keyof typeof SENTENCES;

/** Whether text is the key of a sentence. */
function isSentenceKey(text: string): text is SentenceKey {
  return Object.hasOwn(SENTENCES, text);
}

/** All that can be told, as keys. */
export const SENTENCE_KEYS: readonly SentenceKey[] = Object.keys(SENTENCES).filter(isSentenceKey);

/** The sentence of a line. */
export function sentenceOf(line: TimelineLine): string {
  return SENTENCES[line.key](line.params);
}

/**
 * The story of a number in sentences: message keys with their values inside the workflow, plain English at the edge.
 */
import { TASK_WORDS } from './task-kinds.ts';

type Params = Readonly<Record<string, string | number | null>>;

/** One thing that happened. `row` is that of docs/coverage.md; `letter` says why a fact changed nothing. */
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

const ENDING_WORDS: Readonly<Record<string, string>> = {
  standard: 'it was the ordinary dialog, which is not for numbers of the app',
  'waba-only': 'an account was shared, and no number',
  'grant-only': 'access was granted, and no number was connected',
  'on-behalf': 'an account was moved, and no number was connected',
  'unknown-finish': 'it finished in a way that we do not know',
  malformed: 'its result names no WhatsApp account',
};

function endingWords(ending: unknown): string {
  return ENDING_WORDS[String(ending)] ?? String(ending);
}

const FIELD_WORDS: Readonly<Record<string, string>> = {
  'portfolio-id': 'the business portfolio',
  'portfolio-name': 'the name of the business portfolio',
  'waba-name': 'the name of the WhatsApp account',
};

/** Which of them differ; of portfolios also their ids. Names are no part of the story: the number shows them. */
function unexpectedWords({ fields, expectedId, toldId }: Params): string {
  const words = String(fields)
    .split(' ')
    .map((field) => FIELD_WORDS[field] ?? field)
    .join(', ');
  return expectedId == null ? words : `${words} (${expectedId} was expected, ${toldId} came)`;
}

/** `asks`: how often Meta was asked, this time included; lines of older records do not have it. */
function timesWords(asks: unknown): string {
  const times = Number(asks ?? 1);
  if (times <= 1) return ', once';
  return times === 2 ? ' a second time' : `, now ${times} times`;
}

/** Of one kind, or of several with a space between. */
function taskWords(kinds: unknown): string {
  const words: Readonly<Record<string, string>> = TASK_WORDS;
  return String(kinds)
    .split(' ')
    .map((kind) => words[kind] ?? kind)
    .join('; ');
}

const SENTENCES = {
  onboardingStarted: (p) => `Invited: cycle ${p.cycle} is open until ${day(p.untilMs)}.`,
  onboardingQueued: (p) => `Re-onboarding is queued until ${day(p.untilMs)}: Meta asks for a wait after a disconnect.`,
  slotPromised: (p) => `Queued: Meta's quota of new customers is used up; a slot is promised for ${day(p.untilMs)}.`,
  slotGranted: (p) => `A slot of Meta's quota is free: the invitation is open until ${day(p.untilMs)}.`,
  slotLate: (p) => `No slot has come free by ${day(p.untilMs)}, as promised; an operator was told.`,
  comeBackQueued: (p) => `The rules do not allow it yet: they are looked at again on ${day(p.untilMs)}.`,
  comeBackAfterRefusal: (p) =>
    `Queued after Meta's refusal (${p.code}): the rules are looked at again on ${day(p.untilMs)}.`,
  comeBackInvited: (p) =>
    `The rules were looked at again (${p.outcome}): the invitation is open until ${day(p.untilMs)}.`,
  comeBackRefused: () => 'The rules were looked at again, and do not allow it.',
  invitationProlonged: (p) => `The invitation holds until ${day(p.untilMs)} at least: a fix of ours is awaited.`,
  invitationOpened: (p) => `The invitation is open again, for attempt ${p.attempt}.`,
  codeReceived: (p) => `The owner finished Meta's dialog; its code arrived (attempt ${p.attempt}).`,
  dialogEndedOtherwise: (p) => `Meta's dialog ended without the number: ${endingWords(p.ending)}.`,
  dialogRefused: (p) => `Meta's dialog reported an error: ${p.code} (${p.metaCode}). Nothing was changed.`,
  codeStored: () => 'The code was exchanged; the credential is stored.',
  tokenChecked: () => 'The credential is ours, with both permissions and the account granted.',
  numberFound: () => 'Exactly one number was found in the account.',
  numberClaimed: () => 'The number is claimed for this tenant.',
  accountSubscribed: () => 'Our app is subscribed to the WhatsApp account, read back.',
  fieldsMissing: (p) => `Meta does not tell us of: ${p.fields}. Our app has not subscribed them; an operator was told.`,
  gateWaiting: (p) => `Meta has not finished connecting; we keep looking until ${day(p.untilMs)}.`,
  choiceAwaited: (p) => `A person must choose ${p.what}: ${p.count} are possible. Awaited until ${day(p.untilMs)}.`,
  choiceMade: (p) => `The ${p.what} was chosen; connecting goes on.`,
  deviceAwaited: (p) => `The phone was changed while connecting; its return is awaited until ${day(p.untilMs)}.`,
  stepAwaited: (p) => `${p.code} at the step ${p.step}: it is tried again until ${day(p.untilMs)}.`,
  wentOn: (p) => `Connecting goes on: ${p.why}.`,
  grantsMissing: (p) => `The owner did not give: ${p.scopes}. Connecting works without.`,
  timeZoneMissing: () => 'The WhatsApp account has no time zone.',
  accountUnexpected: (p) => `Not as expected at Meta: ${unexpectedWords(p)}. Connecting goes on; people must confirm.`,
  unclaimedSignup: () => 'A signup was finished at Meta that no dialog of ours had opened: an operator must look.',
  handedOver: (p) => `The signup ended on a number that is under care already: ${p.to} takes it over.`,
  tookOver: (p) => `A signup of ${p.from} ended on this number, which takes it over and goes on connecting.`,
  connected: (p) => `Connected: the number is on the app and on Cloud API (cycle ${p.cycle}).`,
  attemptFailing: (p) => `Connecting failed: ${p.code}. What was done is being undone.`,
  undone: (p) => `Undone: ${undoWords(p.step)}${p.result === 'not-needed' ? ' (not needed)' : ''}.`,
  undoIncomplete: (p) => `Could not undo ${undoWords(p.step)}: ${p.code}. An operator must look.`,
  phoneShows: (p) => `Read at Meta after the failure: the phone is ${p.shows}.`,
  attemptCooling: (p) => `The attempt rests until ${day(p.retryAtMs)} (${p.code}).`,
  attemptAwaitsFix: (p) => `The attempt waits for a fix of ours (${p.code}); an operator says when it is made.`,
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
  syncRequested: (p) => `The import of ${p.type} was asked for${timesWords(p.asks)}, and Meta accepted.`,
  syncOutcome: (p) => `${p.type}: ${p.outcome}.`,
  syncProgress: (p) => {
    if (p.type === 'contacts') return 'Contacts: they have arrived, so Meta had accepted.';
    return p.progress === 100
      ? 'History: Meta has sent all of it (100 %); stragglers are awaited.'
      : `History: phase ${p.phase} has begun, ${p.progress} % in all.`;
  },
  syncSettled: (p) => `${p.type}: ${p.state}${p.failure === null ? '' : ` (${p.failure})`}.`,
  syncAlert: (p) => `${p.type}: not asked for yet after ${p.hours} h; Meta's window ends ${day(p.untilMs)}.`,
  syncChoice: (p) => `${p.type}: the import is ${p.choice}.`,
  syncResolved: (p) => `${p.type}: an operator says ${p.as}.`,
  reminded: (p) =>
    `Reminder for day ${p.days} is due: recorded as an event for the backend to fetch. Last seen ${day(p.evidenceAtMs)}.`,
  overdue: (p) => `Overdue: no sign of the app since ${day(p.evidenceAtMs)}. Meta may cut the connection.`,
  overdueReminded: (p) => `Overdue reminder ${p.ordinal} is due: recorded as an event for the backend to fetch.`,
  appSeen: (p) => `The app was used (${p.evidence}): the reminders start again.`,
  trafficMissed: (p) =>
    `No message has passed since ${day(p.sinceMs)}, when it was connected: Meta is asked whether it tells us of them.`,
  subscriptionActive: () => "Read at Meta: our app's subscription of the account is in order.",
  subscriptionLost: (p) => `Read at Meta: our app's subscription of the account is ${p.found}. Replies may be lost.`,
  subscriptionRepairAsked: () => "An operator asks that our app's subscription of the account be repaired.",
  subscriptionRepaired: () => 'Our app is subscribed to the account again, and the subscription reads back.',
  subscriptionUnrepaired: (p) =>
    `Our app was subscribed again (${p.count} of at most ${p.countMax} times a day), and it does not read back: ${p.outcome}.`,
  subscriptionUnheard: (p) =>
    `Our app's subscription of the account could not be made again: Meta gave no answer. The next try is due ${day(p.untilMs)}.`,
  subscriptionUnread: (p) => `Our app's subscription could not be read in ${p.days} days.`,
  disconnectAsked: (p) => `A disconnect was asked for; the steps on the phone are awaited until ${day(p.untilMs)}.`,
  disconnectWithdrawn: () => 'The wish to disconnect was withdrawn.',
  disconnectStuck: () => 'The disconnect was not seen in time: an operator must look.',
  compensated: (p) => `Cleaned up after the end: ${p.steps}.`,
  taskOpened: (p) => `To do for the ${p.who}: ${taskWords(p.task)}.`,
  taskClosed: (p) => `No longer to do (${p.as}): ${taskWords(p.task)}.`,
  claimYielded: () => 'This number is proved elsewhere: nothing is held for its return.',
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

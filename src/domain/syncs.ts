/** The two once-only imports: contacts, then history; no outcome ends a connection (SY rows). */
import { SYNC_TYPES, type SyncType } from './commands.ts';
import type { FailureCode } from './failures.ts';
import { SYNC_OFF } from './fresh-snapshot.ts';
import { HOUR_MS, MINUTE_MS } from './policy.ts';
import type { Snapshot, Sync, SyncState } from './snapshot.ts';
import { say } from './story.ts';
import { dueAlertOf, nextAlertAt, windowBeganAtMs, type SyncAlert } from './sync-alerts.ts';
import { SYNC_NAMES } from './sync-words.ts';
import { closeTask, openTask } from './tasks.ts';

export type SyncOutcome = 'requested' | 'unknown' | 'expired' | 'declined' | 'refused' | 'due';

/**
 * How much later than the quiet end the look is planned, and not how much later it is due: a timer that stands for the first of some
 * chunks which overtake each other by seconds is then right for the last of them too, and they cost one look and not two.
 */
const LOOK_SLACK_MS = MINUTE_MS;

const OPEN: readonly SyncState[] = ['due', 'asking', 'requested', 'unknown', 'receiving', 'stalled'];
const ASKED: readonly SyncState[] = ['requested', 'unknown', 'receiving', 'stalled'];

/** Answers whether anything can still happen to it by itself. A stalled one that was given up is final. */
export function isOpenSync(sync: Sync): boolean {
  return OPEN.includes(sync.state) && sync.failure === null;
}

/** SY12: an end of the link cuts what is open. What was given up stays as it was. */
export function cutIfOpen(sync: Sync): Sync {
  return isOpenSync(sync) ? { ...sync, state: 'cut' } : sync;
}

/** SY00: a fresh budget only with a newer last onboarded time; `due` if chosen. */
export function syncsAtGoLive(
  s: Snapshot,
  at: { finishedAtMs: number; onboardedAtMs: number | null; before: number | null; isOverStanding?: boolean },
  nowMs: number,
): Snapshot {
  const startMs = Math.min(at.finishedAtMs, at.onboardedAtMs ?? at.finishedAtMs);
  const { syncWindowHours, syncMarginMinutes } = s.policy;
  const syncWindowEndsAtMs = startMs + syncWindowHours * HOUR_MS - syncMarginMinutes * MINUTE_MS;
  const isFresh = at.before === null || (at.onboardedAtMs ?? at.finishedAtMs) > at.before;
  if (!isFresh) return { ...s, syncWindowEndsAtMs };
  const chosen = (type: SyncType): Sync => ({
    ...SYNC_OFF,
    ...(at.isOverStanding && { asksBefore: ordinalOfAsk(s[type]) - 1 }),
    state: s.imports[type] && nowMs < syncWindowEndsAtMs ? 'due' : 'off',
  });
  return { ...s, syncWindowEndsAtMs, contacts: chosen('contacts'), history: chosen('history') };
}

/** Which call of its cycle the next one is: our store lets each of them go out once. */
export function ordinalOfAsk({ asks, asksBefore = 0 }: Sync): number {
  return asksBefore + asks + 1;
}

export type SyncStep =
  | { kind: 'ask'; type: SyncType }
  | { kind: 'expire'; type: SyncType }
  | ({ kind: 'alert' } & SyncAlert)
  | { kind: 'look' }
  | { kind: 'wait'; untilMs: number }
  | { kind: 'none' };

/** What the imports need next while the link is live. Without a valid credential what is due can only be warned of. */
export function nextSyncStep(s: Snapshot, nowMs: number): SyncStep {
  if (s.link.state !== 'live') return { kind: 'none' };
  if (s.credential !== 'valid') return nextWithoutCredential(s, nowMs);
  return nextAsk(s, 'contacts', nowMs) ?? nextAsk(s, 'history', nowMs) ?? nextAlert(s, nowMs) ?? nextLook(s, nowMs);
}

function nextWithoutCredential(s: Snapshot, nowMs: number): SyncStep {
  const type = SYNC_TYPES.find((one) => s[one].state === 'due');
  if (type === undefined) return { kind: 'none' };
  const endsAtMs = s.syncWindowEndsAtMs ?? 0;
  if (nowMs >= endsAtMs) return { kind: 'expire', type };
  return nextAlert(s, nowMs) ?? { kind: 'wait', untilMs: Math.min(endsAtMs, nextAlertAt(s, nowMs) ?? endsAtMs) };
}

function nextAlert(s: Snapshot, nowMs: number): SyncStep | null {
  const alert = dueAlertOf(s, nowMs);
  return alert && { kind: 'alert', ...alert };
}

/**
 * SY02, SY10a, SY13: history only after contacts were asked for. An intent found between two turns was left by a crash
 * (SY04):
 * it is asked under the same key, and the store answers what became of it without a second call.
 */
function nextAsk(s: Snapshot, type: SyncType, nowMs: number): SyncStep | null {
  if (type === 'history' && (s.contacts.state === 'due' || s.contacts.state === 'asking')) return null;
  switch (s[type].state) {
    case 'due':
      return nextFirstAsk(s, type, nowMs);
    case 'asking':
      return { kind: 'ask', type };
    case 'unknown':
    case 'stalled':
      return nextFurtherAsk(s, type, nowMs);
    default:
      return null;
  }
}

function nextFurtherAsk(s: Snapshot, type: SyncType, nowMs: number): SyncStep | null {
  const isDue = isWishPutOff(s[type])
    ? nowMs >= (s[type].notBeforeMs ?? 0)
    : mayAskAgain(s, type, nowMs) && nowMs >= unknownLookAt(s, type, nowMs);
  return isDue ? { kind: 'ask', type } : null;
}

/** CM10: an operator has it asked once more, as soon as the wait that Meta asked for is over. The call itself ends the wait. */
function isWishPutOff({ state, isAskedByHand, notBeforeMs, failure }: Sync): boolean {
  const isUnsettled = (state === 'unknown' || state === 'stalled') && failure === null;
  return isUnsettled && isAskedByHand && notBeforeMs !== null;
}

function nextFirstAsk(s: Snapshot, type: SyncType, nowMs: number): SyncStep | null {
  if (nowMs >= (s.syncWindowEndsAtMs ?? 0)) return { kind: 'expire', type };
  return nowMs >= (s[type].notBeforeMs ?? 0) ? { kind: 'ask', type } : null;
}

/** SY10a: once more after silence, while Meta's window is open. */
function mayAskAgain(s: Snapshot, type: SyncType, nowMs: number): boolean {
  const sync = s[type];
  if (sync.state !== 'unknown' || sync.failure !== null) return false;
  return sync.asks <= s.policy.syncAskAgainMax && nowMs < (s.syncWindowEndsAtMs ?? 0);
}

function unknownLookAt(s: Snapshot, type: SyncType, nowMs: number): number {
  if (!mayAskAgain(s, type, nowMs)) return hardEndAt(s, type);
  return Math.max(silenceEndsAt(s, type), s[type].notBeforeMs ?? 0);
}

/** When the patience with a silent import is over. */
export function silenceEndsAt(s: Snapshot, type: SyncType): number {
  const minutes = type === 'contacts' ? s.policy.contactsSilenceMinutes : s.policy.historyStallMinutes;
  return Math.max(s[type].askedAtMs ?? 0, s[type].lastDataAtMs ?? 0) + minutes * MINUTE_MS;
}

function nextLook(s: Snapshot, nowMs: number): SyncStep {
  const dueAtMs = lookAt(s, nowMs, 0);
  const plannedAtMs = lookAt(s, nowMs, LOOK_SLACK_MS);
  if (dueAtMs === null || plannedAtMs === null) return { kind: 'none' };
  return nowMs >= dueAtMs ? { kind: 'look' } : { kind: 'wait', untilMs: plannedAtMs };
}

/** Until when a look that is due may wait for the timer that stands for it; it is made earlier only if something else happens. */
export function plannedLookAt(s: Snapshot, nowMs: number): number {
  return Math.max(nowMs, lookAt(s, nowMs, LOOK_SLACK_MS) ?? nowMs);
}

/** When something is to be done next: a postponed call, or a look into the ledger. */
function lookAt(s: Snapshot, nowMs: number, slackMs: number): number | null {
  const waits = [s.contacts, s.history].flatMap((sync) => {
    const { state, notBeforeMs } = sync;
    if (notBeforeMs === null || notBeforeMs <= nowMs) return [];
    if (isWishPutOff(sync)) return [notBeforeMs];
    return state === 'due' ? [Math.min(notBeforeMs, s.syncWindowEndsAtMs ?? notBeforeMs)] : [];
  });
  const history = isAsked(s.history) ? historyLookAt(s, nowMs, slackMs) : null;
  const contacts = isAsked(s.contacts) ? contactsLookAt(s, nowMs) : null;
  const all = [...waits, nextAlertAt(s, nowMs), history, contacts].filter((atMs): atMs is number => atMs !== null);
  return all.length === 0 ? null : Math.min(...all);
}

/** Data may still come for it, or its patience is still running. */
export function isAsked(sync: Sync): boolean {
  return isOpenSync(sync) && ASKED.includes(sync.state);
}

function historyLookAt(s: Snapshot, nowMs: number, slackMs: number): number {
  const { history, policy } = s;
  if (history.state === 'stalled') return (history.askedAtMs ?? 0) + policy.historyHardHours * HOUR_MS;
  if (history.state === 'unknown') return unknownLookAt(s, 'history', nowMs);
  if (!history.hasSeenFull) return silenceEndsAt(s, 'history');
  return (history.lastDataAtMs ?? 0) + policy.historyQuietMinutes * MINUTE_MS + slackMs;
}

/** Contacts wait for the look of a history that is under way: one look tells of both. */
function contactsLookAt(s: Snapshot, nowMs: number): number | null {
  const { contacts, history, policy } = s;
  if (contacts.state === 'unknown') return unknownLookAt(s, 'contacts', nowMs);
  if (history.state === 'requested' || history.state === 'receiving') return null;
  if (contacts.state === 'requested') return silenceEndsAt(s, 'contacts');
  return (contacts.lastDataAtMs ?? 0) + policy.contactsQuietMinutes * MINUTE_MS;
}

/** When a stalled or unknown import is final (SY10). */
export function hardEndAt(s: Snapshot, type: SyncType): number {
  return (s[type].askedAtMs ?? 0) + s.policy.historyHardHours * HOUR_MS;
}

/** SY13: only what was never asked expires. */
export function expireSync(s: Snapshot, type: SyncType, nowMs: number): Snapshot {
  return settleSync(s, { type, row: 'SY13', state: 'expired', failure: 'SYNC_WINDOW_MISSED' }, nowMs);
}

/** SY02: the intent; the store keeps its own before the call. */
export function beforeAsk(s: Snapshot, type: SyncType): Snapshot {
  return { ...s, [type]: { ...s[type], state: 'asking' } };
}

/**
 * SY03, SY04, SY10a, SY11, SY16. `waitMs` goes with `due`: surely nothing was accepted. From the request on the owner is
 * asked to keep the app open: the phone sends the data.
 */
export function afterAsk(
  s: Snapshot,
  asked: { type: SyncType; outcome: SyncOutcome; waitMs: number | null },
  nowMs: number,
): Snapshot {
  const { type, outcome } = asked;
  if (outcome === 'due') return postponed(s, asked, nowMs);
  const counted: Sync = { ...s[type], asks: s[type].asks + 1, askedAtMs: nowMs, notBeforeMs: null };
  const told = { ...s, [type]: counted };
  const name = SYNC_NAMES[type];
  switch (outcome) {
    case 'requested': {
      const at = { row: 'SY03', atMs: nowMs };
      const accepted = { ...at, type: name, asks: counted.asks };
      const next = say({ ...told, [type]: { ...counted, state: 'requested' } }, 'syncRequested', accepted);
      return closeSyncTasks(openTask(next, 'keep-app-open', at), at);
    }
    case 'unknown': {
      const at = { row: 'SY04', atMs: nowMs };
      const lost = { ...at, type: name, outcome: 'the answer was lost' };
      const next = say({ ...told, [type]: { ...counted, state: 'unknown' } }, 'syncOutcome', lost);
      return closeSyncTasks(openTask(next, 'keep-app-open', at), at);
    }
    case 'expired':
      return settleSync(told, { type, row: 'SY04', state: 'expired', failure: 'SYNC_WINDOW_MISSED' }, nowMs);
    case 'declined':
      return settleSync(told, { type, row: 'SY11', state: 'declined', failure: null }, nowMs);
    case 'refused':
      return afterRefusal(told, type, nowMs);
  }
}

/** Surely not sent, or told to wait: what was not asked before is still due; a further call leaves it as it was. */
function postponed(s: Snapshot, asked: { type: SyncType; waitMs: number | null }, nowMs: number): Snapshot {
  const { type, waitMs } = asked;
  const notBeforeMs = nowMs + (waitMs ?? backOffMs(s, nowMs));
  const back: Sync = { ...s[type], state: stateBefore(s[type]), notBeforeMs, isAskedByHand: false };
  const told = { row: 'SY04', atMs: nowMs, type: SYNC_NAMES[type], outcome: 'not sent, to be asked again' };
  return say({ ...s, [type]: back }, 'syncOutcome', told);
}

/** What stood before an intent: nothing asked, an answer that was lost, or an import that has stopped midway. */
function stateBefore({ askedAtMs, lastDataAtMs }: Sync): SyncState {
  if (askedAtMs === null) return 'due';
  return lastDataAtMs === null ? 'unknown' : 'stalled';
}

/** Grows with the age of the window, so that a fault of a day costs some dozen calls: a minute at first, then up to an hour. */
function backOffMs(s: Snapshot, nowMs: number): number {
  return Math.min(HOUR_MS, Math.max(MINUTE_MS, Math.floor((nowMs - windowBeganAtMs(s)) / 4)));
}

/** SY16: the same number gets the same no, so history is not asked after contacts were refused. */
function afterRefusal(s: Snapshot, type: SyncType, nowMs: number): Snapshot {
  const failure: FailureCode = type === 'contacts' ? 'CONTACTS_SYNC_REFUSED' : 'HISTORY_SYNC_REFUSED';
  const refused = settleSync(s, { type, row: 'SY04', state: 'refused', failure }, nowMs);
  if (type === 'history' || refused.history.state !== 'due') return refused;
  return settleSync(
    refused,
    { type: 'history', row: 'SY16', state: 'refused', failure: 'HISTORY_SYNC_REFUSED' },
    nowMs,
  );
}

/** How an import came to rest, by which row of the table. */
interface Settled {
  type: SyncType;
  row: string;
  state: SyncState;
  failure: FailureCode | null;
}

export function settleSync(s: Snapshot, { type, row, state, failure }: Settled, nowMs: number): Snapshot {
  const sync: Sync = { ...s[type], state, failure };
  const told = { row, atMs: nowMs, type: SYNC_NAMES[type], state, failure };
  return closeSyncTasks(say({ ...s, [type]: sync }, 'syncSettled', told), { row, atMs: nowMs });
}

/** The app need not be kept open once both are over; operators need not look once nothing is in trouble. */
export function closeSyncTasks(s: Snapshot, at: { row: string; atMs: number }): Snapshot {
  const calm = areSyncsOver(s) ? closeTask(s, 'keep-app-open', { ...at, as: 'done' }) : s;
  const isInTrouble = SYNC_TYPES.some((type) => isTroubled(s[type]));
  return isInTrouble ? calm : closeTask(calm, 'op-sync', { ...at, as: 'void' });
}

function isTroubled({ state, failure, alertedHours }: Sync): boolean {
  if (state === 'unknown') return failure !== null;
  return state === 'stalled' || (state === 'due' && alertedHours.length > 0);
}

/** SY09, SY10: operators look, and the owner is asked once more, also where an earlier wish is still open. */
export function callForHelp(s: Snapshot, at: { row: string; atMs: number }): Snapshot {
  const withoutOld = { ...s, tasks: s.tasks.filter(({ kind }) => kind !== 'keep-app-open') };
  const asked = areSyncsOver(s) ? s : openTask(withoutOld, 'keep-app-open', at);
  return openTask(asked, 'op-sync', at);
}

/** The onboarding is over when nothing can happen to either import by itself. */
export function areSyncsOver(s: Snapshot): boolean {
  return !isOpenSync(s.contacts) && !isOpenSync(s.history);
}

/** Commands to the imports: the choice, a first request by hand, what an operator knows (CM08 to CM10). */
import { ACCEPTED, ALREADY, refused, type Answered } from './answers.ts';
import type { Asker, Command, SyncResolution, SyncType } from './commands.ts';
import type { FailureCode } from './failures.ts';
import { SYNC_OFF } from './fresh-snapshot.ts';
import type { Snapshot, Sync, SyncState } from './snapshot.ts';
import { say } from './story.ts';
import { SYNC_NAMES } from './sync-words.ts';
import { closeSyncTasks, settleSync } from './syncs.ts';

type SyncCommand = Extract<Command, { type: SyncType }>;

export function takeSyncCommand(
  s: Snapshot,
  { command, by }: { command: SyncCommand; by: Asker },
  nowMs: number,
): Answered {
  if (s.imports.isForbidden && isWish(command)) return unchanged(s, refused('IMPORT_NOT_ALLOWED'));
  switch (command.kind) {
    case 'changeSyncChoice':
      return changeSyncChoice(s, command, nowMs);
    case 'requestSync':
      return requestSync(s, { type: command.type, by }, nowMs);
    case 'resolveSync':
      return by === 'operator' ? resolveSync(s, command, nowMs) : unchanged(s, refused());
  }
}

/** Asks for an import, which a tenant without imports may not. */
function isWish(command: SyncCommand): boolean {
  return command.kind === 'requestSync' || (command.kind === 'changeSyncChoice' && command.isWanted);
}

type Choice = Extract<Command, { kind: 'changeSyncChoice' }>;

function unchanged(s: Snapshot, answer: Answered['answer']): Answered {
  return { answer, next: s };
}

/** CM08, SY01: before a link stands it is the choice for the coming one; then changeable until Meta was asked. */
function changeSyncChoice(s: Snapshot, { type, isWanted }: Choice, nowMs: number): Answered {
  const stands = s.link.state === 'live' || s.link.state === 'suspended';
  if (!stands) {
    if (s.imports[type] === isWanted) return unchanged(s, ALREADY);
    return { answer: ACCEPTED, next: chosen(s, { type, isWanted }, nowMs) };
  }
  const { state } = s[type];
  if (state !== 'off' && state !== 'due') return unchanged(s, refused());
  if (!isWanted) return unwant(s, type, nowMs);
  return state === 'due' ? unchanged(s, ALREADY) : makeDue(s, type, nowMs);
}

function chosen(s: Snapshot, { type, isWanted }: Pick<Choice, 'type' | 'isWanted'>, nowMs: number): Snapshot {
  const told = { row: 'SY01', atMs: nowMs, type: SYNC_NAMES[type], choice: isWanted ? 'wanted' : 'not wanted' };
  return say({ ...s, imports: { ...s.imports, [type]: isWanted } }, 'syncChoice', told);
}

/** Calls that were made, a wait that Meta asked for and warnings that were told outlast a wish that may come back. */
function unwant(s: Snapshot, type: SyncType, nowMs: number): Answered {
  if (s[type].state === 'off' && !s.imports[type]) return unchanged(s, ALREADY);
  const off: Snapshot = { ...s, [type]: { ...s[type], state: 'off' } };
  const next = closeSyncTasks(chosen(off, { type, isWanted: false }, nowMs), { row: 'SY01', atMs: nowMs });
  return { answer: ACCEPTED, next };
}

/** Answers with the end of the window. History is not asked for after contacts were refused: it would get the same no. */
function makeDue(s: Snapshot, type: SyncType, nowMs: number): Answered {
  const cannot = whyNotNow(s, nowMs);
  if (cannot) return unchanged(s, refused(cannot));
  if (type === 'history' && s.contacts.state === 'refused') return unchanged(s, refused('HISTORY_SYNC_REFUSED'));
  const next = chosen({ ...s, [type]: askable(s[type]) }, { type, isWanted: true }, nowMs);
  return { answer: { ...ACCEPTED, atMs: s.syncWindowEndsAtMs }, next };
}

function whyNotNow({ syncWindowEndsAtMs }: Snapshot, nowMs: number): FailureCode | null {
  return nowMs >= (syncWindowEndsAtMs ?? 0) ? 'SYNC_WINDOW_MISSED' : null;
}

/** Due as at the first time, never within Meta's wait. The count of calls goes on: each has a key of its own in the store. */
function askable({ asks, notBeforeMs, alertedHours }: Sync): Sync {
  return { ...SYNC_OFF, state: 'due', asks, notBeforeMs, alertedHours };
}

const UNDER_WAY: readonly SyncState[] = ['asking', 'requested', 'unknown', 'receiving', 'complete'];

/** CM09: a first request by hand; a second click finds it under way. Only an operator asks again after Meta's plain no (SY16). */
function requestSync(s: Snapshot, { type, by }: { type: SyncType; by: Asker }, nowMs: number): Answered {
  const { state, notBeforeMs } = s[type];
  if (s.link.state !== 'live') return unchanged(s, refused());
  if (UNDER_WAY.includes(state)) return unchanged(s, ALREADY);
  if (state === 'off') return makeDue(s, type, nowMs);
  const no = noOf(s[type], by) ?? whyNotNow(s, nowMs);
  if (no) return unchanged(s, refused(no));
  // What Meta asked us to wait for stays: the answer says until when.
  if (state === 'due') return unchanged(s, { ...ACCEPTED, atMs: notBeforeMs });
  const next = chosen({ ...s, [type]: askable(s[type]) }, { type, isWanted: true }, nowMs);
  return { answer: { ...ACCEPTED, atMs: s.syncWindowEndsAtMs }, next };
}

/** Why an import that has ended cannot be asked for. */
function noOf({ state, failure }: Sync, by: Asker): FailureCode | null {
  if (state === 'due' || (state === 'refused' && by === 'operator')) return null;
  if (state === 'declined') return 'HISTORY_DECLINED';
  return failure !== null && state !== 'stalled' ? failure : 'COMMAND_OUT_OF_STATE';
}

type Resolution = Extract<Command, { kind: 'resolveSync' }>;

/** CM10, SY14: an operator has heard from Meta, or has seen the phone. */
function resolveSync(s: Snapshot, { type, as }: Resolution, nowMs: number): Answered {
  const { state } = s[type];
  const stands = s.link.state === 'live' || s.link.state === 'suspended';
  if (!stands || (state !== 'unknown' && state !== 'stalled')) return unchanged(s, refused());
  switch (as) {
    case 'accepted':
      return { answer: ACCEPTED, next: resolved(s, { type, as, to: acceptedAt(s[type], nowMs) }, nowMs) };
    case 'complete':
      return {
        answer: ACCEPTED,
        next: settleSync(s, { type, row: 'SY14', state: 'complete', failure: null }, nowMs),
      };
    case 'give-up':
      return giveUp(s, type, nowMs);
    case 'ask-again':
      return askAgain(s, type, nowMs);
  }
}

function resolved(
  s: Snapshot,
  { type, as, to }: { type: SyncType; as: SyncResolution; to: Sync },
  nowMs: number,
): Snapshot {
  const told = { row: 'SY14', atMs: nowMs, type: SYNC_NAMES[type], as };
  return closeSyncTasks(say({ ...s, [type]: to }, 'syncResolved', told), { row: 'SY14', atMs: nowMs });
}

/** Patience begins anew. */
function acceptedAt(sync: Sync, nowMs: number): Sync {
  return { ...sync, state: 'requested', askedAtMs: nowMs, notBeforeMs: null, failure: null };
}

function giveUp(s: Snapshot, type: SyncType, nowMs: number): Answered {
  const { state, failure } = s[type];
  if (failure !== null) return unchanged(s, ALREADY);
  return {
    answer: ACCEPTED,
    next: settleSync(s, { type, row: 'SY14', state, failure: failureOfGivenUp(s[type]) }, nowMs),
  };
}

function failureOfGivenUp({ state, lastDataAtMs }: Sync): FailureCode {
  if (state === 'unknown') return 'SYNC_UNCONFIRMED';
  return lastDataAtMs === null ? 'HISTORY_SILENT' : 'HISTORY_INCOMPLETE';
}

/**
 * Once: Meta counts each call, and "already requested" would then tell nothing new. Within a wait it stays what it is until the
 * wait is over: data that comes meanwhile settles it.
 */
function askAgain(s: Snapshot, type: SyncType, nowMs: number): Answered {
  const sync = s[type];
  if (sync.isAskedByHand || s.link.state !== 'live') return unchanged(s, refused());
  const askAtMs = Math.max(nowMs, sync.notBeforeMs ?? 0);
  const cannot = whyNotNow(s, askAtMs);
  if (cannot) return unchanged(s, refused(cannot));
  const marked: Sync = { ...sync, failure: null, isAskedByHand: true };
  const to: Sync = askAtMs > nowMs ? marked : { ...marked, state: 'asking', notBeforeMs: null };
  const next = resolved(s, { type, as: 'ask-again', to }, nowMs);
  return { answer: askAtMs > nowMs ? { ...ACCEPTED, atMs: askAtMs } : ACCEPTED, next };
}

/** What arriving data, and a look into the ledger, do to the imports (SY05 to SY11, SY15). */
import type { SyncType } from './commands.ts';
import type { FactEnvelope } from './facts.ts';
import type { FailureCode } from './failures.ts';
import { MINUTE_MS } from './policy.ts';
import type { Snapshot, Sync, SyncState } from './snapshot.ts';
import { ignore, say } from './story.ts';
import { callForHelp, closeSyncTasks, hardEndAt, isAsked, settleSync, silenceEndsAt } from './syncs.ts';

/** What the ledger knows of one import; times of receipt. */
export interface SyncArrivals {
  lastAtMs: number | null;
  progress: number;
  hasSeenFull: boolean;
}

/** FA30, FA31, FA32 while the link is live; what comes besides is counted in the ledger alone (SY12). */
export function syncAfterFact(s: Snapshot, envelope: FactEnvelope): Snapshot {
  const { fact } = envelope;
  switch (fact.kind) {
    case 'contactsArrived':
      return arrived(s, envelope, { type: 'contacts', phase: 0, progress: 0 });
    case 'historyChunkArrived':
      return arrived(s, envelope, { type: 'history', phase: fact.phase, progress: fact.progress });
    case 'historyDeclined':
      return declined(s, envelope);
    default:
      return s;
  }
}

interface Arrival {
  type: SyncType;
  /** History alone. */
  phase: number;
  progress: number;
}

const FULL_PROGRESS = 100;
const RESOLVED_BY_DATA: readonly SyncState[] = ['due', 'requested', 'unknown', 'stalled', 'declined', 'receiving'];

/** SY05, SY12, SY15, SY17. */
function arrived(s: Snapshot, envelope: FactEnvelope, { type, phase, progress }: Arrival): Snapshot {
  const sync = s[type];
  if (isOfAnotherCycle(s, envelope)) return ignore(s, envelope, { row: 'SY15', why: 's' });
  if (s.link.state !== 'live') return ignore(s, envelope, { row: 'SY12', why: 'n' });
  if (sync.state === 'off') return ignore(s, envelope, { row: 'SY17', why: 's' });
  if (!RESOLVED_BY_DATA.includes(sync.state)) return ignore(s, envelope, { row: 'SY15', why: 'd' });
  const next: Sync = {
    ...sync,
    state: 'receiving',
    askedAtMs: sync.askedAtMs ?? envelope.occurredAtMs,
    asks: Math.max(1, sync.asks),
    notBeforeMs: null,
    failure: null,
    lastDataAtMs: latest(sync.lastDataAtMs, envelope.occurredAtMs),
    progress: Math.max(sync.progress, progress),
    hasSeenFull: sync.hasSeenFull || progress >= FULL_PROGRESS,
  };
  const told = { row: 'SY05', atMs: envelope.occurredAtMs, type, phase, progress: next.progress };
  return closeSyncTasks(say({ ...s, [type]: next }, 'syncProgress', told), { row: 'SY05', atMs: told.atMs });
}

function isOfAnotherCycle(s: Snapshot, { cycle }: FactEnvelope): boolean {
  return cycle !== undefined && cycle !== s.cycle;
}

function latest(oneMs: number | null, otherMs: number | null): number | null {
  if (oneMs === null || otherMs === null) return oneMs ?? otherMs;
  return Math.max(oneMs, otherMs);
}

/** SY11: a normal end, for this cycle; told once, so it counts in a pause too. */
function declined(s: Snapshot, envelope: FactEnvelope): Snapshot {
  if (isOfAnotherCycle(s, envelope)) return ignore(s, envelope, { row: 'SY11', why: 's' });
  const before: readonly SyncState[] = ['due', 'asking', 'requested', 'unknown', 'receiving', 'stalled'];
  if (!before.includes(s.history.state)) return ignore(s, envelope, { row: 'SY11', why: 'd' });
  const end = { type: 'history', row: 'SY11', state: 'declined', failure: null } as const;
  return settleSync(s, end, envelope.occurredAtMs);
}

/** A look into the ledger: SY05 to SY10. */
export function afterLook(s: Snapshot, ledger: Record<SyncType, SyncArrivals>, nowMs: number): Snapshot {
  return lookAtHistory(lookAtContacts(s, ledger.contacts, nowMs), ledger.history, nowMs);
}

function lookAtContacts(s: Snapshot, arrivals: SyncArrivals, nowMs: number): Snapshot {
  if (!isAsked(s.contacts)) return s;
  const lastDataAtMs = latest(arrivals.lastAtMs, s.contacts.lastDataAtMs);
  if (lastDataAtMs === null) return afterNoContacts(s, nowMs);
  const seen: Snapshot = { ...s, contacts: { ...s.contacts, state: 'receiving', lastDataAtMs } };
  if (nowMs - lastDataAtMs < s.policy.contactsQuietMinutes * MINUTE_MS) return seen;
  return settleSync(seen, { type: 'contacts', row: 'SY06', state: 'complete', failure: null }, nowMs);
}

/**
 * SY07: Meta has no end sign, so silence after a request means an empty address book; SY10 where no request is sure.
 */
function afterNoContacts(s: Snapshot, nowMs: number): Snapshot {
  if (s.contacts.state === 'unknown') return giveUpUnconfirmed(s, 'contacts', nowMs);
  if (nowMs < silenceEndsAt(s, 'contacts')) return s;
  return settleSync(s, { type: 'contacts', row: 'SY07', state: 'complete', failure: null }, nowMs);
}

function lookAtHistory(s: Snapshot, arrivals: SyncArrivals, nowMs: number): Snapshot {
  if (!isAsked(s.history)) return s;
  const lastDataAtMs = latest(arrivals.lastAtMs, s.history.lastDataAtMs);
  if (lastDataAtMs === null) return afterNoHistory(s, nowMs);
  const history: Sync = {
    ...s.history,
    lastDataAtMs,
    progress: Math.max(s.history.progress, arrivals.progress),
    hasSeenFull: s.history.hasSeenFull || arrivals.hasSeenFull,
  };
  const seen: Snapshot = { ...s, history };
  const isQuiet = nowMs - lastDataAtMs >= s.policy.historyQuietMinutes * MINUTE_MS;
  if (history.hasSeenFull && isQuiet) {
    return settleSync(seen, { type: 'history', row: 'SY08', state: 'complete', failure: null }, nowMs);
  }
  if (nowMs >= silenceEndsAt(seen, 'history')) return stalled(seen, 'HISTORY_INCOMPLETE', nowMs);
  return { ...seen, history: { ...history, state: 'receiving' } };
}

function afterNoHistory(s: Snapshot, nowMs: number): Snapshot {
  if (s.history.state === 'unknown') return giveUpUnconfirmed(s, 'history', nowMs);
  return nowMs < silenceEndsAt(s, 'history') ? s : stalled(s, 'HISTORY_SILENT', nowMs);
}

/** SY09, then SY10 at the hard end: final, and still in operators' hands. */
function stalled(s: Snapshot, code: FailureCode, nowMs: number): Snapshot {
  if (nowMs >= hardEndAt(s, 'history')) {
    const final = settleSync(s, { type: 'history', row: 'SY10', state: 'stalled', failure: code }, nowMs);
    return callForHelp(final, { row: 'SY10', atMs: nowMs });
  }
  if (s.history.state === 'stalled') return s;
  const silent = settleSync(s, { type: 'history', row: 'SY09', state: 'stalled', failure: null }, nowMs);
  return callForHelp(silent, { row: 'SY09', atMs: nowMs });
}

/** SY10: nothing has told whether Meta took the request. */
function giveUpUnconfirmed(s: Snapshot, type: SyncType, nowMs: number): Snapshot {
  if (nowMs < hardEndAt(s, type)) return s;
  const final = settleSync(s, { type, row: 'SY10', state: 'unknown', failure: 'SYNC_UNCONFIRMED' }, nowMs);
  return callForHelp(final, { row: 'SY10', atMs: nowMs });
}

/** What Meta's words about the account or our app do to the link: deletion ends it, a removal of our app asks the token. */
import { isAtWork } from './attempt.ts';
import { endLink, STILL_LINKED } from './end-link.ts';
import type { FactEnvelope } from './facts.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './policy.ts';
import type { AccessRead, Link, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';

/** The WABA that a fact about the account or our app names; null for any other fact. */
export function accountNamed({ fact }: FactEnvelope): string | null {
  switch (fact.kind) {
    case 'accountDeleted':
    case 'appUninstalled':
    case 'accountBanned':
    case 'accountReviewed':
      return fact.wabaId;
    default:
      return null;
  }
}

/** One row a fact; what is of the attempt's account alone is left to the attempt. */
export function linkAfterAccountNews(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const waba = accountNamed(envelope);
  if (waba === null) return s;
  if (waba !== s.wabaId) return afterForeignAccount(s, envelope, waba);
  switch (envelope.fact.kind) {
    case 'accountDeleted':
      return afterDeletion(s, envelope, nowMs);
    case 'appUninstalled':
      return afterUninstall(s, envelope, nowMs);
    default:
      return ignore(s, envelope, { row: 'LI17', why: 'n' });
  }
}

function afterForeignAccount(s: Snapshot, envelope: FactEnvelope, waba: string): Snapshot {
  if (isAtWork(s.attempt) && s.attempt.found.wabaId === waba) return s;
  if (s.formerIds.includes(waba)) return ignore(s, envelope, { row: 'LI60', why: 'w' });
  return ignore(s, envelope, { row: 'LI01', why: 'n' });
}

/** LI16, LI55: with the account go all its numbers. Nothing is held, for nothing can return. */
function afterDeletion(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const { occurredAtMs: atMs } = envelope;
  if (atMs < (s.link.provedAtMs ?? 0) - s.policy.boundaryMinutes * MINUTE_MS) {
    return ignore(s, envelope, { row: 'LI16', why: 'l' });
  }
  if (s.link.state === 'live' || s.link.state === 'suspended') {
    return endLink(s, { row: 'LI16', reason: 'waba-deleted', initiator: null, atMs }, nowMs);
  }
  const { end, hold } = s.link;
  if (!end || end.reason === 'waba-deleted') return ignore(s, envelope, { row: 'LI55', why: end ? 'd' : 'n' });
  const reason = 'waba-deleted' as const;
  const told = { ...end, reason, phoneStillLinked: STILL_LINKED[reason] };
  const link: Link = { ...s.link, end: told, verify: null, hold: hold && { untilMs: Math.min(hold.untilMs, nowMs) } };
  return say({ ...s, link }, 'removed', { row: 'LI55', atMs, reason });
}

/** LI15, LI38: the token itself tells whether our access is gone. */
function afterUninstall(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  if (s.link.state !== 'live' && s.link.state !== 'suspended') return ignore(s, envelope, { row: 'LI58', why: 'n' });
  const row = s.link.state === 'live' ? 'LI15' : 'LI38';
  const access = s.link.access ?? { sinceMs: nowMs, lookAtMs: nowMs, looks: 0 };
  const doubted = { ...s, link: { ...s.link, access: { ...access, lookAtMs: nowMs } } };
  return say(doubted, 'linkSuspected', { row, atMs: nowMs, why: 'Meta says that our app was removed' });
}

/** Dead: ended without a hold. Valid: the present answer beats the older word. Without a word: asked again, for days. */
export function linkAfterAccessRead(s: Snapshot, read: AccessRead, nowMs: number): Snapshot {
  const { access, state } = s.link;
  if (!access) return s;
  const row = state === 'live' ? 'LI15' : 'LI38';
  if (read === 'dead') return endLink(s, { row, reason: 'app-removed', initiator: null, atMs: nowMs }, nowMs);
  const isOver = nowMs - access.sinceMs >= s.policy.metaRetryDays * DAY_MS;
  if (read === 'valid' || isOver) {
    const why = read === 'valid' ? 'the token is still valid' : 'no read settled it';
    return say({ ...s, link: { ...s.link, access: null } }, 'suspectCleared', { row, atMs: nowMs, why });
  }
  const distanceMs = Math.min(HOUR_MS, s.policy.probeConfirmMinutes * MINUTE_MS * 2 ** access.looks);
  const next = { ...access, looks: access.looks + 1, lookAtMs: nowMs + distanceMs };
  return { ...s, link: { ...s.link, access: next } };
}

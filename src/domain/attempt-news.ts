/** What Meta's words about an account do to an attempt that runs or waits (AT16, AT22, AT26 to AT32). */
import { failAttempt, isAtWork, isOwnResult, isUnclaimedSignup } from './attempt.ts';
import { goOn, waitForDevice } from './attempt-waits.ts';
import type { FactEnvelope } from './facts.ts';
import { suspectLink } from './link.ts';
import { accountNamed } from './link-account.ts';
import { concernsAttempt, keptWith, phoneAwaySince } from './phone-news.ts';
import { MINUTE_MS } from './policy.ts';
import type { AccessRead, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';
import { openTask } from './tasks.ts';

/** News of the account itself, beside that of the link. */
export function attemptAfterNews(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const { fact } = envelope;
  if (isUnclaimedSignup(s, envelope)) return afterUnclaimedSignup(s, envelope, nowMs);
  if (!isAtWork(s.attempt)) return s;
  if (fact.kind === 'signupFinished') return joinResult(s, envelope, nowMs);
  if (accountNamed(envelope) !== s.attempt.found.wabaId || s.attempt.found.wabaId === null) return s;
  const isOld = envelope.occurredAtMs < s.attempt.openedAtMs - s.policy.boundaryMinutes * MINUTE_MS;
  return isOld ? ignore(s, envelope, { row: 'GR16', why: 'l' }) : afterOwnAccount(s, envelope, nowMs);
}

/** AT39: somebody signed up past our page: an operator looks, and a link that stands is looked at. */
function afterUnclaimedSignup(s: Snapshot, { occurredAtMs: atMs }: FactEnvelope, nowMs: number): Snapshot {
  const told = openTask(say(s, 'unclaimedSignup', { row: 'AT39', atMs }), 'op-unclaimed-signup', { row: 'AT39', atMs });
  if (s.link.state !== 'live') return told;
  const why = 'a signup was finished past our page';
  return suspectLink(told, { row: 'AT39', why, isReturn: false, removal: null }, nowMs);
}

function afterOwnAccount(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  switch (envelope.fact.kind) {
    case 'accountBanned':
      return failAttempt(s, { row: 'AT29', code: 'ACCOUNT_BANNED' }, nowMs);
    case 'accountDeleted':
      return failAttempt(s, { row: 'AT32', code: 'ACCOUNT_DELETED' }, nowMs);
    case 'appUninstalled':
      return doubtAccess(s, nowMs);
    case 'accountReviewed':
      return afterReview(s, envelope, nowMs);
    default:
      return s;
  }
}

/** AT31. */
function doubtAccess(s: Snapshot, nowMs: number): Snapshot {
  const doubted = { ...s, attempt: { ...s.attempt, isAccessDoubted: true } };
  return say(doubted, 'linkSuspected', { row: 'AT31', atMs: nowMs, why: 'Meta says that our app was removed' });
}

/** FA20: an approval makes a review look at once; anything else, and at any other time, is for the gate to tell. */
function afterReview(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const { fact } = envelope;
  const isAwaited = fact.kind === 'accountReviewed' && fact.decision === 'APPROVED' && s.attempt.wait?.for === 'review';
  if (!isAwaited) return ignore(s, envelope, { row: 'AT22', why: 'n' });
  const why = 'Meta has approved the account, and the gate is asked at once';
  return say(lookNow(s, 'review', nowMs), 'wentOn', { row: 'AT22', atMs: nowMs, why });
}

/** AT16: a late result settles the choice between several accounts, where Meta granted the one that it names. */
function joinResult(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const { fact } = envelope;
  const { wait } = s.attempt;
  const isAwaited = isOwnResult(s, envelope) && wait?.step === 'check-token';
  if (fact.kind !== 'signupFinished' || !isAwaited) return s;
  const isNamed = fact.wabaId !== null && wait.choices?.ids.includes(fact.wabaId) === true;
  if (wait.for === 'choice') return isNamed ? goOn(s, { row: 'AT22', why: 'the result of the dialog came' }, nowMs) : s;
  return lookNow(s, 'resume', nowMs);
}

function lookNow(s: Snapshot, what: 'review' | 'gate' | 'resume', nowMs: number): Snapshot {
  const { wait } = s.attempt;
  if (wait?.for !== what || wait.lookAtMs === null) return s;
  return { ...s, attempt: { ...s.attempt, wait: { ...wait, lookAtMs: Math.min(wait.lookAtMs, nowMs) } } };
}

/**
 * News of the link from after the dialog's finish waits for the attempt's end; what of it concerns the attempt itself acts
 * at once: a change of phone makes it wait (AT28), a return or a removal makes it look (AT22, AT26). During the exchange it
 * is only kept, for the code dies in 30 s (AT13).
 */
export function attemptDeferring(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const kept = { ...s, attempt: { ...s.attempt, deferred: keptWith(s.attempt.deferred, envelope) } };
  const mayAct = isAtWork(s.attempt) && s.attempt.step !== 'exchange' && concernsAttempt(s.attempt, envelope);
  if (!mayAct) return kept;
  switch (envelope.fact.kind) {
    case 'partnerRemoved':
      return afterRemoval(kept, nowMs);
    case 'accountOffboarded':
      return afterChange(kept, envelope, nowMs);
    case 'accountReconnected':
      return afterReturn(kept, nowMs);
    default:
      return kept;
  }
}

/** AT28: overtaken by a later return, or by a later removal, of which the gate tells, no phone is waited for. */
function afterChange(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const awaySinceMs = phoneAwaySince(s.attempt);
  if (awaySinceMs === null) return ignore(s, envelope, { row: 'AT28', why: 'l' });
  return waitForDevice(s, awaySinceMs, nowMs);
}

/** AT26: the gate tells whether the removal stands: it is asked at once, also where the phone was waited for until then. */
function afterRemoval(s: Snapshot, nowMs: number): Snapshot {
  if (s.attempt.wait?.for !== 'device') return lookNow(lookNow(s, 'gate', nowMs), 'review', nowMs);
  if (phoneAwaySince(s.attempt) !== null) return s;
  return goOn(s, { row: 'AT26', why: 'Meta reported a removal; the gate tells whether it stands' }, nowMs);
}

/** AT22: back, unless the phone was changed again later. */
function afterReturn(s: Snapshot, nowMs: number): Snapshot {
  if (s.attempt.wait?.for !== 'device' || phoneAwaySince(s.attempt) !== null) return s;
  return goOn(s, { row: 'AT22', why: 'the phone is back' }, nowMs);
}

/** AT31: our app was removed, says Meta; the token tells. Without a word the next step's own call will. */
export function afterAccessRead(s: Snapshot, read: AccessRead, nowMs: number): Snapshot {
  const calm = { ...s, attempt: { ...s.attempt, isAccessDoubted: false } };
  if (read === 'dead') return failAttempt(calm, { row: 'AT31', code: 'ACCESS_WITHDRAWN' }, nowMs);
  const why = read === 'valid' ? 'the token is still valid' : 'the token could not be read';
  return say(calm, 'wentOn', { row: 'AT31', atMs: nowMs, why });
}

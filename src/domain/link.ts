/** What Meta's words do to the link: one function a fact, for one or more LI rows each. */
import { endLink, endReasonOf, STILL_LINKED } from './end-link.ts';
import { linkAfterAccountNews } from './link-account.ts';
import type { Fact, FactEnvelope } from './facts.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './policy.ts';
import type { EndReason, Link, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';

type Of<Kind extends Fact['kind']> = FactEnvelope & { fact: Extract<Fact, { kind: Kind }> };

/** The envelope with its fact narrowed; the callers have switched on the kind. */
function as<Kind extends Fact['kind']>(envelope: FactEnvelope): Of<Kind> {
  return envelope as Of<Kind>;
}

/** Every connection fact moves the watermark of event times, also when it changes nothing. */
export function linkAfterFact(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const seen = { ...s, link: { ...s.link, asOfMs: Math.max(s.link.asOfMs, envelope.occurredAtMs) } };
  switch (envelope.fact.kind) {
    case 'partnerRemoved':
      return afterRemoval(seen, as<'partnerRemoved'>(envelope), nowMs);
    case 'accountOffboarded':
      return afterOffboard(seen, as<'accountOffboarded'>(envelope), nowMs);
    case 'accountReconnected':
      return afterReconnect(seen, as<'accountReconnected'>(envelope), nowMs);
    default:
      return linkAfterAccountNews(s, envelope, nowMs);
  }
}

/** LI60: a fact that names only ids which the number had before. */
function namesFormerId(s: Snapshot, named: string | null): boolean {
  return named !== null && named !== s.wabaId && s.formerIds.includes(named);
}

function afterRemoval(s: Snapshot, envelope: Of<'partnerRemoved'>, nowMs: number): Snapshot {
  const { fact } = envelope;
  if (namesFormerId(s, fact.wabaId)) return ignore(s, envelope, { row: 'LI60', why: 'w' });
  switch (s.link.state) {
    case 'none':
      return ignore(s, envelope, { row: 'LI01', why: 'n' });
    case 'gone':
      return afterFurtherRemoval(s, envelope);
    case 'live':
    case 'suspended':
      return afterRemovalOfStanding(s, envelope, nowMs);
  }
}

/**
 * LI02, LI03, LI04, LI33. Acts at once only on news that nothing contradicts (GR5) and that can mean no sibling (GR6).
 */
function afterRemovalOfStanding(s: Snapshot, envelope: Of<'partnerRemoved'>, nowMs: number): Snapshot {
  const { fact, occurredAtMs: atMs } = envelope;
  const trust = trustIn(s, envelope, nowMs);
  const row = s.link.state === 'live' ? 'LI02' : 'LI33';
  if (trust === 'late') return ignore(s, envelope, { row, why: 'l' });
  const { reason, initiatedBy } = fact;
  const told = say(s, 'removed', { row, atMs, reason: reason ?? 'no reason given' });
  if (trust === 'certain' && fact.isOnlyNumber) {
    return endLink(told, { row, reason: endReasonOf(fact, s.leave), initiator: initiatedBy, atMs }, nowMs);
  }
  const doubt = { isReturn: false, removal: { reason, initiatedBy } };
  const why = 'Meta reported a removal that may mean another number, or an earlier connection';
  return suspectLink(told, { row: fact.isOnlyNumber ? 'LI04' : 'LI03', why, ...doubt }, nowMs);
}

type Trust = 'certain' | 'doubtful' | 'late';

/**
 * GR5: how far a removal is believed against what was proved and read, and against a return of which Meta told later.
 */
function trustIn(s: Snapshot, envelope: FactEnvelope, nowMs: number): Trust {
  const { occurredAtMs } = envelope;
  const provedAtMs = s.link.provedAtMs ?? 0;
  const boundaryMs = s.policy.boundaryMinutes * MINUTE_MS;
  if (envelope.isUntimed) return nowMs - provedAtMs < s.policy.metaRetryDays * DAY_MS ? 'doubtful' : 'certain';
  if (occurredAtMs < provedAtMs - boundaryMs) return 'late';
  if (occurredAtMs <= provedAtMs + boundaryMs) return 'doubtful';
  const contradictedAtMs = Math.max(s.link.aliveReadAtMs ?? 0, s.link.reconnectedAtMs ?? 0);
  return contradictedAtMs >= occurredAtMs ? 'doubtful' : 'certain';
}

type Suspect = NonNullable<Link['suspect']>;

/**
 * suspectLink: a mark and a look at once; the send gate stays open with a warning. In a pause the mark alone is kept,
 * for a
 * bad read may be the pause itself (LI35): the look at its end decides.
 */
export function suspectLink(
  s: Snapshot,
  doubt: Pick<Suspect, 'removal' | 'isReturn'> & { row: string; why: string },
  nowMs: number,
): Snapshot {
  const known = s.link.suspect;
  if (known) return { ...s, link: { ...s.link, suspect: strengthened(known, doubt, nowMs) } };
  const { row, why, removal, isReturn } = doubt;
  const suspect = { class: null, sinceMs: nowMs, firstAtMs: null, lookAtMs: nowMs, looks: 0, isReturn, removal };
  return say({ ...s, link: { ...s.link, suspect } }, 'linkSuspected', { row, atMs: nowMs, why });
}

/** Further news asks for a look at once; of two removals the one that gives a reason is kept. */
function strengthened(known: Suspect, news: Pick<Suspect, 'removal' | 'isReturn'>, nowMs: number): Suspect {
  const removal = known.removal?.reason ? known.removal : (news.removal ?? known.removal);
  return { ...known, removal, isReturn: known.isReturn || news.isReturn, lookAtMs: Math.min(known.lookAtMs, nowMs) };
}

const REASONS_OF_OURS: readonly EndReason[] = ['unknown', 'confirmed-dead', 'left-the-app', 'no-return'];

/** A guess of ours, also the one that an open wish to leave had let us make (LE03). */
function isOurGuess({ reason, initiator }: NonNullable<Link['end']>): boolean {
  return REASONS_OF_OURS.includes(reason) || (reason === 'owner-disconnected' && initiator === null);
}

/** LI53: the same episode again fills in a reason that was unknown or our own guess, and the time that Meta knows. */
function afterFurtherRemoval(s: Snapshot, envelope: Of<'partnerRemoved'>): Snapshot {
  const { end, provedAtMs } = s.link;
  const { fact, occurredAtMs: atMs } = envelope;
  const reason = endReasonOf(fact, s.leave);
  const isOfThisEpisode = end !== null && atMs > (provedAtMs ?? 0) && fact.isOnlyNumber;
  if (!end || !isOfThisEpisode || reason === 'unknown' || !isOurGuess(end)) {
    return ignore(s, envelope, { row: 'LI53', why: 'd' });
  }
  const told = { reason, initiator: fact.initiatedBy, atMs, phoneStillLinked: STILL_LINKED[reason] };
  return say({ ...s, link: { ...s.link, end: told } }, 'removed', { row: 'LI53', atMs, reason });
}

function afterOffboard(s: Snapshot, envelope: Of<'accountOffboarded'>, nowMs: number): Snapshot {
  if (namesFormerId(s, envelope.fact.wabaId)) return ignore(s, envelope, { row: 'LI60', why: 'w' });
  switch (s.link.state) {
    case 'none':
      return ignore(s, envelope, { row: 'LI01', why: 'n' });
    case 'gone':
      return ignore(s, envelope, { row: 'LI54', why: 'n' });
    case 'suspended':
      return afterOffboardInPause(s, envelope);
    case 'live':
      if (isOver(s.link, envelope.occurredAtMs)) return ignore(s, envelope, { row: 'LI13', why: 'l' });
      return startPause(s, envelope, nowMs);
  }
}

/**
 * LI13: an offboard older than the last proof, or than a return that we have seen, is over; in the same second if
 * verified.
 */
function isOver(link: Link, occurredAtMs: number): boolean {
  const returnedAtMs = Math.max(link.provedAtMs ?? 0, link.reconnectedAtMs ?? 0);
  if (occurredAtMs !== returnedAtMs) return occurredAtMs < returnedAtMs;
  return (link.aliveReadAtMs ?? 0) >= occurredAtMs;
}

/** LI11, LI12: the link is suspended, all is kept, a return is awaited. A removal that was doubted stays noted. */
function startPause(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const sinceMs = envelope.occurredAtMs;
  const untilMs = sinceMs + s.policy.pauseHours * HOUR_MS;
  const suspect = s.link.suspect?.removal ? { ...s.link.suspect, isReturn: false } : null;
  const link: Link = { ...s.link, state: 'suspended', suspect, verify: null, pause: { sinceMs, untilMs } };
  const paused = say({ ...s, link }, 'paused', { row: 'LI11', atMs: sinceMs, untilMs });
  return s.link.reconnectedAtMs === sinceMs ? verifyReturn(paused, 'LI30', nowMs) : paused;
}

/** LI32: the newer time counts; a return that is newer still goes on being verified. */
function afterOffboardInPause(s: Snapshot, envelope: FactEnvelope): Snapshot {
  const { pause, reconnectedAtMs } = s.link;
  const { occurredAtMs: sinceMs } = envelope;
  if (!pause || sinceMs <= pause.sinceMs) return ignore(s, envelope, { row: 'LI32', why: 'd' });
  const untilMs = sinceMs + s.policy.pauseHours * HOUR_MS;
  const verify = (reconnectedAtMs ?? 0) >= sinceMs ? s.link.verify : null;
  return say({ ...s, link: { ...s.link, verify, pause: { sinceMs, untilMs } } }, 'paused', {
    row: 'LI32',
    atMs: sinceMs,
    untilMs,
  });
}

function afterReconnect(before: Snapshot, envelope: Of<'accountReconnected'>, nowMs: number): Snapshot {
  if (namesFormerId(before, envelope.fact.wabaId)) return ignore(before, envelope, { row: 'LI60', why: 'w' });
  const { occurredAtMs } = envelope;
  const reconnectedAtMs = Math.max(before.link.reconnectedAtMs ?? 0, occurredAtMs);
  const s = { ...before, link: { ...before.link, reconnectedAtMs } };
  switch (s.link.state) {
    case 'none':
      return ignore(before, envelope, { row: 'LI01', why: 'n' });
    case 'live': {
      const told = say(s, 'returnAnnounced', { row: 'LI14', atMs: occurredAtMs });
      const doubt = { row: 'LI14', why: 'Meta reported a return', isReturn: envelope.fact.isOnlyNumber, removal: null };
      return suspectLink(told, doubt, nowMs);
    }
    case 'suspended':
      if (occurredAtMs < (s.link.pause?.sinceMs ?? 0)) return ignore(s, envelope, { row: 'LI31', why: 'l' });
      return verifyReturn(s, 'LI30', nowMs);
    case 'gone':
      return afterReconnectOfGone(s, envelope, nowMs);
  }
}

/** LI50, LI51: a removal that Meta takes back is believed only after a read with the credential that is still held. */
function afterReconnectOfGone(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  if (envelope.occurredAtMs < (s.link.end?.atMs ?? 0)) return ignore(s, envelope, { row: 'LI50', why: 'l' });
  if (s.credential !== 'held') return ignore(s, envelope, { row: 'LI51', why: 'n' });
  return verifyReturn(s, 'LI50', nowMs);
}

function verifyReturn(s: Snapshot, row: string, nowMs: number): Snapshot {
  const verify = { startedAtMs: nowMs, lookAtMs: nowMs, looks: 0 };
  return say({ ...s, link: { ...s.link, verify } }, 'returnAnnounced', { row, atMs: nowMs });
}

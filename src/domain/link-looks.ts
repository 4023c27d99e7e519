/**
 * What a look at the number at Meta does to the link: doubts settled by two agreeing looks, returns verified (GR8 to
 * GR10).
 */
import { endLink, endReasonOf, shiftSync } from './end-link.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './policy.ts';
import type { Initiator } from './facts.ts';
import type { Probe } from './probe.ts';
import type { EndReason, Link, Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { subscriptionDoubt } from './subscription.ts';

/** `access` asks the token, the others the number. */
export type LookPurpose = 'access' | 'doubt' | 'return' | 'pause-end';

type Suspect = NonNullable<Link['suspect']>;

/** When a return is looked at again, minutes after it was announced (`verify`). */
const RETURN_LOOKS_MINUTES = [0, 1, 5, 15];

/**
 * The look that the clock asks for now, if any. In a pause a doubt waits for its end: a bad read may be the pause
 * (LI35).
 */
export function lookDueAt(link: Link): { atMs: number; purpose: LookPurpose } | null {
  const { access } = link;
  const number = numberLookDueAt(link);
  if (!access || (number && number.atMs < access.lookAtMs)) return number;
  return { atMs: access.lookAtMs, purpose: 'access' };
}

function numberLookDueAt(link: Link): { atMs: number; purpose: ProbePurpose } | null {
  if (link.verify) return { atMs: link.verify.lookAtMs, purpose: 'return' };
  if (link.suspect && link.state === 'live') return { atMs: link.suspect.lookAtMs, purpose: 'doubt' };
  if (link.state === 'suspended' && link.pause) return { atMs: link.pause.untilMs, purpose: 'pause-end' };
  return null;
}

export type ProbePurpose = Exclude<LookPurpose, 'access'>;

export function linkAfterLook(s: Snapshot, look: { purpose: ProbePurpose; probe: Probe }, nowMs: number): Snapshot {
  const { purpose, probe } = look;
  switch (purpose) {
    case 'return':
      return probe.class === 'alive' ? resume(s, look, nowMs) : returnUnproved(s, probe, nowMs);
    case 'doubt':
      return afterDoubtfulLook(s, probe, nowMs);
    case 'pause-end':
      return afterPauseEnd(s, look, nowMs);
  }
}

/** LI30, LI36, LI50: back in the same cycle. What rested through the pause goes on from where it was. */
function resume(s: Snapshot, look: { purpose: ProbePurpose; probe: Probe }, nowMs: number): Snapshot {
  const pausedForMs = s.link.pause ? Math.max(0, nowMs - s.link.pause.sinceMs) : 0;
  const link: Link = { ...s.link, state: 'live', suspect: null, pause: null, verify: null, end: null, hold: null };
  const resumed: Snapshot = {
    ...(s.link.state === 'gone' ? toSubscribeAgain(s, nowMs) : s),
    link,
    credential: 'valid',
    compensation: [],
    contacts: shiftSync(s.contacts, pausedForMs),
    history: shiftSync(s.history, pausedForMs),
  };
  return say(proved(resumed, look.probe), 'resumed', { row: returnRow(s, look.purpose), atMs: nowMs });
}

/** SU03: after an end nobody knows whether the old subscription still stands. */
function toSubscribeAgain(s: Snapshot, nowMs: number): Snapshot {
  return { ...s, subscription: subscriptionDoubt('repair', nowMs) };
}

function returnRow(s: Snapshot, purpose: ProbePurpose): string {
  if (s.link.state === 'gone') return 'LI50';
  return purpose === 'pause-end' ? 'LI36' : 'LI30';
}

/** A verified return is proof of the link, and evidence of the phone itself (6.1). */
function proved(s: Snapshot, { startedAtMs }: Probe): Snapshot {
  const anyAtMs = Math.max(s.activity.anyAtMs ?? 0, startedAtMs);
  return {
    ...s,
    link: { ...s.link, provedAtMs: startedAtMs, aliveReadAtMs: startedAtMs },
    activity: { anyAtMs, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 },
  };
}

/** Not proved: the next look of the ladder, or the pause (or the end) stays as it is. */
function returnUnproved(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const { verify } = s.link;
  if (!verify) return s;
  const looks = verify.looks + 1;
  const minutes = RETURN_LOOKS_MINUTES[looks];
  const next = minutes === undefined ? null : { ...verify, looks, lookAtMs: verify.startedAtMs + minutes * MINUTE_MS };
  const row = returnRow(s, 'return');
  return say({ ...s, link: { ...s.link, verify: next } }, 'returnUnproved', { row, atMs: nowMs, class: probe.class });
}

const BAD: readonly Probe['class'][] = ['not-visible', 'off-app'];

/** GR10: until when a link that was proved settles, and bad reads of it do not count. Null: nothing was proved. Epoch ms. */
export function settlesUntilMs({ link, policy }: Snapshot): number | null {
  return link.provedAtMs === null ? null : link.provedAtMs + policy.settleMinutes * MINUTE_MS;
}

/** LI05 to LI08. `no-word` and its like neither count nor reset; while settling a bad look does not count (GR10). */
function afterDoubtfulLook(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const { suspect } = s.link;
  if (!suspect) return s;
  const provedAtMs = s.link.provedAtMs ?? 0;
  if (probe.startedAtMs < provedAtMs) return lookLater(s, suspect, nowMs); // GR8: it began before the last proof
  if (probe.class === 'alive') return seenAlive(s, probe, nowMs);
  const isSettling = nowMs < (settlesUntilMs(s) ?? 0);
  if (!BAD.includes(probe.class) || (isSettling && !suspect.removal)) return lookLater(s, suspect, nowMs);
  return afterBadLook(s, suspect, probe);
}

/** LI07; a return of which Meta told is verified with it (LI14). */
function seenAlive(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const link: Link = { ...s.link, suspect: null, aliveReadAtMs: probe.startedAtMs };
  const cleared = s.link.suspect?.isReturn ? proved({ ...s, link }, probe) : { ...s, link };
  return say(cleared, 'suspectCleared', { row: 'LI07', atMs: nowMs, why: 'it was seen alive' });
}

/** LI05, LI06, GR9: two looks of one class, the confirming distance apart, decide. */
function afterBadLook(s: Snapshot, suspect: Suspect, probe: Probe): Snapshot {
  const confirmMs = s.policy.probeConfirmMinutes * MINUTE_MS;
  const isSame = suspect.class === probe.class && suspect.firstAtMs !== null;
  const firstAtMs = isSame && suspect.firstAtMs !== null ? suspect.firstAtMs : probe.startedAtMs;
  if (probe.startedAtMs - firstAtMs >= confirmMs) return endDoubted(s, probe);
  const looks = suspect.looks + 1;
  const next = { ...suspect, class: probe.class, firstAtMs, looks, lookAtMs: firstAtMs + confirmMs };
  return { ...s, link: { ...s.link, suspect: next } };
}

/** LI06: two looks agree. Meta's own word, if one raised the doubt, gives the reason. */
function endDoubted(s: Snapshot, probe: Probe): Snapshot {
  const found: EndReason = probe.class === 'off-app' ? 'left-the-app' : 'confirmed-dead';
  return endLink(s, { row: 'LI06', ...reasonNoted(s, found), atMs: probe.startedAtMs }, probe.startedAtMs);
}

/** The reason of a removal that was doubted, or what we found ourselves. */
function reasonNoted(s: Snapshot, found: EndReason): { reason: EndReason; initiator: Initiator | null } {
  const removal = s.link.suspect?.removal ?? null;
  const told = removal ? endReasonOf(removal, s.leave) : 'unknown';
  return { reason: told === 'unknown' ? found : told, initiator: removal?.initiatedBy ?? null };
}

/** Asks again at growing distances, at most an hour; after Meta's longest repeat the doubt is dropped with a note. */
function lookLater(s: Snapshot, suspect: Suspect, nowMs: number): Snapshot {
  const { metaRetryDays, probeConfirmMinutes } = s.policy;
  if (nowMs - suspect.sinceMs >= metaRetryDays * DAY_MS) {
    const why = `no read settled it in ${metaRetryDays} days`;
    return say({ ...s, link: { ...s.link, suspect: null } }, 'suspectCleared', { row: 'LI08', atMs: nowMs, why });
  }
  const distanceMs = Math.min(HOUR_MS, probeConfirmMinutes * MINUTE_MS * 2 ** suspect.looks);
  const next = { ...suspect, looks: suspect.looks + 1, lookAtMs: nowMs + distanceMs };
  return { ...s, link: { ...s.link, suspect: next } };
}

/** LI36: nobody came back in time. Faults of Meta are waited out by the hour, they are no answer. */
function afterPauseEnd(s: Snapshot, look: { purpose: ProbePurpose; probe: Probe }, nowMs: number): Snapshot {
  const { probe } = look;
  if (probe.class === 'alive') return resume(s, look, nowMs);
  const { pause } = s.link;
  if (probe.class === 'no-word' && pause) {
    return { ...s, link: { ...s.link, pause: { ...pause, untilMs: nowMs + HOUR_MS } } };
  }
  return endLink(s, { row: 'LI36', ...reasonNoted(s, 'no-return'), atMs: nowMs }, nowMs);
}

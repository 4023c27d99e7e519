/** Another number has proved the ids of this one, whose link had ended: its claim yields, and its record closes (LI56). */
import { isAtWork } from './attempt.ts';
import { endLink, STILL_LINKED } from './end-link.ts';
import { noAttempt } from './fresh-snapshot.ts';
import type { FactEnvelope } from './facts.ts';
import type { Link, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';

const REASON = 'claimed-elsewhere' as const;

/** LI21: a claim of a link that is live, or of an attempt under way, does not yield. */
export function afterYield(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const isUnderWay = isAtWork(s.attempt) || s.attempt.state === 'undoing';
  if (s.link.state === 'live' || isUnderWay) return ignore(s, envelope, { row: 'LI21', why: 'n' });
  const told = say(s, 'claimYielded', { row: 'LI56', atMs: envelope.occurredAtMs });
  switch (s.link.state) {
    case 'none':
      return ignore(s, envelope, { row: 'LI56', why: 'n' });
    case 'suspended':
      return endLink(
        withoutInvitation(told),
        { row: 'LI56', reason: REASON, initiator: null, atMs: envelope.occurredAtMs },
        nowMs,
      );
    case 'gone':
      return withoutHold(withoutInvitation(told), nowMs);
  }
}

function withoutInvitation(s: Snapshot): Snapshot {
  return s.attempt.state === 'none' ? s : { ...s, attempt: noAttempt(s.attempt) };
}

/** The time of the end stays; nothing can return, so that nothing is held. */
function withoutHold(s: Snapshot, nowMs: number): Snapshot {
  const { end, hold } = s.link;
  const told = end && { ...end, reason: REASON, initiator: null, phoneStillLinked: STILL_LINKED[REASON] };
  const link: Link = { ...s.link, end: told, verify: null, hold: hold && { untilMs: Math.min(hold.untilMs, nowMs) } };
  return { ...s, link };
}

/** Traffic after going live: a number of which Meta tells nothing is doubted, and tested from both ends (LI20). */
import type { Fact, FactEnvelope } from './facts.ts';
import type { Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';
import { subscriptionDoubt } from './subscription.ts';
import { closeTask, isTaskOpen, openTask } from './tasks.ts';

/** LI20, FA38. What was found of an earlier link says nothing of this one; one that came back (LI50) is told by its return. */
export function trafficAfterFact(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const { fact } = envelope;
  if (fact.kind !== 'trafficMissed' && fact.kind !== 'trafficSeen') return s;
  if (s.lastSignup && fact.connectedAtMs < s.lastSignup.connectedAtMs) {
    return ignore(s, envelope, { row: 'LI20', why: 's' });
  }
  return fact.kind === 'trafficSeen' ? afterTraffic(s, envelope, nowMs) : afterQuiet(s, { fact, envelope }, nowMs);
}

/**
 * LI20: Meta is asked whether it tells us anything; the owner tests from both ends. A doubt that is there goes on. So too of
 * a link that was paused while the fact was on its way: it is told once.
 */
function afterQuiet(
  s: Snapshot,
  { fact, envelope }: { fact: Extract<Fact, { kind: 'trafficMissed' }>; envelope: FactEnvelope },
  nowMs: number,
): Snapshot {
  const isStanding = s.link.state === 'live' || s.link.state === 'suspended';
  if (!isStanding || s.credential !== 'valid') return ignore(s, envelope, { row: 'LI20', why: 'n' });
  const told = say(s, 'trafficMissed', { row: 'LI20', atMs: nowMs, sinceMs: fact.connectedAtMs });
  const asked = openTask(told, 'test-both-ways', { row: 'LI20', atMs: nowMs });
  return { ...asked, subscription: s.subscription ?? subscriptionDoubt('look', nowMs) };
}

/** What was to be tested has been seen to work: an echo, or a message that came in. */
function afterTraffic(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  if (!isTaskOpen(s, 'test-both-ways')) return ignore(s, envelope, { row: 'LI20', why: 'n' });
  return closeTask(s, 'test-both-ways', { row: 'LI20', atMs: nowMs, as: 'done' });
}

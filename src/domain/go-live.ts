/** The moment in which an attempt becomes the link (AT20). */
import { withAccountTasks } from './account-read.ts';
import { noAttempt, withoutSubscriptionDoubt } from './fresh-snapshot.ts';
import { linkAfterFact } from './link.ts';
import type { Probe } from './probe.ts';
import type { Attempt, Snapshot } from './snapshot.ts';
import { isStanding } from './standing-link.ts';
import { say } from './story.ts';
import { syncsAtGoLive } from './syncs.ts';
import { openTasks, voidTasks } from './tasks.ts';

/** C21: what people should do once a number is connected. */
const NEXT_STEPS = ['test-both-ways', 'relink-companions', 'add-payment-method'] as const;

/**
 * Whether the attempt has just become the link: its candidate is the credential now. Also where a removal that had waited ends
 * the new link in the same moment: that credential is what the clean-up needs.
 */
export function hasGoneLive(before: Snapshot, after: Snapshot): boolean {
  return after.lastSignup !== before.lastSignup;
}

/** The gate's read is the proof; the facts that waited for the attempt's end act now. */
export function goLive(s: Snapshot, probe: Probe, nowMs: number): Snapshot {
  const { attempt } = s;
  const { wabaId, phoneNumberId, grants } = attempt.found;
  const finishedAtMs = attempt.finishedAtMs ?? nowMs;
  const onboardedAtMs = probe.reading?.onboardedAtMs ?? attempt.found.onboardedAtMs;
  const live: Snapshot = {
    ...withoutSubscriptionDoubt(s), // ST6 has just read it back
    link: linkOf(s, { onboardedAtMs: onboardedAtMs ?? finishedAtMs, provedAtMs: probe.startedAtMs }),
    attempt: noAttempt({ ...attempt, failure: null }),
    leave: { state: 'none', untilMs: null },
    credential: 'valid',
    compensation: [],
    incompleteUndo: [],
    wabaId,
    phoneNumberId,
    grants,
    lastSignup: { openedAtMs: attempt.openedAtMs, finishedAtMs, connectedAtMs: nowMs },
    formerIds: formerIdsOf(s),
    activity: { anyAtMs: finishedAtMs, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 },
  };
  const told = say(live, 'connected', { row: 'AT20', atMs: nowMs, cycle: s.cycle });
  const at = { finishedAtMs, onboardedAtMs, before: s.link.sinceMs, isOverStanding: cameOverStanding(s) };
  const withSyncs = syncsAtGoLive(told, at, nowMs);
  return releaseDeferred(withNextSteps(withSyncs, attempt, nowMs), attempt, nowMs);
}

/** A link stood beneath the attempt, until now or until it ended meanwhile: its imports may have been asked for in this cycle. */
function cameOverStanding({ link, attempt }: Snapshot): boolean {
  return isStanding(link) || (link.end?.atMs ?? 0) > attempt.openedAtMs;
}

function linkOf(
  { link }: Snapshot,
  { onboardedAtMs, provedAtMs }: { onboardedAtMs: number; provedAtMs: number },
): Snapshot['link'] {
  return {
    ...link,
    state: 'live',
    sinceMs: onboardedAtMs,
    provedAtMs,
    aliveReadAtMs: provedAtMs,
    suspect: null,
    access: null,
    pause: null,
    verify: null,
    end: null,
    hold: null,
  };
}

/** GR7: what the number had before, and has no more. */
function formerIdsOf({ wabaId, phoneNumberId, formerIds, attempt }: Snapshot): readonly string[] {
  const { found } = attempt;
  const before: readonly (string | null)[] = [...formerIds, wabaId, phoneNumberId];
  const former = before.filter((id) => id !== null && id !== found.wabaId && id !== found.phoneNumberId);
  return [...new Set(former.filter((id): id is string => id !== null))];
}

function withNextSteps(s: Snapshot, { found }: Attempt, nowMs: number): Snapshot {
  const next = openTasks(voidTasks(s, found.accountTasks), NEXT_STEPS, { row: 'AT20', atMs: nowMs });
  return withAccountTasks(next, found, nowMs);
}

/** Facts that came after the dialog's finish meet the link that the attempt left, in the order of Meta's times. */
export function releaseDeferred(s: Snapshot, attempt: Attempt, nowMs: number): Snapshot {
  const inOrder = attempt.deferred.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs);
  return inOrder.reduce((state, envelope) => linkAfterFact(state, envelope, nowMs), s);
}

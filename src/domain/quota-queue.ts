/** A first onboarding that waits for a slot of Meta's quota: promised a date, opened by `slotGranted` alone (AT02, AT06). */
import type { FactEnvelope } from './facts.ts';
import { openedAnew } from './fresh-snapshot.ts';
import { DAY_MS, HOUR_MS } from './policy.ts';
import type { Attempt, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';

/** How long after its date a promise counts as broken: a slot that frees at that very moment is on its way. Ours. */
const LATE_AFTER_MS = HOUR_MS;

export function waitsForSlot({ state, queuedFor }: Pick<Attempt, 'state' | 'queuedFor'>): boolean {
  return state === 'queued' && queuedFor === 'quota';
}

/** AT02: a fresh number that starts its life in the queue. */
export function queuedForSlot(fresh: Snapshot, promisedAtMs: number): Snapshot {
  return queueForSlot({ ...fresh, unsaid: [], story: [] }, promisedAtMs, fresh.attempt.openedAtMs);
}

/** The life of its invitation counts from the opening. */
export function queueForSlot(s: Snapshot, promisedAtMs: number, nowMs: number): Snapshot {
  const expiresAtMs = promisedAtMs + s.policy.inviteDays * DAY_MS;
  const attempt: Attempt = { ...s.attempt, state: 'queued', queuedFor: 'quota', opensAtMs: promisedAtMs, expiresAtMs };
  return say({ ...s, attempt }, 'slotPromised', { row: 'AT02', atMs: nowMs, untilMs: promisedAtMs });
}

/** AT06: the slot is there. One for a number that does not wait for it answers a question that nobody asks any more. */
export function afterSlotGranted(s: Snapshot, envelope: FactEnvelope): Snapshot {
  if (!waitsForSlot(s.attempt) || (envelope.cycle ?? s.cycle) !== s.cycle)
    return ignore(s, envelope, { row: 'AT06', why: 's' });
  const openedAtMs = envelope.occurredAtMs;
  const attempt = openedAnew(s, openedAtMs);
  return say({ ...s, attempt }, 'slotGranted', { row: 'AT06', atMs: openedAtMs, untilMs: attempt.expiresAtMs });
}

/** The clock opens nothing here: it tells once that the promise was not kept. Null: nothing is due. */
export function slotAfterClock(s: Snapshot, nowMs: number): Snapshot | null {
  const { opensAtMs } = s.attempt;
  if (opensAtMs === null || nowMs < opensAtMs + LATE_AFTER_MS) return null;
  const attempt: Attempt = { ...s.attempt, opensAtMs: null };
  return say({ ...s, attempt }, 'slotLate', { row: 'AT02', atMs: nowMs, untilMs: opensAtMs });
}

/** What the clock brings next to a number that waits for a slot, beside its end; null once its promise is broken. */
export function slotDueOf({ opensAtMs }: Attempt, nowMs: number): { atMs: number; because: string } | null {
  if (opensAtMs === null) return null;
  if (nowMs < opensAtMs) return { atMs: opensAtMs, because: 'a slot is promised' };
  return { atMs: opensAtMs + LATE_AFTER_MS, because: 'a slot was promised and is awaited' };
}

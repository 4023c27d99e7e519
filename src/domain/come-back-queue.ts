/** An onboarding that the rules, or Meta, do not allow yet: queued until a date, on which the rules are looked at again (AT02, AT34). */
import type { FailureCode } from './failures.ts';
import { DAY_MS } from './policy.ts';
import type { Attempt, Snapshot } from './snapshot.ts';
import { say } from './story.ts';

/** Its date neither opens nor expires it: a new look at the rules does. */
export function waitsForComeBack({ state, queuedFor }: Pick<Attempt, 'state' | 'queuedFor'>): boolean {
  return state === 'queued' && queuedFor === 'come-back';
}

/** Answers whether the rules should be looked at again now. */
export function isComeBackDue({ attempt }: Pick<Snapshot, 'attempt'>, nowMs: number): boolean {
  return waitsForComeBack(attempt) && attempt.opensAtMs !== null && nowMs >= attempt.opensAtMs;
}

/** AT02: a fresh number that starts its life in the queue. The life of its invitation counts from the opening. */
export function queuedForComeBack(fresh: Snapshot, comeBackAtMs: number): Snapshot {
  const told = { row: 'AT02', atMs: fresh.attempt.openedAtMs };
  return queueUntil({ ...fresh, unsaid: [], story: [] }, comeBackAtMs, told);
}

/** Queued until a date, told. */
export function queueUntil(s: Snapshot, untilMs: number, told: { row: string; atMs: number }): Snapshot {
  return say({ ...s, attempt: resting(s, untilMs) }, 'comeBackQueued', { ...told, untilMs });
}

/** AT34, a date: Meta's own no in the dialog names a wait after which the rules may let the owner in. */
export function queueAfterRefusal(s: Snapshot, untilMs: number, told: { atMs: number; code: FailureCode }): Snapshot {
  return say({ ...s, attempt: resting(s, untilMs) }, 'comeBackAfterRefusal', { row: 'AT34', ...told, untilMs });
}

function resting({ attempt, policy }: Pick<Snapshot, 'attempt' | 'policy'>, untilMs: number): Attempt {
  const expiresAtMs = untilMs + policy.inviteDays * DAY_MS;
  return { ...attempt, state: 'queued', queuedFor: 'come-back', opensAtMs: untilMs, expiresAtMs };
}

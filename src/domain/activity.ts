/** The 14-day rule: when the app was last seen, which reminder is due, when the limit has passed (AC rows). */
import type { EvidenceKind, FactEnvelope } from './facts.ts';
import { DAY_MS, HOUR_MS } from './policy.ts';
import type { Activity, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';

export type WatchStep =
  /** AC02: remind, unless newer evidence is there. `rung`: days of the ladder, or `overdue-<ordinal>`. */
  | { kind: 'remind'; rung: string; days: number; dueAtMs: number; evidenceAtMs: number }
  /** AC05: the limit has passed by what we know; the columns decide. */
  | { kind: 'read-limit' }
  | { kind: 'wait'; untilMs: number; because: string }
  | { kind: 'rest' };

/** How overdue reminders are named among the rungs. */
export function overdueRung(ordinal: number): string {
  return `overdue-${ordinal}`;
}

/**
 * What the watch does next. Each rung lies `reminderDays` after the latest evidence plus the debounce, because the
 * stored
 * evidence may lag by that much: never too early. After an outage only the highest rung due is told. Rests while the
 * link
 * is not live or the owner is leaving (AC06); the clock runs on meanwhile.
 */
export function nextWatchStep(s: Snapshot, nowMs: number): WatchStep {
  const { anyAtMs } = s.activity;
  if (s.link.state !== 'live' || s.leave.state !== 'none' || anyAtMs === null) return { kind: 'rest' };
  const atDay = (days: number): number => anyAtMs + days * DAY_MS + s.policy.evidenceDebounceHours * HOUR_MS;
  const limitAtMs = atDay(s.policy.appLimitDays);
  const { overdueSinceMs } = s.activity;
  if (overdueSinceMs !== null) return nextOverdueStep(s, { evidenceAtMs: anyAtMs, sinceMs: overdueSinceMs }, nowMs);
  if (nowMs >= limitAtMs) return { kind: 'read-limit' };
  const highestDue = s.policy.reminderDays.filter((days) => nowMs >= atDay(days)).at(-1);
  if (highestDue !== undefined && !s.activity.remindedDays.includes(highestDue)) {
    return {
      kind: 'remind',
      rung: String(highestDue),
      days: highestDue,
      dueAtMs: atDay(highestDue),
      evidenceAtMs: anyAtMs,
    };
  }
  const next = s.policy.reminderDays.find((days) => nowMs < atDay(days));
  if (next === undefined)
    return { kind: 'wait', untilMs: limitAtMs, because: `app activity: the limit of ${s.policy.appLimitDays} days` };
  return {
    kind: 'wait',
    untilMs: atDay(next),
    because: `app activity: reminder of day ${next}, unless the app was used`,
  };
}

/**
 * AC05: a few more reminders, one a day, counted from the moment in which we told that it is overdue; after an outage
 * only the
 * latest that is due. Then Meta decides: our clock alone never ends a link (LI18).
 */
function nextOverdueStep(s: Snapshot, overdue: { evidenceAtMs: number; sinceMs: number }, nowMs: number): WatchStep {
  const { overdueReminders, appLimitDays } = s.policy;
  const dueAt = (ordinal: number): number => overdue.sinceMs + ordinal * DAY_MS;
  const highestDue = Math.min(overdueReminders, Math.floor((nowMs - overdue.sinceMs) / DAY_MS));
  if (highestDue > s.activity.overdueReminders) {
    const step = { rung: overdueRung(highestDue), days: appLimitDays + highestDue, dueAtMs: dueAt(highestDue) };
    return { kind: 'remind', ...step, evidenceAtMs: overdue.evidenceAtMs };
  }
  const next = highestDue + 1;
  if (next > overdueReminders) return { kind: 'rest' };
  return { kind: 'wait', untilMs: dueAt(next), because: `app activity: overdue reminder ${next}` };
}

/** AC02: the reminder went out: told once for (cycle, evidence, rung). */
export function reminded(s: Snapshot, step: Extract<WatchStep, { kind: 'remind' }>, nowMs: number): Snapshot {
  if (s.activity.overdueSinceMs !== null) {
    const ordinal = step.days - s.policy.appLimitDays;
    const activity = { ...s.activity, overdueReminders: ordinal };
    return say({ ...s, activity }, 'overdueReminded', { row: 'AC05', atMs: nowMs, ordinal });
  }
  const { days, evidenceAtMs } = step;
  const activity = { ...s.activity, remindedDays: [...s.activity.remindedDays, days] };
  return say({ ...s, activity }, 'reminded', { row: 'AC02', atMs: nowMs, days, evidenceAtMs });
}

interface Seen {
  /** The row that brought it (docs/coverage.md). */
  row: string;
  atMs: number;
  evidence: EvidenceKind | null;
}

/** AC01, AC04: newer evidence starts the ladder again; "seen" is told once, if something had been said. */
export function appSeen(s: Snapshot, { row, atMs, evidence }: Seen): Snapshot {
  const { activity } = s;
  if (activity.anyAtMs !== null && atMs <= activity.anyAtMs) return s;
  const seen: Activity = { anyAtMs: atMs, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 };
  const hasWarned = activity.remindedDays.length > 0 || activity.overdueSinceMs !== null;
  if (!hasWarned) return { ...s, activity: seen };
  return say({ ...s, activity: seen }, 'appSeen', { row, atMs, evidence: evidence ?? 'unknown' });
}

/** AC05 after the read: overdue only if nothing newer is there, so that overdue is never early. */
export function afterLimitRead(
  s: Snapshot,
  read: { anyAtMs: number | null; evidence: EvidenceKind | null },
  nowMs: number,
): Snapshot {
  const known = s.activity.anyAtMs ?? 0;
  if (read.anyAtMs !== null && read.anyAtMs > known)
    return appSeen(s, { row: 'AC05', atMs: read.anyAtMs, evidence: read.evidence });
  const activity = { ...s.activity, overdueSinceMs: nowMs };
  return say({ ...s, activity }, 'overdue', { row: 'AC05', atMs: nowMs, evidenceAtMs: known });
}

/** FA37. */
export function activityAfterFact(s: Snapshot, envelope: FactEnvelope): Snapshot {
  if (envelope.fact.kind !== 'activitySeen') return s;
  if (s.link.state === 'none' || s.link.state === 'gone') return ignore(s, envelope, { row: 'AC04', why: 'n' });
  const { evidenceAtMs, evidence } = envelope.fact;
  if (s.activity.anyAtMs !== null && evidenceAtMs <= s.activity.anyAtMs)
    return ignore(s, envelope, { row: 'AC04', why: 'd' });
  return appSeen(s, { row: 'AC04', atMs: evidenceAtMs, evidence });
}

export type ActivityStatus = 'off' | 'fresh' | 'due-soon' | 'overdue';

/** 6.3, as far as no companion is stated. */
export function activityStatusOf(s: Snapshot): ActivityStatus {
  if (s.link.state !== 'live') return 'off';
  if (s.activity.overdueSinceMs !== null) return 'overdue';
  return s.activity.remindedDays.length > 0 ? 'due-soon' : 'fresh';
}

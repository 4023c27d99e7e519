/** Warnings while a wanted import has still not been asked for, before Meta's window ends (SY13). */
import { SYNC_TYPES, type SyncType } from './commands.ts';
import { HOUR_MS, MINUTE_MS } from './policy.ts';
import type { Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { SYNC_NAMES } from './sync-words.ts';
import { openTask } from './tasks.ts';

export interface SyncAlert {
  type: SyncType;
  /** Since the window began; one of `syncAlertHours`. */
  hours: number;
}

/** When Meta's window for asking began, epoch ms; its end is kept with our margin taken off. */
export function windowBeganAtMs({ syncWindowEndsAtMs, policy }: Snapshot): number {
  const { syncWindowHours, syncMarginMinutes } = policy;
  return (syncWindowEndsAtMs ?? 0) + syncMarginMinutes * MINUTE_MS - syncWindowHours * HOUR_MS;
}

function alertAt(s: Snapshot, hours: number): number {
  return windowBeganAtMs(s) + hours * HOUR_MS;
}

function dueTypes(s: Snapshot): readonly SyncType[] {
  return SYNC_TYPES.filter((type) => s[type].state === 'due');
}

/** The warning that is due: after an outage only the highest hour reached is told. Only what was never asked has one. */
export function dueAlertOf(s: Snapshot, nowMs: number): SyncAlert | null {
  for (const type of dueTypes(s)) {
    const hours = Math.max(...s.policy.syncAlertHours.filter((one) => nowMs >= alertAt(s, one)), 0);
    if (hours > 0 && !s[type].alertedHours.includes(hours)) return { type, hours };
  }
  return null;
}

/** When the next warning comes, if nothing is asked until then; null where none is left. */
export function nextAlertAt(s: Snapshot, nowMs: number): number | null {
  const times = dueTypes(s).length === 0 ? [] : s.policy.syncAlertHours.map((hours) => alertAt(s, hours));
  const ahead = times.filter((atMs) => atMs > nowMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

/** SY13: told once for (cycle, import, hour), to the owner and to operators. */
export function afterAlert(s: Snapshot, { type, hours }: SyncAlert, nowMs: number): Snapshot {
  const alertedHours = s.policy.syncAlertHours.filter((one) => one <= hours);
  const told = say({ ...s, [type]: { ...s[type], alertedHours } }, 'syncAlert', {
    row: 'SY13',
    atMs: nowMs,
    type: SYNC_NAMES[type],
    hours,
    untilMs: s.syncWindowEndsAtMs,
  });
  const at = { row: 'SY13', atMs: nowMs };
  return openTask(openTask(told, 'keep-app-open', at), 'op-sync', at);
}

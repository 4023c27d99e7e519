/**
 * Durations and limits that the HTTP door alone reads, as data with its unit and its source: no workflow needs them, so
 * no snapshot carries them.
 */
import { OURS, row } from './policy.ts';

/** The unit stands at the end of each name; rows without a unit are counts. */
export const DOOR_POLICY = {
  guideWindowMinutes: row(1, "how long Meta's window may take to open before the owner gets a hint", OURS),
  guideLoginMinutes: row(5, 'how long the login, or the entry of the number, may take before a hint', OURS),
  guideMessageMinutes: row(2, "how long Meta's message in the app is waited for before a hint", OURS),
  guidePhoneMinutes: row(3, 'how long a step on the phone may take before a hint', OURS),
  guideFinishMinutes: row(5, 'how long the end of the dialog may take before a hint', OURS),
  guideWatchHours: row(24, "how long after its code the state of a dialog shows the owner the number's progress", OURS),
  runCallsMax: row(
    120,
    "calls a minute that an owner's page may make for one run of the dialog, or with the link of one number",
    OURS,
  ),
  runStreamsMax: row(3, 'streams of progress that are open at once for one run of the dialog', OURS),
  keyStreamsMax: row(50, 'streams of progress that are open at once for one API key', OURS),
  processStreamsMax: row(2_000, 'streams of progress that are open at once in one process', OURS),
  progressStreamMinutes: row(10, 'life of a stream of progress, after which its reader connects again', OURS),
} as const;

/** The values alone. */
export type DoorPolicy = { readonly [Name in keyof typeof DOOR_POLICY]: (typeof DOOR_POLICY)[Name]['value'] };

/** The values in force. */
export function doorPolicy(): DoorPolicy {
  const values = Object.fromEntries(Object.entries(DOOR_POLICY).map(([name, { value }]) => [name, value]));
  return values as DoorPolicy; // one value a row, under its own name
}

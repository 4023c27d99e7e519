/**
 * What leaves a workflow at each transition: the projection's row, the timeline's lines, and the snapshot to restart
 * from.
 */
import type { Connection } from './connection.ts';
import type { NumberId, TenantId } from './ids.ts';
import type { Snapshot } from './snapshot.ts';
import type { TimelineLine } from './timeline.ts';

/** The next thing that the clock alone will bring. */
export interface Deadline {
  kind: DeadlineKind;
  atMs: number;
}

export const DEADLINE_KINDS = [
  'invitation-expires',
  'attempt-opens',
  'gate-look',
  'step-again',
  'wait-ends',
  'link-look',
  'return-look',
  'pause-ends',
  'sync-look',
  'activity-look',
  'subscription-look',
  'leave-ends',
  'hold-ends',
  'retires',
] as const;
export type DeadlineKind = (typeof DEADLINE_KINDS)[number];

export interface TransitionRecord {
  numberId: NumberId;
  tenantId: TenantId;
  cycle: number;
  /** Rises by one with each record; with the run it fences the projection. */
  sequence: number;
  atMs: number;
  from: Connection;
  to: Connection;
  /** Exact, for Postgres. */
  nextDeadline: Deadline | null;
  lines: readonly TimelineLine[];
  /** Set in the record that makes the link live: the candidate of this attempt becomes the credential. */
  goesLive: { attempt: number; evidenceAtMs: number } | null;
  snapshot: Snapshot;
}

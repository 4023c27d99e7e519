/** Writes a transition to the projection, under the run that made it. */
import type { ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import type { ActivityPorts } from './ports.ts';

/** Idempotent by (run, sequence), which fence the projection. Costs one transaction. */
export function recordActivities(
  { projection }: ActivityPorts,
  readInfo: ReadInfo,
): Pick<Activities, 'recordTransition'> {
  return {
    recordTransition: (record) => projection.record(record, readInfo().workflowExecution?.runId ?? ''),
  };
}

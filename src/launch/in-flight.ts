/** What a workflow has under way by the server's own description, so that its time should not be moved now. */
import type { Connection } from '@temporalio/client';

export type Description = Awaited<ReturnType<Connection['workflowService']['describeWorkflowExecution']>>;
type Activity = NonNullable<Description['pendingActivities']>[number];

/** What both the raw call and the client's `describe` give. */
export interface Seen {
  readonly workflowExecutionInfo?: Description['workflowExecutionInfo'];
  readonly pendingWorkflowTask?: Description['pendingWorkflowTask'];
  readonly pendingActivities?: readonly Activity[] | null;
}

/** Events of a run that has had its first workflow task: started, then scheduled, started, completed. */
const FIRST_TASK_EVENTS = 4;
/** `WORKFLOW_EXECUTION_STATUS_RUNNING` of temporal/api/enums/v1/workflow.proto. */
const RUNNING = 1;
/** `PENDING_ACTIVITY_STATE_STARTED` of the same package. */
const ACTIVITY_STARTED = 2;

export function isRunning({ workflowExecutionInfo }: Seen): boolean {
  return workflowExecutionInfo?.status === RUNNING;
}

/** Null: it rests until a timer, the next try of an activity, or news. */
export function inFlight({ pendingWorkflowTask, pendingActivities, workflowExecutionInfo: run }: Seen): string | null {
  if (pendingWorkflowTask) return 'a workflow task';
  // a run that followed another within a second is given its first task a moment later
  if (Number(run?.historyLength) < FIRST_TASK_EVENTS) return 'its first task to come';
  const active = pendingActivities?.find(isActive);
  return active ? `an activity: ${active.activityType?.name}, attempt ${active.attempt ?? 1}` : null;
}

/** When activities that rest between two tries are tried again, in whole milliseconds. */
export function nextTries({ pendingActivities }: Seen): number[] {
  const resting = (pendingActivities ?? []).filter((activity) => !isActive(activity));
  return resting.map(
    ({ scheduledTime }) => Number(scheduledTime?.seconds) * 1_000 + Math.ceil((scheduledTime?.nanos ?? 0) / 1e6),
  );
}

function isActive({ state, attempt }: Activity): boolean {
  return state === ACTIVITY_STARTED || (attempt ?? 1) <= 1;
}

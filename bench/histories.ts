/** What the histories of one number hold: events and Actions, counted over all its runs. */
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** An event as `historyToJSON` writes it: numbers of 64 bits are strings, and absent fields are left out. */
interface HistoryEvent {
  readonly eventType: string;
  readonly eventTime: string;
  readonly activityTaskStartedEventAttributes?: { readonly attempt?: number };
  readonly workflowExecutionStartedEventAttributes?: { readonly continuedExecutionRunId?: string };
  readonly workflowExecutionContinuedAsNewEventAttributes?: { readonly newExecutionRunId?: string };
  readonly [attributes: string]: unknown;
}

/** The events of one run, oldest first. */
export type Run = readonly HistoryEvent[];

/** Written for the time machine, never in production: a skip, and the request for one. */
const OF_THE_TIME_MACHINE: readonly string[] = [
  'EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED',
];

/** All runs, oldest first, as far as they have come. */
export async function readRuns(client: Client, workflowId: string): Promise<Run[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const runs: Run[] = [];
  let runId: string | undefined = raw.workflowExecutionInfo?.firstRunId ?? undefined;
  while (runId) {
    const run = await readRun(client, workflowId, runId);
    runs.push(run);
    runId = run.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}

async function readRun(client: Client, workflowId: string, runId: string): Promise<Run> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const { events }: { events: HistoryEvent[] } = JSON.parse(historyToJSON(history));
  return events.filter(({ eventType }) => !OF_THE_TIME_MACHINE.includes(eventType));
}

/** How often each kind of Action was taken, by what it is billed for. Source: temporal.io, Actions, checked 2026-11. */
export function countActions(runs: readonly Run[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const event of runs.flat()) {
    const kind = ACTION_OF[event.eventType];
    if (kind !== undefined && !isSuccessor(event)) add(counted, kind, 1);
    const attempts = event.activityTaskStartedEventAttributes?.attempt ?? 1;
    if (attempts > 1) add(counted, 'activity retry', attempts - 1);
  }
  return counted;
}

const ACTION_OF: Readonly<Record<string, string>> = {
  EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: 'start',
  EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 'continue-as-new',
  EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: 'signal',
  EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: 'update',
  EVENT_TYPE_TIMER_STARTED: 'timer',
  EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: 'activity',
  EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 'search attributes',
};

/** A run that follows another was paid for by the continue-as-new before it. */
function isSuccessor({ workflowExecutionStartedEventAttributes }: HistoryEvent): boolean {
  return Boolean(workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
}

function add(counted: Map<string, number>, kind: string, by: number): void {
  counted.set(kind, (counted.get(kind) ?? 0) + by);
}

export function sumOf(counted: ReadonlyMap<string, number>): number {
  return [...counted.values()].reduce((total, value) => total + value, 0);
}

export function countEvents(runs: readonly Run[]): number {
  return runs.reduce((total, run) => total + run.length, 0);
}

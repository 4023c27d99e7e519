/** When nothing is on its way, and what will be next: what the time machine asks before it moves the clock further. */
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import postgres from 'postgres';
import type { Clock } from '../domain/clock.ts';
import { nextDueOf } from '../domain/deadlines.ts';
import { numberId, workflowIdOf } from '../domain/ids.ts';
import { status } from '../workflows/messages.ts';
import { LaunchError } from './launch-error.ts';
import type { LocalMetaControl } from './local-meta.ts';
import { nextLonelyResultAtMs, storedWork } from './store-calm.ts';

const SETTLE_TIMEOUT_MS = 90_000;
const LOOK_AGAIN_MS = 20;
/** How long one workflow may take to say what is next. */
const ANSWER_TIMEOUT_MS = 4_000;
/** A stop a moment after a deadline: stopping a fraction of a millisecond before its timer, server 1.32 lets it be lost. */
const AFTER_MS = 20;
/** Events of a run that has had its first workflow task: started, then scheduled, started, completed. */
const FIRST_TASK_EVENTS = 4;
/** `WORKFLOW_EXECUTION_STATUS_RUNNING`. */
const RUNNING = 1;
/** `PENDING_ACTIVITY_STATE_STARTED` of Temporal's API. */
const ACTIVITY_STARTED = 2;

export interface Calm {
  openWorkflowIds(): Promise<string[]>;
  settle(): Promise<void>;
  /** Epoch ms of what will happen by itself: workflow deadlines, further tries of activities, the local Meta's plans. */
  nextStops(): Promise<number[]>;
  close(): Promise<void>;
}

export function createCalm(given: { client: Client; meta: LocalMetaControl; databaseUrl: string; clock: Clock }): Calm {
  const { client, meta, clock } = given;
  const sql = postgres(given.databaseUrl, { max: 1, onnotice: () => {} });
  const openWorkflowIds = async (): Promise<string[]> => {
    const rows = await sql<{ number_id: string }[]>`select number_id from numbers where connection <> 'closed'`;
    return rows.map((row) => workflowIdOf(numberId(row.number_id)));
  };
  const waiting = async (): Promise<string | null> => {
    const webhooks = await meta.pending();
    if (webhooks > 0) return `${webhooks} webhooks of the local Meta are due and not delivered`;
    const nowMs = clock.nowMs();
    const stored = await storedWork(sql, nowMs);
    if (stored !== null) return stored;
    return busyWorkflow({ client, nowMs }, await openWorkflowIds());
  };
  const settle = async (): Promise<void> => {
    const limit = performance.now() + SETTLE_TIMEOUT_MS;
    let last: string | null = 'nothing was looked at';
    // calm twice in a row: between the two looks something may have passed from one place to the next
    for (let calm = 0; calm < 2; calm = last === null ? calm + 1 : 0) {
      if (performance.now() > limit) {
        throw new LaunchError({
          cause: `nothing settles: ${last}`,
          remedy: 'look at the Temporal UI',
          next: 'npm run demo',
        });
      }
      last = await waiting();
      if (last !== null) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  };
  const nextStops = async (): Promise<number[]> => {
    const nowMs = clock.nowMs();
    const ids = await openWorkflowIds();
    const own = [await meta.nextAtMs(), await nextLonelyResultAtMs(sql)];
    const deadlines = await Promise.all(ids.map((id) => deadlineOf({ client, nowMs }, id)));
    const retries = (await Promise.all(ids.map((id) => retriesOf(client, id)))).flat();
    // what is at work has its deadline now: only its own retries bring it further
    const ahead = [...deadlines, ...retries, ...own].filter((atMs): atMs is number => atMs !== null && atMs > nowMs);
    return ahead.map((atMs) => atMs + AFTER_MS);
  };
  return { openWorkflowIds, settle, nextStops, close: () => sql.end({ timeout: 5 }) };
}

interface Look {
  client: Client;
  /** Of the Clock. */
  nowMs: number;
}

/** Null for a number that waits for news alone, has closed, or cannot answer because its worker is down. */
async function deadlineOf({ client, nowMs }: Look, workflowId: string): Promise<number | null> {
  const limit = Date.now() + ANSWER_TIMEOUT_MS;
  while (Date.now() < limit) {
    try {
      const snapshot = await client.withDeadline(limit, () => client.workflow.getHandle(workflowId).query(status));
      return nextDueOf(snapshot, nowMs)?.atMs ?? null;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS)); // a new run has not had its first task yet
    }
  }
  return null;
}

type Raw = WorkflowExecutionDescription['raw'];

async function retriesOf(client: Client, workflowId: string): Promise<number[]> {
  const raw = await describe(client, workflowId);
  return raw ? triesOf(raw) : [];
}

/** When activities that rest between two tries are tried again, in whole milliseconds. */
function triesOf({ pendingActivities }: Raw): number[] {
  const resting = (pendingActivities ?? []).filter((activity) => !isActive(activity));
  return resting.map(
    ({ scheduledTime }) => Number(scheduledTime?.seconds) * 1_000 + Math.ceil((scheduledTime?.nanos ?? 0) / 1e6),
  );
}

/** A workflow at work: a task, an activity that is not resting until its next try, or a deadline that has come. */
async function busyWorkflow(look: Look, workflowIds: readonly string[]): Promise<string | null> {
  for (const workflowId of workflowIds) {
    const work = await workOf(look, workflowId);
    if (work) return `${workflowId} has ${work}`;
  }
  return null;
}

async function workOf(look: Look, workflowId: string): Promise<string | null> {
  const raw = await describe(look.client, workflowId);
  if (!raw) return null;
  const inFlight = workIn(raw);
  if (inFlight) return inFlight;
  const tries = triesOf(raw);
  if (tries.length > 0) return tries.some((atMs) => atMs <= look.nowMs) ? 'a try of an activity that has come' : null;
  // a timer that is due fires a moment after its time was reached
  const dueAtMs = await deadlineOf(look, workflowId);
  return dueAtMs !== null && dueAtMs <= look.nowMs ? 'a deadline that has come' : null;
}

async function describe(client: Client, workflowId: string): Promise<Raw | null> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return raw.workflowExecutionInfo?.status === RUNNING ? raw : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function workIn({ pendingWorkflowTask, pendingActivities, workflowExecutionInfo: run }: Raw): string | null {
  if (pendingWorkflowTask) return 'a workflow task';
  // a run that followed another within a second is given its first task a moment later
  if (Number(run?.historyLength) < FIRST_TASK_EVENTS) return 'its first task to come';
  const active = pendingActivities?.find(isActive);
  return active ? `an activity: ${active.activityType?.name}` : null;
}

function isActive({ state, attempt }: NonNullable<Raw['pendingActivities']>[number]): boolean {
  return state === ACTIVITY_STARTED || (attempt ?? 1) <= 1;
}

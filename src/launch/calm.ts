/** When nothing is on its way, and what will be next: what the time machine asks before it moves the clock further. */
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import postgres from 'postgres';
import type { Clock } from '../domain/clock.ts';
import { nextDueOf } from '../domain/deadlines.ts';
import { numberId, workflowIdOf } from '../domain/ids.ts';
import { inFlight, isRunning, nextTries } from './in-flight.ts';
import { LaunchError } from './launch-error.ts';
import type { LocalMetaControl } from './local-meta.ts';
import { readStatus } from './read-status.ts';
import { nextStoredAtMs, storedWork } from './store-calm.ts';

const SETTLE_TIMEOUT_MS = 90_000;
const LOOK_AGAIN_MS = 20;
/** How long one workflow may take to say what is next: more than a lost query and one at a worker that has died. */
const ANSWER_TIMEOUT_MS = 15_000;

export interface Calm {
  openWorkflowIds(): Promise<string[]>;
  settle(): Promise<void>;
  /** Epoch ms of what will happen by itself: workflow deadlines, further tries of activities, the local Meta's plans. */
  nextStops(): Promise<number[]>;
  close(): Promise<void>;
}

interface CalmOptions {
  client: Client;
  meta: LocalMetaControl;
  databaseUrl: string;
  clock: Clock;
  /** While it is down no number can say what is next. */
  isWorkerUp: () => boolean;
}

export function createCalm({ client, meta, databaseUrl, clock, isWorkerUp }: CalmOptions): Calm {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
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
    return busyWorkflow({ client, nowMs, isWorkerUp }, await openWorkflowIds());
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
    const own = [await meta.nextAtMs(), ...(await nextStoredAtMs(sql))];
    const deadlines = await Promise.all(ids.map((id) => deadlineOf({ client, nowMs, isWorkerUp }, id)));
    const retries = (await Promise.all(ids.map((id) => retriesOf(client, id)))).flat();
    // what is at work has its deadline now: only its own retries bring it further
    return [...deadlines, ...retries, ...own].filter((atMs): atMs is number => atMs !== null && atMs > nowMs);
  };
  return { openWorkflowIds, settle, nextStops, close: () => sql.end({ timeout: 5 }) };
}

interface Look {
  client: Client;
  /** Of the Clock. */
  nowMs: number;
  isWorkerUp: () => boolean;
}

/** Null for a number that waits for news alone, has closed, or cannot answer because its worker is down. */
async function deadlineOf({ client, nowMs, isWorkerUp }: Look, workflowId: string): Promise<number | null> {
  if (!isWorkerUp()) return null;
  try {
    return nextDueOf(await readStatus(client, workflowId, ANSWER_TIMEOUT_MS), nowMs)?.atMs ?? null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || !isWorkerUp()) return null;
    throw silent(workflowId, error);
  }
}

/** Without its deadline the Clock would pass it. */
function silent(workflowId: string, error: unknown): LaunchError {
  return new LaunchError(
    {
      cause: `workflow ${workflowId} does not say what is next: ${error instanceof Error ? error.message : String(error)}`,
      remedy:
        'look at it in the Temporal UI; a run that was begun by older code cannot go on with newer: start over then',
      next: 'npm run demo -- --reset',
    },
    { cause: error },
  );
}

type Raw = WorkflowExecutionDescription['raw'];

async function retriesOf(client: Client, workflowId: string): Promise<number[]> {
  const raw = await describe(client, workflowId);
  return raw ? nextTries(raw) : [];
}

/** A workflow at work: a task, an activity that is not resting until its next try, or a deadline that has come. */
async function busyWorkflow(look: Look, workflowIds: readonly string[]): Promise<string | null> {
  const works = await Promise.all(workflowIds.map(async (id) => ({ id, work: await workOf(look, id) })));
  const busy = works.find(({ work }) => work !== null);
  return busy ? `${busy.id} has ${busy.work}` : null;
}

async function workOf(look: Look, workflowId: string): Promise<string | null> {
  const raw = await describe(look.client, workflowId);
  if (!raw) return null;
  const work = inFlight(raw);
  if (work) return work;
  const tries = nextTries(raw);
  if (tries.length > 0) return tries.some((atMs) => atMs <= look.nowMs) ? 'a try of an activity that has come' : null;
  // a timer that is due fires a moment after its time was reached
  const dueAtMs = await deadlineOf(look, workflowId);
  return dueAtMs !== null && dueAtMs <= look.nowMs ? 'a deadline that has come' : null;
}

async function describe(client: Client, workflowId: string): Promise<Raw | null> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return isRunning(raw) ? raw : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

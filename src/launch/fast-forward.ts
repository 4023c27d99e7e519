/**
 * Moves one workflow's own time to a given moment, on a server that skips time. What is known of it was tried with server 1.32.0:
 * a fast-forward goes on over continue-as-new; it fails when the workflow ends first; a closed workflow is NOT_FOUND; while one
 * is under way the workflow's time is not read reliably, so it is waited for before the next is asked for.
 */
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { codeOf, GRPC } from './grpc-code.ts';
import { LaunchError } from './launch-error.ts';

export interface Mover {
  readonly connection: Connection;
  readonly namespace: string;
  /** How long one workflow may take to reach a moment: an activity in flight holds its time still. */
  readonly arrivalTimeoutMs: number;
}

type Description = Awaited<ReturnType<Connection['workflowService']['describeWorkflowExecution']>>;

/** `WORKFLOW_EXECUTION_STATUS_RUNNING` of temporal/api/enums/v1/workflow.proto. */
const RUNNING = 1;
/** `FAST_FORWARD_POLLING_RESULT_…` of the same package. */
const POLL_TIMED_OUT = 1;
/** The server stops after 200 skips unless told otherwise: 60 days of a busy number have more. */
const SKIPS_MAX = 100_000;

/** Returns when the workflow's time is `atMs` or later, or the workflow has ended. True when it had to be moved. */
export async function moveWorkflow(mover: Mover, workflowId: string, atMs: number): Promise<boolean> {
  const limitMs = Date.now() + mover.arrivalTimeoutMs;
  for (let hasMoved = false; ; hasMoved = true) {
    const description = await unlessClosed(() => describe(mover, workflowId));
    if (description?.workflowExecutionInfo?.status !== RUNNING) return hasMoved;
    const underWay = fastForwardUnderWay(description);
    const byMs = remainingMs(description, atMs); // once: the system's time runs on, and the server refuses less than 1 ms
    if (underWay === null && byMs <= 0) return hasMoved;
    if (Date.now() > limitMs) throw tooLate(workflowId, description);
    await unlessClosed(() => moveOnce(mover, { workflowId, underWay, byMs, limitMs }));
  }
}

/** How far the workflow is from a moment by its own time; one that never skipped lives by the system's. */
function remainingMs(description: Description, atMs: number): number {
  const own = description.workflowExtendedInfo?.timeSkippingInfo?.currentTime;
  return Math.ceil(atMs - (own ? Number(own.seconds ?? 0) * 1000 + (own.nanos ?? 0) / 1_000_000 : Date.now()));
}

/** The id of a fast-forward that has not arrived, as of a workflow that was started a moment ago. */
function fastForwardUnderWay(description: Description): string | null {
  const config = description.workflowExtendedInfo?.timeSkippingInfo?.effectiveConfig;
  return config?.enabled ? (config.fastForwardConfig?.id ?? null) : null;
}

interface Move {
  readonly workflowId: string;
  readonly underWay: string | null;
  readonly byMs: number;
  readonly limitMs: number;
}

async function moveOnce(mover: Mover, { workflowId, underWay, byMs, limitMs }: Move): Promise<void> {
  const id = underWay ?? (await fastForward(mover, workflowId, byMs));
  await arrival(mover, { workflowId, id, limitMs });
}

async function fastForward({ connection, namespace }: Mover, workflowId: string, byMs: number): Promise<string> {
  const id = randomUUID();
  const duration = msNumberToTs(byMs);
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration }, maxSessionSkipCount: SKIPS_MAX },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  return id;
}

/** Waits for a fast-forward to arrive or fail; which of the two the next look at the workflow tells. */
async function arrival(
  mover: Mover,
  { workflowId, id, limitMs }: { workflowId: string; id: string; limitMs: number },
): Promise<void> {
  const { connection, namespace } = mover;
  const request = { namespace, workflowExecution: { workflowId }, fastForwardId: id };
  const poll = async (): Promise<boolean> => {
    const call = (): ReturnType<typeof connection.workflowService.pollWorkflowExecutionTimeSkipping> =>
      connection.workflowService.pollWorkflowExecutionTimeSkipping(request);
    return (await connection.withDeadline(limitMs, call)).fastForwardPollingResult === POLL_TIMED_OUT;
  };
  try {
    while (Date.now() < limitMs && (await poll())) continue;
  } catch (error) {
    if (codeOf(error) !== GRPC.deadlineExceeded) throw error;
  }
}

function describe({ connection, namespace }: Mover, workflowId: string): Promise<Description> {
  return connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
}

async function unlessClosed<Answer>(ask: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await ask();
  } catch (error) {
    if (codeOf(error) === GRPC.notFound) return null;
    throw error;
  }
}

function tooLate(workflowId: string, { pendingActivities }: Description): LaunchError {
  const held = pendingActivities?.map(({ activityType, attempt }) => `${activityType?.name}, attempt ${attempt}`) ?? [];
  return new LaunchError({
    cause: `the time of workflow ${workflowId} does not move on; in flight: ${held.join('; ') || 'no activity'}`,
    remedy:
      'look at it in the Temporal UI; a run that was begun by older code cannot go on with newer: start over then',
    next: 'npm run demo -- --reset',
  });
}

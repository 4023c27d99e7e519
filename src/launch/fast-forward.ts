/**
 * Moves one workflow's own time to a given moment, on a server that skips time. With nothing under way the server jumps within the
 * request; with a timer in between it jumps to the timer first, and on when the work is done. Near the moment real time is lived
 * and no jump is left standing, for server 1.32 has a flaw there: work that ends in the moment after a jump's target sends the
 * workflow on to its next timer, days ahead.
 */
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { codeOf, GRPC } from './grpc-code.ts';
import { inFlight, isRunning, nextTries, type Description } from './in-flight.ts';
import { LaunchError } from './launch-error.ts';

export interface Mover {
  readonly connection: Connection;
  readonly namespace: string;
  /** How long one workflow may take to reach a moment: an activity in flight holds its time still. */
  readonly arrivalTimeoutMs: number;
}

type Skipping = NonNullable<
  NonNullable<
    Parameters<Connection['workflowService']['updateWorkflowExecutionOptions']>[0]['workflowExecutionOptions']
  >['timeSkippingConfig']
>;

const LOOK_AGAIN_MS = 10;
/** No jump is left standing, nor asked for, with less than this ahead. */
const NEAR_MS = 300;
/** The server stops after 200 skips unless told otherwise: 60 days of a busy number have more. */
const SKIPS_MAX = 100_000;

export interface Moved {
  readonly hasMoved: boolean;
  /** Epoch ms; null: the workflow has ended. */
  readonly ownTimeMs: number | null;
}

/** Returns when the workflow's time is `atMs` or later, or the workflow has ended. */
export async function moveWorkflow(mover: Mover, workflowId: string, atMs: number): Promise<Moved> {
  const limitMs = Date.now() + mover.arrivalTimeoutMs;
  for (let hasMoved = false; ;) {
    const description = await unlessClosed(() => describe(mover, workflowId));
    if (!description || !isRunning(description)) return { hasMoved, ownTimeMs: null };
    const next = nextStep(description, atMs);
    if (next === null) return { hasMoved, ownTimeMs: ownTimeMs(description) };
    if (Date.now() > limitMs) throw tooLate(workflowId, description);
    if (next === 'wait') await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    else await unlessClosed(() => setSkipping(mover, workflowId, next));
    hasMoved ||= next !== 'wait' && next.enabled === true;
  }
}

/** What brings it nearer to the moment; null: it is there. */
function nextStep(description: Description, atMs: number): Skipping | 'wait' | null {
  const leftMs = Math.ceil(atMs - ownTimeMs(description));
  const isNear = leftMs <= NEAR_MS;
  if (isSkipping(description)) return isNear ? { enabled: false } : 'wait';
  if (leftMs <= 0) return null;
  if (isNear || inFlight(description) !== null) return 'wait';
  const fastForwardConfig = { id: randomUUID(), duration: msNumberToTs(leftMs) };
  return { enabled: true, fastForwardConfig, maxSessionSkipCount: SKIPS_MAX };
}

function isSkipping({ workflowExtendedInfo }: Description): boolean {
  return workflowExtendedInfo?.timeSkippingInfo?.effectiveConfig?.enabled === true;
}

/** Epoch ms; one that never skipped lives by the system's time. */
function ownTimeMs({ workflowExtendedInfo }: Description): number {
  const own = workflowExtendedInfo?.timeSkippingInfo?.currentTime;
  return own ? Number(own.seconds ?? 0) * 1000 + (own.nanos ?? 0) / 1_000_000 : Date.now();
}

async function setSkipping({ connection, namespace }: Mover, workflowId: string, config: Skipping): Promise<void> {
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: config },
    updateMask: { paths: ['time_skipping_config'] },
  });
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

function tooLate(workflowId: string, description: Description): LaunchError {
  const resting = nextTries(description).map((atMs) => `a try of an activity at ${new Date(atMs).toISOString()}`);
  return new LaunchError({
    cause: `the time of workflow ${workflowId} does not move on; in flight: ${inFlight(description) ?? resting.join('; ')}`,
    remedy:
      'look at it in the Temporal UI; a run that was begun by older code cannot go on with newer: start over then',
    next: 'npm run demo -- --reset',
  });
}

/**
 * Moves the Clock and every open workflow of a namespace together, stopping at each deadline and step on the way. Its offset is
 * kept in a file, which all processes of the run read.
 */
import type { Connection } from '@temporalio/client';
import { moveWorkflow, type Mover } from './fast-forward.ts';
import { LaunchError } from './launch-error.ts';
import { readOffsetMs, shiftedClock, writeOffsetMs } from './shifted-clock.ts';

export interface TimeMachine {
  nowMs(): number;
  advance(byMs: number): Promise<void>;
  /** A moment that has passed moves nothing. */
  advanceTo(atMs: number): Promise<void>;
}

export interface TimeMachineOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly clockFile: string;
  /** Epoch ms of what will happen by itself. Asked again after each stop. */
  readonly nextStops: () => Promise<number[]>;
  /** Which workflows to move; without it, every open one of the namespace. */
  readonly openWorkflowIds?: () => Promise<string[]>;
  /** Waits until nothing is on its way. Called at each stop, with its moment. */
  readonly settle?: (atMs: number) => Promise<void>;
  readonly arrivalTimeoutMs?: number;
}

const ARRIVAL_TIMEOUT_MS = 60_000;
/** A workflow that is further behind the Clock at the end is moved up to it. */
const LAG_MAX_MS = 100;
/** Requests under way at once. */
const SIDE_BY_SIDE = 32;
/** Far more than a life has: beyond it, stops make new stops. */
const STOPS_MAX = 10_000;

export function openTimeMachine(options: TimeMachineOptions): TimeMachine {
  const clock = shiftedClock(options.clockFile);
  let last: Promise<void> = Promise.resolve();
  /** One journey after the other: two at once would pull the clock apart. */
  const inTurn = (travel: () => Promise<void>): Promise<void> => {
    const journey = last.then(travel);
    last = journey.catch(() => {});
    return journey;
  };
  return {
    nowMs: () => clock.nowMs(),
    advance: (byMs) => inTurn(() => travelTo(options, clock.nowMs() + byMs)),
    advanceTo: (atMs) => inTurn(() => travelTo(options, atMs)),
  };
}

async function travelTo(options: TimeMachineOptions, targetMs: number): Promise<void> {
  const clock = shiftedClock(options.clockFile);
  for (let stops = 0; clock.nowMs() < targetMs; stops += 1) {
    if (stops > STOPS_MAX) throw endless(targetMs);
    const ahead = (await options.nextStops()).filter((atMs) => atMs > clock.nowMs());
    await stopAt(options, Math.min(targetMs, ...ahead));
  }
  await catchUp(options);
}

async function stopAt(options: TimeMachineOptions, atMs: number): Promise<void> {
  // the Clock first: what a workflow does when it arrives is answered by processes that are there already
  moveClock(options.clockFile, atMs);
  await moveAll(options, atMs);
  await options.settle?.(atMs);
}

/** Never backwards: real time may have passed the moment meanwhile. */
function moveClock(file: string, atMs: number): void {
  writeOffsetMs(file, Math.max(readOffsetMs(file), atMs - Date.now()));
}

/** While the workflows travelled the Clock ran on: whoever fell behind it is moved up. */
async function catchUp(options: TimeMachineOptions): Promise<void> {
  const nowMs = shiftedClock(options.clockFile).nowMs();
  if (await moveAll(options, nowMs - LAG_MAX_MS)) await options.settle?.(nowMs);
}

/** True when one had to be moved. */
async function moveAll(options: TimeMachineOptions, atMs: number): Promise<boolean> {
  const mover: Mover = { ...options, arrivalTimeoutMs: options.arrivalTimeoutMs ?? ARRIVAL_TIMEOUT_MS };
  const ids = await (options.openWorkflowIds?.() ?? listOpen(options));
  let hasMoved = false;
  const moveNext = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      if (await moveWorkflow(mover, id, atMs)) hasMoved = true;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, moveNext));
  return hasMoved;
}

async function listOpen({ connection, namespace }: TimeMachineOptions): Promise<string[]> {
  const ids: string[] = [];
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const request = { namespace, query: 'ExecutionStatus = "Running"', ...(nextPageToken ? { nextPageToken } : {}) };
    const page = await connection.workflowService.listWorkflowExecutions(request);
    ids.push(...page.executions.map(({ execution }) => execution?.workflowId ?? ''));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken && nextPageToken.length > 0);
  return ids.filter((id) => id !== '');
}

function endless(targetMs: number): LaunchError {
  return new LaunchError({
    cause: `more than ${STOPS_MAX} stops on the way to ${new Date(targetMs).toISOString()}`,
    remedy: 'something plans its next step again and again: look at the deadlines in the timeline',
    next: 'npm run demo -- --reset',
  });
}

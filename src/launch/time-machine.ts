/**
 * Moves the Clock and the open workflows of a namespace together, stopping at each deadline and step on the way. Its offset is
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
  /** Which workflows to move; one that has ended since is left alone. The server's own list lags behind. */
  readonly openWorkflowIds: () => Promise<string[]>;
  /** Waits until nothing is on its way. Called at each stop, with its moment. */
  readonly settle?: (atMs: number) => Promise<void>;
  readonly arrivalTimeoutMs?: number;
}

const ARRIVAL_TIMEOUT_MS = 60_000;
/** A workflow that is further behind the Clock at the end is moved up to it. */
const LAG_MAX_MS = 100;
/** No workflow is ahead of the Clock, beyond what two clocks differ by that are read one after the other. */
const AHEAD_MAX_MS = 1_000;
/** Requests under way at once. */
const SIDE_BY_SIDE = 32;
/**
 * How long before a stop the workflows halt: what falls due at the stop comes by itself, in real time, with no jump under way.
 * More than what passes between a look at a workflow and the jump that is asked for after it.
 */
const LEAD_MS = 100;
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
  const clock = shiftedClock(options.clockFile);
  // the Clock first: what a workflow does when it arrives is answered by processes that are there already
  moveClock(options.clockFile, atMs - LEAD_MS);
  await moveAll(options, atMs - LEAD_MS);
  for (let leftMs = atMs - clock.nowMs(); leftMs > 0; leftMs = atMs - clock.nowMs()) {
    await new Promise((resolve) => setTimeout(resolve, leftMs));
  }
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
  const clock = shiftedClock(options.clockFile);
  const mover: Mover = { ...options, arrivalTimeoutMs: options.arrivalTimeoutMs ?? ARRIVAL_TIMEOUT_MS };
  const ids = await options.openWorkflowIds();
  let hasMoved = false;
  const moveNext = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const moved = await moveWorkflow(mover, id, atMs);
      const aheadMs = (moved.ownTimeMs ?? 0) - clock.nowMs();
      if (aheadMs > AHEAD_MAX_MS) throw ahead(id, aheadMs);
      hasMoved ||= moved.hasMoved;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, moveNext));
  return hasMoved;
}

/** Its timers fire before their day, and whatever it tells afterwards is wrong. */
function ahead(workflowId: string, aheadMs: number): LaunchError {
  return new LaunchError({
    cause: `workflow ${workflowId} is ${Math.round(aheadMs / 1000)} s ahead of the Clock`,
    remedy: 'the Temporal server has moved it too far: nothing that this run shows can be relied on; start over',
    next: 'npm run demo -- --reset',
  });
}

function endless(targetMs: number): LaunchError {
  return new LaunchError({
    cause: `more than ${STOPS_MAX} stops on the way to ${new Date(targetMs).toISOString()}`,
    remedy: 'something plans its next step again and again: look at the deadlines in the timeline',
    next: 'npm run demo -- --reset',
  });
}

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startKeeper, type Keeper } from '../../src/launch/keeper.ts';
import { moveWorkflow } from '../../src/launch/fast-forward.ts';
import { readOffsetMs, shiftedClock } from '../../src/launch/shifted-clock.ts';
import { startWithOffset } from '../../src/launch/start-with-offset.ts';
import { bringUpTemporal, type Temporal } from '../../src/launch/temporal.ts';
import { openTimeMachine, type TimeMachine, type TimeMachineOptions } from '../../src/launch/time-machine.ts';
import { buildWorkflowBundle } from '../../src/launch/workflow-bundle.ts';
import { poked, seen, type Life, type Seen } from './day-counter.ts';

const DAY_MS = 86_400_000;
/** How far apart real time and requests may pull what belongs together. */
const CLOSE_MS = 3_000;
const TASK_QUEUE = 'time-machine';

let keeper: Keeper;
let temporal: Temporal;
let worker: Worker;
let running: Promise<void>;
let workerConnection: NativeConnection;
let note: (day: number) => Promise<void>;

beforeAll(async () => {
  keeper = await startKeeper();
  temporal = await bringUpTemporal({ inMemory: true, keeper });
  const workflowsPath = join(dirname(fileURLToPath(import.meta.url)), 'day-counter.ts');
  const cacheDir = mkdtempSync(join(tmpdir(), 'tandem-launch-test-'));
  const codePath = await buildWorkflowBundle({ workflowsPath, cacheDir });
  expect(await buildWorkflowBundle({ workflowsPath, cacheDir })).toBe(codePath);
  workerConnection = await NativeConnection.connect({ address: temporal.address });
  worker = await Worker.create({
    connection: workerConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath },
    activities: { note: (day: number) => note(day) },
  });
  running = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await workerConnection.close();
  await temporal.stop();
  await keeper.stop();
});

let clockFile: string;
let connection: Connection;
let client: Client;
let started: WorkflowHandle[];

beforeEach(async () => {
  note = async () => {};
  clockFile = join(mkdtempSync(join(tmpdir(), 'tandem-launch-test-')), 'data', 'clock.json');
  connection = await Connection.connect({ address: temporal.address, interceptors: [startWithOffset(clockFile)] });
  client = new Client({ connection });
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((handle) => handle.terminate().catch(() => {})));
  await connection.close();
});

async function start(life: Life): Promise<WorkflowHandle> {
  const workflowId = `life-${crypto.randomUUID()}`;
  const handle = await client.workflow.start('dayCounter', { workflowId, taskQueue: TASK_QUEUE, args: [life] });
  started.push(handle);
  return handle;
}

function machine(options: Partial<TimeMachineOptions> = {}): TimeMachine {
  const openWorkflowIds = async (): Promise<string[]> => started.map(({ workflowId }) => workflowId);
  const all = { connection, namespace: 'default', clockFile, openWorkflowIds, nextStops: async () => [], ...options };
  return openTimeMachine(all);
}

/** A run that was started after an advance answers from the moment its delay has been skipped; a query may be lost (decision 0026). */
function look(handle: WorkflowHandle): Promise<Seen> {
  const ask = (): Promise<Seen> => client.withDeadline(Date.now() + 1_000, () => handle.query(seen));
  return vi.waitFor(ask, { timeout: 10_000, interval: 50 });
}

function daysOf({ startedAtMs, wakes }: Seen): number[] {
  return wakes.map((atMs) => Number(((atMs - startedAtMs) / DAY_MS).toFixed(3)));
}

test('a life wakes on its own days, over continue-as-new in the middle, and the Clock arrives with it', async () => {
  const life = await start({ days: [7, 10, 12, 13, 30], continuesAfterWakes: 2 });
  const clock = shiftedClock(clockFile);
  const before = clock.nowMs();
  await machine().advance(13.5 * DAY_MS);
  const now = await look(life);
  expect(daysOf(now)).toEqual([7, 10, 12, 13]);
  expect(Math.abs(clock.nowMs() - before - 13.5 * DAY_MS)).toBeLessThan(30_000);
  // its query's time is that of its last task: day 13
  expect(now.nowMs).toBeLessThan(clock.nowMs());
  await life.signal(poked);
  const signalled = await look(life);
  expect(Math.abs((signalled.signalAtMs ?? 0) - clock.nowMs())).toBeLessThan(CLOSE_MS);
});

test('two lives move together, and the machine halts at each stop with both arrived', async () => {
  const [one, two] = [await start({ days: [7, 20] }), await start({ days: [7, 9], continuesAfterWakes: 1 })];
  const clock = shiftedClock(clockFile);
  const stops = [7, 9].map((day) => clock.nowMs() + day * DAY_MS + CLOSE_MS);
  const halts: [number, number, number][] = [];
  const settle = async (): Promise<void> => {
    const [a, b] = [await look(one), await look(two)];
    halts.push([Math.round((clock.nowMs() - a.startedAtMs) / DAY_MS), a.wakes.length, b.wakes.length]);
  };
  await machine({ nextStops: async () => stops, settle }).advance(15 * DAY_MS);
  expect(halts.slice(0, 3)).toEqual([
    [7, 1, 1],
    [9, 1, 2],
    [15, 1, 2],
  ]);
});

test('a life that is started after an advance begins at the time of the Clock', async () => {
  const travel = machine();
  await travel.advance(20 * DAY_MS);
  const life = await start({ days: [3, 40] });
  const signalled = await client.workflow.signalWithStart('dayCounter', {
    workflowId: `life-${crypto.randomUUID()}`,
    taskQueue: TASK_QUEUE,
    args: [{ days: [50] } satisfies Life],
    signal: poked,
  });
  started.push(signalled);
  const begun = await Promise.all([look(life), look(signalled)]);
  for (const { startedAtMs } of begun) expect(Math.abs(startedAtMs - travel.nowMs())).toBeLessThan(CLOSE_MS);
  await travel.advance(5 * DAY_MS);
  expect(daysOf(await look(life))).toEqual([3]);
});

test('an advance right after a start waits for the run to begin, and moves it no further than the Clock', async () => {
  const travel = machine();
  await travel.advance(20 * DAY_MS);
  const life = await start({ days: [5, 30] });
  await travel.advance(6 * DAY_MS);
  const now = await look(life);
  expect(daysOf(now)).toEqual([5]);
  await life.signal(poked);
  const { signalAtMs } = await look(life);
  expect(Math.abs((signalAtMs ?? 0) - travel.nowMs())).toBeLessThan(CLOSE_MS);
});

test('lives that end on the way, or have ended, hold nobody up', async () => {
  const [short, long] = [await start({ days: [2] }), await start({ days: [6] })];
  await machine().advance(4 * DAY_MS);
  await expect(short.describe()).resolves.toMatchObject({ status: { name: 'COMPLETED' } });
  await machine({ openWorkflowIds: async () => [short.workflowId, long.workflowId, 'never-was'] }).advance(3 * DAY_MS);
  await expect(long.describe()).resolves.toMatchObject({ status: { name: 'COMPLETED' } });
});

test('work that ends at any moment around a stop leaves its life at the time of the Clock, not at its next timer', async () => {
  // server 1.32 sends a life on to its next timer when its work ends in the second after the target of a jump
  const spread = Array.from({ length: 30 }, (_, place) => place * 40);
  let notes = 0;
  note = () => new Promise((resolve) => setTimeout(resolve, spread[notes++ % spread.length]));
  const lives = await Promise.all(spread.map(() => start({ days: [1, 9] })));
  const travel = machine();
  const { startedAtMs } = await look(lives[0] ?? (await start({ days: [1] })));
  await machine({ nextStops: async () => [startedAtMs + DAY_MS] }).advance(DAY_MS + CLOSE_MS);
  await travel.advance(DAY_MS);
  for (const life of lives) expect(daysOf(await look(life))).toEqual([1]);
});

test('a life that is ahead of the Clock is named, and nothing goes on', async () => {
  const life = await start({ days: [9] });
  await look(life);
  const mover = { connection, namespace: 'default', arrivalTimeoutMs: 5_000 };
  await moveWorkflow(mover, life.workflowId, Date.now() + 3 * DAY_MS);
  await expect(machine().advance(DAY_MS)).rejects.toThrow(new RegExp(`${life.workflowId} is 1728\\d\\d s ahead`));
});

test('an activity that does not answer is named when the bound has passed', async () => {
  let release = (): void => {};
  note = () => new Promise((resolve) => (release = resolve));
  const life = await start({ days: [1, 9] });
  const held = machine({ arrivalTimeoutMs: 2_500 }).advance(3 * DAY_MS);
  await expect(held).rejects.toThrow(new RegExp(`${life.workflowId} does not move on; in flight: an activity: note`));
  release();
});

test('the offset is kept: a machine opened later goes on from there, and never backwards', async () => {
  await machine().advance(2 * DAY_MS);
  await machine().advanceTo(Date.now());
  expect(readOffsetMs(clockFile)).toBeGreaterThan(1.99 * DAY_MS);
  await machine().advance(DAY_MS);
  expect(readOffsetMs(clockFile)).toBeGreaterThan(2.99 * DAY_MS);
});

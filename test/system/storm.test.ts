/** 2,000 facts and 200 commands at one number whose runs end every 20 events: nothing is lost, nothing is taken twice. */
import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { engineRetry } from '../../src/api/engine-retry.ts';
import { createNumberWorkflows } from '../../src/api/number-workflows.ts';
import type { NumberWorkflows } from '../../src/api/ports.ts';
import type { CommandAnswer } from '../../src/domain/commands.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { freshSnapshot } from '../../src/domain/fresh-snapshot.ts';
import { dialogRunId, numberId, tenantId, workflowIdOf } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { createNamespace } from '../../src/launch/namespace.ts';
import { readStatus } from '../../src/launch/read-status.ts';
import { TASK_QUEUE } from '../../src/workflows/messages.ts';
import { fakeActivities, WABA } from '../workflows/fake-activities.ts';
import { eventually } from './people.ts';

const FACTS = 2_000;
const COMMANDS = 200;
/** Facts pour in by waves, each over several runs' worth of events; between two waves the number comes to rest. */
const WAVES = 10;
/** Facts on their way at once: one, as the dispatcher keeps it; the ring of ids knows the last 256. */
const LANES = 1;
const ID = numberId('num_storm');
const NAMESPACE = `storm-${randomBytes(6).toString('hex')}`;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const opened: (() => Promise<unknown>)[] = [];
const noted: number[] = [];
const fakes = fakeActivities(() => Date.now(), {
  // a second try of the same call after its answer was lost is Temporal's; a second call would be ours
  noteAppOpened: async ({ openedAtMs }) => {
    if (Context.current().info.attempt === 1) noted.push(openedAtMs);
  },
});
let client: Client;
let workflows: NumberWorkflows;

beforeAll(async () => {
  const address = inject('temporalAddress');
  await createNamespace(address, NAMESPACE);
  const connection = await Connection.connect({ address, interceptors: [engineRetry()] });
  client = new Client({ connection, namespace: NAMESPACE });
  workflows = createNumberWorkflows(client);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    namespace: NAMESPACE,
    taskQueue: TASK_QUEUE,
    activities: { ...fakes },
    workflowBundle: { codePath: inject('workflowBundle') },
  });
  const done = worker.run();
  opened.push(
    () => connection.close(),
    () => native.close(),
    async () => {
      worker.shutdown();
      await done;
    },
  );
});

afterAll(async () => {
  for (const close of opened.toReversed()) await close();
});

/** An offboard from before the connection: it changes nothing and leaves one line, known by its own time. */
const oldNews = (index: number, beforeMs: number): FactEnvelope => ({
  factId: `storm/${index}`,
  occurredAtMs: beforeMs - DAY_MS + index,
  fact: { kind: 'accountOffboarded', wabaId: WABA, isOnlyNumber: true },
});

/** As the dispatcher: until the engine has it, with the same id. Each tenth is told twice. */
async function tell(envelope: FactEnvelope, times: number): Promise<void> {
  for (let told = 0; told < times;) {
    if ((await workflows.postFact(ID, envelope)) === 'posted') told += 1;
  }
}

async function ask(index: number, openedAtMs: number): Promise<CommandAnswer> {
  const command = { kind: 'confirmAppOpened', openedAtMs } as const;
  for (;;) {
    const asked = await workflows.ask(ID, { commandId: `ask-${index}`, by: 'tenant', command });
    if (asked.kind === 'answered') return asked.answer;
    expect(asked.kind).not.toBe('absent');
  }
}

/** Runs the jobs in their order, so many side by side. */
async function inLanes(lanes: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs];
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The indices of one wave. */
function share(all: number, wave: number): number[] {
  const size = all / WAVES;
  return Array.from({ length: size }, (_none, index) => wave * size + index);
}

async function runs(): Promise<number> {
  let count = 0;
  for await (const _run of client.workflow.list({ query: `WorkflowId = '${workflowIdOf(ID)}'` })) count += 1;
  return count;
}

// a signal or update that meets the end of a run is refused for milliseconds and tried again
test('a storm over runs that end every 20 events', { timeout: 120_000 }, async () => {
  const startMs = Date.now();
  const snapshot = freshSnapshot({
    numberId: ID,
    tenantId: tenantId('ten_storm'),
    nowMs: startMs,
    imports: { contacts: false, history: false },
    policy: { runEventsMax: 20 },
  });
  await workflows.start(snapshot);
  const code = { kind: 'signupCodeReceived', attempt: 1, dialogRunId: dialogRunId('dlg_storm') } as const;
  await tell({ factId: 'code', occurredAtMs: startMs, cycle: 1, fact: code }, 1);
  const seen = (): Promise<Snapshot> => readStatus(client, workflowIdOf(ID));
  await eventually(async () => expect((await seen()).link.state).toBe('live'));

  const connectedMs = Date.now();
  const answers = new Map<number, CommandAnswer>();
  const openedAt = (index: number): number => connectedMs - COMMANDS + index;
  for (let wave = 0; wave < WAVES; wave += 1) {
    const facts = share(FACTS, wave);
    const commands = share(COMMANDS, wave);
    await Promise.all([
      inLanes(
        LANES,
        facts.map((index) => () => tell(oldNews(index, startMs), index % 10 === 0 ? 2 : 1)),
      ),
      inLanes(
        1,
        commands.map((index) => async () => {
          answers.set(index, await ask(index, openedAt(index)));
        }),
      ),
    ]);
    const last = `storm/${facts.at(-1)}`;
    await eventually(async () => expect((await seen()).factIds).toContain(last));
  }
  // its line is recorded at once
  await eventually(async () => {
    const ended = await workflows.ask(ID, {
      commandId: 'the-end',
      by: 'tenant',
      command: { kind: 'requestDisconnect' },
    });
    expect(ended.kind).toBe('answered');
  });

  const ignored = (): number[] => {
    // a record that is written again after its answer was lost has the same sequence: the projection takes it once
    const recorded = new Map(fakes.records.map((record) => [record.sequence, record.lines]));
    const lines = [...recorded.values()].flat();
    return lines.filter(({ key }) => key === 'ignored').map(({ atMs }) => atMs - (startMs - DAY_MS));
  };
  await eventually(async () => expect(ignored().length).toBeGreaterThanOrEqual(FACTS));
  const heard = ignored();
  const all = Array.from({ length: FACTS }, (_none, index) => index);
  expect({
    lost: all.filter((index) => !heard.includes(index)),
    doubled: heard.filter((index, place) => heard.indexOf(index) !== place),
    strange: heard.filter((index) => !all.includes(index)),
  }).toEqual({ lost: [], doubled: [], strange: [] });

  const { policy } = snapshot;
  const dueAfter = (openedAtMs: number): number =>
    openedAtMs + (policy.reminderDays[0] ?? 0) * DAY_MS + policy.evidenceDebounceHours * HOUR_MS;
  const asked = Array.from({ length: COMMANDS }, (_none, index) => index);
  expect(asked.map((index) => answers.get(index))).toEqual(
    asked.map((index) => ({ outcome: 'accepted', failure: null, atMs: dueAfter(openedAt(index)) })),
  );
  expect(noted).toEqual(asked.map(openedAt));
  expect(fakes.ran.filter((name) => name === 'exchangeCode')).toHaveLength(1);
  // while facts pour in the server refuses to end a run; at the rest after each wave it ends
  await eventually(async () => expect(await runs()).toBeGreaterThanOrEqual(WAVES));
});

/** A stage for stories: one namespace a file, one worker with fakes a number, and time that the server skips. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Client, Connection, type WorkflowExecutionDescription, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';
import type { Activities } from '../../src/activities/contract.ts';
import type { Asker, Command, CommandAnswer, CommandEnvelope } from '../../src/domain/commands.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Fact, FactEnvelope } from '../../src/domain/facts.ts';
import { freshSnapshot } from '../../src/domain/fresh-snapshot.ts';
import { dialogRunId, numberId, tenantId, workflowIdOf } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { moveWorkflow } from '../../src/launch/fast-forward.ts';
import { inFlight, isRunning } from '../../src/launch/in-flight.ts';
import { createNamespace } from '../../src/launch/namespace.ts';
import { readStatus } from '../../src/launch/read-status.ts';
import { commands, fact, NUMBER_LIFECYCLE } from '../../src/workflows/messages.ts';
import { fakeActivities, type Fakes } from './fake-activities.ts';
import { areKept, keepHistories } from './kept-histories.ts';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 15;
/** A moment after the one that is meant, so that what is due at it has happened. */
const AFTER_MS = 20;

interface Stage {
  readonly client: Client;
  readonly connection: Connection;
  readonly native: NativeConnection;
  readonly namespace: string;
}

interface Cast {
  policy?: Partial<Policy>;
  imports?: Snapshot['imports'];
  /** Its histories are kept under this name for the replay ring, when they are refreshed. */
  keptAs?: string;
  /** What the run starts from; without it, a number that was invited just now. */
  saved?: Snapshot;
  /** Activities that do not answer as the fakes do. */
  over?: Partial<Activities>;
}

/** `play` brings a newly invited number to life; all are taken down after the file. */
export function useStage(): { play: (cast?: Cast) => Promise<PlayedNumber> } {
  let stage: Stage;
  const played: PlayedNumber[] = [];
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const namespace = `t-${randomBytes(6).toString('hex')}`;
    const address = inject('temporalAddress');
    await createNamespace(address, namespace);
    const connection = await Connection.connect({ address });
    const native = await NativeConnection.connect({ address });
    stage = { client: new Client({ connection, namespace }), connection, native, namespace };
  });
  afterAll(async () => {
    if (areKept) await Promise.all(played.filter(({ keptAs }) => keptAs).map((number) => number.comesToRest()));
    await Promise.all(played.map((number) => number.stopWorker()));
    for (const { keptAs, workflowId } of played) if (keptAs) await keepHistories(stage.client, workflowId, keptAs);
    await stage.native.close();
    await stage.connection.close();
  });
  return {
    play: async (cast = {}) => {
      const number = await PlayedNumber.start(stage, cast);
      played.push(number);
      return number;
    },
  };
}

export class PlayedNumber {
  readonly fakes: Fakes;
  /** When the number was invited, epoch ms. */
  readonly invitedAtMs = Date.now();
  readonly keptAs: string | undefined;
  readonly #stage: Stage;
  readonly #id = numberId(`num_${randomBytes(6).toString('hex')}`);
  #movedToMs = 0;
  #facts = 0;
  #worker: { stop(): Promise<void> } | null = null;

  private constructor(stage: Stage, cast: Cast) {
    this.#stage = stage;
    this.keptAs = cast.keptAs;
    const nowMs = (): number => Context.current().info.currentAttemptScheduledTimestampMs;
    this.fakes = fakeActivities(nowMs, cast.over);
  }

  static async start(stage: Stage, cast: Cast): Promise<PlayedNumber> {
    const number = new PlayedNumber(stage, cast);
    await number.startWorker();
    const args = [cast.saved ? { ...cast.saved, numberId: number.#id } : number.#invited(cast)];
    await stage.client.workflow.start(NUMBER_LIFECYCLE, { workflowId: number.workflowId, taskQueue: number.#id, args });
    return number;
  }

  #invited({ imports = { contacts: false, history: false }, policy = {} }: Cast): Snapshot {
    const invited = { numberId: this.#id, tenantId: tenantId('ten_test'), nowMs: this.invitedAtMs };
    return freshSnapshot({ ...invited, imports, policy });
  }

  get workflowId(): string {
    return workflowIdOf(this.#id);
  }

  get handle(): WorkflowHandle {
    return this.#stage.client.workflow.getHandle(this.workflowId);
  }

  /** The workflow's time, as near as one can say from outside. */
  get nowMs(): number {
    return Math.max(this.#movedToMs, Date.now());
  }

  async startWorker(): Promise<void> {
    const worker = await Worker.create({
      connection: this.#stage.native,
      namespace: this.#stage.namespace,
      taskQueue: this.#id,
      workflowBundle: { codePath: inject('workflowBundle') },
      activities: this.fakes,
      stickyQueueScheduleToStartTimeout: 200,
    });
    const done = worker.run();
    this.#worker = {
      stop: async () => {
        worker.shutdown();
        await done;
      },
    };
  }

  async stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.stop();
  }

  /** What it has begun is done: a history that is kept ends with a whole task. */
  async comesToRest(): Promise<void> {
    await this.until('at rest', async () => {
      const { raw } = await this.handle.describe();
      return !isRunning(raw) || inFlight(raw) === null;
    });
  }

  status(): Promise<Snapshot> {
    return readStatus(this.#stage.client, this.workflowId, PATIENCE_MS);
  }

  /** Kinds of the events of the open run, as far as it has come. */
  async readEvents(): Promise<string[]> {
    const history = await this.handle.fetchHistory();
    const { events }: { events: { eventType: string }[] } = JSON.parse(historyToJSON(history));
    return events.map(({ eventType }) => eventType.replace('EVENT_TYPE_WORKFLOW_EXECUTION_', ''));
  }

  /** Sends one fact; answers its envelope, so that it can be sent again. */
  async send(news: Fact, over: Partial<FactEnvelope> = {}): Promise<FactEnvelope> {
    this.#facts += 1;
    const envelope = { factId: `fact-${this.#facts}`, occurredAtMs: this.nowMs, fact: news, ...over };
    await this.handle.signal(fact, envelope);
    return envelope;
  }

  ask(command: Command, by: Asker = 'tenant'): Promise<CommandAnswer> {
    this.#facts += 1;
    const commandId = `command-${this.#facts}`;
    const envelope: CommandEnvelope = { commandId, by, command };
    return this.handle.executeUpdate<CommandAnswer, [CommandEnvelope]>(commands[command.kind], {
      args: [envelope],
      updateId: commandId,
    });
  }

  /** The owner finishes the dialog: the code arrives. */
  sendCode(): Promise<FactEnvelope> {
    const news = { kind: 'signupCodeReceived', attempt: 1, dialogRunId: dialogRunId('dlg_test') } as const;
    return this.send(news, { cycle: 1 });
  }

  /** Invited, signed up and connected; answers the time of the first sign of the app. */
  async connect(): Promise<number> {
    await this.sendCode();
    await this.until('connected', async () => (await this.status()).link.state === 'live');
    await this.settle();
    return (await this.status()).activity.anyAtMs ?? 0;
  }

  /** Moves the number's time to just after a moment in one go, and lets what falls due on the way happen. */
  async moveTo(atMs: number): Promise<void> {
    const { connection, namespace } = this.#stage;
    this.#movedToMs = atMs + AFTER_MS;
    const mover = { connection, namespace, arrivalTimeoutMs: PATIENCE_MS };
    await moveWorkflow(mover, this.workflowId, this.#movedToMs);
    await this.settle();
  }

  /** As `moveTo`, stopping at each deadline: a run that begins in the middle of a skip would be carried past its first task. */
  async liveUntil(atMs: number): Promise<void> {
    for (;;) {
      const due = nextDueOf(await this.status(), this.nowMs);
      if (!due || due.atMs <= this.nowMs || due.atMs >= atMs) return this.moveTo(atMs);
      await this.moveTo(due.atMs);
    }
  }

  /** Until nothing is on its way and no deadline has come, twice in a row. */
  async settle(): Promise<void> {
    let calm = 0;
    await this.until('at rest', async () => {
      const { raw } = await this.handle.describe();
      calm = isRunning(raw) && (await this.#isBusy(raw)) ? 0 : calm + 1;
      return calm >= 2;
    });
  }

  async #isBusy(raw: WorkflowExecutionDescription['raw']): Promise<boolean> {
    if (inFlight(raw) !== null || (raw.pendingActivities ?? []).length > 0) return true;
    const due = nextDueOf(await this.status(), this.nowMs);
    return due !== null && due.atMs <= this.nowMs;
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const limit = performance.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (performance.now() > limit) throw new Error(`not in ${PATIENCE_MS} ms: ${what}`);
      await pause(LOOK_AGAIN_MS);
    }
  }
}

/** Every sentence key that was recorded, in order. */
export function told(fakes: Fakes): string[] {
  return fakes.records.flatMap(({ lines }) => lines.map(({ key }) => key));
}

/** The connections that the number went through, as recorded. */
export function movesOf(fakes: Fakes): string[] {
  return fakes.records.filter(({ from, to }) => from !== to).map(({ to }) => to);
}

/**
 * Everything of one run: API, worker and local Meta as child processes over a given Postgres and Temporal, one Clock, and the
 * time machine that moves it. The demo and the system tests bring it up alike.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { addTenant, runMigrations, setOnboardingLimit } from '../cli/processes.ts';
import { readEnv, type Env } from '../env.ts';
import { createBackend, type Backend } from './backend.ts';
import { createCalm } from './calm.ts';
import { createLocalMetaControl, type LocalMetaControl } from './local-meta.ts';
import { LaunchError } from './launch-error.ts';
import type { Keeper } from './keeper.ts';
import { freePort } from './ports.ts';
import type { Role } from './role.ts';
import type { Secrets } from './secrets.ts';
import { shiftedClock } from './shifted-clock.ts';
import { openTimeMachine, type TimeMachine } from './time-machine.ts';
import type { Stage } from './story.ts';

export interface WorldOptions {
  databaseUrl: string;
  temporal: { address: string; namespace: string };
  /** Holds the clock's offset and the local Meta's state: they belong to the data. */
  dataDir: string;
  secrets: Secrets;
  keeper: Keeper;
  /** A bundle that was built before; without one the worker builds it at start. */
  workflowBundle?: string;
  apiPort?: number;
  metaPort?: number;
  logLevel?: string;
  /** Meta's quota of new customers; left out: more than any world needs. */
  onboardingLimit?: number;
  /** Further settings of the children, for tests. */
  env?: Record<string, string>;
}

export interface World extends Stage {
  apiUrl: string;
  apiKey: string;
  secondApiKey: string;
  operatorKey: string;
  metaUrl: string;
  client: Client;
  backend: Backend;
  /** Another tenant, which may learn nothing of the first. */
  second: Backend;
  operator: Backend;
  meta: LocalMetaControl;
  timeMachine: TimeMachine;
  databaseUrl: string;
  /** Starts a role that is down. */
  start(role: Role): Promise<void>;
  /** `SIGKILL`: as a power cut; `SIGTERM`: lets it finish. */
  kill(role: Role, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Waits until nothing is on its way: no webhook, no stored delivery, no fact, no activity. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

export async function bringUpWorld(options: WorldOptions): Promise<World> {
  const clockFile = join(options.dataDir, 'clock.json');
  const apiPort = await freePort(options.apiPort);
  const metaPort = await freePort(options.metaPort);
  const env = settingsOf(options, { apiPort, metaPort, clockFile });
  await seed(readEnv(env), options);
  const roles = createRoles(env, options.keeper);
  await roles.start('local-meta');
  await Promise.all([roles.start('server'), roles.start('worker')]);

  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const metaUrl = `http://127.0.0.1:${metaPort}`;
  const clock = shiftedClock(clockFile);
  const meta = createLocalMetaControl(metaUrl);
  const connection = await Connection.connect({ address: options.temporal.address });
  const client = new Client({ connection, namespace: options.temporal.namespace });
  const calm = createCalm({
    client,
    meta,
    databaseUrl: options.databaseUrl,
    clock,
    isWorkerUp: () => roles.isUp('worker'),
  });
  const timeMachine = openTimeMachine({
    connection,
    namespace: options.temporal.namespace,
    clockFile,
    openWorkflowIds: () => calm.openWorkflowIds(),
    nextStops: () => calm.nextStops(),
    settle: () => calm.settle(),
  });
  return {
    apiUrl,
    metaUrl,
    apiKey: options.secrets.apiKey,
    secondApiKey: options.secrets.secondApiKey,
    operatorKey: options.secrets.operatorKey,
    databaseUrl: options.databaseUrl,
    client,
    meta,
    timeMachine,
    backend: createBackend(apiUrl, options.secrets.apiKey),
    second: createBackend(apiUrl, options.secrets.secondApiKey),
    operator: createBackend(apiUrl, options.secrets.operatorKey),
    start: (role) => roles.start(role),
    kill: (role, signal) => roles.kill(role, signal),
    settle: () => calm.settle(),
    nowMs: () => clock.nowMs(),
    advance: (byMs) => timeMachine.advance(byMs),
    advanceUntil: (isDone, withinMs) => advanceUntil({ timeMachine, calm, clock }, isDone, withinMs),
    close: async () => {
      await roles.stopAll();
      await calm.close();
      await connection.close();
    },
  };
}

const SECOND_TENANT = { id: 'ten_second', name: 'Second tenant', isEntitled: true };
const ONBOARDING_LIMIT = 10_000;

/** Two tenants, so that each test and each story has somebody who must not see it. */
async function seed(env: Env, { secrets, onboardingLimit }: WorldOptions): Promise<void> {
  await runMigrations(env).catch((error: unknown) => {
    throw notMigrated(error);
  });
  await addTenant(env, { ...SECOND_TENANT, apiKey: secrets.secondApiKey });
  await setOnboardingLimit(env, onboardingLimit ?? ONBOARDING_LIMIT);
}

/** Data that other code has made, as of another branch, is no data of this one. */
function notMigrated(error: unknown): LaunchError {
  const { cause } = error instanceof Error ? error : {};
  return new LaunchError({
    cause: `the store could not be migrated: ${String(cause instanceof Error ? cause.message : error)}`,
    remedy: 'data that was made by code of another line cannot be kept: start over',
    next: 'npm run demo -- --reset',
  });
}

function settingsOf(
  options: WorldOptions,
  at: { apiPort: number; metaPort: number; clockFile: string },
): Record<string, string> {
  const { secrets } = options;
  return {
    DATABASE_URL: options.databaseUrl,
    TEMPORAL_ADDRESS: options.temporal.address,
    TEMPORAL_NAMESPACE: options.temporal.namespace,
    TANDEM_HOST: '127.0.0.1',
    TANDEM_PORT: String(at.apiPort),
    TANDEM_PUBLIC_URL: `http://127.0.0.1:${at.apiPort}`,
    TANDEM_WEBSITE_LOOKUP: 'off', // a run of one machine reaches nobody's website, and gives the same verdict everywhere
    TANDEM_API_KEY: secrets.apiKey,
    TANDEM_OPERATOR_KEY: secrets.operatorKey,
    TANDEM_ENCRYPTION_KEYS: `k1:${secrets.encryptionKey}`,
    META_GRAPH_URL: `http://127.0.0.1:${at.metaPort}`,
    META_APP_ID: '710000000000053',
    META_CONFIG_ID: '720000000000059',
    META_SIGNUP_VERSION: 'v4',
    META_APP_SECRET: secrets.metaAppSecret,
    META_VERIFY_TOKEN: secrets.metaVerifyToken,
    TANDEM_LOG_LEVEL: options.logLevel ?? 'warn',
    ...(options.workflowBundle === undefined ? {} : { TANDEM_WORKFLOW_BUNDLE: options.workflowBundle }),
    TANDEM_LAUNCH_CLOCK_FILE: at.clockFile,
    TANDEM_LAUNCH_META_STATE: join(options.dataDir, 'local-meta.json'),
    ...options.env,
  };
}

/** Moves from stop to stop, looking after each, so that nobody waits for a day that has nothing in it. */
async function advanceUntil(
  {
    timeMachine,
    calm,
    clock,
  }: { timeMachine: TimeMachine; calm: ReturnType<typeof createCalm>; clock: { nowMs(): number } },
  isDone: () => Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const limitMs = clock.nowMs() + withinMs;
  await calm.settle();
  while (!(await isDone())) {
    const nowMs = clock.nowMs();
    if (nowMs >= limitMs) return false;
    const stops = (await calm.nextStops()).filter((atMs) => atMs > nowMs);
    await timeMachine.advanceTo(Math.min(limitMs, ...stops));
  }
  return true;
}

interface Roles {
  /** It has said that it is ready, and was not ended since. */
  isUp(role: Role): boolean;
  start(role: Role): Promise<void>;
  kill(role: Role, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  stopAll(): Promise<void>;
}

function createRoles(env: Record<string, string>, keeper: Keeper): Roles {
  const children = new Map<Role, ChildProcess>();
  const readied = new WeakSet<ChildProcess>();
  const kill = async (role: Role, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const child = children.get(role);
    if (!child) return;
    children.delete(role);
    await end(child, signal);
    if (child.pid !== undefined) keeper.forget(child.pid);
  };
  const isUp = (role: Role): boolean => {
    const child = children.get(role);
    return child !== undefined && readied.has(child) && child.exitCode === null && child.signalCode === null;
  };
  return {
    isUp,
    start: async (role) => {
      const child = spawnRole(role, env);
      children.set(role, child);
      if (child.pid !== undefined) keeper.watch(child.pid);
      await ready(role, child);
      readied.add(child);
    },
    kill,
    stopAll: async () => {
      // the local Meta last: it hears what the others still say
      await Promise.all([kill('server', 'SIGTERM'), kill('worker', 'SIGTERM')]);
      await kill('local-meta', 'SIGTERM');
    },
  };
}

function spawnRole(role: Role, env: Record<string, string>): ChildProcess {
  const entry = fileURLToPath(new URL('./role.ts', import.meta.url));
  return fork(entry, [role], {
    env: { ...process.env, ...env },
    execArgv: ['--import', 'tsx', '--enable-source-maps'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
}

/** Resolves when the child says so; its death or silence is an error with the line to run next. */
async function ready(role: Role, child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const died = once(child, 'exit', { signal }).then(([code]) => `it ended with ${String(code)}`);
  const said = once(child, 'message', { signal }).then(() => null);
  const problem = await Promise.race([said, died]).catch(() => `it was not ready in ${START_TIMEOUT_MS / 1000} s`);
  if (problem === null) return;
  throw new LaunchError({
    cause: `the ${role} process did not start: ${problem}`,
    remedy: 'read its output above',
    next: 'npm run demo',
  });
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
  child.kill(signal);
  try {
    await ended;
  } catch {
    child.kill('SIGKILL'); // its own bound for a clean stop has passed
  }
}

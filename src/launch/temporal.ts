/** A Temporal for a run: the one in `TEMPORAL_ADDRESS`, else a dev server of our own that skips time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { endLeftover, ownFolder, readPid } from './folder-owner.ts';
import type { Keeper } from './keeper.ts';
import { LaunchError } from './launch-error.ts';
import { freePort } from './ports.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { startServer, untilHealthy, type ServerProcess } from './server-process.ts';
import { skipsTime } from './skips-time.ts';
import { ensureTemporalBinary } from './temporal-binary.ts';

export interface Temporal {
  readonly address: string;
  /** Null for a server that is not ours. */
  readonly uiUrl: string | null;
  readonly namespace: string;
  /** Where it came from, for people. */
  readonly from: string;
  readonly tookMs: number;
  readonly skipsTime: boolean;
  readonly metricsUrl: string | null;
  stop(): Promise<void>;
}

export interface TemporalOptions {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  /** Holds the server's file; without it everything is kept in memory. */
  readonly dataDir?: string;
  readonly inMemory?: boolean;
  readonly keeper: Keeper;
  /** Taken if free. */
  readonly ports?: { readonly frontend?: number; readonly ui?: number; readonly metrics?: number };
  /** Tells what takes long. */
  readonly log?: (line: string) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 30_000;
const START_ATTEMPTS_MAX = 3;

export async function bringUpTemporal(options: TemporalOptions): Promise<Temporal> {
  const started = performance.now();
  const up = options.address ? takeGiven(options.address) : await startOwn(options);
  const namespace = options.namespace || 'default';
  try {
    const canSkip = await prepare(up.address, namespace);
    return { ...up, namespace, skipsTime: canSkip, tookMs: Math.round(performance.now() - started) };
  } catch (error) {
    await up.stop();
    throw error;
  }
}

type Up = Pick<Temporal, 'address' | 'uiUrl' | 'from' | 'metricsUrl' | 'stop'>;

function takeGiven(address: string): Up {
  return { address, uiUrl: null, metricsUrl: null, from: 'given by TEMPORAL_ADDRESS', stop: async () => {} };
}

/** Registers what we search by, and finds out whether the server skips time. */
async function prepare(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS }).catch(
    (error: unknown) => {
      throw unusable(`it does not answer at ${address}`, error);
    },
  );
  try {
    await connection.workflowService.describeNamespace({ namespace });
    await registerSearchAttributes(connection, namespace);
    return await skipsTime(connection, namespace);
  } catch (error) {
    throw error instanceof LaunchError ? error : unusable(`namespace ${namespace} at ${address} cannot be used`, error);
  } finally {
    await connection.close();
  }
}

function unusable(what: string, cause: unknown): LaunchError {
  return new LaunchError(
    {
      cause: `Temporal: ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'start it, or mend TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE; without them one is brought up here',
      next: 'env -u TEMPORAL_ADDRESS -u TEMPORAL_NAMESPACE npm run demo',
    },
    { cause },
  );
}

interface Home {
  readonly folder: string;
  /** Null: in memory. */
  readonly databaseFile: string | null;
  readonly pidFile: string;
  release(): void;
}

async function openHome({ dataDir, inMemory }: TemporalOptions): Promise<Home> {
  if (inMemory || dataDir === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-temporal-'));
    const release = (): void => rmSync(folder, { recursive: true, force: true });
    return { folder, databaseFile: null, pidFile: join(folder, 'temporal.pid'), release };
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const owner = ownFolder(dataDir, 'temporal');
  const home = {
    folder: dataDir,
    databaseFile: join(dataDir, 'temporal.db'),
    pidFile: join(dataDir, 'temporal.pid'),
    release: (): void => owner.release(),
  };
  await endLeftover(readPid(home.pidFile), home.databaseFile, 'SIGTERM');
  return home;
}

async function startOwn(options: TemporalOptions): Promise<Up> {
  const binary = await ensureTemporalBinary(options.log ?? (() => {}));
  const home = await openHome(options);
  let wrong: string | null = null;
  // more than one attempt: a port may be taken in between
  for (let attempt = 1; attempt <= START_ATTEMPTS_MAX; attempt += 1) {
    const at = await choosePorts(options, home);
    const server = startOnce(binary.path, { home, at, keeper: options.keeper });
    const address = `127.0.0.1:${at.frontend}`;
    wrong = await untilHealthy(server, { ask: () => askTemporal(address), limitMs: START_TIMEOUT_MS });
    if (wrong === null) return upOf({ server, home, at, from: binary.from });
    await server.stop();
  }
  home.release();
  throw new LaunchError({
    cause: `the Temporal server did not start: ${wrong}`,
    remedy: 'read its last lines above; start over with empty data, or name a server of yours in TEMPORAL_ADDRESS',
    next: 'npm run demo -- --reset',
  });
}

interface Ports {
  readonly frontend: number;
  readonly ui: number;
  readonly metrics: number;
}

/** Where people look for them, for a server that keeps its data; any, for one in memory. */
async function choosePorts({ ports = {} }: TemporalOptions, home: Home): Promise<Ports> {
  const usual = home.databaseFile === null ? {} : { frontend: 7233, ui: 8233 };
  const wanted = { ...usual, ...ports };
  return {
    frontend: await freePort(wanted.frontend),
    ui: await freePort(wanted.ui),
    metrics: await freePort(wanted.metrics),
  };
}

/** Time can be skipped; and a timer fires when it is due, not up to a second later, as it does for the sake of large clusters. */
const DYNAMIC_CONFIG = ['frontend.WorkflowTimeSkippingEnabled=true', 'history.timerProcessorMaxTimeShift="10ms"'];

function startOnce(binary: string, { home, at, keeper }: { home: Home; at: Ports; keeper: Keeper }): ServerProcess {
  const settings = {
    '--ip': '127.0.0.1',
    '--port': at.frontend,
    '--ui-port': at.ui,
    '--metrics-port': at.metrics,
    '--namespace': 'default',
    '--log-level': 'error',
    '--sqlite-pragma': 'journal_mode=WAL',
    ...(home.databaseFile === null ? {} : { '--db-filename': home.databaseFile }),
  };
  const flags = [
    ...Object.entries(settings).flatMap(([flag, value]) => [flag, String(value)]),
    ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
  ];
  const server = startServer({
    command: [binary, 'server', 'start-dev', ...flags],
    logFile: join(home.folder, 'temporal.log'),
    keeper,
    watch: home.databaseFile === null ? { removeAfter: home.folder } : {},
  });
  writeFileSync(home.pidFile, `${server.pid}\n`);
  return server;
}

function upOf({ server, home, at, from }: { server: ServerProcess; home: Home; at: Ports; from: string }): Up {
  return {
    address: `127.0.0.1:${at.frontend}`,
    uiUrl: `http://127.0.0.1:${at.ui}`,
    metricsUrl: `http://127.0.0.1:${at.metrics}/metrics`,
    from,
    stop: async () => {
      await server.stop();
      rmSync(home.pidFile, { force: true });
      home.release();
    },
  };
}

/** Null when the server knows its namespace, else what it said. */
async function askTemporal(address: string): Promise<string | null> {
  const connection = Connection.lazy({ address, interceptors: [] });
  try {
    const call = (): Promise<unknown> => connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.withDeadline(Date.now() + CONNECT_TIMEOUT_MS, call);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await connection.close();
  }
}

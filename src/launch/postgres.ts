/** A Postgres for a run: the one in `DATABASE_URL`, else the embedded one, brought up over the checkout's own data. */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeFileAtomically } from './atomic-file.ts';
import { askPostgres } from './database.ts';
import { endLeftover, ownFolder, readPid } from './folder-owner.ts';
import type { Keeper } from './keeper.ts';
import { LaunchError } from './launch-error.ts';
import { freePort } from './ports.ts';
import { ensurePostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { openPostgresHome, type PostgresHome } from './postgres-home.ts';
import { isAlive } from './process-identity.ts';
import { runProgram } from './run-program.ts';
import { startServer, untilHealthy, type ServerProcess } from './server-process.ts';

export interface Postgres {
  readonly url: string;
  /** Where it came from, for people. */
  readonly from: string;
  readonly tookMs: number;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  readonly keeper: Keeper;
  /** Taken if free. */
  readonly port?: number;
  /** The data is removed after its end, however it ends. */
  readonly isEphemeral?: boolean;
}

const SUPERUSER = 'tandem';
/** A clean stop that does not wait for clients. */
const FAST_SHUTDOWN = 'SIGINT';
const INITDB_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 30_000;
const START_ATTEMPTS_MAX = 3;
const CONNECTIONS_MAX = 200;

export async function bringUpPostgres(options: PostgresOptions): Promise<Postgres> {
  const started = performance.now();
  const took = (): number => Math.round(performance.now() - started);
  if (options.databaseUrl) return { ...(await takeGiven(options.databaseUrl)), tookMs: took() };
  const binaries = await ensurePostgresBinaries();
  const owner = ownFolder(options.dataDir, 'postgres');
  const home = openPostgresHome(options.dataDir);
  await clearLeftovers(home);
  const password = await ensureCluster(home, binaries);
  const { server, port } = await startUp(home, binaries, { ...options, password });
  const stop = async (): Promise<void> => {
    await server.stop();
    if (options.isEphemeral) rmSync(home.folder, { recursive: true, force: true });
    owner.release();
  };
  return { url: urlOf(port, password), from: `embedded ${binaries.version}, port ${port}`, tookMs: took(), stop };
}

/** Removes the embedded data of a checkout. Refuses while another run uses it. */
export async function resetPostgres(dataDir: string): Promise<void> {
  const owner = ownFolder(dataDir, 'postgres');
  const home = openPostgresHome(dataDir);
  await clearLeftovers(home);
  rmSync(home.folder, { recursive: true, force: true });
  rmSync(home.passwordFile, { force: true });
  owner.release();
}

async function takeGiven(url: string): Promise<Omit<Postgres, 'tookMs'>> {
  const wrong = await askPostgres(url);
  if (wrong === null) return { url, from: 'given by DATABASE_URL', stop: async () => {} };
  throw new LaunchError({
    cause: `the database of DATABASE_URL does not answer: ${wrong}`,
    remedy: 'start it or mend the address; without DATABASE_URL an embedded one is brought up',
    next: 'env -u DATABASE_URL npm run demo',
  });
}

/** What a run left that was killed together with its keeper: a living server, or a lock file whose pid means somebody else now. */
async function clearLeftovers(home: PostgresHome): Promise<void> {
  const pidFile = join(home.cluster, 'postmaster.pid');
  const pid = readPid(pidFile);
  await endLeftover(pid, home.cluster, FAST_SHUTDOWN);
  // with a dead pid the file stays: Postgres still learns from it whether old backends hold shared memory
  if (pid !== null && isAlive(pid)) rmSync(pidFile, { force: true });
}

/** Makes the data once, complete or not at all, and returns the superuser's password. */
async function ensureCluster(home: PostgresHome, { initdb }: PostgresBinaries): Promise<string> {
  if (existsSync(home.cluster) && existsSync(home.passwordFile)) return readFileSync(home.passwordFile, 'utf8').trim();
  rmSync(home.cluster, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  const partial = `${home.cluster}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // a copy for initdb alone, which may be another user
  const passwordCopy = join(home.folder, 'initial-password');
  writeFileSync(passwordCopy, password, { mode: 0o600 });
  if (home.account) chownSync(passwordCopy, home.account.uid, home.account.gid);
  const ended = await runProgram(
    [
      initdb,
      '-D',
      partial,
      '-U',
      SUPERUSER,
      `--pwfile=${passwordCopy}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
    ],
    { timeoutMs: INITDB_TIMEOUT_MS, cwd: '/', env: cleanEnv(), ...home.account },
  );
  rmSync(passwordCopy, { force: true });
  if (ended.code !== 0) throw failure(`its data could not be made: ${ended.output.trimEnd()}`);
  writeFileAtomically(home.passwordFile, password, 0o600);
  renameSync(partial, home.cluster);
  return password;
}

interface StartOptions extends PostgresOptions {
  readonly password: string;
}

const BETWEEN_ATTEMPTS_MS = 300;

/** More than one attempt: the port may be taken in between, and backends of a killed server need a moment to leave. */
async function startUp(
  home: PostgresHome,
  binaries: PostgresBinaries,
  options: StartOptions,
): Promise<{ server: ServerProcess; port: number }> {
  let wrong: string | null = null;
  for (let attempt = 1; attempt <= START_ATTEMPTS_MAX; attempt += 1) {
    const port = await freePort(options.port);
    const server = startOnce(home, binaries, { ...options, port });
    const ask = (): Promise<string | null> => askPostgres(urlOf(port, options.password));
    wrong = await untilHealthy(server, { ask, limitMs: START_TIMEOUT_MS });
    if (wrong === null) return { server, port };
    await server.stop();
    await pause(BETWEEN_ATTEMPTS_MS);
  }
  throw failure(`it did not start: ${wrong}`);
}

function startOnce(
  home: PostgresHome,
  { postgres }: PostgresBinaries,
  options: StartOptions & { port: number },
): ServerProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: CONNECTIONS_MAX,
    timezone: 'UTC',
    fsync: 'on',
    synchronous_commit: 'on',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startServer({
    command: [postgres, '-D', home.cluster, '-p', String(options.port), ...flags],
    logFile: home.logFile,
    keeper: options.keeper,
    watch: { signal: FAST_SHUTDOWN, ...(options.isEphemeral ? { removeAfter: home.folder } : {}) },
    account: home.account,
    env: cleanEnv(),
  });
}

/** Nothing of ours: PGDATA and its kin would change what the programs do. */
function cleanEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

function urlOf(port: number, password: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
}

function failure(cause: string): LaunchError {
  return new LaunchError({
    cause: `the embedded Postgres: ${cause}`,
    remedy: 'read its last lines above; start over with empty data, or name a PostgreSQL 16 of yours in DATABASE_URL',
    next: 'npm run demo -- --reset',
  });
}

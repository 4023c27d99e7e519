/**
 * Children die with their parent, also when the parent gets SIGKILL: a small process holds a pipe from the parent, and when the
 * pipe closes it ends every child that is still registered.
 */
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { extname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { orderLine, type Order } from './keeper-orders.ts';
import { LaunchError } from './launch-error.ts';
import { identityOf } from './process-identity.ts';

export interface WatchOptions {
  /** What the child takes for a clean stop. Postgres: SIGINT, which does not wait for its clients. */
  readonly signal?: NodeJS.Signals;
  /** Removed after the child's end, for data that only a test needs. */
  readonly removeAfter?: string;
}

export interface Keeper {
  /** The child should lead its own process group (`detached`): the whole group ends. */
  watch(pid: number, options?: WatchOptions): void;
  forget(pid: number): void;
  /** Ends all that is still watched, within bounds, then the keeper. */
  stop(): Promise<void>;
  /** The keeper's own process. */
  readonly pid: number;
}

export async function startKeeper(): Promise<Keeper> {
  const child = spawn(process.execPath, keeperArguments(), {
    detached: true, // Ctrl-C in the terminal goes to the parent's group only
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
  });
  await untilReady(child);
  child.stdout.destroy();
  const pipe = child.stdin;
  // a keeper that is gone is found out by `stop`, not by a crash of the parent
  pipe.on('error', () => {});
  child.unref();
  // a pipe to a child is a socket, and must not keep the parent from ending
  if (pipe instanceof Socket) pipe.unref();
  const tell = (order: Order): void => void pipe.write(orderLine(order));
  return {
    pid: child.pid ?? 0,
    watch: (pid, { signal = 'SIGTERM', removeAfter } = {}) => {
      tell({ order: 'watch', pid, identity: identityOf(pid), signal, removeAfter: removeAfter ?? null });
    },
    forget: (pid) => tell({ order: 'forget', pid }),
    stop: () => stopKeeper(child),
  };
}

const READY_TIMEOUT_MS = 30_000;

/** It says a word when it can be relied on; without it nothing may be started that would outlive us. */
async function untilReady(child: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
  const said = once(child.stdout, 'data', { signal }).then(() => true);
  const died = once(child, 'exit', { signal }).then(() => false);
  if (await Promise.race([said, died]).catch(() => false)) return;
  child.kill('SIGKILL');
  throw new LaunchError({
    cause: 'the keeper, which ends the servers when a run ends, did not start',
    remedy: 'install the packages again, and look whether Node may start processes',
    next: 'npm ci && npm run demo',
  });
}

async function stopKeeper(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

/** From source it runs through the same loader as everything else; built, it is plain JavaScript. */
function keeperArguments(): string[] {
  const extension = extname(fileURLToPath(import.meta.url));
  const entry = fileURLToPath(new URL(`./keeper-process${extension}`, import.meta.url));
  if (extension === '.js') return [entry];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, entry];
}

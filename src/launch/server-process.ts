/** A server of ours as a child: in its own group, watched by the keeper, its output in a file. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { endProcess } from './end-process.ts';
import type { Keeper, WatchOptions } from './keeper.ts';

export interface ServerProcess {
  readonly pid: number;
  isRunning(): boolean;
  /** The last lines of its output. */
  lastWords(): string;
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly command: readonly [string, ...string[]];
  readonly logFile: string;
  readonly keeper: Keeper;
  readonly watch?: WatchOptions;
  /** Another user to run as, by number. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

const LAST_LINES = 15;

export function startServer({
  command,
  logFile,
  keeper,
  watch = {},
  account,
  env = process.env,
}: ServerOptions): ServerProcess {
  const [program, ...given] = command;
  const log = openSync(logFile, 'w');
  // the root folder, because the user it runs as may not enter ours
  const child = spawn(program, given, { cwd: '/', detached: true, stdio: ['ignore', log, log], env, ...account });
  closeSync(log);
  // a program that cannot be started has no pid: its health wait says so
  let hasEnded = child.pid === undefined;
  child.on('error', () => (hasEnded = true)).on('exit', () => (hasEnded = true));
  child.unref();
  const pid = child.pid ?? 0;
  if (pid > 0) keeper.watch(pid, watch);
  return {
    pid,
    isRunning: () => !hasEnded,
    lastWords: () => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n'),
    stop: async () => {
      if (pid > 0 && !hasEnded) await endProcess(pid, watch.signal);
      if (pid > 0) keeper.forget(pid);
    },
  };
}

const LOOK_AGAIN_MS = 25;

/** Null when `ask` finds nothing wrong in time, else what is wrong. Ends early when the server has ended. */
export async function untilHealthy(
  server: ServerProcess,
  { ask, limitMs }: { ask: () => Promise<string | null>; limitMs: number },
): Promise<string | null> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const wrong = await ask();
    if (!server.isRunning()) return `it ended at once:\n${server.lastWords()}`;
    if (wrong === null) return null;
    if (performance.now() > limit) return `it did not answer in ${limitMs / 1000} s (${wrong}):\n${server.lastWords()}`;
    await pause(LOOK_AGAIN_MS);
  }
}

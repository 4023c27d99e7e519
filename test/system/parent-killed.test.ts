/** The one command is killed as by a power cut: none of its processes is left, and started again it goes on where it was. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createBackend } from '../../src/launch/backend.ts';
import { createLocalMetaControl } from '../../src/launch/local-meta.ts';
import { resetPostgres } from '../../src/launch/postgres.ts';
import { commandOf, isAlive } from '../../src/launch/process-identity.ts';
import { connect, eventually, invite, reaches } from './people.ts';
import type { Said } from './whole-parent.ts';

const UP_TIMEOUT_MS = 60_000;
const DAY_MS = 86_400_000;

interface Parent {
  process: ChildProcess;
  world: ReturnType<typeof reach>;
}

/** What an owner and a backend need of a world in another process. */
function reach({ apiUrl, metaUrl, apiKey, nowMs }: Said) {
  const since = performance.now();
  return {
    backend: createBackend(apiUrl, apiKey),
    meta: createLocalMetaControl(metaUrl),
    nowMs: () => nowMs + performance.now() - since,
  };
}

async function next(child: ChildProcess): Promise<Said> {
  const [said] = await once(child, 'message', { signal: AbortSignal.timeout(UP_TIMEOUT_MS) });
  return said as Said;
}

async function startParent(dataDir: string): Promise<Parent> {
  const entry = fileURLToPath(new URL('./whole-parent.ts', import.meta.url));
  const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...env } = process.env;
  const child = fork(entry, [dataDir], {
    env,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'], // what its children inherit must not hold the test run
  });
  return { process: child, world: reach(await next(child)) };
}

const namesOf = (pids: readonly number[]): string[] => pids.map((pid) => `${pid} ${commandOf(pid)}`);

/** The process and all who descend from it, by the parents that the kernel names. */
function familyOf(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(name)]),
  );
  const family = [pid];
  for (const member of family) family.push(...[...parents].filter(([, of]) => of === member).map(([child]) => child));
  return family;
}

/** Field 4 of /proc/<pid>/stat; the name before it may hold blanks and brackets. */
function parentOf(pid: string): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // it has ended meanwhile
  }
}

async function kill(parent: Parent): Promise<void> {
  const family = familyOf(parent.process.pid ?? 0);
  parent.process.kill('SIGKILL');
  await eventually(async () => expect(namesOf(family.filter(isAlive))).toEqual([]), 20_000);
}

// the family is read from /proc: elsewhere this fails loudly
test(
  'killed by SIGKILL no process is left; started again number, clock and hearing are as before',
  { timeout: 180_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tandem-killed-'));
    const parents: Parent[] = [];
    onTestFinished(async () => {
      for (const { process: child } of parents) child.kill('SIGKILL');
      await eventually(() => resetPostgres(dataDir));
      await rm(dataDir, { recursive: true, force: true });
    });
    const first = await startParent(dataDir);
    parents.push(first);
    const owner = await invite(first.world, '15550700700');
    await connect(first.world, owner);
    first.process.send(2 * DAY_MS);
    const { nowMs } = await next(first.process);
    const family = familyOf(first.process.pid ?? 0);
    expect(namesOf(family).filter((name) => /postgres|temporal|role\.ts|keeper/.test(name)).length).toBeGreaterThan(5);

    await kill(first);
    const second = await startParent(dataDir);
    parents.push(second);

    const elapsedMs = second.world.nowMs() - nowMs;
    expect(elapsedMs).toBeGreaterThan(0);
    expect(elapsedMs).toBeLessThan(2 * UP_TIMEOUT_MS);
    await reaches(second.world, owner, { connection: 'connected', cycle: 1 });
    await second.world.meta.act(owner.digits, { action: 'disconnect', reason: 'ACCOUNT_DISCONNECTED' });
    await reaches(second.world, owner, { connection: 'disconnected' });
    await kill(second);
  },
);

/** One run at a time for one data folder: two servers over the same files destroy them. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from './atomic-file.ts';
import { endProcess } from './end-process.ts';
import { LaunchError } from './launch-error.ts';
import { commandOf, identityOf, isAlive } from './process-identity.ts';

interface Owner {
  readonly pid: number;
  readonly identity: string | null;
}

/** Refuses while another living process owns the folder's `part`; an owner that died left nothing to respect. */
export function ownFolder(folder: string, part: string): { release(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${part}.owner`);
  const owner = readOwner(path);
  if (owner && owner.pid !== process.pid && owner.identity !== null && identityOf(owner.pid) === owner.identity) {
    throw new LaunchError({
      cause: `${folder} is in use by process ${owner.pid}`,
      remedy: 'stop that run first (Ctrl-C in its terminal), or run from another checkout',
      next: `kill ${owner.pid} && npm run demo`,
    });
  }
  writeFileAtomically(path, JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) }));
  return { release: () => rmSync(path, { force: true }) };
}

/** Ends the server that a dead run left behind: the process of `pid` if its command line holds `mark`, which only ours does. */
export async function endLeftover(pid: number | null, mark: string, signal: NodeJS.Signals): Promise<void> {
  if (pid === null || !isAlive(pid) || !commandOf(pid).includes(mark)) return;
  if (await endProcess(pid, signal)) return;
  throw new LaunchError({
    cause: `process ${pid}, left over by an earlier run, does not end`,
    remedy: 'end it by hand',
    next: `kill -9 ${pid} && npm run demo`,
  });
}

/** The pid in the first line of a file; null when there is none. */
export function readPid(path: string): number | null {
  const pid = Number.parseInt(readOrEmpty(path), 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
}

function readOwner(path: string): Owner | null {
  const text = readOrEmpty(path);
  if (text === '') return null;
  const kept: unknown = JSON.parse(text);
  if (typeof kept !== 'object' || kept === null || !('pid' in kept) || !('identity' in kept)) return null;
  const { pid, identity } = kept;
  return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : null;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

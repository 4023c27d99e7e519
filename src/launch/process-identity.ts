/** Which process a pid means: pids are given out again, so a pid from a file is worth nothing without a second look. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** True for a process that can still act: one that has ended and was not collected by its parent cannot. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isNotOurs(error);
  }
  return statOf(pid)?.[0] !== 'Z';
}

/** Differs between two processes that had the same pid; null when there is none. */
export function identityOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  if (process.platform !== 'linux') return readProcessTable(pid, 'lstart=');
  // field 22 of /proc/<pid>/stat, the start in ticks since boot; the first two fields are gone here
  return statOf(pid)?.[19] ?? null;
}

/** The command line with its arguments; empty when there is none. */
export function commandOf(pid: number): string {
  if (process.platform !== 'linux') return readProcessTable(pid, 'command=') ?? '';
  return readOrNull(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
}

function isNotOurs(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPERM';
}

/** The fields of /proc/<pid>/stat from the state on; the name before it may hold blanks and brackets. */
function statOf(pid: number): string[] | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readProcessTable(pid: number, column: string): string | null {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

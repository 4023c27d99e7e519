/** The Temporal CLI, which holds the dev server and its UI: found, downloaded, or built from `tools/temporal`, in this order. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTemporal } from './build-temporal.ts';
import { cacheFolder } from './cache-folder.ts';
import { downloadTemporal } from './download-temporal.ts';
import { runProgram } from './run-program.ts';

export interface TemporalBinary {
  readonly path: string;
  readonly from: string;
}

/** The first server that skips time. */
const SERVER_MINIMUM = [1, 32] as const;
const VERSION_TIMEOUT_MS = 10_000;
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
const MODULE = fileURLToPath(new URL('../../tools/temporal', import.meta.url));

export async function ensureTemporalBinary(log: (line: string) => void): Promise<TemporalBinary> {
  const folder = join(cacheFolder(), `temporal-${pinnedVersion()}`);
  const own = join(folder, PROGRAM);
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((entry) => join(entry, PROGRAM));
  for (const path of [...onPath, own]) {
    if (existsSync(path) && (await isNewEnough(path))) return { path, from: path === own ? 'our cache' : path };
  }
  log('Temporal: no server of 1.32 or newer on this machine, asking for its download');
  const downloaded = await downloadTemporal(folder, isNewEnough);
  if (downloaded) return { path: downloaded, from: 'the official download' };
  log('Temporal: no download, building it with Go (some minutes, once for each version)');
  await buildTemporal(MODULE, own);
  return { path: own, from: 'built from tools/temporal' };
}

/** The CLI's own version says nothing: one that we built calls itself 0.0.0-DEV. */
export function serverVersionOf(text: string): readonly [number, number] | null {
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

export function isServerNewEnough(text: string): boolean {
  const [major, minor] = serverVersionOf(text) ?? [0, 0];
  return major > SERVER_MINIMUM[0] || (major === SERVER_MINIMUM[0] && minor >= SERVER_MINIMUM[1]);
}

async function isNewEnough(path: string): Promise<boolean> {
  const { code, output } = await runProgram([path, '--version'], { timeoutMs: VERSION_TIMEOUT_MS });
  return code === 0 && isServerNewEnough(output);
}

function pinnedVersion(): string {
  const [, version] = /github\.com\/temporalio\/cli v(\S+)/.exec(readFileSync(join(MODULE, 'go.mod'), 'utf8')) ?? [];
  return version ?? 'unknown';
}

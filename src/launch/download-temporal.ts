/** The official Temporal CLI by download, from where the SDK takes it too. Any failure means no, never an error. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runProgram } from './run-program.ts';

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };
/** A closed network may swallow packets: then Go is asked soon. */
const ANSWER_TIMEOUT_MS = 5_000;
const BODY_TIMEOUT_MS = 5 * 60_000;
const UNPACK_TIMEOUT_MS = 60_000;

/** The path of the program, if one came that is fit. */
export async function downloadTemporal(
  folder: string,
  isFit: (path: string) => Promise<boolean>,
): Promise<string | null> {
  const [platform, arch] = [PLATFORMS[process.platform], ARCHITECTURES[process.arch]];
  // on Windows the archive is a zip
  if (!platform || !arch || platform === 'windows') return null;
  const partial = join(folder, `${randomUUID()}.partial`);
  try {
    await mkdir(partial, { recursive: true });
    const archive = join(partial, 'archive.tar.gz');
    await fetchTo(`https://temporal.download/cli/archive/latest?platform=${platform}&arch=${arch}`, archive);
    await runProgram(['tar', '-xzf', archive, '-C', partial], { timeoutMs: UNPACK_TIMEOUT_MS });
    const program = join(partial, 'temporal');
    if (!(await isFit(program))) return null;
    await rename(program, join(folder, 'temporal'));
    return join(folder, 'temporal');
  } catch {
    return null;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function fetchTo(url: string, path: string): Promise<void> {
  const limit = new AbortController();
  let timer = setTimeout(() => limit.abort(), ANSWER_TIMEOUT_MS);
  try {
    const answer = await fetch(url, { signal: limit.signal });
    clearTimeout(timer);
    timer = setTimeout(() => limit.abort(), BODY_TIMEOUT_MS);
    if (!answer.ok || !answer.body) throw new Error(`answered ${answer.status}`);
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(path), { signal: limit.signal });
  } finally {
    clearTimeout(timer);
  }
}

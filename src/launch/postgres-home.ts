/** Where the files of a checkout's Postgres lie, and as whom it runs. */
import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, reachableCacheFolder } from './cache-folder.ts';
import { LaunchError } from './launch-error.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresHome {
  readonly folder: string;
  readonly cluster: string;
  readonly logFile: string;
  /** The superuser's password, in the checkout's own data: who deletes that starts over. */
  readonly passwordFile: string;
  /** Postgres refuses to run as root. */
  readonly account: Account | undefined;
}

/** As root it lies in the cache, by a hash of the data folder: the checkout may be closed to the user it runs as. */
export function openPostgresHome(dataDir: string): PostgresHome {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const account = isRoot() ? accountOf('nobody') : undefined;
  const folder = account
    ? join(reachableCacheFolder(), 'data', hashOf(realpathSync(dataDir)))
    : join(dataDir, 'postgres');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (account) chownSync(folder, account.uid, account.gid);
  return {
    folder,
    cluster: join(folder, 'cluster'),
    logFile: join(folder, 'postgres.log'),
    passwordFile: join(dataDir, 'postgres-password'),
    account,
  };
}

function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}

/** A user that every Linux has. */
function accountOf(name: string): Account {
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = row?.split(':') ?? [];
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new LaunchError({
    cause: `Postgres does not run as root, and this machine has no user ${name}`,
    remedy: 'run as another user, or name a PostgreSQL 16 of yours in DATABASE_URL',
    next: 'DATABASE_URL=postgres://user:password@host:5432/tandem npm run demo',
  });
}

/** Where things lie that outlive a checkout and are made once for each version. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder for what we run ourselves. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tandem');
}

/**
 * A folder for what another user runs as well: as root, Postgres runs as somebody who can enter neither root's home nor a
 * checkout of mode 0700.
 */
export function reachableCacheFolder(): string {
  return isRoot() ? '/var/cache/tandem' : cacheFolder();
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

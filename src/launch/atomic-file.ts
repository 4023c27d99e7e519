/** Files that a reader finds whole or not at all, whatever happens to the writer. */
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';

export function writeFileAtomically(path: string, text: string, mode = 0o644): void {
  const partial = `${path}.${randomUUID()}.partial`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, path);
}

/** Folders and child processes of the launch tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** As a checkout made with `mktemp -d`: nobody else may enter. */
export function closedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-launch-test-'));
  chmodSync(folder, 0o700);
  return folder;
}

export interface Parent {
  readonly process: ChildProcess;
  /** The first line of its output, parsed as JSON. */
  readonly said: Record<string, unknown>;
}

/** Runs `parent.ts`, which brings something up and says in one line what. */
export async function startParent(what: string, dataDir: string): Promise<Parent> {
  const entry = fileURLToPath(new URL('./parent.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', entry, what, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const said: Record<string, unknown> = JSON.parse(line);
    return { process: child, said };
  }
  throw new Error('the parent ended without a word');
}

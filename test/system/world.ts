/** A world of its own for a test file: database, namespace, clock, local Meta, API and worker; the servers are those of the run. */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { createDatabase } from '../../src/launch/database.ts';
import { startKeeper } from '../../src/launch/keeper.ts';
import { createNamespace } from '../../src/launch/namespace.ts';
import { ensureSecrets } from '../../src/launch/secrets.ts';
import { bringUpWorld, type World, type WorldOptions } from '../../src/launch/world.ts';

export type Bench = { world: World };

/** Brought up before the tests of the file, taken down after them. */
export function useWorld(options: Partial<WorldOptions> = {}): Bench {
  let opened: World | undefined;
  let takeDown = async (): Promise<void> => {};
  beforeAll(async () => {
    const name = `t-${randomBytes(6).toString('hex')}`;
    const dataDir = await mkdtemp(join(tmpdir(), 'tandem-world-'));
    const workflowBundle = join(dataDir, 'workflow-bundle.js');
    await copyFile(inject('workflowBundle'), workflowBundle); // another run may clean the cache before a worker starts again
    const keeper = await startKeeper();
    const [databaseUrl] = await Promise.all([
      createDatabase(inject('databaseUrl'), name),
      createNamespace(inject('temporalAddress'), name),
    ]);
    opened = await bringUpWorld({
      databaseUrl,
      temporal: { address: inject('temporalAddress'), namespace: name },
      dataDir,
      secrets: await ensureSecrets(dataDir),
      keeper,
      workflowBundle,
      ...options,
    });
    takeDown = async () => {
      await opened?.close();
      await keeper.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
  });
  afterAll(() => takeDown());
  return {
    get world() {
      if (!opened) throw new Error('the world is there only while tests run');
      return opened;
    },
  };
}

/** Servers of a bench run: everything in memory or in a folder that goes with it, and one world on top. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createDatabase } from '../src/launch/database.ts';
import { startKeeper } from '../src/launch/keeper.ts';
import { createNamespace } from '../src/launch/namespace.ts';
import { bringUpPostgres } from '../src/launch/postgres.ts';
import { ensureSecrets } from '../src/launch/secrets.ts';
import { bringUpTemporal } from '../src/launch/temporal.ts';
import { buildWorkflowBundle } from '../src/launch/workflow-bundle.ts';
import { bringUpWorld, type World } from '../src/launch/world.ts';

export interface BenchWorld {
  readonly world: World;
  readonly namespace: string;
  /** The server's own counters. */
  readonly metricsUrl: string;
  close(): Promise<void>;
}

/** Always servers of our own: counts on a server that others use would be theirs as well. */
export async function bringUpBenchWorld(namespace: string): Promise<BenchWorld> {
  const keeper = await startKeeper();
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const [postgres, temporal, workflowBundle] = await Promise.all([
    bringUpPostgres({ databaseUrl: undefined, dataDir, keeper, isEphemeral: true }),
    bringUpTemporal({ inMemory: true, keeper, log: console.log }),
    buildWorkflowBundle({ workflowsPath: resolve('src/workflows/index.ts'), cacheDir: resolve('.data/bundles') }),
  ]);
  if (temporal.metricsUrl === null) throw new Error('the Temporal server of the bench has no metrics port');
  const [databaseUrl] = await Promise.all([
    createDatabase(postgres.url, namespace),
    createNamespace(temporal.address, namespace),
  ]);
  const secrets = await ensureSecrets(dataDir);
  const world = await bringUpWorld({
    databaseUrl,
    temporal: { address: temporal.address, namespace },
    dataDir,
    secrets,
    keeper,
    workflowBundle,
  });
  return {
    world,
    namespace,
    metricsUrl: temporal.metricsUrl,
    close: async () => {
      await world.close();
      await Promise.all([postgres.stop(), temporal.stop()]);
      await keeper.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** One command: brings up Postgres, Temporal with its UI, the local Meta, the API and the worker, and says what came from where. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase } from './database.ts';
import { startKeeper, type Keeper } from './keeper.ts';
import { bringUpPostgres, resetPostgres } from './postgres.ts';
import { ensureSecrets } from './secrets.ts';
import { bringUpTemporal, type Temporal } from './temporal.ts';
import { buildWorkflowBundle } from './workflow-bundle.ts';
import { bringUpWorld, type World } from './world.ts';

export interface Brought {
  world: World;
  temporal: Temporal;
  close(): Promise<void>;
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const API_PORT = 3000;
const META_PORT = 3300;
const UI_PORT = 8233;

interface BringUpOptions {
  /** Starts over. */
  reset: boolean;
  tell: (line: string) => void;
  /** Where all data of the run lies; a checkout's own is its `.data`. */
  dataDir?: string;
}

/** Brings everything up over the data of the folder. Taken ports are replaced. */
export async function bringUpAll({ reset, tell, dataDir = join(CHECKOUT, '.data') }: BringUpOptions): Promise<Brought> {
  if (reset) {
    await resetPostgres(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }
  const keeper = await startKeeper();
  try {
    return await bringUp({ dataDir, keeper, tell });
  } catch (error) {
    await keeper.stop(); // ends whatever came up
    throw error;
  }
}

async function bringUp({
  dataDir,
  keeper,
  tell,
}: {
  dataDir: string;
  keeper: Keeper;
  tell: (line: string) => void;
}): Promise<Brought> {
  const secrets = await ensureSecrets(dataDir);
  const started = performance.now();
  const [postgres, temporal, bundle] = await Promise.all([
    bringUpPostgres({ databaseUrl: process.env['DATABASE_URL'], dataDir, keeper }),
    bringUpTemporal({
      address: process.env['TEMPORAL_ADDRESS'],
      namespace: process.env['TEMPORAL_NAMESPACE'],
      dataDir,
      keeper,
      ports: { ui: UI_PORT },
      log: tell,
    }),
    buildWorkflowBundle({
      workflowsPath: join(CHECKOUT, 'src/workflows/index.ts'),
      cacheDir: join(dataDir, 'bundles'),
    }),
  ]);
  tell(`Postgres     ${postgres.from}, ${seconds(postgres.tookMs)}`);
  tell(`Temporal     ${temporal.from}, ${seconds(temporal.tookMs)}; UI ${temporal.uiUrl ?? 'not ours'}`);
  const databaseUrl = process.env['DATABASE_URL'] ? postgres.url : await createDatabase(postgres.url, 'tandem');
  const before = performance.now();
  const world = await bringUpWorld({
    databaseUrl,
    temporal: { address: temporal.address, namespace: temporal.namespace },
    dataDir,
    secrets,
    keeper,
    workflowBundle: bundle,
    apiPort: API_PORT,
    metaPort: META_PORT,
  });
  tell(`Local Meta   ${world.metaUrl}`);
  tell(`API, worker  ${world.apiUrl}, ${seconds(performance.now() - before)}`);
  tell(`All is up after ${seconds(performance.now() - started)}.`);
  return {
    world,
    temporal,
    close: async () => {
      await world.close();
      await Promise.all([postgres.stop(), temporal.stop()]);
      await keeper.stop();
    },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * The servers of one test run: the rings that ask for them share one Postgres and one Temporal that keeps everything in memory.
 * A missing server fails the ring.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startKeeper } from '../../src/launch/keeper.ts';
import { bringUpPostgres } from '../../src/launch/postgres.ts';
import { bringUpTemporal } from '../../src/launch/temporal.ts';
import { buildWorkflowBundle } from '../../src/launch/workflow-bundle.ts';

interface Servers {
  /** A database that the run may fill: each test file makes its own database or schema in it. */
  readonly databaseUrl: string;
  /** host:port of a Temporal server that skips time. */
  readonly temporalAddress: string;
  /** Its counters; empty for a server that is not ours. */
  readonly temporalMetricsUrl: string;
  /** The workflows, bundled once for the run. */
  readonly workflowBundle: string;
  stop(): Promise<void>;
}

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
    temporalAddress: string;
    temporalMetricsUrl: string;
    workflowBundle: string;
  }
}

/** Vitest loads this file once for each ring: what is up is kept on the process, with the number of rings that use it. */
interface Shared {
  servers?: Promise<Servers>;
  users: number;
}

const KEY: unique symbol = Symbol.for('tandem.test.servers');
const holder: typeof globalThis & { [KEY]?: Shared } = globalThis;
const shared = (holder[KEY] ??= { users: 0 });

/** A server that is given in the environment is used; the rest is brought up, and leaves nothing behind. */
async function bringUp(): Promise<Servers> {
  const keeper = await startKeeper();
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-test-'));
  try {
    const [postgres, temporal, workflowBundle] = await Promise.all([
      bringUpPostgres({ databaseUrl: process.env['DATABASE_URL'], dataDir, keeper, isEphemeral: true }),
      bringUpTemporal({
        address: process.env['TEMPORAL_ADDRESS'],
        inMemory: true,
        keeper,
        log: (line) => process.stdout.write(`${line}\n`),
      }),
      buildWorkflowBundle({ workflowsPath: resolve('src/workflows/index.ts'), cacheDir: resolve('.data/bundles') }),
    ]);
    return {
      databaseUrl: postgres.url,
      temporalAddress: temporal.address,
      temporalMetricsUrl: temporal.metricsUrl ?? '',
      workflowBundle,
      stop: async () => {
        await Promise.all([postgres.stop(), temporal.stop()]);
        await keeper.stop();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await keeper.stop();
    throw error;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  shared.servers ??= bringUp();
  const provided = await shared.servers;
  project.provide('databaseUrl', provided.databaseUrl);
  project.provide('temporalAddress', provided.temporalAddress);
  project.provide('temporalMetricsUrl', provided.temporalMetricsUrl);
  project.provide('workflowBundle', provided.workflowBundle);
  return release;
}

/** The last ring to leave stops the servers. */
async function release(): Promise<void> {
  shared.users -= 1;
  if (shared.users > 0) return;
  await (await shared.servers)?.stop();
  delete shared.servers;
}

/**
 * The servers of one test run: the rings that ask for them share one Postgres and one Temporal that keeps everything in memory.
 * A missing server fails the ring.
 */
import type { TestProject } from 'vitest/node';

interface Servers {
  /** A database that the run may fill: each test file makes its own database or schema in it. */
  readonly databaseUrl: string;
  /** host:port of a Temporal server that skips time. */
  readonly temporalAddress: string;
  stop(): Promise<void>;
}

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
    temporalAddress: string;
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

// TODO: bring up what is not given with src/launch (bringUpPostgres, bringUpTemporal, startKeeper), which is not there yet.
async function bringUp(): Promise<Servers> {
  return { databaseUrl: given('DATABASE_URL'), temporalAddress: given('TEMPORAL_ADDRESS'), stop: async () => {} };
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not given: this ring needs a real server`);
  return value;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  shared.servers ??= bringUp();
  const { databaseUrl, temporalAddress } = await shared.servers;
  project.provide('databaseUrl', databaseUrl);
  project.provide('temporalAddress', temporalAddress);
  return release;
}

/** The last ring to leave stops the servers. */
async function release(): Promise<void> {
  shared.users -= 1;
  if (shared.users > 0) return;
  await (await shared.servers)?.stop();
  delete shared.servers;
}

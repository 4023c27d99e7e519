/** A fresh, migrated database of its own for a test file, on the Postgres of the run. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, inject } from 'vitest';
import { openStore } from '../../src/db/connect.ts';
import type { Store } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createStores } from '../../src/db/stores.ts';
import { HOUR_MS } from '../../src/domain/policy.ts';

export const DEBOUNCE_MS = 6 * HOUR_MS;
export const KEYS = [{ keyId: 'k1', key: new Uint8Array(32).fill(7) }];

/** Creates an empty database; `drop` removes it, whoever is still connected. */
export async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = inject('databaseUrl');
  const name = `tandem_db_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database ${name} with (force)`) };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end();
  }
}

/** The clock of the file: tests move it by hand. */
export const clock = { atMs: 0, nowMs: (): number => clock.atMs };

export interface Bench {
  store: Store;
  stores: ReturnType<typeof createStores>;
  url: string;
}

/** One database for the file, opened before its tests and dropped after them. */
export function useDatabase(): Bench {
  let opened: Bench | undefined;
  let drop = (): Promise<void> => Promise.resolve();
  const bench = (): Bench => {
    if (opened === undefined) throw new Error('the database is there only while tests run');
    return opened;
  };
  beforeAll(async () => {
    const database = await emptyDatabase();
    drop = database.drop;
    await migrate(database.url);
    const store = openStore({ url: database.url, encryptionKeys: KEYS, max: 8 });
    opened = { url: database.url, store, stores: createStores(store, { clock, evidenceDebounceMs: DEBOUNCE_MS }) };
  });
  afterAll(async () => {
    await opened?.store.close();
    await drop();
  });
  return {
    get store() {
      return bench().store;
    },
    get stores() {
      return bench().stores;
    },
    get url() {
      return bench().url;
    },
  };
}

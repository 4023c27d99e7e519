/** The one way to Postgres: a bounded pool, bounded statements, and the box for what is sealed in it. */
import { sql } from 'drizzle-orm';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { openLastingPool, type Pool } from './pool.ts';
import { createSecretBox } from './secret-box.ts';
import type { EncryptionKey, SecretBox } from './secret-box.ts';

/** The database itself or a transaction in it. */
export type Executor = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

export interface Store {
  readonly db: Executor;
  /** A few connections apart, for locks that are held over a call to Meta: what is done meanwhile needs the pool. */
  readonly lockDb: Executor;
  readonly secretBox: SecretBox;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  readonly encryptionKeys: readonly EncryptionKey[];
  /** Also bounds the wait for a lock; below the 5 s that an activity has for one attempt. */
  readonly statementTimeoutMs?: number;
  /** Connections of the pool. */
  readonly max?: number;
}

const STATEMENT_TIMEOUT_MS = 4_000;
const CONNECTIONS_MAX = 10;
const LOCK_CONNECTIONS_MAX = 4;
/** Longer than any call to Meta may take: a lock whose holder hangs is free again after this. */
const IDLE_IN_TRANSACTION_MS = 30_000;
const CONNECT_TIMEOUT_SECONDS = 3;
/** The longest rest between two connection attempts: a store that is back must be found within 2 s. */
const CONNECT_AGAIN_SECONDS = 0.5;
const CLOSE_TIMEOUT_SECONDS = 5;

/** Opens no connection yet: the first query does. */
export function openStore(options: StoreOptions): Store {
  const pool = poolOf(options, options.max ?? CONNECTIONS_MAX);
  const locks = poolOf(options, LOCK_CONNECTIONS_MAX);
  return {
    db: drizzle(pool),
    lockDb: drizzle(locks),
    secretBox: createSecretBox(options.encryptionKeys),
    close: async () => {
      await Promise.all([pool, locks].map((client) => client.end({ timeout: CLOSE_TIMEOUT_SECONDS })));
    },
  };
}

function poolOf(options: StoreOptions, max: number): Pool {
  return openLastingPool(() => openPool(options, max));
}

function openPool({ url, statementTimeoutMs }: StoreOptions, max: number): Pool {
  return postgres(url, {
    max,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: (attempts: number) => Math.min(0.05 * attempts, CONNECT_AGAIN_SECONDS),
    // The driver asks for the array types of each new connection unguarded: where that query dies, the process dies with it.
    fetch_types: false,
    // Our bigints are epoch milliseconds, counts and positions: all of them below 2^53.
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    connection: {
      application_name: 'tandem',
      statement_timeout: statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
    onnotice: () => {},
  });
}

/** Whether a query is answered now, within the bounds of connection and statement. */
export async function isStoreReady({ db }: Store): Promise<boolean> {
  try {
    await db.execute(sql`select 1`);
    return true;
  } catch {
    return false;
  }
}

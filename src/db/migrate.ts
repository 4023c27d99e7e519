/** Brings a database to the present schema: idempotent, and safe when several processes start at once. */
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Any fixed number will do, as long as it is ours alone: "tandem" in ASCII. */
const MIGRATION_LOCK = '128017189627245';
const CONNECT_TIMEOUT_SECONDS = 10;
const CLOSE_TIMEOUT_SECONDS = 5;

/** NOTE: drizzle's migrator takes no lock. Ours belongs to the session, so there is one connection, and its end is the lock's. */
export async function migrate(url: string): Promise<void> {
  const client = postgres(url, {
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    max_lifetime: null,
    onnotice: () => {},
  });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK}::bigint)`;
    await applyMigrations(drizzle(client), {
      migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
    });
  } finally {
    await client.end({ timeout: CLOSE_TIMEOUT_SECONDS });
  }
}

/** Databases on a Postgres that is up. */
import postgres from 'postgres';

/** `duplicate_database` of PostgreSQL's error codes. */
const DUPLICATE_DATABASE = '42P04';

/** Makes a database unless it is there, and returns its url. */
export async function createDatabase(url: string, name: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`create database ${sql(name)}`;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError && error.code === DUPLICATE_DATABASE)) throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
  const own = new URL(url);
  own.pathname = `/${encodeURIComponent(name)}`;
  return own.href;
}

/** Seconds that one attempt to connect may take. */
const CONNECT_TIMEOUT_SECONDS = 5;

/** Null when it answers, else what it said. */
export async function askPostgres(url: string): Promise<string | null> {
  const sql = postgres(url, { max: 1, connect_timeout: CONNECT_TIMEOUT_SECONDS, onnotice: () => {} });
  try {
    await sql`select 1`;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

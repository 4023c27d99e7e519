import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { isStoreReady, openStore } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { isStoreUnavailable } from '../../src/db/store-unavailable.ts';
import { emptyDatabase, KEYS } from './database.ts';

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = postgres(url, { max: 1 });
  try {
    return await client.unsafe(text);
  } finally {
    await client.end();
  }
}

describe('migrations', () => {
  it('bring an empty database up, and change nothing the second time', async () => {
    const { url, drop } = await emptyDatabase();
    const applied = 'select count(*)::int as count from drizzle.__drizzle_migrations';
    await migrate(url);
    const first = await query(url, applied);
    await migrate(url);
    expect(await query(url, applied)).toEqual(first);
    await drop();
  });

  it('may be started by several processes at once', async () => {
    const { url, drop } = await emptyDatabase();
    await Promise.all([migrate(url), migrate(url), migrate(url)]);
    const [row] = await query(
      url,
      `select count(*)::int as count from information_schema.tables where table_name = 'numbers'`,
    );
    expect(row).toEqual({ count: 1 });
    await drop();
  });

  it('give every table a tenant, save what operators keep for the whole fleet', async () => {
    const { url, drop } = await emptyDatabase();
    await migrate(url);
    const rows = await query(
      url,
      `select table_name from information_schema.tables t where table_schema = 'public' and not exists (
         select 1 from information_schema.columns c where c.table_name = t.table_name and c.column_name = 'tenant_id')
       order by table_name`,
    );
    expect(rows).toEqual([{ table_name: 'alerts' }, { table_name: 'quota_limits' }]);
    await drop();
  });
});

describe('a store', () => {
  it('that is not there is told apart from a wrong statement', async () => {
    const absent = openStore({ url: 'postgres://nobody@127.0.0.1:1/none', encryptionKeys: KEYS });
    const refused = await absent.db.execute('select 1').catch((error: unknown) => error);
    expect(isStoreUnavailable(refused)).toBe(true);
    expect(await isStoreReady(absent)).toBe(false);
    await absent.close();

    const { url, drop } = await emptyDatabase();
    const store = openStore({ url, encryptionKeys: KEYS });
    const wrong = await store.db.execute('select nothing from nowhere').catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(Error);
    expect(isStoreUnavailable(wrong)).toBe(false);
    expect(await isStoreReady(store)).toBe(true);
    await store.close();
    await drop();
  });

  it('ends a statement that takes too long, and says that it may be tried again', async () => {
    const { url, drop } = await emptyDatabase();
    const store = openStore({ url, encryptionKeys: KEYS, statementTimeoutMs: 50 });
    const error = await store.db.execute('select pg_sleep(20)').catch((caught: unknown) => caught);
    expect(isStoreUnavailable(error)).toBe(true);
    await store.close();
    await drop();
  });
});

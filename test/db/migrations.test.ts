import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { isStoreReady, openStore } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createQuota } from '../../src/db/quota.ts';
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

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 24);

/** As the first release left a database. */
async function migrateToFirst(url: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-first-'));
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    const path = join(folder, 'meta', '_journal.json');
    const journal: { entries: unknown[] } = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }));
    await applyMigrations(drizzle(client), { migrationsFolder: folder });
  } finally {
    await client.end();
    await rm(folder, { recursive: true });
  }
}

function numberSql(id: string, connection: string, connectedAtMs: readonly (number | null)[]): string {
  const linkCycle = connectedAtMs.findLastIndex((atMs) => atMs !== null) + 1 || null;
  const cycles = connectedAtMs.map(
    (atMs, index) => `insert into cycles (number_id, cycle, tenant_id, opened_at_ms, connected_at_ms)
      values ('${id}', ${index + 1}, 'ten_a', ${NOW_MS - 90 * DAY_MS}, ${atMs});`,
  );
  return `insert into numbers (number_id, tenant_id, created_at_ms, updated_at_ms, snapshot, connection, link_state,
      credential_state, cycle, link_cycle, former_ids, sequence, superseded_run_ids)
    values ('${id}', 'ten_a', ${NOW_MS - 90 * DAY_MS}, ${NOW_MS}, '{}', '${connection}', 'none', 'none',
      ${connectedAtMs.length}, ${linkCycle}, '{}', 1, '{}');${cycles.join('')}`;
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

  it('give the numbers of the first release their slots of the quota', async () => {
    const { url, drop } = await emptyDatabase();
    await migrateToFirst(url);
    const rows = [
      numberSql('num_invited', 'awaiting-signup', [null]),
      numberSql('num_refused', 'closed', [null]),
      numberSql('num_new', 'connected', [NOW_MS - 2 * DAY_MS]),
      numberSql('num_new_closed', 'closed', [NOW_MS - 6 * DAY_MS]),
      numberSql('num_old', 'connected', [NOW_MS - 8 * DAY_MS]),
      numberSql('num_again', 'connected', [NOW_MS - 40 * DAY_MS, NOW_MS - DAY_MS]),
    ];
    for (const row of rows) await query(url, row);
    await migrate(url);
    const slots = await query(
      url,
      `select number_id, granted_at_ms is not null as granted, (${NOW_MS} - used_at_ms) / ${DAY_MS} as days
       from quota_slots order by number_id`,
    );
    expect(slots.map(({ number_id: id, granted, days }) => [id, granted, days === null ? null : Number(days)])).toEqual(
      [
        ['num_again', true, 40],
        ['num_invited', true, null],
        ['num_new', true, 2],
        ['num_new_closed', true, 6],
        ['num_old', true, 8],
      ],
    );
    const store = openStore({ url, encryptionKeys: KEYS });
    expect(await createQuota(store).read(NOW_MS)).toMatchObject({ limit: 10, taken: 3, left: 7, waiting: 0 });
    await store.close();
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
    const ofTheFleet = ['alerts', 'quota_limits', 'webhook_readings'];
    expect(rows.map((row) => row['table_name'])).toEqual(ofTheFleet);
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

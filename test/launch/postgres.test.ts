import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDatabase } from '../../src/launch/database.ts';
import { startKeeper, type Keeper } from '../../src/launch/keeper.ts';
import { bringUpPostgres, resetPostgres } from '../../src/launch/postgres.ts';
import { readPid } from '../../src/launch/folder-owner.ts';
import { openPostgresHome } from '../../src/launch/postgres-home.ts';
import { isAlive } from '../../src/launch/process-identity.ts';
import { closedFolder, startParent } from './fixtures.ts';

let keeper: Keeper;

beforeAll(async () => {
  keeper = await startKeeper();
});

afterAll(() => keeper.stop());

async function answers<Row extends object>(url: string, query: string): Promise<Row[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe<Row[]>(query))];
  } finally {
    await sql.end();
  }
}

/** A data folder in a closed checkout, cleaned away afterwards. */
function dataFolder(): string {
  const dataDir = join(closedFolder(), '.data');
  onTestFinished(async () => {
    await resetPostgres(dataDir);
    rmSync(join(dataDir, '..'), { recursive: true, force: true });
  });
  return dataDir;
}

test('Postgres comes up over a folder that nobody else may enter, on the loopback interface alone and with durable commits', async () => {
  const up = await bringUpPostgres({ dataDir: dataFolder(), keeper });
  const settings = await answers<{ name: string; setting: string }>(
    up.url,
    `select name, setting from pg_settings where name in ('listen_addresses', 'fsync', 'synchronous_commit', 'unix_socket_directories')`,
  );
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    listen_addresses: '127.0.0.1',
    fsync: 'on',
    synchronous_commit: 'on',
    unix_socket_directories: '',
  });
  expect(new URL(up.url).hostname).toBe('127.0.0.1');
  await up.stop();
});

test('data and password are there again after a stop; the password is for its owner alone', async () => {
  const dataDir = dataFolder();
  const first = await bringUpPostgres({ dataDir, keeper });
  const url = await createDatabase(first.url, 'kept');
  expect(await createDatabase(first.url, 'kept')).toBe(url);
  await answers(url, 'create table rows as select 7 as seven');
  await first.stop();

  const second = await bringUpPostgres({ dataDir, keeper });
  const again = await createDatabase(second.url, 'kept');
  expect(await answers(again, 'select seven from rows')).toEqual([{ seven: 7 }]);
  expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
  await second.stop();
});

test('after SIGKILL of a run its server ends, and the next run starts over the same data at once', async () => {
  const dataDir = dataFolder();
  const { process: parent, said } = await startParent('postgres', dataDir);
  await answers(String(said['url']), 'create table rows as select 7 as seven');

  parent.kill('SIGKILL');
  await new Promise((resolve) => parent.once('exit', resolve));

  const next = await bringUpPostgres({ dataDir, keeper });
  expect(await answers(next.url, 'select seven from rows')).toEqual([{ seven: 7 }]);
  await next.stop();
});

test('a server that outlived both its run and the keeper is ended before the next one starts', async () => {
  const dataDir = dataFolder();
  const { process: parent, said } = await startParent('postgres', dataDir);
  process.kill(Number(said['keeper']), 'SIGKILL');
  parent.kill('SIGKILL');
  await new Promise((resolve) => parent.once('exit', resolve));
  const leftover = readPid(join(openPostgresHome(dataDir).cluster, 'postmaster.pid')) ?? 0;
  expect(isAlive(leftover)).toBe(true);

  const next = await bringUpPostgres({ dataDir, keeper });

  expect(isAlive(leftover)).toBe(false);
  expect(await answers(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await next.stop();
});

test('a second run over the data of a living one is refused, and does not disturb it', async () => {
  const dataDir = dataFolder();
  const { process: parent, said } = await startParent('postgres', dataDir);
  await expect(bringUpPostgres({ dataDir, keeper })).rejects.toThrow(`is in use by process ${parent.pid}`);
  expect(await answers(String(said['url']), 'select 1 as one')).toEqual([{ one: 1 }]);
  parent.kill('SIGKILL');
  await new Promise((resolve) => parent.once('exit', resolve));
});

test('a run for a test leaves no data behind, two of them side by side have a port each', async () => {
  const folders = [closedFolder(), closedFolder()];
  const both = await Promise.all(folders.map((dataDir) => bringUpPostgres({ dataDir, keeper, isEphemeral: true })));
  expect(new Set(both.map(({ url }) => new URL(url).port)).size).toBe(2);
  const clusters = folders.map((dataDir) => openPostgresHome(dataDir).cluster);
  await Promise.all(both.map((up) => up.stop()));
  for (const cluster of clusters) expect(() => statSync(cluster)).toThrow('ENOENT');
});

test('a given database is used if it answers, and its silence is told with a remedy', async () => {
  const up = await bringUpPostgres({ dataDir: closedFolder(), keeper, isEphemeral: true });
  const given = await bringUpPostgres({ databaseUrl: up.url, dataDir: closedFolder(), keeper });
  expect(given).toMatchObject({ url: up.url, from: 'given by DATABASE_URL' });
  await up.stop();
  const silent = bringUpPostgres({ databaseUrl: up.url, dataDir: closedFolder(), keeper });
  await expect(silent).rejects.toThrow(/does not answer[\s\S]*remedy:[\s\S]*next:/);
});

test('a lock file whose pid belongs to somebody else does not keep the server down', async () => {
  const dataDir = dataFolder();
  const first = await bringUpPostgres({ dataDir, keeper });
  await first.stop();
  writeFileSync(join(openPostgresHome(dataDir).cluster, 'postmaster.pid'), `${process.pid}\n`);
  const next = await bringUpPostgres({ dataDir, keeper });
  expect(isAlive(process.pid)).toBe(true);
  expect(await answers(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await next.stop();
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readPid } from '../../src/launch/folder-owner.ts';
import { startKeeper, type Keeper } from '../../src/launch/keeper.ts';
import { freePort } from '../../src/launch/ports.ts';
import { isAlive } from '../../src/launch/process-identity.ts';
import { registerSearchAttributes, SEARCH_ATTRIBUTES } from '../../src/launch/search-attributes.ts';
import { startServer } from '../../src/launch/server-process.ts';
import { ensureTemporalBinary, isServerNewEnough } from '../../src/launch/temporal-binary.ts';
import { bringUpTemporal } from '../../src/launch/temporal.ts';
import { startParent } from './fixtures.ts';

let keeper: Keeper;

beforeAll(async () => {
  keeper = await startKeeper();
});

afterAll(() => keeper.stop());

function dataFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'tandem-launch-test-')), '.data');
}

async function registered(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return Object.keys(customAttributes ?? {}).filter((name) => name.startsWith('Tandem'));
  } finally {
    await connection.close();
  }
}

test('our own server skips time, shows its UI and counters, and knows what numbers are searched by', async () => {
  const temporal = await bringUpTemporal({ inMemory: true, keeper });
  expect(temporal).toMatchObject({ skipsTime: true, namespace: 'default' });
  const ask = (url: string | null): Promise<Response> => fetch(url ?? '', { signal: AbortSignal.timeout(10_000) });
  expect((await ask(temporal.uiUrl)).status).toBe(200);
  expect(await (await ask(temporal.metricsUrl)).text()).toContain('service_requests');
  expect((await registered(temporal.address)).toSorted()).toEqual(Object.keys(SEARCH_ATTRIBUTES).toSorted());
  await temporal.stop();
});

test('search attributes registered twice, and over a file that has them, are no trouble', async () => {
  const dataDir = dataFolder();
  const first = await bringUpTemporal({ dataDir, keeper, ports: { frontend: 0, ui: 0 } });
  const connection = await Connection.connect({ address: first.address });
  await Promise.all([registerSearchAttributes(connection, 'default'), registerSearchAttributes(connection, 'default')]);
  await connection.close();
  await first.stop();
  const second = await bringUpTemporal({ dataDir, keeper, ports: { frontend: 0, ui: 0 } });
  expect(await registered(second.address)).toHaveLength(7);
  await second.stop();
});

test('a given address is used as it is, and whether it skips time is found out by asking', async () => {
  const own = await bringUpTemporal({ inMemory: true, keeper });
  const given = await bringUpTemporal({ address: own.address, keeper });
  expect(given).toMatchObject({
    address: own.address,
    skipsTime: true,
    uiUrl: null,
    from: 'given by TEMPORAL_ADDRESS',
  });
  await given.stop();
  expect(await registered(own.address)).toHaveLength(7);
  await own.stop();
  await expect(bringUpTemporal({ address: own.address, keeper })).rejects.toThrow(/does not answer[\s\S]*next:/);
});

test('a server that does not skip time is known as such', async () => {
  const { path } = await ensureTemporalBinary(() => {});
  const port = await freePort();
  const flags = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)];
  const logFile = join(mkdtempSync(join(tmpdir(), 'tandem-launch-test-')), 'temporal.log');
  const server = startServer({ command: [path, ...flags], logFile, keeper });
  const address = `127.0.0.1:${port}`;
  const given = await vi.waitFor(() => bringUpTemporal({ address, keeper }), { timeout: 20_000, interval: 100 });
  expect(given.skipsTime).toBe(false);
  await server.stop();
});

test('after SIGKILL of a run and of its keeper, the next run has the file to itself', async () => {
  const dataDir = dataFolder();
  const { process: parent, said } = await startParent('temporal', dataDir);
  process.kill(Number(said['keeper']), 'SIGKILL');
  parent.kill('SIGKILL');
  await new Promise((resolve) => parent.once('exit', resolve));
  const leftover = readPid(join(dataDir, 'temporal.pid')) ?? 0;
  expect(isAlive(leftover)).toBe(true);
  const next = await bringUpTemporal({ dataDir, keeper, ports: { frontend: 0, ui: 0 } });
  expect(isAlive(leftover)).toBe(false);
  await next.stop();
});

test.each([
  ['temporal version 0.0.0-DEV (Server 1.32.0, UI 2.54.1)', true],
  ['temporal version 1.9.1 (Server 1.31.2, UI 2.54.1)', false],
  ['temporal version 3.0.0 (Server 2.0.1, UI 3.0.0)', true],
  ['temporal version 1.40.0', false],
])('%s: new enough is %s, by its server part', (text, expected) => {
  expect(isServerNewEnough(text)).toBe(expected);
});

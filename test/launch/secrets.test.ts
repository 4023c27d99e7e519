import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/launch/ports.ts';
import { ensureSecrets } from '../../src/launch/secrets.ts';
import { closedFolder } from './fixtures.ts';

test('secrets are made once, differ between checkouts, and are for their owner alone', async () => {
  const dataDir = join(closedFolder(), '.data');
  const first = await ensureSecrets(dataDir);
  expect(await ensureSecrets(dataDir)).toEqual(first);
  expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(Buffer.from(first.encryptionKey, 'base64')).toHaveLength(32);
  const keys = [first.apiKey, first.secondApiKey, first.operatorKey];
  expect(new Set(keys).size, 'each caller has a key of its own').toBe(3);
  for (const key of keys) expect(key).toMatch(/^tandem_[\w-]{32}$/);
  const other = await ensureSecrets(closedFolder());
  for (const [name, value] of Object.entries(first)) expect(Object.entries(other)).not.toContainEqual([name, value]);
});

test('a secret that an older file lacks is added, the others stay', async () => {
  const dataDir = closedFolder();
  writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify({ apiKey: 'kept', somethingElse: 'kept too' }));
  const secrets = await ensureSecrets(dataDir);
  expect(secrets.apiKey).toBe('kept');
  const stored: unknown = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
  expect(stored).toEqual({ ...secrets, somethingElse: 'kept too' });
});

test('a broken file is never overwritten: it says what to do', async () => {
  const dataDir = closedFolder();
  writeFileSync(join(dataDir, 'secrets.json'), '{"encryptionKey": ');
  await expect(ensureSecrets(dataDir)).rejects.toThrow(/cannot be read as JSON[\s\S]*remedy:[\s\S]*next:/);
  expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).toBe('{"encryptionKey": ');
});

test('the wanted port is given if it is free, another one if it is taken', async () => {
  const free = await freePort();
  expect(await freePort(free)).toBe(free);
  const server = createServer().listen(free, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await freePort(free)).not.toBe(free);
});

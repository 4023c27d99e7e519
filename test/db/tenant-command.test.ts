import { expect, onTestFinished, test, vi } from 'vitest';
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import { printNewTenant } from '../../src/cli/add-tenant.ts';
import { warnOfRevokedKey } from '../../src/cli/own-key.ts';
import { runMigrations } from '../../src/cli/processes.ts';
import { printKeyIds, printNewKey, revokeOneKey } from '../../src/cli/tenant-keys.ts';
import { setTenantPages } from '../../src/cli/tenant-pages.ts';
import { openStore } from '../../src/db/connect.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { keyIdOf } from '../../src/domain/key-role.ts';
import { readEnv } from '../../src/env.ts';
import { KEYS, useDatabase } from './database.ts';

const bench = useDatabase();

const settings = (over: Record<string, string> = {}) =>
  readEnv({
    DATABASE_URL: bench.url,
    TANDEM_API_KEY: 'tandem_key-of-the-first-tenant',
    TANDEM_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    META_APP_ID: '1',
    META_APP_SECRET: '0123456789abcdef0123456789abcdef',
    META_VERIFY_TOKEN: 'a-verify-token-of-some-length',
    ...over,
  });

const roleOf = async (key: string) => bench.stores.apiKeys.findKey(hashOfKey(key));

/** What the command prints while the test runs. */
function printed(): string[] {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  return lines;
}

test('migrate makes the first tenant, entitled, and an operator where the settings have a key for one', async () => {
  await runMigrations(settings());
  expect(await roleOf('tandem_key-of-the-first-tenant')).toEqual({ tenantId: 'ten_first', role: 'backend' });
  expect(await bench.stores.tenants.read(tenantId('ten_first'))).toMatchObject({ isEntitled: true, mayImport: true });
  expect(await roleOf('tandem_key-of-an-operator')).toBeNull();
  await runMigrations(settings({ TANDEM_OPERATOR_KEY: 'tandem_key-of-an-operator' }));
  expect(await roleOf('tandem_key-of-an-operator')).toEqual({ tenantId: null, role: 'operator' });
});

test('migrate takes back the operators’ key that the settings no longer have, and says so', async () => {
  const [old, fresh] = ['tandem_the-key-before', 'tandem_the-key-from-now-on'];
  await runMigrations(settings({ TANDEM_OPERATOR_KEY: old }));
  expect(await runMigrations(settings({ TANDEM_OPERATOR_KEY: fresh }))).toEqual([keyIdOf(hashOfKey(old))]);
  expect([await roleOf(old), await roleOf(fresh)]).toEqual([null, { tenantId: null, role: 'operator' }]);
  expect(await runMigrations(settings())).toEqual([keyIdOf(hashOfKey(fresh))]);
  expect(await roleOf(fresh)).toBeNull();
  expect(await roleOf('tandem_key-of-the-first-tenant')).toMatchObject({ role: 'backend' });
});

test('a tenant that is there is not changed by adding it, which is said', async () => {
  const lines = printed();
  await printNewTenant(settings(), { id: 'ten_twice', name: 'Twice', entitled: false });
  const again = printNewTenant(settings(), { id: 'ten_twice', name: 'Other', entitled: true });
  await expect(again).rejects.toThrow(/nothing was changed[\s\S]*add-key --id ten_twice/);
  expect(await bench.stores.tenants.read(tenantId('ten_twice'))).toMatchObject({ name: 'Twice', isEntitled: null });
  expect(lines.filter((line) => line.startsWith('API key'))).toHaveLength(1);
});

test('keys are added, listed by their ids, and taken back', async () => {
  const lines = printed();
  const last = (label: string): string => lines.findLast((line) => line.startsWith(label))?.split(/ {2,}/)[1] ?? '';
  await printNewTenant(settings(), { id: 'ten_rotates', name: 'Rotates', entitled: false });
  const [first, firstId] = [last('API key'), last('Key id')];
  await printNewKey(settings(), { id: 'ten_rotates' });
  const [second, secondId] = [last('API key'), last('Key id')];
  await printKeyIds(settings(), { id: 'ten_rotates' });
  expect(lines.slice(-2).toSorted()).toEqual([`Key id   ${firstId}`, `Key id   ${secondId}`].toSorted());
  await revokeOneKey(settings(), { id: 'ten_rotates', key: firstId });
  expect([await roleOf(first), await roleOf(second)]).toEqual([null, { tenantId: 'ten_rotates', role: 'backend' }]);
  for (const key of [firstId, '', '%', second, secondId.slice(0, 6)])
    await expect(revokeOneKey(settings(), { id: 'ten_rotates', key })).rejects.toThrow(/no valid key/);
  expect(await roleOf(second)).not.toBeNull();
  await expect(printNewKey(settings(), { id: 'ten_nobody' })).rejects.toThrow(/no tenant ten_nobody/);
});

test('each act on a tenant or its keys is in the audit as done at the command line; what changed nothing is not', async () => {
  const lines = printed();
  const last = (label: string): string => lines.findLast((line) => line.startsWith(label))?.split(/ {2,}/)[1] ?? '';
  const id = 'ten_audited';
  await printNewTenant(settings(), { id, name: 'Audited', entitled: true });
  const firstId = last('Key id');
  await expect(printNewTenant(settings(), { id, name: 'Other', entitled: false })).rejects.toThrow();
  await printNewKey(settings(), { id });
  const secondId = last('Key id');
  await revokeOneKey(settings(), { id, key: firstId });
  await expect(revokeOneKey(settings(), { id, key: firstId })).rejects.toThrow();
  await printKeyIds(settings(), { id });
  const entries = await bench.stores.audit.list({ tenantId: tenantId(id), after: null, limit: 9 });
  expect(entries.map(({ act, given }) => ({ act, given }))).toEqual([
    { act: 'key-revoke', given: { keyId: firstId } },
    { act: 'key-add', given: { keyId: secondId } },
    { act: 'tenant-add', given: { name: 'Audited', isEntitled: true, keyId: firstId } },
  ]);
  for (const { keyId, role, reason, numberId } of entries)
    expect({ keyId, role, reason, numberId }).toEqual({ keyId: 'cli', role: 'cli', reason: null, numberId: null });
});

test('a key of the settings that was taken back is told of at start, with what to do', async () => {
  printed();
  const apiKey = 'tandem_key-of-the-first-tenant';
  const keyId = keyIdOf(hashOfKey(apiKey));
  const told: unknown[] = [];
  const look = () => warnOfRevokedKey(bench.store, { apiKey, warn: (...line) => void told.push(line) });
  await runMigrations(settings());
  await look();
  expect(told).toEqual([]);
  await revokeOneKey(settings(), { id: 'ten_first', key: keyId });
  await runMigrations(settings()); // which gives it back to nobody
  await look();
  const remedy = expect.stringContaining('tandem tenant add-key --id ten_first');
  expect(told).toEqual([[{ keyId, remedy }, 'the key in TANDEM_API_KEY was revoked: it opens nothing']]);
  expect(JSON.stringify(told)).not.toContain(apiKey);
});

test('a store that cannot say so is told of by the kind of its error, never with the key or its hash', async () => {
  const apiKey = 'tandem_key-of-the-first-tenant';
  const hash = hashOfKey(apiKey);
  const store = openStore({ url: bench.url, encryptionKeys: KEYS, max: 1 });
  await store.close();
  const told: unknown[] = [];
  await warnOfRevokedKey(store, { apiKey, warn: (...line) => void told.push(line) });
  expect(told).toEqual([[{ keyId: keyIdOf(hash), reason: 'Error CONNECTION_ENDED' }, expect.any(String)]]);
  expect(JSON.stringify(told)).not.toContain(hash);
});

test('a tenant that is added gets a key that is printed once, and may begin nothing before it is entitled', async () => {
  const lines = printed();
  await printNewTenant(settings(), { id: 'ten_shop', name: 'Shop', entitled: false });
  const key = /API key {2}(tandem_\S+)/.exec(lines.join('\n'))?.[1] ?? '';
  expect(await roleOf(key)).toEqual({ tenantId: 'ten_shop', role: 'backend' });
  expect(await bench.stores.tenants.read(tenantId('ten_shop'))).toMatchObject({ name: 'Shop', isEntitled: null });
  await printNewTenant(settings(), { id: 'ten_paid', name: 'Paid', entitled: true });
  expect(await bench.stores.tenants.read(tenantId('ten_paid'))).toMatchObject({ isEntitled: true });
});

test.each(['shop', 'ten_', 'ten_Shop', 'ten_a b'])('%s is refused as an id of a tenant', async (id) => {
  await expect(printNewTenant(settings(), { id, name: 'x', entitled: true })).rejects.toThrow(
    /no id of a tenant[\s\S]*next:/,
  );
});

test('the pages of a tenant are named, told and replaced; what is no exact origin changes nothing', async () => {
  const lines = printed();
  await printNewTenant(settings(), { id: 'ten_pages', name: 'Pages', entitled: false });
  const set = (more: object) => setTenantPages(settings(), { id: 'ten_pages', ...more });
  const [origin, url] = [['https://shop.example', 'https://www.shop.example'], 'https://shop.example/connect'];
  await set({ origin, url });
  const pages = { pageOrigins: origin, pageUrl: url };
  expect(await bench.stores.tenants.read(tenantId('ten_pages'))).toMatchObject(pages);
  for (const wrong of [{ origin: ['https://*.example'] }, { origin: ['http://shop.example'] }, { url: `${url}#x` }])
    await expect(set(wrong)).rejects.toThrow(/nothing was changed[\s\S]*next:/);
  await set({});
  expect(lines.slice(-2)).toEqual([`Pages    ${origin.join(', ')}`, `Resume   ${url}`]);
  const acts = await bench.stores.audit.list({ tenantId: tenantId('ten_pages'), after: null, limit: 9 });
  expect(acts.find(({ act }) => act === 'tenant-change')).toMatchObject({ given: pages, role: 'cli' });
  expect(acts.filter(({ act }) => act === 'tenant-change')).toHaveLength(1);
  await set({ origin: ['http://localhost:3000'] });
  expect(await bench.stores.tenants.read(tenantId('ten_pages'))).toMatchObject({
    pageOrigins: ['http://localhost:3000'],
  });
  await expect(setTenantPages(settings(), { id: 'ten_none', origin: [] })).rejects.toThrow(/no tenant ten_none/);
});

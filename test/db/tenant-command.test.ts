import { expect, onTestFinished, test, vi } from 'vitest';
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import { printNewTenant } from '../../src/cli/add-tenant.ts';
import { runMigrations } from '../../src/cli/processes.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { readEnv } from '../../src/env.ts';
import { useDatabase } from './database.ts';

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

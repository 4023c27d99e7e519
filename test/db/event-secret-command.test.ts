/** `tandem tenant event-secret` against real Postgres. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { printEventSecret } from '../../src/cli/event-secret.ts';
import { makeTenant } from '../../src/db/tenants.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { readEnv } from '../../src/env.ts';
import { signed } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();

const settings = () =>
  readEnv({
    DATABASE_URL: bench.url,
    TANDEM_API_KEY: 'tandem_key-of-the-first-tenant',
    TANDEM_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    META_APP_ID: '1',
    META_APP_SECRET: '0123456789abcdef0123456789abcdef',
    META_VERIFY_TOKEN: 'a-verify-token-of-some-length',
  });

test('the secret is printed once, then only a new one; what is printed is what signs', async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  const printed = (): string => lines.findLast((line) => line.startsWith('Event secret'))?.split(/ {2,}/)[1] ?? '';
  const signing = async () => bench.stores.events.readSecrets(tenantId('ten_shop'), Date.now());
  const shop = { tenantId: tenantId('ten_shop'), name: 'Shop', apiKeyHash: 'h', isEntitled: true };
  await makeTenant(bench.store, shop, signed());

  await printEventSecret(settings(), { id: 'ten_shop', rotate: false });
  const first = printed();
  expect(await signing()).toEqual([first]);
  const again = printEventSecret(settings(), { id: 'ten_shop', rotate: false });
  await expect(again).rejects.toThrow(/it is shown once[\s\S]*event-secret --id ten_shop --rotate/);
  await printEventSecret(settings(), { id: 'ten_shop', rotate: true });
  expect(printed()).not.toBe(first);
  expect(await signing()).toEqual([printed(), first]);
});

test.each([true, false])('an unknown tenant is named, and nothing is made (rotate: %s)', async (rotate) => {
  await expect(printEventSecret(settings(), { id: 'ten_nobody', rotate })).rejects.toThrow(/no tenant ten_nobody/);
});

import { describe, expect, it } from 'vitest';
import { addKey, isRevokedKey, listKeyIds, revokeKey, settleOperatorKey } from '../../src/db/api-keys.ts';
import { ensureTenant } from '../../src/db/tenants.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { keyIdOf } from '../../src/domain/key-role.ts';
import { signed, START_MS } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const hash = (digit: string): string => digit.repeat(64);
const find = (keyHash: string) => bench.stores.apiKeys.findKey(keyHash);
const settle = (keyHash: string | null) => settleOperatorKey(bench.store, { keyHash, atMs: START_MS });
const OPERATOR = { tenantId: null, role: 'operator' };

describe("the operators' key", () => {
  it('belongs to no tenant, and is made once', async () => {
    expect(await Promise.all([settle(hash('a')), settle(hash('a'))])).toEqual([[], []]);
    expect(await find(hash('a'))).toEqual(OPERATOR);
  });

  it('is the one of the settings alone: after a rotation the one before opens nothing', async () => {
    await settle(hash('a'));
    expect(await settle(hash('b'))).toEqual([keyIdOf(hash('a'))]);
    expect([await find(hash('a')), await find(hash('b'))]).toEqual([null, OPERATOR]);
    expect(await settle(hash('b'))).toEqual([]);
  });

  it('is taken back where the settings have none, and given again where they have it again', async () => {
    await settle(hash('b'));
    expect(await settle(null)).toEqual([keyIdOf(hash('b'))]);
    expect(await find(hash('b'))).toBeNull();
    await settle(hash('b'));
    expect(await find(hash('b'))).toEqual(OPERATOR);
  });

  it('leaves the keys of tenants alone, also where it would be one of them', async () => {
    const tenant = { tenantId: tenantId('ten_left'), name: 'Left', apiKeyHash: hash('c'), isEntitled: null };
    await ensureTenant(bench.store, tenant);
    await settle(hash('c'));
    await settle(null);
    expect(await find(hash('c'))).toEqual({ tenantId: 'ten_left', role: 'backend' });
  });
});

describe("a tenant's keys", () => {
  const tenant = { tenantId: tenantId('ten_keys'), name: 'Keys', apiKeyHash: hash('1'), isEntitled: null };

  it('are added and taken back one by one, by their ids', async () => {
    await ensureTenant(bench.store, tenant);
    const key = { tenantId: tenant.tenantId, keyHash: hash('2') };
    expect(await addKey(bench.store, key, signed())).toBe('added');
    expect(await listKeyIds(bench.store, tenant.tenantId)).toEqual(['111111111111', '222222222222']);
    const revoke = (keyId: string, of = tenant.tenantId) => revokeKey(bench.store, { tenantId: of, keyId }, signed());
    expect(await revoke('111111111111', tenantId('ten_left'))).toBe(false);
    expect(await revoke('111111111111')).toBe(true);
    expect(await revoke('111111111111')).toBe(false);
    expect([await find(hash('1')), (await find(hash('2')))?.tenantId]).toEqual([null, 'ten_keys']);
    expect(await listKeyIds(bench.store, tenant.tenantId)).toEqual(['222222222222']);
  });

  it('that were taken back stay so when the tenant is made once more', async () => {
    await ensureTenant(bench.store, tenant);
    await revokeKey(bench.store, { tenantId: tenant.tenantId, keyId: keyIdOf(hash('1')) }, signed());
    await ensureTenant(bench.store, tenant);
    expect(await find(hash('1'))).toBeNull();
    const revoked = await Promise.all(['1', '2', '9'].map((digit) => isRevokedKey(bench.store, hash(digit))));
    expect(revoked).toEqual([true, false, false]);
  });

  it('are added to a tenant that is there alone', async () => {
    expect(await addKey(bench.store, { tenantId: tenantId('ten_none'), keyHash: hash('3') }, signed())).toBe('unknown');
    expect(await find(hash('3'))).toBeNull();
  });
});

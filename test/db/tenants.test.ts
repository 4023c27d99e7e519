import { describe, expect, it } from 'vitest';
import { ensureOperatorKey, ensureTenant } from '../../src/db/tenants.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();

describe('a tenant', () => {
  it('is made once, and is found by the hash of each of its keys', async () => {
    const first = { tenantId: tenantId('ten_first'), name: 'First', apiKeyHash: 'aa11', isEntitled: true };
    await Promise.all([ensureTenant(bench.store, first), ensureTenant(bench.store, first)]);
    await ensureTenant(bench.store, { ...first, apiKeyHash: 'bb22' });
    const { apiKeys } = bench.stores;
    expect(await apiKeys.findKey('aa11')).toEqual({ tenantId: 'ten_first', role: 'backend' });
    expect(await apiKeys.findKey('bb22')).toEqual({ tenantId: 'ten_first', role: 'backend' });
    expect(await apiKeys.findKey('cc33')).toBeNull();
  });

  it('keeps what operators have set when it is made once more', async () => {
    const tenant = { tenantId: tenantId('ten_kept'), name: 'Kept', apiKeyHash: 'dd44', isEntitled: true };
    await ensureTenant(bench.store, tenant);
    const changed = await bench.stores.tenants.change(tenant.tenantId, { isEntitled: false, mayImport: false });
    await ensureTenant(bench.store, tenant);
    expect(await bench.stores.tenants.read(tenant.tenantId)).toEqual(changed);
    expect(changed).toMatchObject({ isEntitled: false, mayImport: false, name: 'Kept' });
    expect(await bench.stores.tenants.change(tenant.tenantId, { isEntitled: null })).toMatchObject({
      isEntitled: null,
      mayImport: false,
    });
    expect(await bench.stores.tenants.change(tenant.tenantId, {})).toMatchObject({ isEntitled: null });
  });

  it('of which nobody has said that it may begin is not entitled, and may import', async () => {
    const made = { tenantId: tenantId('ten_new'), name: 'New', apiKeyHash: 'ee55', isEntitled: null };
    await ensureTenant(bench.store, made);
    expect(await bench.stores.tenants.read(made.tenantId)).toMatchObject({ isEntitled: null, mayImport: true });
    expect(await bench.stores.tenants.read(tenantId('ten_none'))).toBeNull();
    expect(await bench.stores.tenants.change(tenantId('ten_none'), { mayImport: false })).toBeNull();
    expect((await bench.stores.tenants.list()).map(({ tenantId: id }) => id)).toContain('ten_new');
  });
});

describe("an operator's key", () => {
  it('belongs to no tenant', async () => {
    await Promise.all([ensureOperatorKey(bench.store, '0f'), ensureOperatorKey(bench.store, '0f')]);
    expect(await bench.stores.apiKeys.findKey('0f')).toEqual({ tenantId: null, role: 'operator' });
  });
});

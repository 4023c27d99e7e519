import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { ensureTenant, knowsOrigin, makeTenant } from '../../src/db/tenants.ts';
import { numberId, tenantId } from '../../src/domain/ids.ts';
import { claimNumber, createNumber, gone, ids, recordOf, signed } from './builders.ts';
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
    const changed = await bench.stores.tenants.change(
      tenant.tenantId,
      { isEntitled: false, mayImport: false },
      signed(),
    );
    await ensureTenant(bench.store, tenant);
    expect(await bench.stores.tenants.read(tenant.tenantId)).toEqual(changed);
    expect(changed).toMatchObject({ isEntitled: false, mayImport: false, name: 'Kept' });
    expect(await bench.stores.tenants.change(tenant.tenantId, { isEntitled: null }, signed())).toMatchObject({
      isEntitled: null,
      mayImport: false,
    });
    expect(await bench.stores.tenants.change(tenant.tenantId, {}, signed())).toMatchObject({ isEntitled: null });
  });

  it('of which nobody has said that it may begin is not entitled, and may import', async () => {
    const made = { tenantId: tenantId('ten_new'), name: 'New', apiKeyHash: 'ee55', isEntitled: null };
    await ensureTenant(bench.store, made);
    expect(await bench.stores.tenants.read(made.tenantId)).toMatchObject({ isEntitled: null, mayImport: true });
    expect(await bench.stores.tenants.read(tenantId('ten_none'))).toBeNull();
    expect(await bench.stores.tenants.change(tenantId('ten_none'), { mayImport: false }, signed())).toBeNull();
    expect((await bench.stores.tenants.list({ after: null, limit: 99 })).map(({ tenantId: id }) => id)).toContain(
      'ten_new',
    );
  });
});

describe('the tenants', () => {
  it('are told in pages, in the order of their ids', async () => {
    for (const id of ['ten_p3', 'ten_p1', 'ten_p2'])
      await ensureTenant(bench.store, {
        tenantId: tenantId(id),
        name: id,
        apiKeyHash: `hash-of-${id}`,
        isEntitled: null,
      });
    const page = async (after: string | null) =>
      (await bench.stores.tenants.list({ after: after === null ? null : tenantId(after), limit: 2 })).map(
        ({ tenantId: id }) => id,
      );
    expect(await page('ten_p1')).toEqual(['ten_p2', 'ten_p3']);
    expect(await page('ten_p3')).toEqual([]);
    expect(await page(null)).toHaveLength(2);
  });

  it('that are there are not made again, and get no key by it', async () => {
    const made = { tenantId: tenantId('ten_once'), name: 'Once', apiKeyHash: '1a', isEntitled: null };
    const again = { ...made, name: 'Twice', apiKeyHash: '1b', isEntitled: true };
    expect(await makeTenant(bench.store, made, signed())).toBe('made');
    expect(await makeTenant(bench.store, again, signed())).toBe('there');
    expect(await bench.stores.tenants.read(made.tenantId)).toMatchObject({ name: 'Once', isEntitled: null });
    expect(await bench.stores.apiKeys.findKey('1a')).toMatchObject({ tenantId: 'ten_once' });
    expect(await bench.stores.apiKeys.findKey('1b')).toBeNull();
  });

  it('are found by the origin of a page through an index, however many they are', async () => {
    const tenant = { tenantId: tenantId('ten_paged'), name: 'Paged', apiKeyHash: 'pg1', isEntitled: null };
    await makeTenant(bench.store, tenant, signed());
    await bench.stores.tenants.change(tenant.tenantId, { pageOrigins: ['https://own.example'] }, signed());
    await bench.store.db.execute(sql`
      insert into tenants (tenant_id, name, page_origins)
      select 'ten_many' || n, 'Many', array['https://many' || n || '.example'] from generate_series(1, 20000) n`);
    await bench.store.db.execute(sql`vacuum analyze tenants`);
    expect(await bench.stores.tenants.knowsOrigin('https://own.example')).toBe(true);
    expect(await bench.stores.tenants.knowsOrigin('https://own.example.evil')).toBe(false);
    await bench.store.db.transaction(async (tx) => {
      const scans = async () => {
        const [row] = await tx.execute<{ table: number; index: number }>(sql`
          select seq_scan::int as table, pg_stat_get_xact_numscans('tenants_by_page_origin'::regclass)::int as index
          from pg_stat_xact_user_tables where relname = 'tenants'`);
        return row ?? { table: 0, index: 0 };
      };
      const before = await scans();
      expect(await knowsOrigin(tx, 'https://none.example')).toBe(false);
      expect(await scans()).toEqual({ table: before.table, index: before.index + 1 });
    });
    await bench.store.db.execute(sql`delete from tenants where tenant_id like 'ten_many%'`);
  });

  it('are found by their numbers, also by one that is closed', async () => {
    const id = ids('ten_closed');
    await createNumber(bench, id);
    await claimNumber(bench, id);
    const closed = { ...gone(id, 'forgotten'), closed: 'retired' as const };
    await bench.stores.projection.record(recordOf(closed, { to: 'closed' }), 'run-1');
    expect(await bench.stores.numbers.readSnapshot(id.numberId)).toBeNull();
    expect(await bench.stores.tenants.ofNumber(id.numberId)).toBe('ten_closed');
    expect(await bench.stores.tenants.ofNumber(numberId('num_none'))).toBeNull();
  });
});

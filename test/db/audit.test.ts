import { describe, expect, it } from 'vitest';
import { ensureTenant } from '../../src/db/tenants.ts';
import { numberId, tenantId, type TenantId } from '../../src/domain/ids.ts';
import { signed, START_MS } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const kept = (of: TenantId | null, after: number | null = null, limit = 9) =>
  bench.stores.audit.list({ tenantId: of, after, limit });

describe('the audit', () => {
  it('has who did what to which number, why and when; a command that is asked again is one act', async () => {
    const act = {
      act: 'resolveSync',
      given: { type: 'history', as: 'complete' },
      tenantId: tenantId('ten_a'),
      numberId: numberId('num_1'),
      commandId: 'operator/1',
    };
    await bench.stores.audit.keep(signed({ reason: 'the owner\u0000 called' }), act);
    await bench.stores.audit.keep(signed({ atMs: START_MS + 5 }), act);
    const { commandId: _request, ...told } = act;
    expect(await kept(act.tenantId)).toEqual([
      { ...signed({ reason: 'the owner\uFFFD called' }), ...told, position: expect.any(Number) },
    ]);
    await bench.stores.audit.keep(signed(), { ...act, numberId: numberId('num_2') });
    expect(await kept(act.tenantId)).toHaveLength(2);
  });

  it('is told newest first, in pages, of one tenant or of all', async () => {
    for (const limit of [1, 2, 3])
      await bench.stores.audit.keep(signed(), { act: 'quota-limit', given: { limit }, tenantId: null });
    const first = await kept(null, null, 2);
    const second = await kept(null, first.at(-1)?.position ?? null, 1);
    expect([...first, ...second].map(({ given }) => given)).toEqual([{ limit: 3 }, { limit: 2 }, { limit: 1 }]);
    expect(await kept(tenantId('ten_nobody'))).toEqual([]);
  });

  it('has each change of a tenant, and none of a tenant that is not there', async () => {
    const tenant = { tenantId: tenantId('ten_changed'), name: 'Changed', apiKeyHash: 'c4', isEntitled: null };
    await ensureTenant(bench.store, tenant);
    await bench.stores.tenants.change(tenant.tenantId, { isEntitled: true }, signed({ reason: 'has paid' }));
    const none = tenantId('ten_none');
    await bench.stores.tenants.change(none, { isEntitled: true }, signed());
    expect(await kept(tenant.tenantId)).toMatchObject([
      { act: 'tenant-change', given: { isEntitled: true }, reason: 'has paid' },
    ]);
    expect(await kept(none)).toEqual([]);
  });

  it('has the closing of an alert once', async () => {
    await bench.stores.alerts.raise({ kind: 'mode-drift', subject: 'dialog', detail: 'x', atMs: START_MS });
    const [open] = await bench.stores.alerts.list({ isOpen: true, after: null, limit: 1 });
    const alertId = open?.alertId ?? '';
    await bench.stores.alerts.close(alertId, signed({ reason: 'mended' }));
    await bench.stores.alerts.close(alertId, signed({ reason: 'mended again' }));
    const acts = (await kept(null)).filter(({ act }) => act === 'alert-close');
    expect(acts).toMatchObject([{ given: { alertId }, reason: 'mended', tenantId: null }]);
  });
});

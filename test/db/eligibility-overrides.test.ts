import { describe, expect, it } from 'vitest';
import type { RuleOverride } from '../../src/domain/eligibility-rule.ts';
import { tenantId, type TenantId } from '../../src/domain/ids.ts';
import { NOW_MS } from '../domain/eligible.ts';
import { signed } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const dated = { validFrom: '2026-11-01', validUntil: null, checkedOn: '2026-11-24', source: 'a notice' };
const SHUT = { kind: 'region', excluded: [{ regions: ['FR'], from: '2026-11-01', until: null, source: 'x' }] } as const;

const keep = (override: RuleOverride, tenant: TenantId | null = null) =>
  bench.stores.eligibility.overrideRule({ override, tenantId: tenant, by: 'olga', signed: signed({ atMs: NOW_MS }) });
const rule = async (id: RuleOverride['id'], tenant: TenantId | null = null) =>
  (await bench.stores.eligibility.readRules(tenant, NOW_MS)).find((one) => one.id === id);

describe('what operators put in place of a rule', () => {
  it('adds up: a region that was shut stays so where a newer version changes the remedy', async () => {
    await keep({ ...dated, id: 'region', version: 2, test: SHUT });
    expect(await keep({ ...dated, id: 'region', version: 3, remedy: ['Wait for Meta.'] })).toBe('kept');
    expect(await rule('region')).toMatchObject({ version: 3, test: SHUT, remedy: ['Wait for Meta.'] });
  });

  it('is refused where a higher version is stored for the same tenants, be it over or still ahead', async () => {
    const of = { ...dated, id: 'active-days', weight: 'soft' } as const;
    expect(await keep({ ...of, version: 5, validFrom: '2027-06-01' })).toBe('kept');
    expect(await keep({ ...of, version: 4 })).toBe('outdated');
    expect(await keep({ ...of, version: 5 })).toBe('outdated');
    expect(await keep({ ...of, version: 4 }, tenantId('ten_x')), 'of other tenants').toBe('kept');
    expect(await keep({ ...of, version: 3 }, tenantId('ten_x'))).toBe('outdated');
    expect(await keep({ ...of, version: 6 })).toBe('kept');
  });

  it('is refused where it ends before it begins', async () => {
    const never = { ...dated, id: 'camera', version: 2, validUntil: '2026-10-31' } as const;
    expect(await keep(never)).toBe('never-holds');
    expect(await rule('camera')).toMatchObject({ version: 1 });
    expect(await keep({ ...never, validUntil: '2027-01-01' })).toBe('kept');
  });

  it('for one tenant has the last word over what holds for all', async () => {
    const mine = tenantId('ten_mine');
    await keep({ ...dated, id: 'backup', version: 2, question: 'Its own?' }, mine);
    await keep({ ...dated, id: 'backup', version: 7, question: 'For all?', met: 'There is one.' });
    expect(await rule('backup', mine)).toMatchObject({ question: 'Its own?', met: 'There is one.' });
    expect(await rule('backup', tenantId('ten_other'))).toMatchObject({ question: 'For all?' });
  });

  it('at the same time: of two writers of one version one is told that it is known', async () => {
    const both = [1, 2].map((one) => keep({ ...dated, id: 'payment-method', version: 2, source: `writer ${one}` }));
    expect((await Promise.all(both)).toSorted()).toEqual(['kept', 'outdated']);
  });

  it('is in the audit with the operator, in the same transaction; what was refused is not', async () => {
    const tenant = tenantId('ten_audited');
    await keep({ ...dated, id: 'app-updated', version: 2 }, tenant);
    await keep({ ...dated, id: 'app-updated', version: 2 }, tenant);
    const kept = await bench.stores.audit.list({ tenantId: tenant, after: null, limit: 9 });
    expect(kept).toMatchObject([
      { act: 'rule-override', given: { ruleId: 'app-updated', version: 2, by: 'olga' }, keyId: 'a1b2c3d4e5f6' },
    ]);
  });
});

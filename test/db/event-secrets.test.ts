/** What events are signed with: made with the tenant, sealed, shown once, changed without a gap. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/db/connect.ts';
import { createEvents } from '../../src/db/events.ts';
import { rotateEventSecret, showEventSecret } from '../../src/db/event-secrets.ts';
import { eventSecrets } from '../../src/db/schema-events.ts';
import { ensureTenant, makeTenant } from '../../src/db/tenants.ts';
import { tenantId, type TenantId } from '../../src/domain/ids.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { signed, START_MS } from './builders.ts';
import { KEYS, useDatabase } from './database.ts';

const bench = useDatabase();
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const named = (id: string) => ({ tenantId: tenantId(id), name: id, apiKeyHash: `hash-of-${id}`, isEntitled: null });
const secretsOf = (of: TenantId, nowMs = START_MS) => bench.stores.events.readSecrets(of, nowMs);
const rowOf = async (of: TenantId) =>
  (await bench.store.db.select().from(eventSecrets).where(eq(eventSecrets.tenantId, of)))[0];

async function readWith(encryptionKeys: typeof KEYS, of: TenantId): Promise<readonly string[]> {
  const store = openStore({ url: bench.url, encryptionKeys, max: 1 });
  try {
    return await createEvents(store).readSecrets(of, START_MS);
  } finally {
    await store.close();
  }
}

describe('the event secret of a tenant', () => {
  it('is made with it, differs from every other, and lies sealed', async () => {
    const [one, two] = [named('ten_one'), named('ten_two')];
    await makeTenant(bench.store, one, signed());
    await ensureTenant(bench.store, two);
    const [[first = ''], [second = '']] = [await secretsOf(one.tenantId), await secretsOf(two.tenantId)];
    expect([first, second]).toEqual([expect.stringMatching(SECRET), expect.stringMatching(SECRET)]);
    expect(first).not.toBe(second);
    expect(JSON.stringify(await rowOf(one.tenantId))).not.toContain(first);
    await ensureTenant(bench.store, two);
    expect(await secretsOf(two.tenantId)).toEqual([second]);
  });

  it('does not open for another tenant', async () => {
    const [one, two] = [named('ten_own'), named('ten_thief')];
    for (const tenant of [one, two]) await makeTenant(bench.store, tenant, signed());
    const stolen = (await rowOf(one.tenantId))?.secretSealed ?? '';
    await bench.store.db
      .update(eventSecrets)
      .set({ secretSealed: stolen })
      .where(eq(eventSecrets.tenantId, two.tenantId));
    await expect(secretsOf(two.tenantId)).rejects.toThrow('another place');
  });

  it('is shown once', async () => {
    const { tenantId: of, ...rest } = named('ten_shown');
    await makeTenant(bench.store, { tenantId: of, ...rest }, signed());
    const show = (atMs: number) => showEventSecret(bench.store, of, signed({ atMs }));
    expect(await show(START_MS)).toEqual({ kind: 'shown', secret: (await secretsOf(of))[0] });
    expect(await show(START_MS + 1)).toEqual({ kind: 'shown-before', atMs: START_MS });
    const acts = await bench.stores.audit.list({ tenantId: of, after: null, limit: 9 });
    expect(acts.filter(({ act }) => act === 'event-secret-show')).toHaveLength(1);
    expect(await showEventSecret(bench.store, tenantId('ten_none'), signed())).toEqual({ kind: 'unknown' });
  });

  it('is changed for a new one; the former one signs beside it for a day and no longer', async () => {
    const tenant = named('ten_rotated');
    await makeTenant(bench.store, tenant, signed());
    const [former] = await secretsOf(tenant.tenantId);
    const fresh = await rotateEventSecret(bench.store, tenant.tenantId, signed());
    expect(fresh).toMatch(SECRET);
    expect(fresh).not.toBe(former);
    expect(await secretsOf(tenant.tenantId, START_MS + DAY_MS - 1)).toEqual([fresh, former]);
    expect(await secretsOf(tenant.tenantId, START_MS + DAY_MS)).toEqual([fresh]);
    const acts = await bench.stores.audit.list({ tenantId: tenant.tenantId, after: null, limit: 1 });
    expect(acts).toMatchObject([{ act: 'event-secret-rotate', given: {}, keyId: signed().keyId }]);
    const shown = await showEventSecret(bench.store, tenant.tenantId, signed({ atMs: START_MS + 1 }));
    expect(shown).toEqual({ kind: 'shown-before', atMs: START_MS });
    expect(await rotateEventSecret(bench.store, tenantId('ten_none'), signed())).toBeNull();
  });

  it('is sealed anew with the newest key when it signs, so that the old key can go', async () => {
    const tenant = named('ten_key');
    await makeTenant(bench.store, tenant, signed());
    const before = await secretsOf(tenant.tenantId);
    const fresh = { keyId: 'k2', key: new Uint8Array(32).fill(9) };
    expect(await readWith([fresh, ...KEYS], tenant.tenantId)).toEqual(before);
    expect(await readWith([fresh], tenant.tenantId)).toEqual(before);
  });

  it('that was changed is sealed anew with the one before it, so that the old key can go within the day', async () => {
    const { tenantId: of, ...rest } = named('ten_both');
    await makeTenant(bench.store, { tenantId: of, ...rest }, signed());
    await rotateEventSecret(bench.store, of, signed());
    const both = await secretsOf(of);
    expect(both).toHaveLength(2);
    const fresh = { keyId: 'k2', key: new Uint8Array(32).fill(9) };
    expect(await readWith([fresh, ...KEYS], of)).toEqual(both);
    expect(await readWith([fresh], of)).toEqual(both);
  });

  it('whose key was taken out too early says what to do; a new one signs at once, and the lost one no more', async () => {
    const { tenantId: of, ...rest } = named('ten_lost');
    await makeTenant(bench.store, { tenantId: of, ...rest }, signed());
    const fresh = { keyId: 'k2', key: new Uint8Array(32).fill(9) };
    await expect(readWith([fresh], of)).rejects.toThrow('tandem tenant event-secret --id ten_lost --rotate');
    const store = openStore({ url: bench.url, encryptionKeys: [fresh], max: 1 });
    const secret = await rotateEventSecret(store, of, signed());
    await store.close();
    expect(await readWith([fresh], of)).toEqual([secret]);
  });

  it('is made when it is first needed for a tenant of an earlier release, once for all who ask', async () => {
    const of = tenantId('ten_earlier');
    const asked = await Promise.all([secretsOf(of), secretsOf(of), secretsOf(of)]);
    expect(asked[0]?.[0]).toMatch(SECRET);
    expect(new Set(asked.map(([secret]) => secret)).size).toBe(1);
  });
});

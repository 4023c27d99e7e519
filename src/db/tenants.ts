/** Who uses Tandem, and what each may do. */
import { arrayContains, asc, count, eq, gt } from 'drizzle-orm';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { keyIdOf } from '../domain/key-role.ts';
import { keepAct, type Signed } from './audit.ts';
import type { Executor, Store } from './connect.ts';
import { ensureEventSecret } from './event-secrets.ts';
import { numbers } from './schema-numbers.ts';
import { apiKeys, tenants } from './schema-tenants.ts';

interface Tenant {
  tenantId: TenantId;
  name: string;
  isEntitled: boolean | null;
  mayImport: boolean;
  pageOrigins: readonly string[];
  pageUrl: string | null;
}

type Settable = 'name' | 'isEntitled' | 'mayImport' | 'pageOrigins' | 'pageUrl';

interface Tenants {
  read(tenantId: TenantId): Promise<Tenant | null>;
  ofNumber(numberId: NumberId): Promise<TenantId | null>;
  list(page: { after: TenantId | null; limit: number }): Promise<readonly Tenant[]>;
  knowsOrigin(origin: string): Promise<boolean>;
  change(tenantId: TenantId, change: Partial<Pick<Tenant, Settable>>, signed: Signed): Promise<Tenant | null>;
}

export function createTenants({ db }: Store): Tenants {
  return {
    read: async (tenantId) => {
      const [row] = await db.select().from(tenants).where(eq(tenants.tenantId, tenantId));
      return row ?? null;
    },
    ofNumber: async (numberId) => {
      const [row] = await db.select({ of: numbers.tenantId }).from(numbers).where(eq(numbers.numberId, numberId));
      return row?.of ?? null;
    },
    list: ({ after, limit }) => {
      const isAfter = after === null ? undefined : gt(tenants.tenantId, after);
      return db.select().from(tenants).where(isAfter).orderBy(asc(tenants.tenantId)).limit(limit);
    },
    knowsOrigin: (origin) => knowsOrigin(db, origin),
    change: (tenantId, change, signed) =>
      db.transaction(async (tx) => {
        const isTenant = eq(tenants.tenantId, tenantId);
        const { pageOrigins, ...rest } = change;
        const set = pageOrigins === undefined ? rest : { ...rest, pageOrigins: [...pageOrigins] };
        if (Object.keys(set).length > 0) await tx.update(tenants).set(set).where(isTenant);
        const [row] = await tx.select().from(tenants).where(isTenant);
        if (row) await keepAct(tx, signed, { act: 'tenant-change', tenantId, given: change });
        return row ?? null;
      }),
  };
}

/** NOTE: counted, without a limit: for the first row alone Postgres would read the table, which costs most where there is none. */
export async function knowsOrigin(db: Executor, origin: string): Promise<boolean> {
  const isKnown = arrayContains(tenants.pageOrigins, [origin]);
  const [row] = await db.select({ found: count() }).from(tenants).where(isKnown);
  return (row?.found ?? 0) > 0;
}

interface NewTenant {
  tenantId: TenantId;
  name: string;
  apiKeyHash: string;
  isEntitled: boolean | null;
}

/** With its entry in the audit. `there`: a tenant of that id exists, and nothing was changed. */
export async function makeTenant(
  { db, secretBox }: Store,
  { apiKeyHash, ...tenant }: NewTenant,
  signed: Signed,
): Promise<'made' | 'there'> {
  const { tenantId, name, isEntitled } = tenant;
  return db.transaction(async (tx) => {
    const made = await tx.insert(tenants).values(tenant).onConflictDoNothing().returning();
    if (made.length === 0) return 'there';
    await tx.insert(apiKeys).values({ keyHash: apiKeyHash, tenantId, role: 'backend' });
    await ensureEventSecret(tx, secretBox, tenantId);
    await keepAct(tx, signed, { act: 'tenant-add', tenantId, given: { name, isEntitled, keyId: keyIdOf(apiKeyHash) } });
    return 'made';
  });
}

/**
 * Idempotent: a second start with the same key changes nothing, one with another key adds it. What a tenant may do is set
 * where it is made, and from then on by operators alone. A key that was revoked stays so.
 */
export async function ensureTenant({ db, secretBox }: Store, { apiKeyHash, ...tenant }: NewTenant): Promise<void> {
  const key = { keyHash: apiKeyHash, tenantId: tenant.tenantId, role: 'backend' } as const;
  await db.transaction(async (tx) => {
    await tx.insert(tenants).values(tenant).onConflictDoNothing();
    await tx.insert(apiKeys).values(key).onConflictDoNothing();
    await ensureEventSecret(tx, secretBox, tenant.tenantId);
  });
}

/** Who uses Tandem, what each may do, and whose key it is that calls. */
import { asc, eq } from 'drizzle-orm';
import type { TenantId } from '../domain/ids.ts';
import type { KeyRole } from '../domain/key-role.ts';
import type { Store } from './connect.ts';
import { apiKeys, tenants } from './schema-tenants.ts';

interface ApiKeys {
  findKey(keyHash: string): Promise<{ tenantId: TenantId | null; role: KeyRole } | null>;
}

interface Tenant {
  tenantId: TenantId;
  name: string;
  isEntitled: boolean | null;
  mayImport: boolean;
}

interface Tenants {
  read(tenantId: TenantId): Promise<Tenant | null>;
  list(): Promise<readonly Tenant[]>;
  change(
    tenantId: TenantId,
    change: Partial<Pick<Tenant, 'name' | 'isEntitled' | 'mayImport'>>,
  ): Promise<Tenant | null>;
}

export function createApiKeys({ db }: Store): ApiKeys {
  return {
    findKey: async (keyHash) => {
      const [found] = await db.select().from(apiKeys).where(eq(apiKeys.keyHash, keyHash));
      return found ? { tenantId: found.tenantId, role: found.role } : null;
    },
  };
}

export function createTenants({ db }: Store): Tenants {
  const read: Tenants['read'] = async (tenantId) => {
    const [row] = await db.select().from(tenants).where(eq(tenants.tenantId, tenantId));
    return row ?? null;
  };
  return {
    read,
    list: () => db.select().from(tenants).orderBy(asc(tenants.tenantId)),
    change: async (tenantId, change) => {
      if (Object.keys(change).length > 0) await db.update(tenants).set(change).where(eq(tenants.tenantId, tenantId));
      return read(tenantId);
    },
  };
}

/**
 * Idempotent: a second start with the same key changes nothing, one with another key adds it. What a tenant may do is set
 * where it is made, and from then on by operators alone.
 */
export async function ensureTenant(
  { db }: Store,
  tenant: { tenantId: TenantId; name: string; apiKeyHash: string; isEntitled: boolean | null },
): Promise<void> {
  const { tenantId, name, isEntitled, apiKeyHash } = tenant;
  await db.transaction(async (tx) => {
    await tx.insert(tenants).values({ tenantId, name, isEntitled }).onConflictDoNothing();
    await tx.insert(apiKeys).values({ keyHash: apiKeyHash, tenantId, role: 'backend' }).onConflictDoNothing();
  });
}

/** A key of operators, who belong to no tenant. Idempotent. */
export async function ensureOperatorKey({ db }: Store, keyHash: string): Promise<void> {
  await db.insert(apiKeys).values({ keyHash, tenantId: null, role: 'operator' }).onConflictDoNothing();
}

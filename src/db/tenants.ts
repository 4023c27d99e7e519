/** Who may call: the tenant of an API key, and the one tenant that the first start makes. */
import { eq } from 'drizzle-orm';
import type { TenantId } from '../domain/ids.ts';
import type { Store } from './connect.ts';
import { apiKeys, tenants } from './schema-tenants.ts';

interface ApiKeys {
  findTenant(keyHash: string): Promise<TenantId | null>;
}

export function createApiKeys({ db }: Store): ApiKeys {
  return {
    findTenant: async (keyHash) => {
      const [found] = await db.select().from(apiKeys).where(eq(apiKeys.keyHash, keyHash));
      return found?.tenantId ?? null;
    },
  };
}

/** Idempotent: a second start with the same key changes nothing, one with another key adds it. */
export async function ensureTenant(
  { db }: Store,
  tenant: { tenantId: TenantId; name: string; apiKeyHash: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(tenants).values({ tenantId: tenant.tenantId, name: tenant.name }).onConflictDoNothing();
    await tx.insert(apiKeys).values({ keyHash: tenant.apiKeyHash, tenantId: tenant.tenantId }).onConflictDoNothing();
  });
}

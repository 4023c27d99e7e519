/** Whose key it is that calls, as long as it has not been revoked. */
import { and, asc, eq, isNotNull, isNull, like, ne } from 'drizzle-orm';
import type { TenantId } from '../domain/ids.ts';
import { keyIdOf, type KeyRole } from '../domain/key-role.ts';
import { keepAct, type Signed } from './audit.ts';
import type { Store } from './connect.ts';
import { apiKeys, tenants } from './schema-tenants.ts';

interface ApiKeys {
  findKey(keyHash: string): Promise<{ tenantId: TenantId | null; role: KeyRole } | null>;
}

const isValid = isNull(apiKeys.revokedAtMs);

export function createApiKeys({ db }: Store): ApiKeys {
  return {
    findKey: async (keyHash) => {
      const [found] = await db
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.keyHash, keyHash), isValid));
      return found ? { tenantId: found.tenantId, role: found.role } : null;
    },
  };
}

/**
 * Makes this the one key of operators, who belong to no tenant; null leaves them none. Idempotent. Answers the ids of the
 * keys that it has revoked. A key that comes back into the settings is valid again: the settings are the truth.
 */
export async function settleOperatorKey(
  { db }: Store,
  { keyHash, atMs }: { keyHash: string | null; atMs: number },
): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    const isOperators = eq(apiKeys.role, 'operator');
    if (keyHash !== null) {
      await tx
        .insert(apiKeys)
        .values({ keyHash, tenantId: null, role: 'operator' })
        .onConflictDoUpdate({ target: apiKeys.keyHash, set: { revokedAtMs: null }, setWhere: isOperators });
    }
    const isOther = keyHash === null ? undefined : ne(apiKeys.keyHash, keyHash);
    const revoked = await tx
      .update(apiKeys)
      .set({ revokedAtMs: atMs })
      .where(and(isOperators, isValid, isOther))
      .returning();
    return revoked.map((row) => keyIdOf(row.keyHash));
  });
}

/** A key that was taken back stays so: also where the settings still have it. */
export async function isRevokedKey({ db }: Store, keyHash: string): Promise<boolean> {
  const isRevoked = and(eq(apiKeys.keyHash, keyHash), isNotNull(apiKeys.revokedAtMs));
  return (await db.select().from(apiKeys).where(isRevoked)).length > 0;
}

/** One more key of a tenant, with its entry in the audit; `unknown`: there is no such tenant. */
export async function addKey(
  { db }: Store,
  { tenantId, keyHash }: { tenantId: TenantId; keyHash: string },
  signed: Signed,
): Promise<'added' | 'unknown'> {
  return db.transaction(async (tx) => {
    const [tenant] = await tx.select().from(tenants).where(eq(tenants.tenantId, tenantId));
    if (!tenant) return 'unknown';
    await tx.insert(apiKeys).values({ keyHash, tenantId, role: 'backend' });
    await keepAct(tx, signed, { act: 'key-add', tenantId, given: { keyId: keyIdOf(keyHash) } });
    return 'added';
  });
}

/** The ids of a tenant's keys that are valid. */
export async function listKeyIds({ db }: Store, tenantId: TenantId): Promise<readonly string[]> {
  const rows = await db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), isValid))
    .orderBy(asc(apiKeys.keyHash));
  return rows.map(({ keyHash }) => keyIdOf(keyHash));
}

/** With its entry in the audit. Answers whether there was such a valid key of this tenant; `keyId`: as it is printed, hex. */
export async function revokeKey(
  { db }: Store,
  { tenantId, keyId }: { tenantId: TenantId; keyId: string },
  signed: Signed,
): Promise<boolean> {
  const isKey = and(eq(apiKeys.tenantId, tenantId), like(apiKeys.keyHash, `${keyId}%`), isValid);
  return db.transaction(async (tx) => {
    const revoked = await tx.update(apiKeys).set({ revokedAtMs: signed.atMs }).where(isKey).returning();
    if (revoked.length === 0) return false;
    await keepAct(tx, signed, { act: 'key-revoke', tenantId, given: { keyId } });
    return true;
  });
}

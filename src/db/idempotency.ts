/** Gives a repeated request of a backend its first answer, and one that was cut short its first resource id. */
import { and, eq } from 'drizzle-orm';
import type { TenantId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Store } from './connect.ts';
import { idempotencyKeys } from './schema-tenants.ts';

interface KeyedRequest {
  tenantId: TenantId;
  key: string;
  digest: string;
  resourceId: string;
  atMs: number;
}

type Begun =
  | { kind: 'run'; resourceId: string }
  | { kind: 'answered'; status: number; body: unknown }
  | { kind: 'mismatch' };

interface Idempotency {
  begin(request: KeyedRequest): Promise<Begun>;
  finish(tenantId: TenantId, key: string, answer: { status: number; body: unknown }): Promise<void>;
}

export function createIdempotency({ db }: Store): Idempotency {
  const rowOf = (tenantId: TenantId, key: string) =>
    and(eq(idempotencyKeys.tenantId, tenantId), eq(idempotencyKeys.key, storable(key)));

  return {
    begin: async ({ tenantId, key, digest, resourceId, atMs }) => {
      await db
        .insert(idempotencyKeys)
        .values({ tenantId, key: storable(key), digest, resourceId, begunAtMs: atMs })
        .onConflictDoNothing();
      const [row] = await db.select().from(idempotencyKeys).where(rowOf(tenantId, key));
      if (row === undefined) return { kind: 'run', resourceId };
      if (row.digest !== digest) return { kind: 'mismatch' };
      if (row.status === null) return { kind: 'run', resourceId: row.resourceId };
      return { kind: 'answered', status: row.status, body: row.body };
    },
    finish: async (tenantId, key, { status, body }) => {
      await db
        .update(idempotencyKeys)
        .set({ status, body: body ?? null })
        .where(rowOf(tenantId, key));
    },
  };
}

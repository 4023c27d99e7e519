/** Keeps what operators did: written once, in the transaction of the act where it has one, and never changed. */
import { and, desc, eq, lt } from 'drizzle-orm';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Actor } from '../domain/key-role.ts';
import { storable } from './columns.ts';
import type { Executor, Store } from './connect.ts';
import { audit } from './schema-audit.ts';

/** Who acts, why and when. */
export interface Signed {
  keyId: string;
  role: Actor;
  reason: string | null;
  atMs: number;
}

/** What was done, and to what. */
export interface Act {
  act: string;
  given: Readonly<Record<string, unknown>>;
  tenantId: TenantId | null;
  numberId?: NumberId;
  commandId?: string;
}

interface AuditEntry extends Signed {
  position: number;
  act: string;
  given: Readonly<Record<string, unknown>>;
  tenantId: TenantId | null;
  numberId: NumberId | null;
}

interface Audit {
  keep(signed: Signed, act: Act): Promise<void>;
  list(page: { tenantId: TenantId | null; after: number | null; limit: number }): Promise<readonly AuditEntry[]>;
}

export function createAudit({ db }: Store): Audit {
  return {
    keep: (signed, act) => keepAct(db, signed, act),
    list: async ({ tenantId, after, limit }) => {
      const isOf = tenantId === null ? undefined : eq(audit.tenantId, tenantId);
      const isNext = and(isOf, after === null ? undefined : lt(audit.position, after));
      const rows = await db.select().from(audit).where(isNext).orderBy(desc(audit.position)).limit(limit);
      return rows.map(({ commandId: _request, ...entry }) => entry);
    },
  };
}

/** Also inside another transaction, with the act itself. A command that is asked again is one act. */
export async function keepAct(db: Executor, signed: Signed, { commandId, ...act }: Act): Promise<void> {
  const reason = signed.reason === null ? null : storable(signed.reason);
  const request = commandId === undefined ? {} : { commandId: storable(commandId) };
  await db
    .insert(audit)
    .values({ ...signed, ...act, ...request, reason })
    .onConflictDoNothing();
}

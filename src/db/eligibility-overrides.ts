/** The rules of eligibility in force for a tenant: ours, with what operators have put in their place. */
import { eq, isNull, or } from 'drizzle-orm';
import type { EligibilityRule, RuleOverride } from '../domain/eligibility-rule.ts';
import { isFitting, rulesAt } from '../domain/eligibility-rules.ts';
import type { TenantId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import { eligibilityOverrides } from './schema-eligibility.ts';

export interface KeptOverride {
  override: RuleOverride;
  /** Null: for all tenants. */
  tenantId: TenantId | null;
  /** The operator. */
  by: string;
  atMs: number;
}

/** `tenantId` null: those for all tenants alone. */
export async function readRules(
  db: Executor,
  tenantId: TenantId | null,
  atMs: number,
): Promise<readonly EligibilityRule[]> {
  const isForAll = isNull(eligibilityOverrides.tenantId);
  const isFor = tenantId === null ? isForAll : or(isForAll, eq(eligibilityOverrides.tenantId, tenantId));
  const rows = await db.select().from(eligibilityOverrides).where(isFor);
  return rulesAt(
    atMs,
    rows.map(({ override }) => override),
  );
}

/** A version is written once: what verdicts were given by it must stay readable. */
export async function keepOverride(
  db: Executor,
  { override, tenantId, by, atMs }: KeptOverride,
): Promise<'kept' | 'misfit' | 'outdated'> {
  if (!isFitting(override)) return 'misfit';
  const { id: ruleId, version } = override;
  const ours = rulesAt(atMs).find(({ id }) => id === ruleId);
  if (ours && version <= ours.version) return 'outdated';
  const kept = await db
    .insert(eligibilityOverrides)
    .values({ tenantId, ruleId, version, override, by: storable(by), atMs })
    .onConflictDoNothing()
    .returning();
  return kept.length > 0 ? 'kept' : 'outdated';
}

/** The rules of eligibility in force for a tenant: ours, with what operators have put in their place. */
import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { EligibilityRule, RuleOverride } from '../domain/eligibility-rule.ts';
import { everHolds, highestVersion, isFitting, rulesAt } from '../domain/eligibility-rules.ts';
import type { TenantId } from '../domain/ids.ts';
import { keepAct, type Signed } from './audit.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import { eligibilityOverrides } from './schema-eligibility.ts';

export interface KeptOverride {
  override: RuleOverride;
  /** Null: for all tenants. */
  tenantId: TenantId | null;
  /** The operator. */
  by: string;
  signed: Signed;
}

/** NOTE: another seed than those of `id-locks.ts`. */
const LOCK_SEED = 3;
const isForAll = isNull(eligibilityOverrides.tenantId);

/** `tenantId` null: those for all tenants alone. */
export async function readRules(
  db: Executor,
  tenantId: TenantId | null,
  atMs: number,
): Promise<readonly EligibilityRule[]> {
  const isFor = tenantId === null ? isForAll : or(isForAll, eq(eligibilityOverrides.tenantId, tenantId));
  const rows = await db.select().from(eligibilityOverrides).where(isFor);
  const those = (isOwn: boolean): readonly RuleOverride[] =>
    rows.filter((row) => (row.tenantId !== null) === isOwn).map(({ override }) => override);
  return rulesAt(atMs, { forAll: those(false), own: those(true) });
}

/**
 * A version is written once: what verdicts were given by it must stay readable. It is compared with all that are stored for
 * the same tenants, those that hold later or no longer included, one writer of a rule at a time.
 */
export async function keepOverride(
  tx: Executor,
  { override, tenantId, by, signed }: KeptOverride,
): Promise<'kept' | 'misfit' | 'never-holds' | 'outdated'> {
  if (!isFitting(override)) return 'misfit';
  if (!everHolds(override)) return 'never-holds';
  const { id: ruleId, version } = override;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${ruleId}, ${LOCK_SEED}))`);
  const isOfScope = tenantId === null ? isForAll : eq(eligibilityOverrides.tenantId, tenantId);
  const isStored = and(eq(eligibilityOverrides.ruleId, ruleId), isOfScope);
  const stored = await tx.select().from(eligibilityOverrides).where(isStored);
  const before = stored.map((row) => row.override);
  if (version <= highestVersion(ruleId, before)) return 'outdated';
  await tx
    .insert(eligibilityOverrides)
    .values({ tenantId, ruleId, version, override, by: storable(by), atMs: signed.atMs });
  await keepAct(tx, signed, { act: 'rule-override', tenantId, given: { ruleId, version, by } });
  return 'kept';
}

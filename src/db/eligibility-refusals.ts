/** Counts Meta's refusals against the rule that had said yes, and tells when there are too many of late: it is stale. */
import { and, desc, eq, gt, lte, sql } from 'drizzle-orm';
import type { EligibilityReason } from '../domain/eligibility.ts';
import { ruleOfRefusal } from '../domain/eligibility-rules.ts';
import type { NumberId } from '../domain/ids.ts';
import { DAY_MS } from '../domain/policy.ts';
import type { Executor } from './connect.ts';
import { readRules } from './eligibility-overrides.ts';
import { eligibilityOfNumbers, eligibilityRefusals, eligibilityVerdicts } from './schema-eligibility.ts';

export interface RaiseAlert {
  raise(alert: { kind: 'rule-stale'; subject: string; detail: string; atMs: number }): Promise<unknown>;
}

interface Refusal {
  numberId: NumberId;
  failureCode: string;
  atMs: number;
}

/** Nothing is counted where no rule could have foreseen it, the number has no check, or the rule had not said yes. */
export async function countRefusal(db: Executor, alerts: RaiseAlert, refusal: Refusal): Promise<void> {
  const { numberId, failureCode, atMs } = refusal;
  const ruleId = ruleOfRefusal(failureCode);
  const [of] = await db.select().from(eligibilityOfNumbers).where(eq(eligibilityOfNumbers.numberId, numberId));
  if (ruleId === null || of === undefined) return;
  const reasons = await reasonsBefore(db, of.checkId, atMs);
  const reason = reasons.find((one) => one.ruleId === ruleId);
  if (reason?.outcome !== 'met') return;
  const { ruleVersion } = reason;
  await db
    .insert(eligibilityRefusals)
    .values({ ...of, ruleId, ruleVersion, failureCode, refusals: 1, lastAtMs: atMs })
    .onConflictDoUpdate({
      target: [eligibilityRefusals.ruleId, eligibilityRefusals.ruleVersion, eligibilityRefusals.numberId],
      set: {
        refusals: sql`${eligibilityRefusals.refusals} + 1`,
        lastAtMs: sql`greatest(${eligibilityRefusals.lastAtMs}, excluded.last_at_ms)`,
      },
    });
  await raiseIfStale(db, alerts, { ...of, reason, atMs });
}

type Of = typeof eligibilityOfNumbers.$inferSelect;

/** The verdict that stood when Meta refused. */
async function reasonsBefore(
  db: Executor,
  checkId: Of['checkId'],
  atMs: number,
): Promise<readonly EligibilityReason[]> {
  const stood = and(eq(eligibilityVerdicts.checkId, checkId), lte(eligibilityVerdicts.atMs, atMs));
  const rows = db.select().from(eligibilityVerdicts).where(stood).orderBy(desc(eligibilityVerdicts.ordinal)).limit(1);
  return (await rows)[0]?.reasons ?? [];
}

/** Numbers are counted, not refusals: one owner who tries three times says no more than once. */
async function raiseIfStale(
  db: Executor,
  alerts: RaiseAlert,
  { tenantId, reason, atMs }: Pick<Of, 'tenantId'> & { reason: EligibilityReason; atMs: number },
): Promise<void> {
  const { ruleId, ruleVersion, source } = reason;
  const rule = (await readRules(db, tenantId, atMs)).find(({ id }) => id === ruleId);
  if (rule?.version !== ruleVersion) return; // it has been replaced meanwhile
  const { refusals: limit, days } = rule.staleAfter;
  const isOfLate = gt(eligibilityRefusals.lastAtMs, atMs - days * DAY_MS);
  const isOfRule = and(eq(eligibilityRefusals.ruleId, ruleId), eq(eligibilityRefusals.ruleVersion, ruleVersion));
  const refused = await db.$count(eligibilityRefusals, and(isOfRule, isOfLate));
  if (refused < limit) return;
  const detail = `Meta refused ${refused} numbers in ${days} days although version ${ruleVersion} said yes (${source}).`;
  await alerts.raise({ kind: 'rule-stale', subject: ruleId, detail, atMs });
}

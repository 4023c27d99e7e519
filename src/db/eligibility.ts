/** Checks of eligibility: each verdict is made by the rules in force, stored with their versions, and never overwritten. */
import { and, asc, desc, eq } from 'drizzle-orm';
import {
  mergeAnswers,
  NO_ANSWERS,
  withReach,
  type EligibilityAnswers,
  type LookedAt,
} from '../domain/eligibility-answers.ts';
import type { EligibilityRule } from '../domain/eligibility-rule.ts';
import { eligibilityOf, type Eligibility } from '../domain/eligibility.ts';
import type { CheckId, NumberId, PhoneNumber, TenantId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { consentsIn, keepConsents, type Consent } from './consents.ts';
import { countRefusal, type RaiseAlert } from './eligibility-refusals.ts';
import { keepOverride, readRules, type KeptOverride } from './eligibility-overrides.ts';
import { consents, eligibilityChecks, eligibilityOfNumbers, eligibilityVerdicts } from './schema-eligibility.ts';

interface EligibilityCheck {
  checkId: CheckId;
  tenantId: TenantId;
  phoneNumber: PhoneNumber | null;
  answers: EligibilityAnswers;
  eligibility: Eligibility;
  createdAtMs: number;
  checkedAtMs: number;
}

type Answer = Pick<Eligibility, 'verdict' | 'comeBackAtMs'>;
interface CheckKey {
  tenantId: TenantId;
  checkId: CheckId;
}

interface EligibilityChecks {
  readRules(tenantId: TenantId | null, atMs: number): Promise<readonly EligibilityRule[]>;
  overrideRule(override: KeptOverride): Promise<'kept' | 'misfit' | 'never-holds' | 'outdated'>;
  check(
    given: CheckKey & { phoneNumber: PhoneNumber | null; answers: Partial<EligibilityAnswers>; atMs: number },
  ): Promise<EligibilityCheck>;
  checkAgain(
    given: CheckKey & { answers: Partial<EligibilityAnswers>; lookedAt?: LookedAt | null; atMs: number },
  ): Promise<EligibilityCheck | null>;
  read(tenantId: TenantId, checkId: CheckId): Promise<EligibilityCheck | null>;
  eligibilityForOnboarding(given: CheckKey & { numberId: NumberId; atMs: number }): Promise<Answer | null>;
  recheckNumber(numberId: NumberId, atMs: number): Promise<Answer>;
  readConsents(tenantId: TenantId, subject: CheckId | NumberId): Promise<readonly Consent[]>;
  countRefusal(numberId: NumberId, failureCode: string, atMs: number): Promise<void>;
}

export function createEligibility({ db }: Store, alerts: RaiseAlert): EligibilityChecks {
  return {
    readRules: (tenantId, atMs) => readRules(db, tenantId, atMs),
    overrideRule: (override) => db.transaction((tx) => keepOverride(tx, override)),
    check: (given) => db.transaction((tx) => checkOnce(tx, given)),
    checkAgain: (given) =>
      db.transaction(async (tx) => {
        const row = await lockCheck(tx, given);
        const { answers, lookedAt = null, atMs } = given;
        return row && judge(tx, row, { given: answers, lookedAt, atMs, cause: 'checked-again' });
      }),
    read: (tenantId, checkId) => readCheck(db, { tenantId, checkId }),
    eligibilityForOnboarding: (given) => db.transaction((tx) => letIn(tx, given)),
    recheckNumber: (numberId, atMs) => db.transaction((tx) => recheckNumber(tx, numberId, atMs)),
    readConsents: async (tenantId, subject) => {
      const isOwn = and(eq(consents.tenantId, tenantId), eq(consents.subject, subject));
      const rows = await db.select().from(consents).where(isOwn).orderBy(asc(consents.position));
      return rows.map(({ kind, version, text, person, atMs }) => ({ kind, version, text, person, atMs }));
    },
    countRefusal: (numberId, failureCode, atMs) => countRefusal(db, alerts, { numberId, failureCode, atMs }),
  };
}

type CheckRow = typeof eligibilityChecks.$inferSelect;
type VerdictRow = typeof eligibilityVerdicts.$inferSelect;

/** The same id again finds the check as it is. */
async function checkOnce(
  tx: Executor,
  { answers, atMs, ...given }: Parameters<EligibilityChecks['check']>[0],
): Promise<EligibilityCheck> {
  const [made] = await tx
    .insert(eligibilityChecks)
    .values({ ...given, createdAtMs: atMs })
    .onConflictDoNothing()
    .returning();
  const known = made === undefined ? await readCheck(tx, given) : null;
  if (known) return known;
  return judge(tx, { ...given, createdAtMs: atMs }, { given: answers, atMs, cause: 'asked' });
}

/** A foreign check is as unknown as one that never was. The lock keeps two verdicts from taking one ordinal. */
async function lockCheck(tx: Executor, { tenantId, checkId }: CheckKey): Promise<CheckRow | null> {
  const isOwn = and(eq(eligibilityChecks.tenantId, tenantId), eq(eligibilityChecks.checkId, checkId));
  const [row] = await tx.select().from(eligibilityChecks).where(isOwn).for('update');
  return row ?? null;
}

async function lastVerdict(db: Executor, checkId: CheckId): Promise<VerdictRow | null> {
  const isOf = eq(eligibilityVerdicts.checkId, checkId);
  const rows = db.select().from(eligibilityVerdicts).where(isOf).orderBy(desc(eligibilityVerdicts.ordinal)).limit(1);
  return (await rows)[0] ?? null;
}

async function readCheck(db: Executor, { tenantId, checkId }: CheckKey): Promise<EligibilityCheck | null> {
  const isOwn = and(eq(eligibilityChecks.tenantId, tenantId), eq(eligibilityChecks.checkId, checkId));
  const [row] = await db.select().from(eligibilityChecks).where(isOwn);
  const verdict = row === undefined ? null : await lastVerdict(db, checkId);
  return row && verdict ? viewOf(row, verdict) : null;
}

function viewOf(row: CheckRow, given: VerdictRow): EligibilityCheck {
  const { answers, verdict, reasons, comeBackAtMs, atMs } = given;
  return { ...row, answers, eligibility: { verdict, reasons, comeBackAtMs }, checkedAtMs: atMs };
}

interface Judging {
  given: Partial<EligibilityAnswers>;
  lookedAt?: LookedAt | null;
  atMs: number;
  cause: VerdictRow['cause'];
}

/** One verdict more, over the answers so far and the new ones; what was consented to in them is kept as evidence. */
async function judge(
  tx: Executor,
  row: CheckRow,
  { given, lookedAt = null, atMs, cause }: Judging,
): Promise<EligibilityCheck> {
  const { tenantId, checkId } = row;
  const last = await lastVerdict(tx, checkId);
  const answers = withReach(mergeAnswers(last?.answers ?? NO_ANSWERS, given), lookedAt);
  const rules = await readRules(tx, tenantId, atMs);
  const eligibility = eligibilityOf(answers, rules, atMs);
  const verdict: VerdictRow = {
    checkId,
    tenantId,
    ordinal: (last?.ordinal ?? 0) + 1,
    atMs,
    cause,
    answers,
    ...eligibility,
  };
  await tx.insert(eligibilityVerdicts).values(verdict);
  await keepConsents(tx, { tenantId, subject: checkId }, consentsIn(given, rules));
  return viewOf(row, verdict);
}

/** A number that is let in, or may come back, keeps its check; one that is refused for good does not. */
async function letIn(
  tx: Executor,
  { tenantId, checkId, numberId, atMs }: Parameters<EligibilityChecks['eligibilityForOnboarding']>[0],
): Promise<Answer | null> {
  const row = await lockCheck(tx, { tenantId, checkId });
  if (!row) return null;
  const { eligibility } = await judge(tx, row, { given: {}, atMs, cause: 'onboarding' });
  const { verdict, comeBackAtMs } = eligibility;
  if (verdict !== 'no' || comeBackAtMs !== null) {
    await tx.insert(eligibilityOfNumbers).values({ numberId, checkId, tenantId }).onConflictDoNothing();
  }
  return { verdict, comeBackAtMs };
}

async function recheckNumber(tx: Executor, numberId: NumberId, atMs: number): Promise<Answer> {
  const [of] = await tx.select().from(eligibilityOfNumbers).where(eq(eligibilityOfNumbers.numberId, numberId));
  const row = of === undefined ? null : await lockCheck(tx, of);
  if (!row) return { verdict: 'unclear', comeBackAtMs: null };
  const { verdict, comeBackAtMs } = (await judge(tx, row, { given: {}, atMs, cause: 'come-back' })).eligibility;
  return { verdict, comeBackAtMs };
}

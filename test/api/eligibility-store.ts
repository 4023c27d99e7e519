/** Checks of eligibility in memory, judged by the rules themselves. */
import type { Signed } from '../../src/api/fleet-ports.ts';
import type { EligibilityCheck } from '../../src/api/eligibility-ports.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import { mergeAnswers, NO_ANSWERS, withReach, type LookedAt } from '../../src/domain/eligibility-answers.ts';
import type { RuleOverride } from '../../src/domain/eligibility-rule.ts';
import { everHolds, highestVersion, isFitting, rulesAt } from '../../src/domain/eligibility-rules.ts';
import { eligibilityOf } from '../../src/domain/eligibility.ts';
import type { CheckId, TenantId } from '../../src/domain/ids.ts';

type Stored = <Result>(answer: () => Result) => Promise<Result>;

export function createEligibilityStore(stored: Stored) {
  const state = {
    checks: new Map<CheckId, EligibilityCheck>(),
    overrides: [] as RuleOverride[],
    refusals: [] as string[],
    signed: [] as Signed[],
  };
  const own = (tenantId: TenantId, id: CheckId): EligibilityCheck | null => {
    const check = state.checks.get(id);
    return check?.tenantId === tenantId ? check : null;
  };
  const judge = (
    check: EligibilityCheck,
    given: Partial<EligibilityCheck['answers']>,
    { atMs, lookedAt = null }: { atMs: number; lookedAt?: LookedAt | null },
  ) => {
    const answers = withReach(mergeAnswers(check.answers, given), lookedAt);
    const eligibility = eligibilityOf(answers, rulesAt(atMs, { forAll: state.overrides, own: [] }), atMs);
    const judged = { ...check, answers, eligibility, checkedAtMs: atMs };
    state.checks.set(check.checkId, judged);
    return judged;
  };
  const port: ApiPorts['eligibility'] = {
    readRules: (_tenant, atMs) => stored(() => rulesAt(atMs, { forAll: state.overrides, own: [] })),
    overrideRule: ({ override, signed }) =>
      stored(() => {
        if (!isFitting(override)) return 'misfit';
        if (!everHolds(override)) return 'never-holds';
        if (override.version <= highestVersion(override.id, state.overrides)) return 'outdated';
        state.overrides.push(override);
        state.signed.push(signed);
        return 'kept';
      }),
    check: ({ answers, atMs, ...given }) =>
      stored(() => {
        const none = eligibilityOf(NO_ANSWERS, [], atMs);
        const times = { createdAtMs: atMs, checkedAtMs: atMs };
        return (
          own(given.tenantId, given.checkId) ??
          judge({ ...given, answers: NO_ANSWERS, eligibility: none, ...times }, answers, { atMs })
        );
      }),
    checkAgain: ({ tenantId, checkId, answers, lookedAt = null, atMs }) =>
      stored(() => {
        const check = own(tenantId, checkId);
        return check && judge(check, answers, { atMs, lookedAt });
      }),
    read: (tenantId, id) => stored(() => own(tenantId, id)),
    eligibilityForOnboarding: ({ tenantId, checkId, atMs }) =>
      stored(() => {
        const check = own(tenantId, checkId);
        return check && judge(check, {}, { atMs }).eligibility;
      }),
    readConsents: () => stored(() => []),
    countRefusal: (numberId, code) => stored(() => void state.refusals.push(`${numberId} ${code}`)),
  };
  return { port, state };
}

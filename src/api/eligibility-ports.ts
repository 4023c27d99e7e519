/** What the HTTP door needs of eligibility: checks with the rules they used, overrides, refusals, consents. Implemented by `db`. */
import type { EligibilityAnswers, LookedAt } from '../domain/eligibility-answers.ts';
import type { Eligibility } from '../domain/eligibility.ts';
import type { EligibilityRule, RuleOverride } from '../domain/eligibility-rule.ts';
import type { FailureCode } from '../domain/failures.ts';
import type { CheckId, NumberId, PhoneNumber, TenantId } from '../domain/ids.ts';
import type { Signed } from './fleet-ports.ts';

/** A check of eligibility as it stands: the answers so far, and the verdict over them. */
export interface EligibilityCheck {
  checkId: CheckId;
  tenantId: TenantId;
  phoneNumber: PhoneNumber | null;
  answers: EligibilityAnswers;
  eligibility: Eligibility;
  createdAtMs: number;
  checkedAtMs: number;
}

/** What a person accepted or confirmed, with the text that was shown. */
export interface Consent {
  kind: 'disclosure' | 'names-right' | 'name-final';
  /** Of the disclosure, or of the rule that asked for it. */
  version: number;
  text: string;
  person: string;
  atMs: number;
}

/** Every verdict is made by the rules in force at that time, and stored with their versions. */
export interface EligibilityChecks {
  /** Ours, with what operators have put in their place for all tenants or for this one (null: for all alone). */
  readRules(tenantId: TenantId | null, atMs: number): Promise<readonly EligibilityRule[]>;
  /**
   * `misfit`: no such rule, or a test of another kind; `never-holds`: it ends before it begins; `outdated`: not higher than
   * every version that is stored for the same tenants.
   */
  overrideRule(given: {
    override: RuleOverride;
    tenantId: TenantId | null;
    by: string;
    signed: Signed;
  }): Promise<'kept' | 'misfit' | 'never-holds' | 'outdated'>;
  /** Repeating under the same id finds the check as it is. Consents in the answers are kept as evidence. */
  check(given: {
    tenantId: TenantId;
    checkId: CheckId;
    phoneNumber: PhoneNumber | null;
    answers: Partial<EligibilityAnswers>;
    atMs: number;
  }): Promise<EligibilityCheck>;
  /**
   * Once more, with what has changed. A look takes seconds: what it found counts where the website is still that one. Null
   * also for a check of another tenant, as for `read`.
   */
  checkAgain(given: {
    tenantId: TenantId;
    checkId: CheckId;
    answers: Partial<EligibilityAnswers>;
    lookedAt?: LookedAt | null;
    atMs: number;
  }): Promise<EligibilityCheck | null>;
  read(tenantId: TenantId, checkId: CheckId): Promise<EligibilityCheck | null>;
  /**
   * CM01: the verdict by the rules of this moment. The number keeps the check, unless it is refused for good. Null: no such
   * check. Repeating is harmless.
   */
  eligibilityForOnboarding(given: {
    tenantId: TenantId;
    checkId: CheckId;
    numberId: NumberId;
    atMs: number;
  }): Promise<Pick<Eligibility, 'verdict' | 'comeBackAtMs'> | null>;
  /** Oldest first; empty also for a subject of another tenant. */
  readConsents(tenantId: TenantId, subject: CheckId | NumberId): Promise<readonly Consent[]>;
  /** Meta refused a number: counted against the rule of its check that had said yes; too many of late raise an alert. */
  countRefusal(numberId: NumberId, failureCode: FailureCode, atMs: number): Promise<void>;
}

/** The activities as the workflow sees them: arguments and answers are ids, counts, classes and dates, never tokens or bodies. */
import type { AccountRead } from '../domain/account-read.ts';
import type { Recheck } from '../domain/come-back.ts';
import type { EvidenceKind } from '../domain/facts.ts';
import type { DialogRunId, NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { HandedOver } from '../domain/hand-over.ts';
import type { Look, Probe } from '../domain/probe.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { AccessRead, Grant } from '../domain/snapshot.ts';
import type { SubscriptionAnswer } from '../domain/subscription.ts';
import type { SyncAnswer } from '../domain/sync-answer.ts';
import type { AttemptKey, ClaimAnswer, LedgerRow, Reminder, SyncKey } from './ports.ts';

/** Which credential a read of the number uses. */
export type CredentialChoice = { kind: 'candidate'; key: AttemptKey } | { kind: 'current' };

/**
 * Every activity throws only the `ApplicationFailure` of `failures.ts`, whose type is a code of the catalogue; each is
 * repeatable.
 */
export interface Activities {
  /** ST1. Once; the token is stored as this attempt's candidate. Repeating finds it. */
  exchangeCode(input: { key: AttemptKey; dialogRunId: DialogRunId }): Promise<void>;
  /**
   * ST2 and ST3: our app, both scopes, and the one WABA that was granted and named; `undecided` where several were granted
   * and no result has come yet.
   */
  checkToken(input: {
    key: AttemptKey;
  }): Promise<
    | { kind: 'granted'; wabaId: WabaId; grants: readonly Grant[] }
    | { kind: 'undecided'; wabaIds: readonly WabaId[]; grants: readonly Grant[] }
  >;
  /**
   * ST4: exactly one number, or those of which a person must choose; `chosenId` is what was chosen. Digits and names stay in
   * the store, with what the WABA's own node tells; `hasTimeZone` is null where that could not be read, `unexpected` is there
   * only where it differs from what the backend expects.
   */
  resolveNumber(input: {
    key: AttemptKey;
    wabaId: WabaId;
    openedAtMs: number;
    chosenId: PhoneNumberId | null;
  }): Promise<
    | ({ kind: 'found'; phoneNumberId: PhoneNumberId; onboardedAtMs: number | null } & AccountRead)
    | {
        kind: 'undecided';
        code: 'NUMBER_AMBIGUOUS' | 'NUMBER_NOT_EXPECTED';
        phoneNumberIds: readonly PhoneNumberId[];
      }
  >;
  /**
   * ST5. Parked facts for the claimed ids come back, oldest first. `duplicate`: the same tenant has the number under care as
   * `of`, which took the attempt over unless it is busy with its own.
   */
  claimNumber(input: { key: AttemptKey; tenantId: TenantId; handOver: HandedOver }): Promise<ClaimAnswer>;
  /**
   * ST6: subscribe, then read back. `missingFields`: those that we need and our app does not hear, whatever the account; null:
   * nobody knows.
   */
  subscribeApp(input: { key: AttemptKey; wabaId: WabaId }): Promise<{ missingFields: readonly string[] | null }>;
  /**
   * ST7: answers when the read says alive. Otherwise it fails retryably with `NUMBER_NOT_ON_APP`-like codes, so that the
   * activity's own retries ask again until its schedule-to-close, the soft deadline. Its details hold the last `Look`.
   */
  readGate(input: { key: AttemptKey; phoneNumberId: PhoneNumberId }): Promise<Probe>;
  /** GR8: one look, always answered with a class, and with the wait that Meta asks for; never fails for Meta's sake. */
  probeNumber(input: { numberId: NumberId; phoneNumberId: PhoneNumberId; credential: CredentialChoice }): Promise<Look>;
  /** FA41: `debug_token` over the link's credential; `dead` also where our app or the WABA is no longer in it. */
  checkCredential(input: { numberId: NumberId; wabaId: WabaId }): Promise<AccessRead>;
  /** FA42: one look, always answered; never fails for Meta's sake. */
  readSubscription(input: { numberId: NumberId; wabaId: WabaId }): Promise<SubscriptionAnswer>;
  /** SU02: subscribes our app again, which takes an override away, and reads back. */
  repairSubscription(input: { numberId: NumberId; wabaId: WabaId }): Promise<SubscriptionAnswer>;
  /** SY02 to SY04. */
  requestSync(input: { key: SyncKey; phoneNumberId: PhoneNumberId }): Promise<SyncAnswer>;
  readSyncLedger(input: { numberId: NumberId; cycle: number }): Promise<{ contacts: LedgerRow; history: LedgerRow }>;
  readLastAppActivity(input: {
    numberId: NumberId;
  }): Promise<{ anyAtMs: number | null; evidence: EvidenceKind | null }>;
  sendReminder(
    reminder: Reminder,
  ): Promise<{ kind: 'reminded' } | { kind: 'seen'; atMs: number; evidence: EvidenceKind }>;
  /** CM11: the owner's word moves the columns. */
  noteAppOpened(input: { numberId: NumberId; openedAtMs: number }): Promise<void>;
  /** AT06: the rules of eligibility, looked at again on the promised date. */
  recheckEligibility(input: { numberId: NumberId; tenantId: TenantId }): Promise<Recheck>;
  recordTransition(record: TransitionRecord): Promise<void>;
  /** 8.3, each conditional on the state at that moment; `not-needed` is an answer. */
  unsubscribeIfLast(input: {
    numberId: NumberId;
    wabaId: WabaId;
    credential: CredentialChoice;
  }): Promise<'done' | 'not-needed'>;
  releaseClaim(input: { key: AttemptKey }): Promise<'done' | 'not-needed'>;
  /** With a candidate go the codes of its attempt, save that of `keptRun`, with which the next attempt begins (AT14). */
  forgetCredential(input: {
    numberId: NumberId;
    credential: CredentialChoice;
    keptRun?: DialogRunId | null;
  }): Promise<'done' | 'not-needed'>;
}

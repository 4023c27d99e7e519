/** The activities as the workflow sees them: arguments and answers are ids, counts, classes and dates, never tokens or bodies. */
import type { EvidenceKind, FactEnvelope } from '../domain/facts.ts';
import type { DialogRunId, NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { Probe } from '../domain/probe.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { AttemptKey, LedgerRow, Reminder, SyncKey, SyncOutcome } from './ports.ts';

/** Which credential a read of the number uses. */
export type CredentialChoice = { kind: 'candidate'; key: AttemptKey } | { kind: 'current' };

/**
 * Every activity throws only the `ApplicationFailure` of `failures.ts`, whose type is a code of the catalogue; each is
 * repeatable.
 */
export interface Activities {
  /** ST1. Once; the token is stored as this attempt's candidate. Repeating finds it. */
  exchangeCode(input: { key: AttemptKey; dialogRunId: DialogRunId }): Promise<void>;
  /** ST2 and ST3: our app, both scopes, and the one WABA that was granted and named. */
  checkToken(input: { key: AttemptKey }): Promise<{ wabaId: WabaId }>;
  /** ST4: exactly one number. Digits and name stay in the store. */
  resolveNumber(input: {
    key: AttemptKey;
    wabaId: WabaId;
    openedAtMs: number;
  }): Promise<{ phoneNumberId: PhoneNumberId; onboardedAtMs: number | null }>;
  /** ST5. Parked facts for the claimed ids come back, oldest first. */
  claimNumber(input: {
    key: AttemptKey;
    tenantId: TenantId;
  }): Promise<{ kind: 'claimed'; parked: readonly FactEnvelope[] } | { kind: 'held-elsewhere' }>;
  /** ST6: subscribe, then read back. */
  subscribeApp(input: { key: AttemptKey; wabaId: WabaId }): Promise<void>;
  /**
   * ST7: answers when the read says alive. Otherwise it fails retryably with `NUMBER_NOT_ON_APP`-like codes, so that the
   * activity's own retries ask again until its schedule-to-close, the soft deadline.
   */
  readGate(input: { key: AttemptKey; phoneNumberId: PhoneNumberId }): Promise<Probe>;
  /** GR8: one look, always answered with a class; never fails for Meta's sake. */
  probeNumber(input: {
    numberId: NumberId;
    phoneNumberId: PhoneNumberId;
    credential: CredentialChoice;
  }): Promise<Probe>;
  /** SY02 to SY04. `waitMs` goes with `due`: not before that long. */
  requestSync(input: {
    key: SyncKey;
    phoneNumberId: PhoneNumberId;
  }): Promise<{ outcome: SyncOutcome; waitMs: number | null }>;
  readSyncLedger(input: { numberId: NumberId; cycle: number }): Promise<{ contacts: LedgerRow; history: LedgerRow }>;
  readLastAppActivity(input: {
    numberId: NumberId;
  }): Promise<{ anyAtMs: number | null; evidence: EvidenceKind | null }>;
  sendReminder(
    reminder: Reminder,
  ): Promise<{ kind: 'reminded' } | { kind: 'seen'; atMs: number; evidence: EvidenceKind }>;
  /** CM11: the owner's word moves the columns. */
  noteAppOpened(input: { numberId: NumberId; openedAtMs: number }): Promise<void>;
  recordTransition(record: TransitionRecord): Promise<void>;
  /** 8.3, each conditional on the state at that moment; `not-needed` is an answer. */
  unsubscribeIfLast(input: {
    numberId: NumberId;
    wabaId: WabaId;
    credential: CredentialChoice;
  }): Promise<'done' | 'not-needed'>;
  releaseClaim(input: { key: AttemptKey }): Promise<'done' | 'not-needed'>;
  forgetCredential(input: { numberId: NumberId; credential: CredentialChoice }): Promise<'done' | 'not-needed'>;
}

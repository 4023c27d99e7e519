/** What the activities need from the world: Meta's Graph API, the stores, the clock. Implemented by `meta` and `db`. */
import type { WebhookReading } from '../domain/app-webhooks.ts';
import type { SyncType } from '../domain/commands.ts';
import type { Eligibility } from '../domain/eligibility.ts';
import type { ExpectedAccount } from '../domain/expectations.ts';
import type { FailureCode } from '../domain/failures.ts';
import type { EvidenceKind, FactEnvelope, SignupEnding } from '../domain/facts.ts';
import type { BusinessPortfolioId, DialogRunId, NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { HandedOver } from '../domain/hand-over.ts';
import type { NumberReading } from '../domain/probe.ts';
import type { Reservation } from '../domain/quota.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { Grant } from '../domain/snapshot.ts';

/** Keys every once-only result: a repeated or reset run finds it and ends the same. */
export interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

/** How far a failed call to Meta got: decides whether it may have happened. */
export type Reach = 'not-sent' | 'unknown' | 'answered';

/** What a `GraphError` of `meta` tells; the only error that a Graph call throws. */
export interface GraphFailure extends Error {
  name: 'GraphError';
  failureCode: FailureCode;
  reach: Reach;
  /** The wait that Meta's headers ask for, ms; null where none is known. */
  retryAfterMs: number | null;
  httpStatus: number | null;
  metaCode: number | null;
  metaSubcode: number | null;
  traceId: string | null;
}

/** One row of a WABA's list of numbers. */
export interface ListedNumber extends NumberReading {
  phoneNumberId: PhoneNumberId;
  digits: string;
  verifiedName: string | null;
}

export interface TokenReport {
  isValid: boolean;
  appId: string | null;
  /** Each permission with the number of accounts that it was given for. */
  grants: readonly Grant[];
  /** WABAs granted under `whatsapp_business_management`. */
  wabaIds: readonly WabaId[];
  /** Epoch ms; null: never. */
  expiresAtMs: number | null;
}

/** What a WABA's own node tells; null where Meta tells nothing. */
export interface AccountReading {
  name: string | null;
  /** Meta's number of a time zone, as text. */
  timeZoneId: string | null;
  currency: string | null;
  portfolioId: BusinessPortfolioId | null;
  portfolioName: string | null;
  reviewStatus: string | null;
}

export interface Graph {
  readonly appId: string;
  exchangeCode(code: string): Promise<{ accessToken: string; expiresInSeconds: number | null }>;
  debugToken(token: string): Promise<TokenReport>;
  /** All pages. */
  listNumbers(token: string, waba: WabaId): Promise<readonly ListedNumber[]>;
  readNumber(token: string, phone: PhoneNumberId): Promise<NumberReading>;
  subscribe(token: string, waba: WabaId): Promise<void>;
  readWaba(token: string, waba: WabaId): Promise<AccountReading>;
  /** Whether our app is listed among the WABA's subscribed apps, and with the app's own address. */
  readSubscription(token: string, waba: WabaId): Promise<'active' | 'missing' | 'misdirected'>;
  unsubscribe(token: string, waba: WabaId): Promise<void>;
  requestSync(token: string, phone: PhoneNumberId, type: SyncType): Promise<{ requestId: string | null }>;
}

/** Codes, tokens and what an attempt has found: encrypted at rest, passed by reference. */
export interface Credentials {
  /** Null once forgotten. */
  readCode(run: DialogRunId): Promise<{ code: string; receivedAtMs: number } | null>;
  /** Stores the intent to exchange; answers how many intents there were before this one. */
  intendExchange(key: AttemptKey, run: DialogRunId, atMs: number): Promise<number>;
  /** Stores the token as this attempt's candidate and forgets the code, in one transaction. Repeating is harmless. */
  keepCandidate(
    key: AttemptKey,
    run: DialogRunId,
    token: { accessToken: string; expiresAtMs: number | null },
  ): Promise<void>;
  hasCandidate(key: AttemptKey): Promise<boolean>;
  /** C18: what the owner gave, and when we read it. Repeating writes the same. */
  keepGrants(key: AttemptKey, grants: readonly Grant[], atMs: number): Promise<void>;
  readCandidate(key: AttemptKey): Promise<string | null>;
  /** The credential of the link, also while it is held. */
  readCurrent(numberId: NumberId): Promise<string | null>;
  /** The same, for a look at the number; null where another number has taken its ids: what is seen there is of that one. */
  readForLook(numberId: NumberId): Promise<string | null>;
  /** With the codes of its attempt, save that of `keptRun`. */
  forgetCandidate(key: AttemptKey, keptRun: DialogRunId | null): Promise<'done' | 'not-needed'>;
  forgetCurrent(numberId: NumberId): Promise<'done' | 'not-needed'>;
  /** The browser's result of the run whose code was exchanged for this attempt, if it has come. */
  readSignupResult(key: AttemptKey): Promise<{ ending: SignupEnding; wabaId: WabaId | null } | null>;
}

export interface Finding {
  wabaId: WabaId;
  phoneNumberId: PhoneNumberId;
  digits: string;
  verifiedName: string | null;
}

export type ClaimAnswer =
  | { kind: 'claimed'; parked: readonly FactEnvelope[] }
  | { kind: 'held-elsewhere' }
  /** A number of the same tenant has the phone number, and the attempt unless it is busy with its own. */
  | { kind: 'duplicate'; of: NumberId };

export interface Claims {
  keepFinding(key: AttemptKey, finding: Finding): Promise<void>;
  /** CM06: what a person may choose from; replaces what was offered before. */
  keepCandidates(key: AttemptKey, waba: WabaId, candidates: readonly ListedNumber[]): Promise<void>;
  /** C01 to C04: the latest reading of an account, for the number's connection card. */
  keepAccount(numberId: NumberId, waba: WabaId, account: AccountReading & { checkedAtMs: number }): Promise<void>;
  /** U04: the journal of the run whose code was exchanged says that it ended on the account of another business. */
  noteOtherBusiness(key: AttemptKey): Promise<void>;
  /**
   * The digits and the account that the invitation expects, if it named any, and those ids that sibling rows hold live.
   */
  readExpectations(
    numberId: NumberId,
    waba: WabaId,
  ): Promise<{
    expectedDigits: string | null;
    heldIds: readonly PhoneNumberId[];
    expectedAccount: ExpectedAccount | null;
  }>;
  /**
   * Claims digits, phone number id and WABA of the attempt's finding; the same transaction returns the parked facts for
   * those ids in the order of their time. Repeating answers the same.
   */
  claim(key: AttemptKey, tenant: TenantId, handOver: HandedOver): Promise<ClaimAnswer>;
  /** Gives back what this attempt claimed, unless the link uses it. */
  release(key: AttemptKey): Promise<'done' | 'not-needed'>;
  /** Runs `act` under a lock of the WABA's row, telling it whether another number needs the subscription. */
  withWaba<Result>(waba: WabaId, numberId: NumberId, act: (isNeeded: boolean) => Promise<Result>): Promise<Result>;
}

export type SyncOutcome = 'requested' | 'unknown' | 'expired' | 'declined' | 'refused' | 'due';

export interface SyncKey {
  numberId: NumberId;
  cycle: number;
  type: SyncType;
  /** 1 for the first call of the cycle, 2 for the one more after silence. */
  ask: number;
}

export interface LedgerRow {
  firstAtMs: number | null;
  lastAtMs: number | null;
  chunks: number;
  /** Contacts or messages. */
  counted: number;
  progress: number;
  hasSeenFull: boolean;
}

export interface Syncs {
  /**
   * Stores the intent before the call. `go`: nobody has called under this key. A stored answer is returned as it is;
   * an intent without an answer (a crash after it) is `unknown`: nothing may be sent again.
   */
  intend(key: SyncKey, atMs: number): Promise<{ kind: 'go' } | { kind: 'found'; outcome: SyncOutcome }>;
  /** `due` deletes the intent: surely nothing was accepted. */
  settle(key: SyncKey, outcome: SyncOutcome, requestId: string | null): Promise<void>;
  readLedger(numberId: NumberId, cycle: number): Promise<{ contacts: LedgerRow; history: LedgerRow }>;
}

export interface Reminder {
  numberId: NumberId;
  tenantId: TenantId;
  cycle: number;
  evidenceAtMs: number;
  /** A rung of the ladder in days, or an overdue reminder by its ordinal: `overdue-1`. */
  rung: string;
  dueAtMs: number;
}

export interface ActivityRows {
  read(numberId: NumberId): Promise<{ anyAtMs: number | null; evidence: EvidenceKind | null }>;
  /** Moves the columns forward, never back. */
  touch(numberId: NumberId, evidence: EvidenceKind, atMs: number): Promise<void>;
  /**
   * In one transaction: if newer evidence than the reminder's is there, tells it and sends nothing; else writes one outbox
   * row, unique by number, cycle, evidence and rung, and sets the wanted flag. Repeating is harmless.
   */
  remind(reminder: Reminder): Promise<{ kind: 'reminded' } | { kind: 'seen'; atMs: number; evidence: EvidenceKind }>;
}

export interface Projection {
  /** Idempotent, fenced by (run, sequence): a record of a superseded run or of an older sequence changes nothing. */
  record(record: TransitionRecord, runId: string): Promise<void>;
}

export interface EligibilityRechecks {
  /**
   * The verdict over the number's answers by the rules of that time; it is stored. `unclear` for a number without a check:
   * Meta decides.
   */
  recheckNumber(numberId: NumberId, atMs: number): Promise<Pick<Eligibility, 'verdict' | 'comeBackAtMs'>>;
}

export interface ActivityPorts {
  graph: Graph;
  credentials: Credentials;
  claims: Claims;
  syncs: Syncs;
  activity: ActivityRows;
  projection: Projection;
  /** C23: when the subscription was read back; the other moments are noted with what their steps keep. Repeating changes nothing. */
  connectTimes: { noteSubscribed(key: AttemptKey): Promise<void> };
  eligibility: EligibilityRechecks;
  /** What Meta last told of our app's webhooks; null: never read. Written by the servers. */
  webhookReadings: { read(appId: string): Promise<WebhookReading | null> };
  /** Meta's quota of new customers: idempotent by number. */
  quota: { reserve(asked: { tenantId: TenantId; numberId: NumberId; nowMs: number }): Promise<Reservation> };
}

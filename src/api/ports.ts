/** What the HTTP door and the dispatcher need: the stores (implemented by `db`) and the workflows (Temporal's client). */
import type { WebhookReading } from '../domain/app-webhooks.ts';
import type { CommandAnswer, CommandEnvelope } from '../domain/commands.ts';
import type { ConnectMoment } from '../domain/connect-times.ts';
import type { EvidenceKind, FactEnvelope, SignupEnding } from '../domain/facts.ts';
import type { ExpectedAccount } from '../domain/expectations.ts';
import type { FailureCode } from '../domain/failures.ts';
import type {
  BusinessPortfolioId,
  DialogRunId,
  NumberId,
  PhoneNumber,
  PhoneNumberId,
  TenantId,
  WabaId,
} from '../domain/ids.ts';
import type { NewsItem } from '../domain/news.ts';
import type { Deadline } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { TimelineLine } from '../domain/timeline.ts';
import type { WrongAccountSign } from '../domain/wrong-account.ts';
import type { RunClaim } from './dialog-state.ts';
import type { EligibilityChecks } from './eligibility-ports.ts';
import type { ConnectTimes, Events } from './event-ports.ts';
import type { Alerts, ApiKeys, Audit, Quotas, Tenants } from './fleet-ports.ts';
import type { ProgressMarks, SignupGuide } from './signup-ports.ts';

/** A number as its tenant may see it. Headline and send gate are derived from the snapshot on every read. */
export interface NumberRow {
  numberId: NumberId;
  tenantId: TenantId;
  /** The invited or the connected phone number; null while neither is known. */
  phoneNumber: PhoneNumber | null;
  /** The caller's own reference. */
  reference: string | null;
  createdAtMs: number;
  updatedAtMs: number;
  snapshot: Snapshot;
  nextDeadline: Deadline | null;
  lastAppActivity: { atMs: number; evidence: EvidenceKind } | null;
  history: { chunks: number; messages: number; progress: number; phases: readonly number[] };
  contacts: { counted: number };
  /** The latest run of the dialog; `isAbandoned`: it was left and has not ended. */
  lastDialog: {
    openedAtMs: number;
    abandonedStep: string | null;
    isAbandoned: boolean;
    /** U04: what hints at a login of another business. */
    wrongAccount: WrongAccountSign | null;
  } | null;
  /** The WABA as Meta last told of it; null before it was read. */
  account: AccountCard | null;
  /** What the backend expects of that account; null where it named nothing. */
  expected: ExpectedAccount | null;
  /** The numbers of which a person must choose one. */
  candidates: readonly { phoneNumberId: PhoneNumberId; digits: string; verifiedName: string | null }[];
  /** C23: of the attempt that was timed last. */
  connectMoments: readonly { moment: ConnectMoment; atMs: number }[];
}

export interface AccountCard {
  wabaId: WabaId;
  name: string | null;
  timeZoneId: string | null;
  portfolioId: BusinessPortfolioId | null;
  portfolioName: string | null;
  reviewStatus: string | null;
  checkedAtMs: number;
}

export interface NewOnboarding {
  numberId: NumberId;
  tenantId: TenantId;
  phoneNumber: PhoneNumber | null;
  reference: string | null;
  expected: ExpectedAccount | null;
  /** The first snapshot: what the workflow starts with. */
  snapshot: Snapshot;
  nextDeadline: Deadline;
  atMs: number;
}

export interface TimelineEntry extends TimelineLine {
  /** Rises along the timeline: the cursor of its pages. */
  position: number;
  sentence: string;
  cycle: number;
}

export interface Numbers {
  /** Writes number, cycle, first timeline line and an undispatched start in one transaction. Repeating is harmless. */
  create(onboarding: NewOnboarding): Promise<void>;
  /** Null also for a number of another tenant. */
  read(tenantId: TenantId, numberId: NumberId): Promise<NumberRow | null>;
  list(tenantId: TenantId, page: { after: NumberId | null; limit: number }): Promise<readonly NumberRow[]>;
  readTimeline(
    tenantId: TenantId,
    numberId: NumberId,
    page: { after: number; limit: number },
  ): Promise<readonly TimelineEntry[]>;
  /** Rows whose workflow has not been started yet, oldest first. */
  listUnstarted(limit: number): Promise<readonly Snapshot[]>;
  markStarted(numberId: NumberId, atMs: number): Promise<void>;
  /** Open rows after a cursor, for the watch over runs that were terminated. */
  listOpen(after: NumberId | null, limit: number): Promise<readonly Snapshot[]>;
  /** The stored snapshot, whoever the tenant: to restart a number that has no run. Null when closed or unknown. */
  readSnapshot(numberId: NumberId): Promise<Snapshot | null>;
}

/** One part of the browser's answer, bound to one dialog run. */
export type PartAnswer =
  | {
      kind: 'stored' | 'same';
      run: { dialogRunId: DialogRunId; numberId: NumberId; cycle: number; attempt: number };
      /** The workflow must hear of it. */
      isNews: boolean;
    }
  /**
   * `used`: the run has ended in another way, or its attempt has; `over`: the number waits for no signup any more; `unknown`
   * also where the claim is not of this run.
   */
  | { kind: 'different' | 'unknown' | 'expired' | 'used' | 'over' };

/** What a run was opened for; it never changes. */
export interface OpenedRun {
  dialogRunId: DialogRunId;
  cycle: number;
  attempt: number;
  expiresAtMs: number;
}

/** U16: how many runs may be opened within a window that ends now. */
export interface RunLimits {
  windowMs: number;
  perNumber: number;
  perTenant: number;
}

export interface DialogRuns {
  /** Null for a run that was not opened; also for one of another tenant. */
  readOpened(tenantId: TenantId, dialogRunId: DialogRunId): Promise<OpenedRun | null>;
  /**
   * A run that is there already is answered as it was opened, and does not count again. `exhausted`: until the oldest run
   * within the limit leaves the window. Runs of one tenant are opened one after another, so that no race passes a limit.
   */
  open(
    run: OpenedRun & {
      numberId: NumberId;
      openedAtMs: number;
      disclosure: { version: number; by: string };
      origin?: string | null;
    },
    limits: RunLimits,
  ): Promise<{ kind: 'opened'; run: OpenedRun } | { kind: 'exhausted'; retryAtMs: number }>;
  /** Stores the code encrypted. The identical code again is `same`, another one `different`. */
  acceptCode(run: RunClaim, code: string, atMs: number): Promise<PartAnswer>;
  /** News where it is no coexistence ending, or names another account than the one that was found. */
  acceptResult(
    run: RunClaim,
    result: { ending: SignupEnding; wabaId: WabaId | null },
    atMs: number,
  ): Promise<PartAnswer>;
  /** FA05. No news after a code or a good ending of the same attempt. */
  acceptError(
    run: RunClaim,
    error: { failure: FailureCode; metaCode: string | null; supportReference: string | null },
    atMs: number,
  ): Promise<PartAnswer>;
  /** FA04: never news. Where the owner stopped first counts: whatever comes after it is the same. */
  acceptAbandoned(run: RunClaim, step: string | null, atMs: number): Promise<PartAnswer>;
  /** Results of the coexistence ending that have waited longer than `joinSeconds` for their code, not yet posted. */
  listResultsWithoutCode(
    before: number,
    limit: number,
  ): Promise<
    readonly {
      dialogRunId: DialogRunId;
      numberId: NumberId;
      cycle: number;
      attempt: number;
      ending: SignupEnding;
      wabaId: WabaId | null;
      receivedAtMs: number;
    }[]
  >;
  markResultPosted(run: DialogRunId): Promise<void>;
}

/** What became of a tenant's runs of the dialog; each run counts once. */
export interface Funnel {
  opened: number;
  /** Gave a code. */
  finished: number;
  abandoned: readonly { step: string | null; count: number }[];
  errors: readonly { failure: FailureCode; metaCode: string | null; count: number }[];
  otherEndings: readonly { ending: SignupEnding; count: number }[];
}

/** What the runs of the dialog add up to. */
export interface DialogLedger {
  /** Wrong dialogs of the whole fleet. */
  countDrifts(sinceMs: number): Promise<number>;
  readFunnel(tenantId: TenantId, sinceMs: number): Promise<Funnel>;
  /** AT09: owes each owner whose latest run was left before this time one nudge. Answers how many runs were looked at. */
  nudgeAbandoned(due: { beforeMs: number; atMs: number; limit: number }): Promise<number>;
}

export interface Inbox {
  /** Stores a verified delivery durably; `key` is its signature. Repeats are counted, not stored. */
  accept(delivery: { key: string; body: string; receivedAtMs: number }): Promise<'stored' | 'known'>;
  /** Applies touches that need no inbox row (echoes, messages, statuses), in one statement a number. */
  touch(items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  /** What is light first, then a few bursts, each oldest first; a delivery that failed waits `notBefore`. */
  listUnprocessed(
    nowMs: number,
    limit: number,
  ): Promise<readonly { deliveryId: string; body: string; receivedAtMs: number }[]>;
  /**
   * Routes the items of one delivery and marks it processed, in one transaction: facts for numbers that claim the ids,
   * parked facts for those that nobody claims, ledger rows, sealed content, forward-only columns, wanted facts.
   */
  process(deliveryId: string, items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  /** Keeps a delivery that cannot be processed, with its reason, and tries it again later. */
  postpone(deliveryId: string, reason: string, untilMs: number): Promise<void>;
}

export interface FactQueue {
  /** Undispatched facts, at most one a number (its oldest), so that one is in flight per number. */
  listNext(
    nowMs: number,
    limit: number,
  ): Promise<readonly { position: number; numberId: NumberId; envelope: FactEnvelope }[]>;
  markDispatched(position: number, outcome: 'posted' | 'closed', atMs: number): Promise<void>;
  postpone(position: number, untilMs: number): Promise<void>;
  /** A fact that was posted at once, without waiting in the queue, is kept: its run may end before it has recorded it. */
  keepPosted(numberId: NumberId, envelope: FactEnvelope, atMs: number): Promise<void>;
  /** Whether a fact is in the queue or was kept: what its run has not heard comes back from there. */
  isKept(numberId: NumberId, factId: string): Promise<boolean>;
  /**
   * Queues again, at their old places, the facts that were posted to a run which is gone and that its stored snapshot has
   * not heard. Answers how many.
   */
  requeueUnheard(numberId: NumberId): Promise<number>;
}

/** Whether messages come of numbers that went live. */
export interface Traffic {
  /**
   * LI20: queues one fact for each connected number that has had none within its policy's hours, once a link; idempotent
   * under two dispatchers. Answers how many.
   */
  tellQuiet(nowMs: number, limit: number): Promise<number>;
}

/** What was asked of Meta for one import of a cycle, and what has come; `requestId` is Meta's, for its support. */
export interface ImportTrace {
  requests: readonly { ask: number; atMs: number; outcome: string | null; requestId: string | null }[];
  firstAtMs: number | null;
  lastAtMs: number | null;
  chunks: number;
  /** Messages, or contacts with their removals. */
  counted: number;
  progress: number;
  removed: number;
  media: number;
  groups: number;
  /** Came although the tenant did not ask for it. */
  dropped: number;
}

export interface ImportTraces {
  contacts: ImportTrace;
  history: ImportTrace;
  phases: readonly { phase: number; chunks: number; messages: number; progress: number; lastAtMs: number }[];
}

/** One sealed thing that an import brought, opened for its tenant. */
export interface ContentRow {
  /** Rises along the content: the cursor of its pages. */
  position: number;
  cycle: number;
  atMs: number;
  receivedAtMs: number;
  expiresAtMs: number;
  isHistorical: boolean;
  state: 'readable' | 'removed' | 'unreadable';
  /** As Meta wrote it; null unless readable. */
  json: string | null;
}

export interface ImportedContent {
  /** Oldest first; empty also for a number of another tenant. What has expired is not told. */
  read(
    tenantId: TenantId,
    numberId: NumberId,
    page: { kind: 'message' | 'media' | 'contact'; after: number; limit: number; nowMs: number },
  ): Promise<readonly ContentRow[]>;
  /** Answers how many were removed. */
  purgeExpired(nowMs: number, limit: number): Promise<number>;
}

export interface Idempotency {
  /**
   * `run`: act with this resource id; the same key again before an answer was stored gets the same id, so that acting
   * twice makes one thing. `mismatch`: the key was used for another request.
   */
  begin(request: {
    tenantId: TenantId;
    key: string;
    digest: string;
    resourceId: string;
    atMs: number;
  }): Promise<
    { kind: 'run'; resourceId: string } | { kind: 'answered'; status: number; body: unknown } | { kind: 'mismatch' }
  >;
  finish(tenantId: TenantId, key: string, answer: { status: number; body: unknown }): Promise<void>;
}

/** The Temporal client behind one port. Each call is bounded; `unavailable` is a value, not an exception. */
export interface NumberWorkflows {
  /** Starts the number's workflow, or finds it running. */
  start(snapshot: Snapshot): Promise<'started' | 'unavailable'>;
  /** `absent`: no open run under that id. */
  postFact(numberId: NumberId, envelope: FactEnvelope): Promise<'posted' | 'absent' | 'unavailable'>;
  /** Waits at most 5 s for the loop's answer. */
  ask(
    numberId: NumberId,
    command: CommandEnvelope,
  ): Promise<
    { kind: 'answered'; answer: CommandAnswer } | { kind: 'pending' } | { kind: 'absent' } | { kind: 'unavailable' }
  >;
  isRunning(numberId: NumberId): Promise<'yes' | 'no' | 'unavailable'>;
}

/** Readiness: each answers within its own bound. */
export interface Readiness {
  isStoreReady(): Promise<boolean>;
  isEngineReady(): Promise<boolean>;
  /** When Meta's last stored webhook came; null: none yet. */
  lastWebhookAtMs(): Promise<number | null>;
}

/** What Meta last told of our app's webhooks: all processes share it, so that one alone asks. */
export interface WebhookReadings {
  /** Null: never read. */
  read(appId: string): Promise<WebhookReading | null>;
  /** An older look never takes the place of a newer one. */
  keep(appId: string, reading: WebhookReading): Promise<void>;
}

export interface ApiPorts {
  eligibility: EligibilityChecks;
  /** Nothing also for a number of another tenant. */
  syncs: { readTraces(tenantId: TenantId, numberId: NumberId, cycle: number): Promise<ImportTraces> };
  content: ImportedContent;
  numbers: Numbers;
  dialogRuns: DialogRuns;
  dialogLedger: DialogLedger;
  signupGuide: SignupGuide;
  progress: ProgressMarks;
  inbox: Inbox;
  facts: FactQueue;
  traffic: Traffic;
  idempotency: Idempotency;
  apiKeys: ApiKeys;
  tenants: Tenants;
  quota: Quotas;
  alerts: Alerts;
  audit: Audit;
  events: Events;
  connectTimes: ConnectTimes;
  workflows: NumberWorkflows;
  readiness: Readiness;
  webhookReadings: WebhookReadings;
}

/** What the HTTP door and the dispatcher need: the stores (implemented by `db`) and the workflows (Temporal's client). */
import type { CommandAnswer, CommandEnvelope } from '../domain/commands.ts';
import type { EvidenceKind, FactEnvelope, SignupEnding } from '../domain/facts.ts';
import type { DialogRunId, NumberId, PhoneNumber, TenantId, WabaId } from '../domain/ids.ts';
import type { NewsItem } from '../domain/news.ts';
import type { Deadline } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { TimelineLine } from '../domain/timeline.ts';

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
}

export interface NewOnboarding {
  numberId: NumberId;
  tenantId: TenantId;
  phoneNumber: PhoneNumber | null;
  reference: string | null;
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
  | { kind: 'stored' | 'same'; run: { dialogRunId: DialogRunId; numberId: NumberId; cycle: number; attempt: number } }
  | { kind: 'different' }
  | { kind: 'unknown' }
  | { kind: 'expired' };

export interface DialogRuns {
  /** Repeating is harmless. */
  open(run: {
    dialogRunId: DialogRunId;
    numberId: NumberId;
    cycle: number;
    attempt: number;
    openedAtMs: number;
    expiresAtMs: number;
  }): Promise<void>;
  /** Stores the code encrypted. The identical code again is `same`, another one `different`. */
  acceptCode(run: DialogRunId, code: string, atMs: number): Promise<PartAnswer>;
  acceptResult(
    run: DialogRunId,
    result: { ending: SignupEnding; wabaId: WabaId | null },
    atMs: number,
  ): Promise<PartAnswer>;
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

export interface Inbox {
  /** Stores a verified delivery durably; `key` is its signature. Repeats are counted, not stored. */
  accept(delivery: { key: string; body: string; receivedAtMs: number }): Promise<'stored' | 'known'>;
  /** Applies touches that need no inbox row (echoes, messages, statuses), in one statement a number. */
  touch(items: readonly NewsItem[], receivedAtMs: number): Promise<void>;
  /** Oldest first; a delivery that failed to be processed waits `notBefore`. */
  listUnprocessed(
    nowMs: number,
    limit: number,
  ): Promise<readonly { deliveryId: string; body: string; receivedAtMs: number }[]>;
  /**
   * Routes the items of one delivery and marks it processed, in one transaction: facts for numbers that claim the ids,
   * parked facts for those that nobody claims, ledger rows, forward-only columns, wanted facts.
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
  /**
   * Queues again, at their old places, the facts that were posted to a run which is gone and that its stored snapshot has
   * not heard. Answers how many.
   */
  requeueUnheard(numberId: NumberId): Promise<number>;
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

export interface ApiKeys {
  /** The tenant of a key, by its SHA-256; null for an unknown key. */
  findTenant(keyHash: string): Promise<TenantId | null>;
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
}

export interface ApiPorts {
  numbers: Numbers;
  dialogRuns: DialogRuns;
  inbox: Inbox;
  facts: FactQueue;
  idempotency: Idempotency;
  apiKeys: ApiKeys;
  workflows: NumberWorkflows;
  readiness: Readiness;
}

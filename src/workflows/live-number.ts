/** A number inside its run: the snapshot, what has arrived, what must be recorded and shown, and when the run should end. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
  ApplicationFailure,
} from '@temporalio/workflow';
import type { SearchAttributePair } from '@temporalio/common';
import { connectionOf, mayBecome, type Connection } from '../domain/connection.ts';
import type { CommandAnswer, CommandEnvelope, CommandKind } from '../domain/commands.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import { nextDueOf, type Due } from '../domain/deadlines.ts';
import { completeSnapshot } from '../domain/older-snapshot.ts';
import { takeCommandOnce, takeFact } from '../domain/react.ts';
import type { TransitionRecord } from '../domain/record.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { mustRecord } from '../domain/story.ts';
import { areSyncsOver } from '../domain/syncs.ts';
import { activityCalls, type ActivityCalls } from './activity-calls.ts';
import { detailsOf } from './current-details.ts';
import { KeptTimer } from './kept-timer.ts';
import { Mailbox, type Post } from './mailbox.ts';
import { commands, fact, status } from './messages.ts';
import { fingerprintOf, searchAttributesOf, searchAttributeUpdatesOf } from './search-attributes.ts';

export class LiveNumber {
  readonly calls: ActivityCalls;
  #state: Snapshot;
  readonly #mailbox: Mailbox;
  readonly #timer = new KeptTimer();
  #recorded: Connection;
  #goesLive: TransitionRecord['goesLive'] = null;
  #shown: string;
  #isCancelled = false;
  /** History length in the task that brought the last update: a run never continues as new in that task. */
  #updateAtLength = -1;
  readonly #wasOnboarding: boolean;

  constructor(saved: Snapshot) {
    const whole = completeSnapshot(saved);
    this.#state = { ...whole, mailbox: [] };
    this.#mailbox = new Mailbox(whole.mailbox);
    this.calls = activityCalls(whole.policy);
    this.#recorded = connectionOf(whole);
    this.#shown = fingerprintOf(whole, nextDueOf(whole, this.nowMs));
    this.#wasOnboarding = !isAtRest(whole);
  }

  get state(): Snapshot {
    return this.#state;
  }

  get connection(): Connection {
    return connectionOf(this.#state);
  }

  /** The time by which this run decides, epoch ms. */
  get nowMs(): number {
    return this.#timer.nowMs;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Handlers are one synchronous line: post, and let the loop act. State exists before them, for buffered messages come at once. */
  listen(): void {
    setHandler(fact, (envelope) => this.#mailbox.postFact(envelope), {
      description: 'Something that happened to this number.',
    });
    setHandler(status, () => this.#state, { description: 'The whole state of this number, as it is now.' });
    for (const kind of Object.keys(commands) as CommandKind[]) {
      setHandler(commands[kind], (envelope) => this.#postCommand(envelope), {
        validator: (envelope: CommandEnvelope) => checkShape(kind, envelope),
        description: `Asks this number: ${kind}.`,
      });
    }
    CancellationScope.current().cancelRequested.catch(() => {
      this.#isCancelled = true;
    });
  }

  #postCommand(envelope: CommandEnvelope): Promise<CommandAnswer> {
    this.#updateAtLength = workflowInfo().historyLength;
    return this.#mailbox.postCommand(envelope);
  }

  /** The only change of state. A move outside the table is a bug: the task fails and waits for the code to be mended. */
  advance(next: Snapshot): void {
    const from = connectionOf(this.#state);
    const to = connectionOf(next);
    if (!mayBecome(from, to)) throw new Error(`no move from ${from} to ${to} in the table`);
    if (from !== to) log.info('connection changes', { from, to, cycle: next.cycle });
    this.#state = next;
  }

  /** As `advance`, for the moment in which the attempt's candidate becomes the credential. */
  goLive(next: Snapshot, goesLive: NonNullable<TransitionRecord['goesLive']>): void {
    this.#goesLive = goesLive;
    this.advance(next);
  }

  get hasUnrecordedMove(): boolean {
    return this.connection !== this.#recorded || this.#goesLive !== null;
  }

  /** The one move whose record runs beside its step: the code would die while Postgres is slow. */
  get isAboutToExchange(): boolean {
    const { attempt } = this.#state;
    return attempt.state === 'running' && attempt.step === 'exchange' && !attempt.isCancelled;
  }

  /** Facts that a step brought back, as if they had just arrived. */
  hear(facts: readonly FactEnvelope[]): void {
    for (const envelope of facts) this.#mailbox.postFact(envelope);
  }

  /** Writes projection, timeline and snapshot; what is said meanwhile waits for the next record. */
  async record(): Promise<void> {
    const told = this.#state.unsaid;
    const from = this.#recorded;
    const goesLive = this.#goesLive;
    const sequence = this.#state.sequence + 1;
    this.#state = { ...this.#state, sequence, unsaid: [] };
    this.#recorded = this.connection;
    this.#goesLive = null;
    const snapshot = { ...this.#state, mailbox: this.#mailbox.facts };
    const due = nextDueOf(snapshot, this.nowMs);
    const record: TransitionRecord = {
      numberId: snapshot.numberId,
      tenantId: snapshot.tenantId,
      cycle: snapshot.cycle,
      sequence,
      atMs: this.nowMs,
      from,
      to: this.#recorded,
      nextDeadline: due && { kind: due.kind, atMs: due.atMs },
      lines: told,
      goesLive,
      snapshot,
    };
    const summary = from === this.#recorded ? `${from}: ${told.length} lines` : `${from} → ${this.#recorded}`;
    await this.calls.recordTransition.executeWithOptions({ summary }, [record]);
  }

  /** Takes all that has arrived, without waiting: at the edge of a step. */
  async takeArrived(): Promise<void> {
    for (let post = this.#mailbox.take(); post; post = this.#mailbox.take()) await this.#take(post);
  }

  /** Rests until something arrives, the next deadline comes, or the run should end; then takes one post, if there is one. */
  async nextPost(): Promise<void> {
    if (this.#mailbox.isEmpty) await this.#rest();
    const post = this.#mailbox.take();
    if (post) await this.#take(post);
  }

  async #rest(): Promise<void> {
    if (mustRecord(this.#state)) await this.record();
    const due = nextDueOf(this.#state, this.nowMs);
    if (this.mayContinueAsNew()) return;
    this.#show(due);
    const fired = this.#timer.fired;
    if (due && due.atMs <= this.nowMs) return;
    if (due) this.#timer.arm(due.atMs, due.because);
    await condition(() => this.#mustWake(fired));
  }

  #mustWake(fired: number): boolean {
    return !this.#mailbox.isEmpty || this.#isCancelled || this.#timer.fired > fired || this.mayContinueAsNew();
  }

  async #take(post: Post): Promise<void> {
    if (post.kind === 'fact') return this.advance(takeFact(this.#state, post.envelope, this.nowMs));
    const { command } = post.envelope;
    const { answer, next, isRepeat } = takeCommandOnce(this.#state, post.envelope, this.nowMs);
    this.advance(next);
    post.answer(answer);
    if (isRepeat || command.kind !== 'confirmAppOpened' || answer.outcome !== 'accepted') return;
    await this.calls.noteAppOpened.executeWithOptions({ summary: 'the owner says: the app was opened' }, [
      { numberId: this.#state.numberId, openedAtMs: Math.min(command.openedAtMs, this.nowMs) },
    ]);
  }

  /** One upsert when the loop goes to rest and something differs; the details say now, next, because, and the last ten sentences. */
  #show(due: Due | null): void {
    setCurrentDetails(detailsOf(this.#state, due));
    const fingerprint = fingerprintOf(this.#state, due);
    if (fingerprint === this.#shown) return;
    this.#shown = fingerprint;
    upsertSearchAttributes(searchAttributeUpdatesOf(this.#state, due, workflowInfo().typedSearchAttributes));
  }

  /** At a boundary of the life, or when the history grows: never in a task that brought an update (they would be lost). */
  mayContinueAsNew(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    if (historyLength === this.#updateAtLength || this.hasUnrecordedMove) return false;
    if (historyLength >= this.#state.policy.runEventsMax || continueAsNewSuggested) return true;
    return this.#wasOnboarding && this.#mailbox.isEmpty && isAtRest(this.#state);
  }

  /** The record's end: told, shown, and every caller answered. */
  async finish(): Promise<void> {
    if (this.hasUnrecordedMove) await this.record();
    this.#show(null);
  }

  /** What is left is answered, and what arrives meanwhile: commands before the run ends, for their callers wait. */
  async answerAll(): Promise<void> {
    do {
      for (const post of this.#mailbox.takeCommands()) await this.#take(post);
      await condition(() => allHandlersFinished() || this.#mailbox.hasCommands);
    } while (!allHandlersFinished());
  }

  /** Search attributes that the next run starts with: given at its start they cost no Action. */
  shownAfterwards(): { typedSearchAttributes: SearchAttributePair[] } {
    return { typedSearchAttributes: searchAttributesOf(this.#state, nextDueOf(this.#state, this.nowMs)) };
  }

  /** What the next run starts with; facts that have arrived travel along. */
  snapshot(): Snapshot {
    return { ...this.#state, mailbox: this.#mailbox.facts };
  }
}

/** The onboarding is over: connected, and nothing can happen to an import by itself. */
function isAtRest(s: Snapshot): boolean {
  return s.link.state === 'live' && s.attempt.state === 'none' && areSyncsOver(s) && !mustRecord(s);
}

/** Synchronous, on shape alone; the loop decides on substance. */
function checkShape(kind: CommandKind, envelope: CommandEnvelope): void {
  const isShaped = typeof envelope?.commandId === 'string' && envelope.command?.kind === kind;
  if (!isShaped) throw ApplicationFailure.nonRetryable(`not a ${kind} command`, 'COMMAND_MALFORMED');
}

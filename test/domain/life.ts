/** Plays a whole life without Temporal: a virtual clock, a scripted Meta, and the turns of `numberLifecycle` in their order. */
import { afterLimitRead, appSeen, nextWatchStep, reminded, type WatchStep } from '../../src/domain/activity.ts';
import { afterClock } from '../../src/domain/clock-tick.ts';
import { isComeBackDue } from '../../src/domain/come-back-queue.ts';
import { afterRecheck } from '../../src/domain/come-back.ts';
import type { Command, CommandAnswer } from '../../src/domain/commands.ts';
import { connectionOf, mayBecome, type Connection } from '../../src/domain/connection.ts';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Fact, FactEnvelope } from '../../src/domain/facts.ts';
import { headlineOf } from '../../src/domain/headline.ts';
import { linkAfterAccessRead } from '../../src/domain/link-account.ts';
import { linkAfterLook, lookDueAt } from '../../src/domain/link-looks.ts';
import { takeCommand, takeFact } from '../../src/domain/react.ts';
import { afterCompensation, compensated, nextSettleStep } from '../../src/domain/settle.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { afterAlert } from '../../src/domain/sync-alerts.ts';
import { afterLook } from '../../src/domain/sync-arrivals.ts';
import { afterAsk, beforeAsk, expireSync, nextSyncStep } from '../../src/domain/syncs.ts';
import { afterSubscriptionRead, nextSubscriptionStep } from '../../src/domain/subscription.ts';
import type { SyncType } from '../../src/domain/commands.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { envelope, probe } from './builders.ts';
import { connectTurn } from './life-connect.ts';
import { standardMeta, type ScriptedMeta } from './scripted-meta.ts';

/** More turns than this at one instant is a loop that spins. */
const TURNS_AT_ONE_INSTANT_MAX = 50;

interface Scheduled {
  atMs: number;
  envelope: FactEnvelope;
}

export class Life {
  state: Snapshot;
  nowMs: number;
  readonly meta: ScriptedMeta;
  /** `cycle/evidence/rung` of each reminder that went out, and when. */
  readonly reminders: { key: string; rung: string; atMs: number }[] = [];
  readonly overdueAtMs: { toldAtMs: number; evidenceAtMs: number }[] = [];
  readonly asks: { cycle: number; type: SyncType; outcome: string }[] = [];
  readonly sentences: string[] = [];
  /** Connections in the order in which they were recorded. */
  readonly trail: Connection[] = [];
  #mailbox: FactEnvelope[] = [];
  #scheduled: Scheduled[] = [];
  #recorded: Connection;
  #turns = 0;

  constructor(given: { state: Snapshot; nowMs: number; meta?: Partial<ScriptedMeta> }) {
    this.state = given.state;
    this.nowMs = given.nowMs;
    this.meta = { ...standardMeta(), ...given.meta };
    this.#recorded = connectionOf(given.state);
  }

  get connection(): Connection {
    return connectionOf(this.state);
  }

  get headline(): string {
    return headlineOf(this.state);
  }

  /** Delivered now, unless told otherwise; it happened now, unless told otherwise. */
  hear(fact: Fact, over: Partial<FactEnvelope> & { deliveredAtMs?: number } = {}): void {
    const { deliveredAtMs = this.nowMs, ...rest } = over;
    this.deliver(envelope(fact, this.nowMs, rest), deliveredAtMs);
  }

  deliver(heard: FactEnvelope, atMs: number): void {
    this.#scheduled = [...this.#scheduled, { atMs, envelope: heard }].toSorted((a, b) => a.atMs - b.atMs);
  }

  command(command: Command): CommandAnswer {
    const { answer, next } = takeCommand(this.state, { command, by: 'tenant' }, this.nowMs);
    this.advance(next);
    if (command.kind === 'confirmAppOpened' && answer.outcome === 'accepted') this.meta.use(command.openedAtMs);
    return answer;
  }

  /** The only change of state, as in the workflow: a move outside the table is a bug. */
  advance(next: Snapshot): void {
    const from = this.connection;
    const to = connectionOf(next);
    if (!mayBecome(from, to)) throw new Error(`no move from ${from} to ${to} in the table`);
    checkInvariants(next);
    this.state = next;
  }

  /** Lives until `untilMs`; what is due at that very moment is done. */
  runTo(untilMs: number): void {
    while (this.connection !== 'closed' && this.#turn(untilMs) !== 'arrived') this.#countTurn();
    this.record();
    this.nowMs = Math.max(this.nowMs, untilMs);
    this.#turns = 0;
  }

  /** As the workflow does it: what is told goes out, and the snapshot survives as JSON. */
  record(): void {
    this.sentences.push(...this.state.unsaid.map((line) => `${line.row} ${sentenceOf(line)}`));
    if (this.#recorded !== this.connection) this.trail.push(this.connection);
    this.#recorded = this.connection;
    this.state = JSON.parse(
      JSON.stringify({ ...this.state, sequence: this.state.sequence + 1, unsaid: [] }),
    ) as Snapshot;
  }

  /** Time that passes inside a step. */
  spend(ms: number): void {
    if (ms > 0) this.#moveTo(this.nowMs + ms);
  }

  takeArrived(): void {
    for (const { envelope: due } of this.#scheduled.filter(({ atMs }) => atMs <= this.nowMs)) this.#mailbox.push(due);
    this.#scheduled = this.#scheduled.filter(({ atMs }) => atMs > this.nowMs);
    for (let next = this.#mailbox.shift(); next; next = this.#mailbox.shift()) {
      this.advance(takeFact(this.state, next, this.nowMs));
    }
  }

  /** One turn of the loop: 'arrived' when nothing is left to do before `untilMs`. */
  #turn(untilMs: number): 'worked' | 'arrived' {
    const ticked = afterClock(this.state, this.nowMs);
    if (ticked) this.advance(ticked);
    if (this.#recorded !== this.connection) this.record();
    if (this.#phase()) return 'worked';
    return this.#nextPost(untilMs);
  }

  /** The phase that fits the connection; answers whether it did something. */
  #phase(): boolean {
    switch (this.connection) {
      case 'awaiting-signup':
        return this.#signupIfDue();
      case 'disconnected':
        return this.settleIfDue();
      case 'connecting':
        return connectTurn(this);
      case 'connected':
        return this.#connectedIfDue();
      case 'paused':
        return this.#returnIfDue();
      case 'disconnecting':
        return this.#lookIfDue() || this.#subscriptionIfDue() || this.#syncIfDue();
      case 'closed':
        return false;
    }
  }

  #signupIfDue(): boolean {
    return this.settleIfDue() || this.#recheckIfDue();
  }

  #returnIfDue(): boolean {
    return this.#lookIfDue() || this.#subscriptionIfDue() || this.#recheckIfDue();
  }

  #connectedIfDue(): boolean {
    return this.careIfDue() || this.#recheckIfDue();
  }

  /** The link's own care. */
  careIfDue(): boolean {
    return this.#lookIfDue() || this.#subscriptionIfDue() || this.#syncIfDue() || this.#watchIfDue();
  }

  /** The rules have nothing against it by then. */
  #recheckIfDue(): boolean {
    if (!isComeBackDue(this.state, this.nowMs)) return false;
    const answer = { verdict: 'likely', comeBackAtMs: null, slotPromisedAtMs: null } as const;
    this.advance(afterRecheck(this.state, answer, this.nowMs));
    return true;
  }

  #nextPost(untilMs: number): 'worked' | 'arrived' {
    const before = this.state.factIds.at(-1);
    this.takeArrived();
    if (this.state.factIds.at(-1) !== before) return 'worked';
    if (mustRecord(this.state)) this.record();
    const due = nextDueOf(this.state, this.nowMs);
    if (due && due.atMs <= this.nowMs) return 'worked'; // the loop looks again: a spin, if nothing comes of it
    const wakeAtMs = Math.min(due?.atMs ?? Infinity, this.#scheduled[0]?.atMs ?? Infinity);
    if (wakeAtMs > untilMs) return 'arrived';
    this.#moveTo(wakeAtMs);
    return 'worked';
  }

  #lookIfDue(): boolean {
    const due = lookDueAt(this.state.link);
    if (!due || due.atMs > this.nowMs) return false;
    if (due.purpose === 'access') {
      this.advance(linkAfterAccessRead(this.state, 'valid', this.nowMs));
      return true;
    }
    const seen = this.meta.probe(this.nowMs);
    this.advance(linkAfterLook(this.state, { purpose: due.purpose, probe: probe(seen, this.nowMs) }, this.nowMs));
    return true;
  }

  #subscriptionIfDue(): boolean {
    const step = nextSubscriptionStep(this.state, this.nowMs);
    if (step.kind === 'rest' || step.kind === 'wait') return false;
    const answer = { read: this.meta.subscription() };
    this.advance(afterSubscriptionRead(this.state, { step: step.kind, answer }, this.nowMs));
    return true;
  }

  #syncIfDue(): boolean {
    const step = nextSyncStep(this.state, this.nowMs);
    switch (step.kind) {
      case 'ask': {
        this.advance(beforeAsk(this.state, step.type));
        const answer = this.meta.requestSync(step.type, this.nowMs);
        this.asks.push({ cycle: this.state.cycle, type: step.type, outcome: answer.outcome });
        this.advance(afterAsk(this.state, { type: step.type, ...answer }, this.nowMs));
        return true;
      }
      case 'expire':
        this.advance(expireSync(this.state, step.type, this.nowMs));
        return true;
      case 'alert':
        this.advance(afterAlert(this.state, step, this.nowMs));
        return true;
      case 'look':
        this.advance(afterLook(this.state, this.meta.ledger(this.nowMs), this.nowMs));
        return true;
      case 'wait':
      case 'none':
        return false;
    }
  }

  #watchIfDue(): boolean {
    const step = nextWatchStep(this.state, this.nowMs);
    if (step.kind === 'remind') this.#remind(step);
    if (step.kind === 'read-limit') this.#readLimit();
    return step.kind === 'remind' || step.kind === 'read-limit';
  }

  #remind(step: Extract<WatchStep, { kind: 'remind' }>): void {
    const seenAtMs = this.meta.lastUsedAtMs(this.nowMs);
    if (seenAtMs !== null && seenAtMs > step.evidenceAtMs) {
      return this.advance(appSeen(this.state, { row: 'AC01', atMs: seenAtMs, evidence: 'echo' }));
    }
    const key = `${this.state.cycle}/${step.evidenceAtMs}/${step.rung}`;
    this.reminders.push({ key, rung: step.rung, atMs: this.nowMs });
    this.advance(reminded(this.state, step, this.nowMs));
  }

  #readLimit(): void {
    const read = { anyAtMs: this.meta.lastUsedAtMs(this.nowMs), evidence: 'echo' as const };
    this.advance(afterLimitRead(this.state, read, this.nowMs));
    const { overdueSinceMs, anyAtMs } = this.state.activity;
    if (overdueSinceMs !== null) this.overdueAtMs.push({ toldAtMs: overdueSinceMs, evidenceAtMs: anyAtMs ?? 0 });
  }

  /** The after-life of a link that is gone; answers whether something was done. */
  settleIfDue(): boolean {
    if (this.state.link.state !== 'gone') return false;
    if (this.#lookIfDue()) return true;
    const step = nextSettleStep(this.state, this.nowMs);
    if (step.kind === 'compensate') {
      const result = this.meta.undo(step.step);
      this.advance(afterCompensation(this.state, { step: step.step, result }, this.nowMs));
    }
    if (step.kind === 'compensated') this.advance(compensated(this.state, this.nowMs));
    return step.kind === 'compensate' || step.kind === 'compensated';
  }

  #moveTo(atMs: number): void {
    if (atMs > this.nowMs) this.#turns = 0;
    this.nowMs = Math.max(this.nowMs, atMs);
  }

  #countTurn(): void {
    this.#turns += 1;
    if (this.#turns > TURNS_AT_ONE_INSTANT_MAX) {
      throw new Error(
        `spins at ${this.nowMs}: ${this.connection}, due ${JSON.stringify(nextDueOf(this.state, this.nowMs))}`,
      );
    }
  }
}

/** What no sequence of facts may break. */
function checkInvariants({ link, attempt, leave, closed }: Snapshot): void {
  const stands = link.state === 'live' || link.state === 'suspended';
  const isEmpty = link.state === 'none' && attempt.state === 'none';
  const rules: Record<string, boolean> = {
    'a record without link and attempt is closed': !isEmpty || closed !== 'no',
    'a wish to leave needs a link': leave.state === 'none' || stands,
    'a closed record has no attempt and holds no link': closed === 'no' || (attempt.state === 'none' && !stands),
  };
  const broken = Object.keys(rules).filter((rule) => !rules[rule]);
  if (broken.length > 0) throw new Error(`invariant broken: ${broken.join('; ')}`);
}

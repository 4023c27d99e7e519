/** A life that can crash: it goes on from the last recorded snapshot, and hears again what was heard since. */
import { deadlinesOf } from '../../src/domain/deadlines.ts';
import type { Asker, Command, CommandAnswer } from '../../src/domain/commands.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { takeCommandOnce } from '../../src/domain/react.ts';
import type { Snapshot, UndoStep } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { Life } from './life.ts';

/** Thrown by the scripted Meta in the middle of a call: the process died there. */
export class Crash extends Error {}

/** Which attempt, for what is once-only or undone. */
export function attemptKey({ cycle, attempt }: Snapshot): string {
  return `${cycle}/${attempt.ordinal}`;
}

export class OnboardingLife extends Life {
  /** Undo steps in the order in which each attempt registered them. */
  readonly registered = new Map<string, readonly UndoStep[]>();
  /** How often the process died. */
  crashes = 0;
  #recordedState: Snapshot;
  #heard: { heard: FactEnvelope; atMs: number }[] = [];
  #commands = 0;
  #toAsk: { command: Command; by: Asker; atMs: number }[] = [];
  /** What was answered to each command that was taken. */
  readonly answers: { command: Command; by: Asker; answer: CommandAnswer }[] = [];

  constructor(given: ConstructorParameters<typeof Life>[0]) {
    super(given);
    this.#recordedState = given.state;
  }

  override deliver(heard: FactEnvelope, atMs: number): void {
    this.#heard.push({ heard, atMs });
    super.deliver(heard, atMs);
  }

  override advance(next: Snapshot): void {
    super.advance(next);
    const { undo } = next.attempt;
    const key = attemptKey(next);
    if (undo.length > (this.registered.get(key)?.length ?? 0)) this.registered.set(key, undo);
  }

  override record(): void {
    super.record();
    this.#recordedState = this.state;
  }

  /** What is to be undone is recorded before the first step of it, as the workflow does. */
  override takeArrived(): void {
    super.takeArrived();
    const [next] = this.#toAsk;
    if (next && next.atMs <= this.nowMs) this.#askNext(next);
    if (this.state.attempt.state === 'undoing' && mustRecord(this.state)) this.record();
  }

  override runTo(untilMs: number): void {
    for (let isDone = false; !isDone;) isDone = this.#triesTo(untilMs);
  }

  #triesTo(untilMs: number): boolean {
    try {
      super.runTo(untilMs);
      return true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.#goOnFromRecord();
      return false;
    }
  }

  #goOnFromRecord(): void {
    this.crashes += 1;
    this.state = this.#recordedState;
    const lost = this.#heard.filter(({ heard, atMs }) => atMs <= this.nowMs && !this.#knows(heard));
    for (const { heard } of lost) super.deliver(heard, this.nowMs);
  }

  #knows({ factId }: FactEnvelope): boolean {
    return this.state.factIds.includes(factId);
  }

  /** To be asked at its time, at the next edge of a step; of several one an edge. */
  askAt(command: Command, by: Asker, atMs: number): void {
    this.#toAsk = [...this.#toAsk, { command, by, atMs }].toSorted((a, b) => a.atMs - b.atMs);
  }

  #askNext({ command, by }: { command: Command; by: Asker }): void {
    this.#toAsk = this.#toAsk.slice(1);
    this.answers.push({ command, by, answer: this.ask(command, by) });
  }

  /** Asked twice under one id, as a caller does whose answer was lost; the answer is on record before anything can crash. */
  ask(command: Command, by: Asker): CommandAnswer {
    this.#commands += 1;
    const asked = { commandId: `cmd_${this.#commands}`, by, command };
    const first = takeCommandOnce(this.state, asked, this.nowMs);
    if (first.answer.outcome === 'refused')
      assertSame({ ...first.next, answered: [] }, { ...this.state, answered: [] });
    const again = takeCommandOnce(first.next, asked, this.nowMs);
    if (!again.isRepeat || again.next !== first.next) throw new Error('a repeated command acted twice');
    this.advance(first.next);
    this.record();
    return first.answer;
  }

  /** Closed, or the clock alone will bring something: nothing waits for ever. */
  get isStuck(): boolean {
    return this.connection !== 'closed' && deadlinesOf(this.state, this.nowMs).length === 0;
  }
}

function assertSame(next: Snapshot, before: Snapshot): void {
  if (JSON.stringify(next) !== JSON.stringify(before)) throw new Error('a refused command changed something');
}

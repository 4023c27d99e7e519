/** What has arrived and was not yet taken, in order of arrival: facts, and commands whose callers wait. */
import type { CommandAnswer, CommandEnvelope } from '../domain/commands.ts';
import type { FactEnvelope } from '../domain/facts.ts';

export type Post =
  | { kind: 'fact'; envelope: FactEnvelope }
  | { kind: 'command'; envelope: CommandEnvelope; answer: (answer: CommandAnswer) => void };

export class Mailbox {
  #posts: Post[];

  constructor(facts: readonly FactEnvelope[]) {
    this.#posts = facts.map((envelope) => ({ kind: 'fact', envelope }));
  }

  get isEmpty(): boolean {
    return this.#posts.length === 0;
  }

  get hasCommands(): boolean {
    return this.#posts.some(({ kind }) => kind === 'command');
  }

  postFact(envelope: FactEnvelope): void {
    this.#posts.push({ kind: 'fact', envelope });
  }

  /** The promise of the loop's answer. */
  postCommand(envelope: CommandEnvelope): Promise<CommandAnswer> {
    return new Promise((answer) => {
      this.#posts.push({ kind: 'command', envelope, answer });
    });
  }

  take(): Post | null {
    return this.#posts.shift() ?? null;
  }

  /** Commands are answered before a run ends; facts travel on. */
  takeCommands(): Extract<Post, { kind: 'command' }>[] {
    const commands = this.#posts.filter((post) => post.kind === 'command');
    this.#posts = this.#posts.filter((post) => post.kind !== 'command');
    return commands;
  }

  get facts(): readonly FactEnvelope[] {
    return this.#posts.flatMap((post) => (post.kind === 'fact' ? [post.envelope] : []));
  }
}

/**
 * The timers of a run, as few as can be: a new one only for a deadline earlier than all that stand. One that stands is never
 * taken back: it wakes the loop for the deadline after the earlier one, or once for nothing, which costs no Action.
 * They are also what the run knows of the time (decision 0027).
 */
import { sleep } from '@temporalio/workflow';

export class KeptTimer {
  /** When those that stand will fire, epoch ms; each was earlier than all before it. */
  #standing: readonly number[] = [];
  #fired = 0;
  /** Until when the latest of those that have fired stood, epoch ms. */
  #reachedMs = 0;

  /** Rises each time a timer fires. Nobody trusts why: the loop evaluates the state against the clock. */
  get fired(): number {
    return this.#fired;
  }

  /** Workflow time, epoch ms, and never before a timer that has fired: the SDK may tell of it with the time of an earlier task. */
  get nowMs(): number {
    return Math.max(Date.now(), this.#reachedMs);
  }

  /** Makes sure that the loop wakes at `untilMs` (workflow time, epoch ms) or before it. */
  arm(untilMs: number, because: string): void {
    if (this.#standing.some((atMs) => atMs <= untilMs)) return;
    this.#standing = [...this.#standing, untilMs];
    void this.#run(untilMs, because);
  }

  async #run(untilMs: number, because: string): Promise<void> {
    await sleep(Math.max(1, untilMs - this.nowMs), { summary: because });
    this.#standing = this.#standing.filter((atMs) => atMs !== untilMs);
    this.#reachedMs = Math.max(this.#reachedMs, untilMs);
    this.#fired += 1;
  }
}

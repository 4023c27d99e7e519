/** One timer for a whole run: armed again only for an earlier deadline; a later one lets it fire, and the loop looks again. */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

export class KeptTimer {
  #armedForMs: number | null = null;
  #scope: CancellationScope | null = null;
  #fired = 0;

  /** Rises each time the timer fires. Nobody trusts why: the loop evaluates the state against the clock. */
  get fired(): number {
    return this.#fired;
  }

  /** Makes sure that the loop wakes at `untilMs` (workflow time, epoch ms) or before it. */
  arm(untilMs: number, because: string): void {
    if (this.#armedForMs !== null && this.#armedForMs <= untilMs) return;
    this.#scope?.cancel();
    const scope = new CancellationScope({ cancellable: true });
    this.#scope = scope;
    this.#armedForMs = untilMs;
    void scope.run(() => this.#run(scope, untilMs, because));
  }

  async #run(scope: CancellationScope, untilMs: number, because: string): Promise<void> {
    try {
      await sleep(Math.max(1, untilMs - Date.now()), { summary: because });
    } catch (error) {
      if (isCancellation(error)) return; // armed again for an earlier deadline
      throw error;
    }
    if (this.#scope !== scope) return;
    this.#armedForMs = null;
    this.#fired += 1;
  }
}

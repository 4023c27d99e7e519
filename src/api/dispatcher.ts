/** Brings what is stored to the workflows, in its own time: whatever was not taken stays in the store and is tried again. */
import type { NumberId } from '../domain/ids.ts';
import { processDeliveries } from './dispatch-deliveries.ts';
import {
  dispatchFacts,
  postLonelyResults,
  startUnstarted,
  watchRuns,
  type EnginePorts,
  type Round,
} from './dispatch-facts.ts';
import { nudgeAbandoned } from './dispatch-nudges.ts';
import { grantSlots } from './dispatch-slots.ts';
import { tellQuietNumbers } from './dispatch-traffic.ts';
import type { Quotas } from './fleet-ports.ts';
import type { DialogLedger, ImportedContent, Inbox, Traffic } from './ports.ts';

export interface DispatcherDeps extends EnginePorts {
  inbox: Inbox;
  /** Our Meta app. */
  appId: string;
  content: Pick<ImportedContent, 'purgeExpired'>;
  quota: Pick<Quotas, 'grantNext'>;
  traffic: Traffic;
  dialogLedger: Pick<DialogLedger, 'nudgeAbandoned'>;
  log?: { warn(fields: object, message: string): void };
}

/** `busy`: there may be more at once; `down`: a store or the engine did not answer. */
export type Tick = 'busy' | 'idle' | 'down';

export interface Dispatcher {
  start(): void;
  /** Resolves when the tick under way has ended. */
  stop(): Promise<void>;
  /** Something was stored: do not wait for the next look. */
  kick(): void;
  /** One look at everything, for tests and for the loop. */
  tick(): Promise<Tick>;
}

// Paces of looking, by the machine's own clock: what is due is decided by the Clock alone.
const IDLE_MS = 250;
/** Short enough that a number acts within 5 s after an outage. */
const BACK_OFF_MAX_MS = 2_000;
/** One page of the watch at a time: a look costs an Action at most for what had no run. */
const WATCH_EVERY_MS = 5_000;
/** Rows of expired content a look. */
const PURGED_MAX = 1_000;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const pause = createPause();
  let watchedUpTo: NumberId | null = null;
  let isQuietOwed = false;
  let isStopped = true;
  let loop: Promise<void> = Promise.resolve();

  /** Besides runs, what has expired: content does not outlive its days, nor a dialog that was left its nudge. */
  async function watch(): Promise<Round> {
    await deps.content.purgeExpired(deps.clock.nowMs(), PURGED_MAX);
    await nudgeAbandoned(deps);
    const page = await watchRuns(deps, watchedUpTo);
    watchedUpTo = page.after;
    return page;
  }

  /**
   * In this order: slots that are free, numbers that are quiet, what numbers were told, then rows without a run. Who is quiet
   * is judged at the pace of the watch, once what has come is read.
   */
  async function tickAll(isWatching: boolean): Promise<Tick> {
    try {
      const taken = await processDeliveries(deps);
      isQuietOwed ||= isWatching;
      const isJudging = isQuietOwed && taken === 0; // in a backlog there may be the very message that seems to be missing
      if (isJudging) isQuietOwed = false;
      return await engineRounds(deps, taken, [
        grantSlots,
        ...(isJudging ? [tellQuietNumbers] : []),
        dispatchFacts,
        startUnstarted,
        postLonelyResults,
        ...(isWatching ? [watch] : []),
      ]);
    } catch (error) {
      deps.log?.warn({ err: error }, 'dispatch waits: a store does not answer');
      return 'down';
    }
  }

  async function run(): Promise<void> {
    let backOffMs = IDLE_MS;
    let watchedAtMs = 0;
    while (!isStopped) {
      const isWatching = performance.now() - watchedAtMs >= WATCH_EVERY_MS;
      const outcome = await tickAll(isWatching);
      if (isWatching) watchedAtMs = performance.now();
      backOffMs = outcome === 'down' ? Math.min(backOffMs * 2, BACK_OFF_MAX_MS) : IDLE_MS;
      if (outcome !== 'busy' && !isStopped) await pause.wait(backOffMs, outcome === 'idle');
    }
  }

  return {
    start() {
      if (!isStopped) return;
      isStopped = false;
      loop = run();
    },
    async stop() {
      isStopped = true;
      pause.end();
      await loop;
    },
    kick: () => pause.kick(),
    tick: () => tickAll(true),
  };
}

/** One round that got nowhere does not keep the others. */
async function engineRounds(
  deps: DispatcherDeps,
  taken: number,
  rounds: readonly ((deps: DispatcherDeps) => Promise<Round>)[],
): Promise<Tick> {
  let done = taken;
  let isDown = false;
  for (const round of rounds) {
    const result = await round(deps);
    done += result.done;
    isDown ||= result.isDown;
  }
  if (done > 0) return 'busy';
  return isDown ? 'down' : 'idle';
}

/** A wait that can be cut short. A kick that comes while nobody waits is kept for the next wait. */
function createPause() {
  let wake: (() => void) | null = null;
  let isKickable = false;
  let isKicked = false;
  return {
    async wait(ms: number, mayKick: boolean): Promise<void> {
      if (mayKick && isKicked) {
        isKicked = false;
        return;
      }
      isKickable = mayKick;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
      isKicked = false;
    },
    /** NOTE: a kick does not shorten the back-off: while a store is down, each webhook would hammer it. */
    kick(): void {
      isKicked = true;
      if (isKickable) wake?.();
    },
    end(): void {
      wake?.();
    },
  };
}

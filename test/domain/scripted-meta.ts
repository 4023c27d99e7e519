/** Meta, the stores and the owner's phone as a story scripts them: an answer for every step, look, request and undo. */
import type { Undecided } from '../../src/domain/attempt-waits.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import type { AttemptStep, SubscriptionRead, UndoStep } from '../../src/domain/snapshot.ts';
import type { SyncArrivals } from '../../src/domain/sync-arrivals.ts';
import type { SyncType } from '../../src/domain/commands.ts';
import type { SyncOutcome } from '../../src/domain/syncs.ts';

export interface ScriptedMeta {
  /** Null: the step passes. */
  step(step: AttemptStep): FailureCode | null;
  /** What a person must choose from, where the step cannot tell by itself; null: nothing. */
  undecided(step: AttemptStep): Undecided | null;
  /** What a read of the number shows. */
  probe(nowMs: number): ProbeClass;
  /** What a look at our app's subscription reads, also right after a repair. */
  subscription(): SubscriptionRead;
  requestSync(type: SyncType, nowMs: number): { outcome: SyncOutcome; waitMs: number | null };
  ledger(nowMs: number): Record<SyncType, SyncArrivals>;
  undo(step: UndoStep): 'done' | 'not-needed' | FailureCode;
  /** Facts that had waited for a number to claim them. */
  parked(): readonly FactEnvelope[];
  /** The owner uses the app: moves the column. */
  use(atMs: number): void;
  /** The column, as a read at `nowMs` finds it. */
  lastUsedAtMs(nowMs: number): number | null;
}

export const NOTHING_ARRIVED: SyncArrivals = { lastAtMs: null, progress: 0, hasSeenFull: false };

/** All goes well; nobody uses the app unless told. */
export function standardMeta(): ScriptedMeta {
  const usedAtMs: number[] = [];
  return {
    step: () => null,
    undecided: () => null,
    probe: () => 'alive',
    subscription: () => 'active',
    requestSync: () => ({ outcome: 'requested', waitMs: null }),
    ledger: () => ({ contacts: NOTHING_ARRIVED, history: NOTHING_ARRIVED }),
    undo: () => 'done',
    parked: () => [],
    use: (atMs) => usedAtMs.push(atMs),
    lastUsedAtMs: (nowMs) =>
      usedAtMs.filter((atMs) => atMs <= nowMs).reduce((last, atMs) => Math.max(last, atMs), 0) || null,
  };
}

/** The options of the local Meta and the small bundle that its parts pass around. */
import type { Clock } from '../domain/clock.ts';
import type { HeldCalls } from './held-calls.ts';
import type { StateStore } from './state-store.ts';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** 0 takes any free port. */
  readonly port: number;
  /** JSON file that keeps the state over restarts; null keeps it in memory. */
  readonly statePath: string | null;
  readonly appId: string;
  readonly appSecret: string;
  /** The partner's business portfolio: `entry.id` of partner events. */
  readonly businessId: string;
  readonly verifyToken: string;
  readonly webhookUrl: string;
}

export interface LocalMeta {
  readonly options: SimulatorOptions;
  readonly store: StateStore;
  readonly heldCalls: HeldCalls;
  /** Aborted when the server closes: ends waits and deliveries in flight. */
  readonly closing: AbortSignal;
}

export function nowMsOf(meta: LocalMeta): number {
  return meta.options.clock.nowMs();
}

/** Meta's webhooks and nodes count in whole seconds. */
export function secondsOf(atMs: number): number {
  return Math.floor(atMs / 1000);
}

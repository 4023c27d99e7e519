/** Finds numbers that went live and have had no traffic since; what each is told waits in the queue of facts (LI20). */
import type { Clock } from '../domain/clock.ts';
import type { Round } from './dispatch-facts.ts';
import type { Traffic } from './ports.ts';

export interface TrafficPorts {
  traffic: Traffic;
  clock: Clock;
}

const QUIET_MAX = 50;

export async function tellQuietNumbers({ traffic, clock }: TrafficPorts): Promise<Round> {
  return { done: await traffic.tellQuiet(clock.nowMs(), QUIET_MAX), isDown: false };
}

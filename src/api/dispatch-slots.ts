/** Gives out the slots of Meta's quota that have come free; what each number is told waits in the queue of facts. */
import type { Clock } from '../domain/clock.ts';
import type { Round } from './dispatch-facts.ts';
import type { Quotas } from './fleet-ports.ts';

export interface SlotPorts {
  quota: Pick<Quotas, 'grantNext'>;
  clock: Clock;
  log?: { warn(fields: object, message: string): void };
}

const SLOTS_MAX = 50;

export async function grantSlots({ quota, clock, log }: SlotPorts): Promise<Round> {
  const { granted, late } = await quota.grantNext(clock.nowMs(), SLOTS_MAX);
  for (const subject of late) log?.warn({ kind: 'quota-late', subject }, 'alert opened');
  return { done: granted.length, isDown: false };
}

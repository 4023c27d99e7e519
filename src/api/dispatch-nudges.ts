/** Owners who stopped in Meta's dialog are nudged once (AT09). */
import type { Clock } from '../domain/clock.ts';
import { HOUR_MS, POLICY } from '../domain/policy.ts';
import type { DialogLedger } from './ports.ts';

const NUDGES_MAX = 50;

/** The nudge is an outbox row with what the link takes with which its owner goes on: the link itself is stored nowhere. */
export async function nudgeAbandoned({
  dialogLedger,
  clock,
}: {
  dialogLedger: Pick<DialogLedger, 'nudgeAbandoned'>;
  clock: Clock;
}): Promise<void> {
  const nowMs = clock.nowMs();
  await dialogLedger.nudgeAbandoned({
    beforeMs: nowMs - POLICY.abandonHours.value * HOUR_MS,
    atMs: nowMs,
    limit: NUDGES_MAX,
  });
}

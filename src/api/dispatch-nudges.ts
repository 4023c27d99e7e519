/** Owners who stopped in Meta's dialog are nudged once (lifecycle.md AT09). */
import type { Clock } from '../domain/clock.ts';
import { HOUR_MS, POLICY } from '../domain/policy.ts';
import type { DialogLedger } from './ports.ts';

const NUDGES_MAX = 50;

/** The nudge is an outbox row: what delivers it knows the resume link. */
export async function nudgeAbandoned({
  dialogLedger,
  clock,
}: {
  dialogLedger: Pick<DialogLedger, 'nudgeAbandoned'>;
  clock: Clock;
}): Promise<void> {
  const nowMs = clock.nowMs();
  await dialogLedger.nudgeAbandoned(nowMs - POLICY.abandonHours.value * HOUR_MS, nowMs, NUDGES_MAX);
}

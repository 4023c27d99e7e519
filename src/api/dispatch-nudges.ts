/** Owners who stopped in Meta's dialog are nudged once (lifecycle.md AT09). */
import type { Clock } from '../domain/clock.ts';
import { HOUR_MS, POLICY } from '../domain/policy.ts';
import type { DialogLedger } from './ports.ts';
import { resumeUrlOf } from './resume-token.ts';

const NUDGES_MAX = 50;

/** The nudge is an outbox row that carries the link with which its owner goes on. */
export async function nudgeAbandoned({
  dialogLedger,
  clock,
  dialogSecret,
}: {
  dialogLedger: Pick<DialogLedger, 'nudgeAbandoned'>;
  clock: Clock;
  dialogSecret: string | Uint8Array;
}): Promise<void> {
  const nowMs = clock.nowMs();
  await dialogLedger.nudgeAbandoned({
    beforeMs: nowMs - POLICY.abandonHours.value * HOUR_MS,
    atMs: nowMs,
    limit: NUDGES_MAX,
    resumeUrlOf: (dialog) => resumeUrlOf(dialogSecret, dialog),
  });
}

/** The run of the dialog for which an owner's page speaks, by its signed state. */
import { z } from 'zod';
import { HOUR_MS, POLICY } from '../domain/policy.ts';
import type { AppDeps } from './app-deps.ts';
import { claimOf, type RunClaim } from './dialog-state.ts';
import type { NumberRow } from './ports.ts';
import { Problem } from './problem.ts';
import type { GuidedRun } from './signup-ports.ts';

/** A state is ours, and has some hundred characters. */
export const stateField = z.string().min(1).max(300).meta({ description: 'The one-time state of the run.' });

/** Refuses what we did not sign. */
export function claimIn({ dialogSecret }: Pick<AppDeps, 'dialogSecret'>, signed: string): RunClaim {
  const claim = claimOf(dialogSecret, signed);
  if (claim === null) throw new Problem('SIGNUP_STATE_INVALID');
  return claim;
}

interface OwnersRun {
  run: GuidedRun;
  row: NumberRow;
}

/** Read while the state lives, and for a day after its code; never a cycle that the run is not of. */
export async function ownersRun(deps: AppDeps, claim: RunClaim): Promise<OwnersRun> {
  const run = await deps.signupGuide.readRun(claim);
  if (run === null || deps.clock.nowMs() > readableUntil(run)) throw new Problem('SIGNUP_STATE_INVALID');
  const row = await deps.numbers.read(claim.tenantId, run.numberId);
  if (row === null) throw new Problem('SIGNUP_STATE_INVALID');
  if (row.snapshot.cycle !== claim.cycle) throw new Problem('INVITATION_USED');
  return { run, row };
}

function readableUntil({ expiresAtMs, codeReceivedAtMs }: GuidedRun): number {
  if (codeReceivedAtMs === null) return expiresAtMs;
  return Math.max(expiresAtMs, codeReceivedAtMs + POLICY.guideWatchHours.value * HOUR_MS);
}

/** The run of the dialog for which an owner's page speaks, by its signed state. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DOOR_POLICY } from '../domain/door-policy.ts';
import { HOUR_MS } from '../domain/policy.ts';
import type { AppDeps } from './app-deps.ts';
import { claimOf, type RunClaim } from './dialog-state.ts';
import type { NumberRow } from './ports.ts';
import { Problem } from './problem.ts';
import type { GuidedRun } from './signup-ports.ts';

/** A state is ours, and has some hundred characters. */
export const stateField = z.string().min(1).max(300).meta({ description: 'The one-time state of the run.' });

/** Nobody logs this header; queries are in every proxy's log. The state is some hundred characters without blanks. */
const DIALOG_STATE = /^Dialog ([\x21-\x7e]{1,300})$/i;

export function headerState({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
  return DIALOG_STATE.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** Of a reading route. `query`: what stands in its query, where its readers cannot send a header. */
export function stateOf(request: Pick<FastifyRequest, 'headers'>, query?: string): string {
  const state = headerState(request) ?? query;
  if (state !== undefined) return state;
  const detail = 'missing: send Authorization: Dialog and the state of the run';
  throw new Problem('REQUEST_INVALID', { errors: [{ field: 'authorization', detail }] });
}

/** Refuses what we did not sign. */
export function claimIn({ dialogSecret }: Pick<AppDeps, 'dialogSecret'>, signed: string): RunClaim {
  const claim = claimOf(dialogSecret, signed);
  if (claim === null) throw new Problem('SIGNUP_STATE_INVALID');
  return claim;
}

const REFUSALS = {
  used: 'INVITATION_USED',
  over: 'INVITATION_EXPIRED',
  unknown: 'SIGNUP_STATE_INVALID',
  expired: 'SIGNUP_STATE_INVALID',
} as const;

/** Why a run takes nothing more. */
export function refusalOf(kind: keyof typeof REFUSALS): Problem {
  return new Problem(REFUSALS[kind]);
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
  return Math.max(expiresAtMs, codeReceivedAtMs + DOOR_POLICY.guideWatchHours.value * HOUR_MS);
}

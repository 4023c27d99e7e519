/**
 * Opens a run of Meta's signup dialog within its limits, for a backend as for an owner who goes on: a one-time state, and what
 * to pass to Facebook's login (CM04).
 */
import { z } from 'zod';
import { isQueuedForFix } from '../domain/attempt.ts';
import { disclosureAt } from '../domain/disclosures.ts';
import { dialogRunId, type DialogRunId, type TenantId } from '../domain/ids.ts';
import { MINUTE_MS, type Policy } from '../domain/policy.ts';
import { waitsForSlot } from '../domain/quota-queue.ts';
import type { Attempt, Snapshot } from '../domain/snapshot.ts';
import type { AppDeps } from './app-deps.ts';
import { dialogStateOf } from './dialog-state.ts';
import { iso, retryAtOf } from './number-resource.ts';
import type { NumberRow, OpenedRun, RunLimits } from './ports.ts';
import { Problem } from './problem.ts';
import { providerProblem } from './provider-readiness.ts';
import { text } from './request-fields.ts';

/** Source: M4; `setup` may stay empty, `sessionInfoVersion` makes the dialog tell its result. */
const EXTRAS = { setup: {}, featureType: 'whatsapp_business_app_onboarding', sessionInfoVersion: '3' } as const;

export const acceptedSchema = z
  .object({
    version: z.int().min(1).meta({ description: 'Of GET /v1/disclosures/current.' }),
    by: text.trim().min(1).max(200).meta({ description: 'Who accepted it, in words of yours: kept as evidence.' }),
  })
  .meta({ id: 'AcceptedDisclosure' });
type Accepted = z.infer<typeof acceptedSchema>;

export const storedSchema = z.object({
  dialogRunId: z.string(),
  cycle: z.int().min(1),
  attempt: z.int().min(1),
  expiresAt: z.string(),
});
export type StoredDialog = z.infer<typeof storedSchema>;

export const dialogSchema = storedSchema
  .extend({
    state: z.string().meta({ description: 'Send it back with the code and with the result. Treat it as a secret.' }),
    facebookLogin: z.object({
      configId: z.string().meta({ description: 'Pass it as config_id.' }),
      extras: z.object({
        setup: z.object({}),
        featureType: z.literal(EXTRAS.featureType),
        sessionInfoVersion: z.literal(EXTRAS.sessionInfoVersion),
      }),
      brokerOrigin: z
        .string()
        .nullable()
        .meta({
          description:
            "The one origin at which Meta's window may be opened: the Meta app names it among its allowed domains. A " +
            'page of another domain embeds a page of this origin, hands it the state and these options by postMessage ' +
            'with exactly this target origin, and leaves it to that page, with a button of its own, to call FB.login ' +
            'and to send code and result. Null: none is stated, and the Meta app names the domain of your own page.',
        }),
    }),
  })
  .meta({ id: 'SignupDialog' });

/** `origin`: of the page that opens it; null where a backend names none. */
interface Opening {
  run: DialogRunId;
  accepted: Accepted;
  origin: string | null;
}

/**
 * The run is bound to tenant, number, cycle and attempt in the store, which keeps the consent with it (CM28): what is refused
 * writes nothing. The state itself is not stored. A repeat whose first
 * answer got lost is answered from there, whatever has become of the number: it must never sign another attempt's claim.
 */
export async function openDialog(
  deps: AppDeps,
  row: NumberRow,
  { run, accepted, origin }: Opening,
): Promise<StoredDialog> {
  const { numberId: id, tenantId, snapshot } = row;
  const before = await deps.dialogRuns.readOpened(tenantId, run);
  if (before !== null) return storedOf(before);
  const nowMs = deps.clock.nowMs();
  requireOpen(snapshot, nowMs);
  requireReady(deps, nowMs);
  if (disclosureAt(nowMs)?.version !== accepted.version) throw new Problem('DISCLOSURE_OUTDATED');
  const { cycle, attempt, policy } = snapshot;
  const expiresAtMs = Math.min(nowMs + policy.dialogStateMinutes * MINUTE_MS, attempt.expiresAtMs);
  const of = { dialogRunId: run, cycle, attempt: attempt.ordinal, expiresAtMs };
  const opening = { ...of, numberId: id, openedAtMs: nowMs, disclosure: accepted, origin };
  const opened = await deps.dialogRuns.open(opening, limitsOf(policy));
  if (opened.kind === 'exhausted') throw new Problem('DIALOG_RUNS_EXHAUSTED', { retryAtMs: opened.retryAtMs });
  return storedOf(opened.run);
}

/** Those that the number carries with its policy. */
function limitsOf({ dialogRunMinutes, dialogRunsMax, tenantDialogRunsMax }: Policy): RunLimits {
  return { windowMs: dialogRunMinutes * MINUTE_MS, perNumber: dialogRunsMax, perTenant: tenantDialogRunsMax };
}

function storedOf({ expiresAtMs, ...of }: OpenedRun): StoredDialog {
  return { ...of, expiresAt: iso(expiresAtMs) };
}

function requireOpen({ closed, attempt }: Snapshot, nowMs: number): void {
  if (closed === 'expired') throw new Problem('INVITATION_EXPIRED');
  if (closed === 'withdrawn') throw new Problem('INVITATION_WITHDRAWN');
  if (closed !== 'no') throw new Problem('COMMAND_OUT_OF_STATE');
  if (attempt.state === 'cooling' || attempt.state === 'queued') throw restingProblem(attempt);
  if (attempt.state !== 'open') throw new Problem('COMMAND_OUT_OF_STATE');
  if (attempt.expiresAtMs <= nowMs) throw new Problem('INVITATION_EXPIRED');
}

/** What waits for our fix has no date: its own failure says why. */
function restingProblem(attempt: Attempt): Problem {
  if (isQueuedForFix(attempt) && attempt.failure) return new Problem(attempt.failure.code, { status: 409 });
  const code = waitsForSlot(attempt) ? 'ONBOARDING_QUOTA_REACHED' : 'ATTEMPT_RESTING';
  return new Problem(code, { retryAtMs: retryAtOf(attempt) });
}

/** P27: what is connected goes on; a new dialog would end in "something went wrong", or in a number that we never hear of. */
function requireReady({ provider, webhookWatch }: AppDeps, nowMs: number): void {
  const problem = providerProblem(provider, webhookWatch.reading(), nowMs);
  if (problem !== null) throw new Problem(problem); // what is missing is told to operators
}

export function withState(
  { dialogSecret, provider, brokerOrigin }: AppDeps,
  tenantId: TenantId,
  stored: StoredDialog,
): z.infer<typeof dialogSchema> {
  const state = dialogStateOf(dialogSecret, { ...stored, tenantId, dialogRunId: dialogRunId(stored.dialogRunId) });
  const facebookLogin = { configId: provider.configId ?? '', extras: EXTRAS, brokerOrigin };
  return { ...stored, state, facebookLogin };
}

/** Opens a run of Meta's signup dialog: a one-time state, and what to pass to Facebook's login (CM04). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { dialogRunId, numberId, type DialogRunId, type TenantId } from '../../domain/ids.ts';
import { MINUTE_MS, POLICY } from '../../domain/policy.ts';
import { waitsForSlot } from '../../domain/quota-queue.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { AppDeps } from '../app-deps.ts';
import { dialogStateOf } from '../dialog-state.ts';
import { iso, retryAtOf } from '../number-resource.ts';
import { newId } from '../opaque-ids.ts';
import { tenantOf } from '../plugins/api-key.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import type { NumberRow, OpenedRun, RunLimits } from '../ports.ts';
import { Problem } from '../problem.ts';
import { providerProblem } from '../provider-readiness.ts';
import { text } from '../request-fields.ts';
import { backendRoute, IDEMPOTENT, NUMBER_PATH } from './documented.ts';
import { known } from './numbers.ts';

/** Source: meta.md 1.2; `setup` may stay empty, `sessionInfoVersion` makes the dialog tell its result. */
const EXTRAS = { setup: {}, featureType: 'whatsapp_business_app_onboarding', sessionInfoVersion: '3' } as const;

const LIMITS: RunLimits = {
  windowMs: POLICY.dialogRunMinutes.value * MINUTE_MS,
  perNumber: POLICY.dialogRunsMax.value,
  perTenant: POLICY.tenantDialogRunsMax.value,
};

const acceptedSchema = z
  .object({
    version: z.int().min(1).meta({ description: 'Of GET /v1/disclosures/current.' }),
    by: text.trim().min(1).max(200).meta({ description: 'Who accepted it, in words of yours: kept as evidence.' }),
  })
  .meta({ id: 'AcceptedDisclosure' });
type Accepted = z.infer<typeof acceptedSchema>;

const storedSchema = z.object({
  dialogRunId: z.string(),
  cycle: z.int().min(1),
  attempt: z.int().min(1),
  expiresAt: z.string(),
});
type Stored = z.infer<typeof storedSchema>;

const dialogSchema = storedSchema
  .extend({
    state: z.string().meta({ description: 'Send it back with the code and with the result. Treat it as a secret.' }),
    facebookLogin: z.object({
      configId: z.string().meta({ description: 'Pass it as config_id.' }),
      extras: z.object({
        setup: z.object({}),
        featureType: z.literal(EXTRAS.featureType),
        sessionInfoVersion: z.literal(EXTRAS.sessionInfoVersion),
      }),
    }),
  })
  .meta({ id: 'SignupDialog' });

export function dialogRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const schema = backendRoute(
    "Open a run of Meta's signup dialog, for an owner who has accepted the disclosure",
    {
      headers: IDEMPOTENT,
      params: NUMBER_PATH,
      body: z.object({ acceptedDisclosure: acceptedSchema }),
      response: { 201: dialogSchema },
    },
    [409, 410, 413, 415, 422, 429],
  );
  scope.withTypeProvider<ZodTypeProvider>().post('/numbers/:id/signup-dialogs', { schema }, (request, reply) =>
    runOnce(request, reply, {
      newResourceId: newId('dlg'),
      act: async ({ tenantId, resourceId }) => {
        const row = known(await deps.numbers.read(tenantId, numberId(request.params.id)));
        const { acceptedDisclosure: accepted } = request.body;
        const body = await openDialog(deps, row, { run: dialogRunId(resourceId), accepted });
        return { status: 201, body, isFinal: true };
      },
      complete: (body) => withState(deps, tenantOf(request), storedSchema.parse(body)),
    }),
  );
}

/**
 * The run is bound to tenant, number, cycle and attempt in the store; the state itself is not stored. A repeat whose first
 * answer got lost is answered from there, whatever has become of the number: it must never sign another attempt's claim.
 */
async function openDialog(
  deps: AppDeps,
  row: NumberRow,
  { run, accepted }: { run: DialogRunId; accepted: Accepted },
): Promise<Stored> {
  const { numberId: id, tenantId, snapshot } = row;
  const before = await deps.dialogRuns.readOpened(tenantId, run);
  if (before !== null) return storedOf(before);
  const nowMs = deps.clock.nowMs();
  requireOpen(snapshot, nowMs);
  requireReady(deps.provider);
  const consent = { tenantId, subject: id, version: accepted.version, person: accepted.by, atMs: nowMs };
  if ((await deps.eligibility.acceptDisclosure(consent)) === 'outdated') throw new Problem('DISCLOSURE_OUTDATED');
  const { cycle, attempt, policy } = snapshot;
  const expiresAtMs = Math.min(nowMs + policy.dialogStateMinutes * MINUTE_MS, attempt.expiresAtMs);
  const of = { dialogRunId: run, cycle, attempt: attempt.ordinal, expiresAtMs };
  const opening = { ...of, numberId: id, openedAtMs: nowMs, disclosure: accepted };
  const opened = await deps.dialogRuns.open(opening, LIMITS);
  if (opened.kind === 'exhausted') throw new Problem('DIALOG_RUNS_EXHAUSTED', { retryAtMs: opened.retryAtMs });
  return storedOf(opened.run);
}

function storedOf({ expiresAtMs, ...of }: OpenedRun): Stored {
  return { ...of, expiresAt: iso(expiresAtMs) };
}

function requireOpen({ closed, attempt }: Snapshot, nowMs: number): void {
  if (closed === 'expired') throw new Problem('INVITATION_EXPIRED');
  if (closed === 'withdrawn') throw new Problem('INVITATION_WITHDRAWN');
  if (closed !== 'no') throw new Problem('COMMAND_OUT_OF_STATE');
  if (attempt.state === 'cooling' || attempt.state === 'queued') {
    const code = waitsForSlot(attempt) ? 'ONBOARDING_QUOTA_REACHED' : 'ATTEMPT_RESTING';
    throw new Problem(code, { retryAtMs: retryAtOf(attempt) });
  }
  if (attempt.state !== 'open') throw new Problem('COMMAND_OUT_OF_STATE');
  if (attempt.expiresAtMs <= nowMs) throw new Problem('INVITATION_EXPIRED');
}

/** P27: what is connected goes on; a new dialog would end in "something went wrong". */
function requireReady(provider: AppDeps['provider']): void {
  const problem = providerProblem(provider);
  if (problem !== null) throw new Problem(problem); // what is missing is told to operators
}

function withState(
  { dialogSecret, provider }: AppDeps,
  tenantId: TenantId,
  stored: Stored,
): z.infer<typeof dialogSchema> {
  const state = dialogStateOf(dialogSecret, { ...stored, tenantId, dialogRunId: dialogRunId(stored.dialogRunId) });
  return { ...stored, state, facebookLogin: { configId: provider.configId ?? '', extras: EXTRAS } };
}

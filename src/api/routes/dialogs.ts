/** Opens a run of Meta's signup dialog: a one-time state, and what to pass to Facebook's login (CM04). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { dialogRunId, numberId, type DialogRunId } from '../../domain/ids.ts';
import { MINUTE_MS } from '../../domain/policy.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { AppDeps } from '../app-deps.ts';
import { dialogStateOf } from '../dialog-state.ts';
import { iso, retryAtOf } from '../number-resource.ts';
import { newId } from '../opaque-ids.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import type { NumberRow } from '../ports.ts';
import { Problem } from '../problem.ts';
import { backendRoute, IDEMPOTENT, NUMBER_PATH } from './documented.ts';
import { known } from './numbers.ts';

/** Source: meta.md 1.2; `setup` may stay empty, `sessionInfoVersion` makes the dialog tell its result. */
const EXTRAS = { setup: {}, featureType: 'whatsapp_business_app_onboarding', sessionInfoVersion: '3' } as const;

const storedSchema = z.object({ dialogRunId: z.string(), expiresAt: z.string() });
const dialogSchema = storedSchema
  .extend({
    state: z.string().meta({ description: 'Send it back with the code and with the result. Treat it as a secret.' }),
    facebookLogin: z.object({
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
    "Open a run of Meta's signup dialog",
    { headers: IDEMPOTENT, params: NUMBER_PATH, response: { 201: dialogSchema } },
    [409, 410, 422],
  );
  scope.withTypeProvider<ZodTypeProvider>().post('/numbers/:id/signup-dialogs', { schema }, (request, reply) =>
    runOnce(request, reply, {
      newResourceId: newId('dlg'),
      act: async ({ tenantId, resourceId }) => {
        const row = known(await deps.numbers.read(tenantId, numberId(request.params.id)));
        return { status: 201, body: await openDialog(deps, row, dialogRunId(resourceId)), isFinal: true };
      },
      complete: (body) => withState(deps.dialogSecret, storedSchema.parse(body)),
    }),
  );
}

/** The run is bound to number, cycle and attempt in the store; the state itself is not stored. */
async function openDialog(
  { dialogRuns, clock }: AppDeps,
  { numberId: id, snapshot }: NumberRow,
  run: DialogRunId,
): Promise<z.infer<typeof storedSchema>> {
  const nowMs = clock.nowMs();
  requireOpen(snapshot, nowMs);
  const { cycle, attempt, policy } = snapshot;
  const expiresAtMs = Math.min(nowMs + policy.dialogStateMinutes * MINUTE_MS, attempt.expiresAtMs);
  const opened = { dialogRunId: run, numberId: id, cycle, attempt: attempt.ordinal };
  await dialogRuns.open({ ...opened, openedAtMs: nowMs, expiresAtMs });
  return { dialogRunId: run, expiresAt: iso(expiresAtMs) };
}

function requireOpen({ closed, attempt }: Snapshot, nowMs: number): void {
  if (closed !== 'no') throw new Problem('COMMAND_OUT_OF_STATE');
  if (attempt.state === 'cooling' || attempt.state === 'queued') {
    throw new Problem('ATTEMPT_RESTING', { retryAtMs: retryAtOf(attempt) });
  }
  if (attempt.state !== 'open') throw new Problem('COMMAND_OUT_OF_STATE');
  if (attempt.expiresAtMs <= nowMs) throw new Problem('INVITATION_EXPIRED');
}

function withState(
  secret: AppDeps['dialogSecret'],
  stored: z.infer<typeof storedSchema>,
): z.infer<typeof dialogSchema> {
  const state = dialogStateOf(secret, dialogRunId(stored.dialogRunId));
  return { ...stored, state, facebookLogin: { extras: EXTRAS } };
}

/** An owner goes on with a dialog that was left (U10): the token of the link opens a fresh run, as a backend's call would. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AppDeps } from '../app-deps.ts';
import type { CountCall } from '../call-rates.ts';
import { acceptedSchema, dialogSchema, openDialog, withState } from '../open-dialog.ts';
import { requireIdempotencyKey } from '../plugins/idempotency.ts';
import type { NumberRow } from '../ports.ts';
import { Problem } from '../problem.ts';
import { resumeClaimOf, resumedRunOf, type ResumeClaim } from '../resume-token.ts';
import { IDEMPOTENT, openRoute } from './documented.ts';

const schema = openRoute(
  'Go on with a dialog that was left: the token of the resume link opens a fresh run, with the same limits',
  {
    headers: IDEMPOTENT,
    body: z.object({ token: z.string().min(1).max(300), acceptedDisclosure: acceptedSchema }),
    response: { 201: dialogSchema },
  },
  [400, 403, 409, 410, 413, 415, 422, 429, 500, 503],
);

export function signupResumeRoutes(scope: FastifyInstance, deps: AppDeps, countCall: CountCall): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.post('/signup/resume', { schema, onRequest: requireIdempotencyKey }, async (request, reply) => {
    const claim = claimIn(deps, request.body.token);
    countCall(claim.numberId); // before anything is read or written: the link needs no key
    const row = await numberOf(deps, claim);
    const opened = await openDialog(deps, row, {
      run: resumedRunOf(deps.dialogSecret, claim, request.headers['idempotency-key']),
      accepted: request.body.acceptedDisclosure,
      origin: pageOf(deps, request.headers.origin),
    });
    return reply.code(201).send(withState(deps, claim.tenantId, opened));
  });
}

/** The broker speaks for every page: a run is not bound to it. */
function pageOf({ brokerOrigin }: AppDeps, origin: string | undefined): string | null {
  return origin === undefined || origin === brokerOrigin ? null : origin;
}

function claimIn({ dialogSecret, clock }: AppDeps, token: string): ResumeClaim {
  const claim = resumeClaimOf(dialogSecret, token);
  if (claim === null) throw new Problem('RESUME_TOKEN_INVALID');
  if (claim.expiresAtMs <= clock.nowMs()) throw new Problem('INVITATION_EXPIRED');
  return claim;
}

/** A link of an earlier cycle opens nothing: what it went on with is over. */
async function numberOf({ numbers }: AppDeps, { tenantId, numberId, cycle }: ResumeClaim): Promise<NumberRow> {
  const row = await numbers.read(tenantId, numberId);
  if (row === null) throw new Problem('RESUME_TOKEN_INVALID');
  if (row.snapshot.cycle !== cycle) throw new Problem('INVITATION_EXPIRED');
  return row;
}

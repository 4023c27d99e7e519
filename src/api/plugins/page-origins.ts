/**
 * Lets pages speak for owners: those whose exact origin the tenant has named, and the one at which Meta's window is opened
 * (U14, U18). A call without an Origin comes from a backend, and is not asked.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TenantId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import { claimOf, type RunClaim } from '../dialog-state.ts';
import { headerState } from '../owners-run.ts';
import { Problem } from '../problem.ts';
import { resumeClaimOf } from '../resume-token.ts';

type Deps = Pick<AppDeps, 'tenants' | 'signupGuide' | 'dialogSecret' | 'brokerOrigin'>;

/** How long a browser may remember the answer to its preflight. */
const PREFLIGHT_SECONDS = '600';
const ALLOW_ORIGIN = 'access-control-allow-origin';

/** Of a scope whose routes carry a state or a resume token. */
export function answerPages(scope: FastifyInstance, deps: Deps): void {
  scope.addHook('onRequest', async (request, reply) => {
    void reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (origin !== deps.brokerOrigin && !(await deps.tenants.knowsOrigin(origin))) throw new Problem('ORIGIN_FOREIGN');
    void reply.header(ALLOW_ORIGIN, origin).header('access-control-expose-headers', 'retry-after');
  });
  scope.addHook('preHandler', async (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined) await holdAgainst(deps, { origin, request, reply });
  });
  scope.options('/signup/*', { schema: { hide: true } }, answerPreflight);
}

async function answerPreflight(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', 'authorization, content-type, idempotency-key, last-event-id')
    .header('access-control-max-age', PREFLIGHT_SECONDS)
    .code(204)
    .send();
}

/** The origin is some tenant's: now it must be this one's, and that of the page to which the run belongs. */
async function holdAgainst(
  deps: Deps,
  { origin, request, reply }: { origin: string; request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
  const holder = holderOf(deps, request);
  if (holder === null || origin === deps.brokerOrigin) return; // a state that is not ours is the route's to refuse
  const tenant = await deps.tenants.read(holder.tenantId);
  const isTenants = tenant?.pageOrigins.includes(origin) === true;
  if (isTenants && (await isOfRun(deps, holder.run, origin))) return;
  void reply.removeHeader(ALLOW_ORIGIN);
  throw new Problem('ORIGIN_FOREIGN');
}

async function isOfRun({ signupGuide }: Deps, run: RunClaim | null, origin: string): Promise<boolean> {
  if (run === null) return true;
  const bound = await signupGuide.keepOrigin(run, origin);
  return bound === null || bound === origin;
}

function holderOf(
  { dialogSecret }: Deps,
  request: FastifyRequest,
): { tenantId: TenantId; run: RunClaim | null } | null {
  const { state: given, token } = credentialsIn(request.method === 'POST' ? request.body : request.query);
  const state = headerState(request) ?? given;
  const run = state === null ? null : claimOf(dialogSecret, state);
  if (run !== null) return { tenantId: run.tenantId, run };
  const resumed = token === null ? null : resumeClaimOf(dialogSecret, token);
  return resumed === null ? null : { tenantId: resumed.tenantId, run: null };
}

function credentialsIn(given: unknown): { state: string | null; token: string | null } {
  if (typeof given !== 'object' || given === null) return { state: null, token: null };
  const state = 'state' in given && typeof given.state === 'string' ? given.state : null;
  const token = 'token' in given && typeof given.token === 'string' ? given.token : null;
  return { state, token };
}

/** How far a number is (U17): as JSON, and as server-sent events; for its backend, and by the state of a run for its owner. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { numberId } from '../../domain/ids.ts';
import { DOOR_POLICY } from '../../domain/door-policy.ts';
import type { AppDeps } from '../app-deps.ts';
import type { CountCall } from '../call-rates.ts';
import { claimIn, ownersRun, stateField, stateOf } from '../owners-run.ts';
import { roleOf, signedBy, tenantOf } from '../plugins/api-key.ts';
import type { NumberRow } from '../ports.ts';
import { ownersProgress, ownersProgressSchema, progressOf, progressSchema } from '../progress-resource.ts';
import { wantsStream, type OpenStream } from '../progress-streams.ts';
import { mayResume, resumeUrlOf } from '../resume-token.ts';
import { ANYBODY, backendRoute, NUMBER_PATH, stateRoute } from './documented.ts';
import { known } from './numbers.ts';

const STREAMED =
  'With Accept: text/event-stream it is a stream of server-sent events named progress: first the state, then each ' +
  'change. The id of an event is its version; Last-Event-ID leaves out a state that is known already. A stream ends ' +
  `after ${DOOR_POLICY.progressStreamMinutes.value} minutes, and its reader connects again.`;

const PRODUCED = ['application/json', 'text/event-stream'];

const queryState = stateField
  .optional()
  .meta({ description: 'For EventSource alone, which sends no header: read as JSON, the state stands in the header.' });

const backendsSchema = {
  ...backendRoute(
    'Read or follow how far a number is',
    { params: NUMBER_PATH, response: { 200: progressSchema } },
    [429],
  ),
  description: STREAMED,
  produces: PRODUCED,
};
const ownersSchema = {
  ...stateRoute(
    'Read or follow how far the number of a run is, for the screen of its owner',
    { querystring: z.object({ state: queryState }), response: { 200: ownersProgressSchema } },
    [400, 403, 409, 429, 500, 503],
  ),
  description: STREAMED,
  produces: PRODUCED,
};

export function progressRoutes(scope: FastifyInstance, deps: AppDeps, openStream: OpenStream): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const options = { schema: backendsSchema, config: ANYBODY, exposeHeadRoute: false };
  app.get('/numbers/:id/progress', options, async (request, reply) => {
    const id = numberId(request.params.id);
    const [tenantId, role] = [tenantOf(request), roleOf(request)];
    const read = async (version: string) => {
      const row = known(await deps.numbers.read(tenantId, id));
      return progressOf(row, { version, resumeUrl: role === 'backend' ? await resumeUrl(deps, row) : null });
    };
    void reply.header('cache-control', 'no-store');
    if (!wantsStream(request)) return reply.send(await read(await markOf(deps, id)));
    const { keyId } = signedBy(request, { reason: null, atMs: deps.clock.nowMs() });
    const streams = { of: `key/${keyId}`, streamsMax: DOOR_POLICY.keyStreamsMax.value };
    return openStream(request, reply, { id, view: `${role}/${id}`, ...streams, read });
  });
}

export function signupProgressRoutes(
  scope: FastifyInstance,
  deps: AppDeps,
  { countCall, openStream }: { countCall: CountCall; openStream: OpenStream },
): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.get('/signup/progress', { schema: ownersSchema, exposeHeadRoute: false }, async (request, reply) => {
    const claim = claimIn(deps, stateOf(request, wantsStream(request) ? request.query.state : undefined));
    countCall(claim.dialogRunId);
    const { run } = await ownersRun(deps, claim);
    const read = async (version: string) => {
      const { row } = await ownersRun(deps, claim);
      return ownersProgress(row, { version });
    };
    void reply.header('cache-control', 'no-store');
    if (!wantsStream(request)) return reply.send(await read(await markOf(deps, run.numberId)));
    const view = `run/${claim.dialogRunId}`;
    const streams = { of: view, streamsMax: DOOR_POLICY.runStreamsMax.value };
    return openStream(request, reply, { id: run.numberId, view, ...streams, read });
  });
}

/** Read before the state: what is shown is never older than its version. */
async function markOf({ progress }: AppDeps, id: NumberRow['numberId']): Promise<string> {
  return (await progress.readMarks([id])).get(id) ?? '';
}

/** U10: of a dialog that was opened and may still be ended; null where the tenant has named no page. */
async function resumeUrl({ tenants, dialogSecret, clock }: AppDeps, row: NumberRow): Promise<string | null> {
  const { tenantId, numberId: id, lastDialog, snapshot } = row;
  if (lastDialog === null || !mayResume(snapshot, clock.nowMs())) return null;
  const { cycle, attempt } = snapshot;
  const pageUrl = (await tenants.read(tenantId))?.pageUrl ?? null;
  return resumeUrlOf(dialogSecret, { tenantId, numberId: id, cycle, expiresAtMs: attempt.expiresAtMs, pageUrl });
}

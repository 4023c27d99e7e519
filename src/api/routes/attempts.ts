/** What can be asked of an attempt that waits or rests: a choice, and to go on at once. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { numberId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import { askNumberOnce, COMMAND_RESPONSE } from './commands.ts';
import { ANYBODY, backendRoute, IDEMPOTENT, NUMBER_PATH } from './documented.ts';

const PARTS = { headers: IDEMPOTENT, params: NUMBER_PATH, response: COMMAND_RESPONSE };
/** Meta's ids have some 15 digits. */
const chosen = z.object({ choiceId: z.string().regex(/^\d{1,40}$/) }).meta({ id: 'Choice' });

const chooseSchema = backendRoute(
  'Choose the account or the number that a waiting attempt asks for',
  { ...PARTS, body: chosen },
  [409, 413, 415, 422],
);
const retrySchema = backendRoute('Go on at once with an attempt that waits or rests', PARTS, [409, 422]);

export function attemptRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const once = askNumberOnce(deps, runOnce);

  app.post('/numbers/:id/choose-number', { schema: chooseSchema, config: ANYBODY }, (request, reply) => {
    const command = { kind: 'chooseNumber', choiceId: request.body.choiceId } as const;
    return once(request, reply, { id: numberId(request.params.id), command });
  });

  app.post('/numbers/:id/retry-now', { schema: retrySchema, config: ANYBODY }, (request, reply) =>
    once(request, reply, { id: numberId(request.params.id), command: { kind: 'retryNow' } }),
  );
}

/** Our app's subscription to a number's account: what operators do about it (CM25). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { numberId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import { reason } from '../request-fields.ts';
import { askNumberOnce, COMMAND_RESPONSE } from './commands.ts';
import { backendRoute, IDEMPOTENT, NUMBER_PATH, OPERATORS } from './documented.ts';

const repairSchema = backendRoute(
  "Operators: subscribe our app to the number's account again, and read back",
  {
    headers: IDEMPOTENT,
    params: NUMBER_PATH,
    body: z.object({ reason }).meta({ id: 'SubscriptionRepair' }),
    response: COMMAND_RESPONSE,
  },
  [403, 409, 413, 415, 422],
);

export function subscriptionRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const ask = askNumberOnce(deps, runOnce);
  app.post('/numbers/:id/subscription/repair', { schema: repairSchema, config: OPERATORS }, (request, reply) => {
    const id = numberId(request.params.id);
    return ask(request, reply, { id, command: { kind: 'repairSubscription' }, reason: request.body.reason });
  });
}

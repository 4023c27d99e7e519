/** How far a tenant's owners get in Meta's dialog (U10). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SIGNUP_ENDINGS } from '../../domain/facts.ts';
import { DAY_MS } from '../../domain/policy.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import { tenantOf } from '../plugins/api-key.ts';
import { backendRoute } from './documented.ts';

const DAYS_DEFAULT = 30;
const count = z.int().min(0);

const funnelSchema = z
  .object({
    since: z.string(),
    opened: count,
    finished: count.meta({ description: 'Runs that gave a code.' }),
    abandoned: z.array(z.object({ step: z.string().nullable(), count })).meta({ description: "By Meta's screen." }),
    errors: z.array(z.object({ code: z.string(), metaCode: z.string().nullable(), count })),
    otherEndings: z.array(z.object({ ending: z.enum(SIGNUP_ENDINGS), count })),
  })
  .meta({ id: 'SignupFunnel' });

const schema = backendRoute("Count what became of the runs of Meta's dialog; each counts once", {
  querystring: z.object({ days: z.coerce.number().int().min(1).max(365).default(DAYS_DEFAULT) }),
  response: { 200: funnelSchema },
});

export function funnelRoutes(scope: FastifyInstance, { dialogLedger, clock }: AppDeps): void {
  scope.withTypeProvider<ZodTypeProvider>().get('/signup-funnel', { schema }, async (request) => {
    const sinceMs = clock.nowMs() - request.query.days * DAY_MS;
    const { opened, finished, ...by } = await dialogLedger.readFunnel(tenantOf(request), sinceMs);
    return {
      since: iso(sinceMs),
      opened,
      finished,
      abandoned: [...by.abandoned],
      errors: by.errors.map(({ failure: code, metaCode, count: runs }) => ({ code, metaCode, count: runs })),
      otherEndings: [...by.otherEndings],
    };
  });
}

/** For operators: what they must look at. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import type { Alert } from '../fleet-ports.ts';
import { Problem } from '../problem.ts';
import { IDEMPOTENT, operatorRoute } from './documented.ts';

const PAGE_MAX = 100;

const alertSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    subject: z.string().meta({ description: 'The id of what it is about.' }),
    detail: z.string(),
    count: z.int().min(1).meta({ description: 'How often it was raised while open.' }),
    firstAt: z.string(),
    lastAt: z.string(),
    closedAt: z.string().nullable(),
  })
  .meta({ id: 'Alert' });

const listSchema = operatorRoute('List what needs an operator: open alerts, oldest first', {
  querystring: z.object({
    state: z.enum(['open', 'all']).default('open').meta({ description: 'all: newest first, closed ones too' }),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
  }),
  response: { 200: z.object({ items: z.array(alertSchema) }) },
});
const closeSchema = operatorRoute(
  'Close an alert that was looked at; raised again, it opens a new one',
  { headers: IDEMPOTENT, params: z.object({ alertId: z.string() }), response: { 200: alertSchema } },
  [404],
);

export function operatorAlertRoutes(
  scope: FastifyInstance,
  { alerts, clock }: Pick<AppDeps, 'alerts' | 'clock'>,
): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  app.get('/operator/alerts', { schema: listSchema }, async (request) => {
    const { state, limit } = request.query;
    return { items: (await alerts.list({ isOpen: state === 'open', limit })).map(alertResource) };
  });

  app.post('/operator/alerts/:alertId/close', { schema: closeSchema }, async (request) => {
    const closed = await alerts.close(request.params.alertId, clock.nowMs());
    if (!closed) throw new Problem('ALERT_UNKNOWN');
    return alertResource(closed);
  });
}

function alertResource({ alertId, firstAtMs, lastAtMs, closedAtMs, ...rest }: Alert): z.infer<typeof alertSchema> {
  const closedAt = closedAtMs === null ? null : iso(closedAtMs);
  return { id: alertId, ...rest, firstAt: iso(firstAtMs), lastAt: iso(lastAtMs), closedAt };
}

/** For operators: what they must look at. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ALERT_KINDS, ALERTS } from '../../domain/alerts.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import type { Alert } from '../fleet-ports.ts';
import { pageOf } from '../page.ts';
import { signedBy } from '../plugins/api-key.ts';
import { Problem } from '../problem.ts';
import { limit, next, pathId, position, reason } from '../request-fields.ts';
import { IDEMPOTENT, operatorRoute } from './documented.ts';

const SUBJECTS = ALERT_KINDS.map((kind) => `${kind}: ${ALERTS[kind].subject}`).join('; ');

const alertSchema = z
  .object({
    id: z.string(),
    kind: z.enum(ALERT_KINDS),
    subject: z.string().meta({ description: `What it is about. ${SUBJECTS}.` }),
    sentence: z.string().meta({ description: 'What the kind means.' }),
    remedy: z.array(z.string()).meta({ description: 'What to do, in order.' }),
    detail: z.string().meta({ description: 'What was found, the latest time that it was raised.' }),
    count: z.int().min(1).meta({ description: 'How often it was raised while open.' }),
    firstAt: z.string(),
    lastAt: z.string(),
    closedAt: z.string().nullable(),
  })
  .meta({ id: 'Alert' });

const listSchema = operatorRoute('List what needs an operator: open alerts, oldest first', {
  querystring: z.object({
    state: z.enum(['open', 'all']).default('open').meta({ description: 'all: newest first, closed ones too' }),
    after: position.optional(),
    limit,
  }),
  response: { 200: z.object({ items: z.array(alertSchema), next }) },
});
const closeSchema = operatorRoute(
  'Close an alert that was looked at; raised again, it opens a new one',
  {
    headers: IDEMPOTENT,
    params: z.object({ alertId: pathId('alt', 'ALERT_UNKNOWN') }),
    body: z.object({ reason }).meta({ id: 'AlertClosing' }),
    response: { 200: alertSchema },
  },
  [404, 413, 415],
);

export function operatorAlertRoutes(
  scope: FastifyInstance,
  { alerts, clock }: Pick<AppDeps, 'alerts' | 'clock'>,
): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  app.get('/operator/alerts', { schema: listSchema }, async (request) => {
    const { state, after = null, limit: size } = request.query;
    const found = await alerts.list({ isOpen: state === 'open', after, limit: size + 1 });
    const page = pageOf(found, size, (alert) => String(alert.position));
    return { items: page.rows.map(alertResource), next: page.next };
  });

  app.post('/operator/alerts/:alertId/close', { schema: closeSchema }, async (request) => {
    const signed = signedBy(request, { reason: request.body.reason, atMs: clock.nowMs() });
    const closed = await alerts.close(request.params.alertId, signed);
    if (!closed) throw new Problem('ALERT_UNKNOWN');
    return alertResource(closed);
  });
}

function alertResource(alert: Alert): z.infer<typeof alertSchema> {
  const { alertId, position: _place, firstAtMs, lastAtMs, closedAtMs, ...rest } = alert;
  const closedAt = closedAtMs === null ? null : iso(closedAtMs);
  const { sentence, remedy } = ALERTS[alert.kind];
  return {
    id: alertId,
    ...rest,
    sentence,
    remedy: [...remedy],
    firstAt: iso(firstAtMs),
    lastAt: iso(lastAtMs),
    closedAt,
  };
}

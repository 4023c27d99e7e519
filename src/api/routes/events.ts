/** What became true of a tenant's numbers, signed, in order: a backend reads on from the place that it has come to. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { TenantId } from '../../domain/ids.ts';
import { EVENT_TYPES } from '../../domain/events.ts';
import type { AppDeps } from '../app-deps.ts';
import type { EventRow } from '../event-ports.ts';
import { payloadContent } from '../event-payload.ts';
import { signEvent } from '../event-signature.ts';
import { iso } from '../number-resource.ts';
import { pageOf } from '../page.ts';
import { tenantOf } from '../plugins/api-key.ts';
import { limit, position } from '../request-fields.ts';
import { backendRoute } from './documented.ts';

/** An event of `number.connected`, as its text reads. */
const EXAMPLE_PAYLOAD = JSON.stringify({
  id: 'evt_9pK0h1mZQm2m1c8m0aQwLA',
  type: 'number.connected',
  timestamp: '2026-11-24T09:00:41.000Z',
  tenantId: 'ten_first',
  numberId: 'num_Zk3v0b8m6m1cQwLA9pK0hg',
  data: {
    cycle: 1,
    attempt: 1,
    phoneNumberId: '106540352242922',
    wabaId: '102290129340398',
    businessPortfolioId: '506914307656634',
    scopes: [{ scope: 'whatsapp_business_management', accounts: 1 }],
    subscription: { readBackAt: '2026-11-24T09:00:12.000Z' },
    gate: { isOnBizApp: true, platformType: 'CLOUD_API', readAt: '2026-11-24T09:00:40.000Z' },
    connectedAt: '2026-11-24T09:00:41.000Z',
    evidence: [{ proves: 'dialog', id: 'dlg_c8m0aQwLA9pK0h1mZQm2mA', at: '2026-11-24T09:00:10.000Z' }],
  },
});

const eventSchema = z
  .object({
    id: z.string().meta({ description: 'Stable: an id that you have seen is an event that you have had.' }),
    type: z.enum(EVENT_TYPES),
    at: z.string(),
    numberId: z.string(),
    payload: z.string().meta({
      description:
        'JSON: id, type, timestamp, tenantId, numberId, data. Verify the text as it is, and parse it after that. ' +
        'data is {cycle, rung, evidenceAt} for activity.due (rung: the day of the ladder) and activity.overdue (rung: ' +
        'overdue-1 and so on), both told since the last known use of the app at evidenceAt; for number.connected see ' +
        'the example.',
      example: EXAMPLE_PAYLOAD,
      ...payloadContent(),
    }),
    signature: z
      .object({ 'webhook-id': z.string(), 'webhook-timestamp': z.string(), 'webhook-signature': z.string() })
      .meta({
        id: 'EventSignature',
        description:
          'As Standard Webhooks 1.0 has them in headers: HMAC-SHA256 of id.timestamp.payload by your whsec_ secret.',
        example: {
          'webhook-id': 'evt_9pK0h1mZQm2m1c8m0aQwLA',
          'webhook-timestamp': '1795510841',
          'webhook-signature': 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        },
      }),
  })
  .meta({ id: 'Event' });

const listSchema = backendRoute('Read the events of your numbers, oldest first', {
  querystring: z.object({
    after: position.default(0).meta({ description: 'The `next` of the page before; 0 for the beginning.' }),
    limit,
  }),
  response: {
    200: z.object({
      items: z.array(eventSchema),
      next: z.string().meta({ description: 'The next `after`, also where nothing is left for now.' }),
      hasMore: z.boolean(),
    }),
  },
});

export function eventRoutes(scope: FastifyInstance, { events, clock }: Pick<AppDeps, 'events' | 'clock'>): void {
  scope.withTypeProvider<ZodTypeProvider>().get('/events', { schema: listSchema }, async (request) => {
    const tenantId = tenantOf(request);
    const { after, limit: size } = request.query;
    const found = await events.list(tenantId, { after, limit: size + 1 });
    const page = pageOf(found, size, (row) => String(row.position));
    const nowMs = clock.nowMs();
    const secrets = await events.readSecrets(tenantId, nowMs); // of an empty page too: reading seals them anew
    return {
      items: page.rows.map((row) => eventResource(row, { tenantId, nowMs, secrets })),
      next: String(page.rows.at(-1)?.position ?? after),
      hasMore: page.next !== null,
    };
  });
}

function eventResource(
  { eventId: id, type, atMs, numberId, data }: EventRow,
  { tenantId, nowMs, secrets }: { tenantId: TenantId; nowMs: number; secrets: readonly string[] },
): z.infer<typeof eventSchema> {
  const payload = JSON.stringify({ id, type, timestamp: iso(atMs), tenantId, numberId, data });
  return { id, type, at: iso(atMs), numberId, payload, signature: signEvent({ eventId: id, payload, nowMs }, secrets) };
}

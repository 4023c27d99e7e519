/** For operators: how long connecting takes over the fleet, step by step, and whether it takes no longer than it should (C23). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CONNECT_MOMENTS, CONNECT_OBJECTIVE } from '../../domain/connect-times.ts';
import { DAY_MS } from '../../domain/policy.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import { operatorRoute } from './documented.ts';

const DAYS_DEFAULT = 30;
const count = z.int().min(0);
const ms = count.nullable();
const percentiles = z.object({ count, p50Ms: ms, p95Ms: ms, p99Ms: ms });
const share = z.number().min(0).max(1);

const timesSchema = z
  .object({
    since: z.string(),
    steps: z
      .array(percentiles.extend({ step: z.enum(CONNECT_MOMENTS) }))
      .meta({ description: 'How many attempts came to each step, and how long it took since the one before.' }),
    fromDialogEnd: percentiles.extend({
      shareWithin: share.nullable().meta({ description: 'Of those that connected; null where none did.' }),
    }),
    objective: z.object({
      withinMs: count,
      share,
      source: z.string(),
      isMet: z.boolean().nullable().meta({ description: 'Null where nothing was measured.' }),
    }),
  })
  .meta({ id: 'ConnectTimes' });

const schema = operatorRoute('Measure how long connecting takes, over all tenants', {
  querystring: z.object({ days: z.coerce.number().int().min(1).max(365).default(DAYS_DEFAULT) }),
  response: { 200: timesSchema },
});

export function operatorConnectTimeRoutes(
  scope: FastifyInstance,
  { connectTimes, clock }: Pick<AppDeps, 'connectTimes' | 'clock'>,
): void {
  scope.withTypeProvider<ZodTypeProvider>().get('/operator/connect-times', { schema }, async (request) => {
    const sinceMs = clock.nowMs() - request.query.days * DAY_MS;
    const { steps, fromDialogEnd } = await connectTimes.readFleet(sinceMs);
    const { withinObjective, ...measured } = fromDialogEnd;
    const shareWithin = measured.count === 0 ? null : withinObjective / measured.count;
    const isMet = shareWithin === null ? null : shareWithin >= CONNECT_OBJECTIVE.share;
    return {
      since: iso(sinceMs),
      steps: [...steps],
      fromDialogEnd: { ...measured, shareWithin },
      objective: { ...CONNECT_OBJECTIVE, isMet },
    };
  });
}

/** For operators: whether new numbers can be connected now (features P27), and Meta's quota of new customers. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { missingFields, WEBHOOK_FAULTS, type WebhookReading } from '../../domain/app-webhooks.ts';
import { ONBOARDING_QUOTA } from '../../domain/quota.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import type { Quotas } from '../fleet-ports.ts';
import { faultsOf, missingOf, providerProblem, type ProviderSettings } from '../provider-readiness.ts';
import { signedBy } from '../plugins/api-key.ts';
import { failureCode } from '../problem.ts';
import { reason } from '../request-fields.ts';
import { operatorRoute } from './documented.ts';

const count = z.int().min(0);
const LIMIT_MAX = 10_000;

const quotaSchema = z
  .object({
    limit: z.int().min(1),
    isOverridden: z.boolean().meta({ description: 'Set by an operator; else the limit of the rule.' }),
    windowDays: z.int().min(1),
    rule: z.string().meta({ description: 'The version of the rule.' }),
    taken: count.meta({ description: 'Open invitations, and connections of the window.' }),
    left: count,
    waiting: count,
    nextFreeAt: z.string().meta({ description: 'When the next slot is free at the latest, ISO 8601.' }),
  })
  .meta({ id: 'OnboardingQuota' });

const webhooksSchema = z
  .object({
    state: z.enum(['good', 'bad', 'unknown']).meta({ description: 'What is unknown stops nobody.' }),
    faults: z.array(z.enum(WEBHOOK_FAULTS)),
    missingFields: z.array(z.string()).meta({ description: 'To be subscribed in the dashboard of your Meta app.' }),
    callbackUrl: z.string().nullable().meta({
      description: 'Where Meta sends them; it is judged where TANDEM_PUBLIC_URL is set.',
    }),
    failure: failureCode.nullable().meta({ description: 'Why Meta could not be asked.' }),
    checkedAt: z.string().nullable(),
  })
  .meta({ id: 'AppWebhooks' });

const readinessSchema = z
  .object({
    newSignups: z.enum(['open', 'blocked']).meta({ description: 'Connected numbers are never touched by it.' }),
    missing: z.array(z.string()).meta({ description: 'Settings without which no dialog can be opened.' }),
    failure: failureCode.nullable(),
    lastWebhookAt: z
      .string()
      .nullable()
      .meta({ description: "Null: no webhook was ever stored; check the callback in your Meta app's dashboard." }),
    webhooks: webhooksSchema.meta({ description: 'What Meta last told of those that it sends for our app.' }),
    quota: quotaSchema,
  })
  .meta({ id: 'ProviderReadiness' });

const limitSchema = z.object({ limit: z.int().min(1).max(LIMIT_MAX), reason }).meta({ id: 'OnboardingLimit' });

const readSchema = operatorRoute('Self-test: may new numbers be connected now?', {
  response: { 200: readinessSchema },
});
const quotaReadSchema = operatorRoute("Read Meta's quota of new customers", { response: { 200: quotaSchema } });
const quotaPutSchema = operatorRoute(
  'Set the limit that Meta has given you; lowering it may break dates that were promised',
  { body: limitSchema, response: { 200: quotaSchema } },
  [413, 415],
);

type Deps = Pick<AppDeps, 'quota' | 'audit' | 'readiness' | 'provider' | 'webhookWatch' | 'clock'>;

export function operatorReadinessRoutes(scope: FastifyInstance, deps: Deps): void {
  const { quota, audit, readiness, provider, webhookWatch, clock } = deps;
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const readQuota = async (): Promise<z.infer<typeof quotaSchema>> => quotaResource(await quota.read(clock.nowMs()));

  app.get('/operator/readiness', { schema: readSchema }, async () => {
    const lastAtMs = await readiness.lastWebhookAtMs();
    const [reading, nowMs] = [webhookWatch.reading(), clock.nowMs()];
    const failure = providerProblem(provider, reading, nowMs);
    return {
      newSignups: failure === null ? ('open' as const) : ('blocked' as const),
      missing: [...missingOf(provider)],
      failure,
      lastWebhookAt: lastAtMs === null ? null : iso(lastAtMs),
      webhooks: webhooksResource(provider, reading, nowMs),
      quota: await readQuota(),
    };
  });

  app.get('/operator/quota', { schema: quotaReadSchema }, readQuota);

  app.put('/operator/quota', { schema: quotaPutSchema }, async (request) => {
    const { limit, reason: why } = request.body;
    const atMs = clock.nowMs();
    const signed = signedBy(request, { reason: why, atMs });
    // before it is set: a limit in force is never without its entry
    await audit.keep(signed, { act: 'quota-limit', given: { limit }, tenantId: null });
    await quota.setLimit(limit, why, atMs);
    return readQuota();
  });
}

function stateOf(faults: readonly string[] | null): z.infer<typeof webhooksSchema>['state'] {
  if (faults === null) return 'unknown';
  return faults.length > 0 ? 'bad' : 'good';
}

function webhooksResource(
  provider: ProviderSettings,
  reading: WebhookReading | null,
  nowMs: number,
): z.infer<typeof webhooksSchema> {
  const faults = faultsOf(provider, reading, nowMs);
  return {
    state: stateOf(faults),
    faults: [...(faults ?? [])],
    missingFields: [...(missingFields(reading, nowMs) ?? [])],
    callbackUrl: reading?.told?.callbackUrl ?? null,
    failure: reading?.failure ?? null,
    checkedAt: reading === null ? null : iso(reading.checkedAtMs),
  };
}

function quotaResource({ nextFreeAtMs, ...rest }: Awaited<ReturnType<Quotas['read']>>): z.infer<typeof quotaSchema> {
  const { windowDays, version: rule } = ONBOARDING_QUOTA;
  return { ...rest, windowDays, rule, nextFreeAt: iso(nextFreeAtMs) };
}

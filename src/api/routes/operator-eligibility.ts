/** For operators: the rules of eligibility in force, and new versions of them when Meta has changed something (P28). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { RULE_IDS, RULE_WEIGHTS, type EligibilityRule } from '../../domain/eligibility-rule.ts';
import { tenantId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import { signedBy } from '../plugins/api-key.ts';
import { Problem } from '../problem.ts';
import { overrideOf, overrideSchema, testSchema } from '../rule-override-body.ts';
import { operatorRoute } from './documented.ts';

const ruleSchema = z
  .object({
    id: z.enum(RULE_IDS),
    version: z.int(),
    validFrom: z.string(),
    validUntil: z.string().nullable(),
    source: z.string(),
    checkedOn: z.string(),
    weight: z.enum(RULE_WEIGHTS),
    test: testSchema,
    question: z.string(),
    met: z.string(),
    unmet: z.string(),
    remedy: z.array(z.string()),
    refusals: z.array(z.string()).meta({ description: 'Failures with which Meta says that a yes was wrong.' }),
    staleAfter: z.object({ refusals: z.int(), days: z.int() }),
  })
  .meta({ id: 'EligibilityRule' });

const listRoute = operatorRoute('List the rules of eligibility in force for all tenants', {
  response: { 200: z.object({ items: z.array(ruleSchema) }) },
});
const putRoute = operatorRoute(
  'Put a new version of a rule in place; verdicts given before keep theirs',
  {
    params: z.object({ ruleId: z.enum(RULE_IDS), version: z.coerce.number().int().min(2).max(1_000_000) }),
    body: overrideSchema,
    response: { 200: ruleSchema },
  },
  [404, 409, 413, 415],
);

type Deps = Pick<AppDeps, 'eligibility' | 'tenants' | 'clock'>;

export function operatorEligibilityRoutes(scope: FastifyInstance, { eligibility, tenants, clock }: Deps): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  app.get('/operator/eligibility-rules', { schema: listRoute }, async () => ({
    items: (await eligibility.readRules(null, clock.nowMs())).map(ruleResource),
  }));

  app.put('/operator/eligibility-rules/:ruleId/versions/:version', { schema: putRoute }, async (request) => {
    const { ruleId, version } = request.params;
    const { body } = request;
    const tenant = body.tenantId === null ? null : tenantId(body.tenantId);
    if (tenant !== null && (await tenants.read(tenant)) === null) throw new Problem('TENANT_UNKNOWN');
    const atMs = clock.nowMs();
    const override = overrideOf({ id: ruleId, version }, body);
    const signed = signedBy(request, { reason: body.source, atMs });
    const kept = await eligibility.overrideRule({ override, tenantId: tenant, by: body.operator, signed });
    if (kept === 'outdated') throw new Problem('RULE_VERSION_KNOWN');
    if (kept === 'misfit') throw invalid('test.kind', "not the kind of this rule's test");
    if (kept === 'never-holds') throw invalid('validUntil', 'not after validFrom');
    return ruleResource(inForce(await eligibility.readRules(tenant, atMs), ruleId));
  });
}

function invalid(field: string, detail: string): Problem {
  return new Problem('REQUEST_INVALID', { errors: [{ field, detail }] });
}

/** Of a version that begins later, the rule as it is until then. */
function inForce(rules: readonly EligibilityRule[], id: EligibilityRule['id']): EligibilityRule {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw new Problem('INTERNAL');
  return rule;
}

function ruleResource({ remedy, refusals, ...rule }: EligibilityRule): z.infer<typeof ruleSchema> {
  return { ...rule, remedy: [...remedy], refusals: [...refusals] };
}

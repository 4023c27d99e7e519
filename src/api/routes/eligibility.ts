/** The check before an onboarding: its questions, its verdicts, and what the owner is told about permissions (P01 to P28). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { disclosureAt } from '../../domain/disclosures.ts';
import { withReach } from '../../domain/eligibility-answers.ts';
import { checkId, type CheckId, type TenantId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import { answersOf, answersSchema, checkSchema } from '../eligibility-body.ts';
import {
  checkResource,
  checkResourceSchema,
  disclosureResource,
  disclosureSchema,
  questionnaireResource,
  questionnaireSchema,
} from '../eligibility-resource.ts';
import { newId } from '../opaque-ids.ts';
import { tenantOf } from '../plugins/api-key.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import type { EligibilityCheck } from '../eligibility-ports.ts';
import { Problem } from '../problem.ts';
import { pathId } from '../request-fields.ts';
import { lookAtWebsite } from '../websites.ts';
import { backendRoute, IDEMPOTENT } from './documented.ts';

const CHECK_PATH = z.object({ id: pathId('chk', 'CHECK_UNKNOWN') });

const questionnaireRoute = backendRoute('Read the questions of the check, with the rules behind them', {
  response: { 200: questionnaireSchema },
});
const disclosureRoute = backendRoute('Read the permissions and changes that the owner accepts', {
  response: { 200: disclosureSchema },
});
const createRoute = backendRoute(
  'Check whether Meta is likely to accept a number',
  { headers: IDEMPOTENT, body: checkSchema, response: { 201: checkResourceSchema } },
  [413, 415, 422],
);
const readRoute = backendRoute('Read a check', { params: CHECK_PATH, response: { 200: checkResourceSchema } });
const againRoute = backendRoute(
  'Check again, with what has changed; what is not answered anew keeps its answer',
  { headers: IDEMPOTENT, params: CHECK_PATH, body: answersSchema, response: { 200: checkResourceSchema } },
  [413, 415, 422],
);

type Deps = Pick<AppDeps, 'eligibility' | 'websites' | 'clock'>;

export function eligibilityRoutes(scope: FastifyInstance, deps: Deps, runOnce: RunOnce): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  readRoutes(scope, deps);

  app.post('/eligibility-checks', { schema: createRoute }, (request, reply) =>
    runOnce(request, reply, {
      newResourceId: newId('chk'),
      act: async ({ tenantId, resourceId }) => {
        const check = await makeCheck(deps, { tenantId, id: checkId(resourceId), wanted: request.body });
        return { status: 201, body: checkResource(check), isFinal: true };
      },
    }),
  );

  app.post('/eligibility-checks/:id/re-check', { schema: againRoute }, (request, reply) =>
    runOnce(request, reply, {
      newResourceId: request.params.id,
      act: async ({ tenantId }) => {
        const check = await checkAgain(deps, { tenantId, id: checkId(request.params.id), given: request.body });
        return { status: 200, body: checkResource(check), isFinal: true };
      },
    }),
  );
}

function readRoutes(scope: FastifyInstance, { eligibility, clock }: Omit<Deps, 'websites'>): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.get('/eligibility/questionnaire', { schema: questionnaireRoute }, async (request) => {
    const nowMs = clock.nowMs();
    return questionnaireResource(await eligibility.readRules(tenantOf(request), nowMs), disclosureAt(nowMs));
  });
  app.get('/disclosures/current', { schema: disclosureRoute }, async () => {
    const disclosure = disclosureAt(clock.nowMs());
    if (!disclosure) throw new Problem('DISCLOSURE_UNKNOWN');
    return disclosureResource(disclosure);
  });
  app.get('/eligibility-checks/:id', { schema: readRoute }, async (request) =>
    checkResource(known(await eligibility.read(tenantOf(request), checkId(request.params.id)))),
  );
}

/** An unknown check and a foreign one answer the same. */
function known(check: EligibilityCheck | null): EligibilityCheck {
  if (!check) throw new Problem('CHECK_UNKNOWN');
  return check;
}

async function makeCheck(
  { eligibility, websites, clock }: Deps,
  { tenantId, id, wanted }: { tenantId: TenantId; id: CheckId; wanted: z.infer<typeof checkSchema> },
): Promise<EligibilityCheck> {
  const atMs = clock.nowMs();
  const phoneNumber = wanted.phoneNumber ?? null;
  const rules = await eligibility.readRules(tenantId, atMs);
  const stated = answersOf(wanted.answers, { phoneNumber, rules, nowMs: atMs });
  const answers = withReach(stated, await lookAtWebsite(websites, stated, null));
  return eligibility.check({ tenantId, checkId: id, phoneNumber, answers, atMs });
}

async function checkAgain(
  { eligibility, websites, clock }: Deps,
  { tenantId, id, given }: { tenantId: TenantId; id: CheckId; given: z.infer<typeof answersSchema> },
): Promise<EligibilityCheck> {
  const atMs = clock.nowMs();
  const { phoneNumber, answers: before } = known(await eligibility.read(tenantId, id));
  const rules = await eligibility.readRules(tenantId, atMs);
  const stated = answersOf(given, { phoneNumber, rules, nowMs: atMs });
  const lookedAt = await lookAtWebsite(websites, stated, before);
  return known(await eligibility.checkAgain({ tenantId, checkId: id, answers: stated, lookedAt, atMs }));
}

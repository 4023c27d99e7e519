/** For operators: the tenants, and what each of them may do. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tenantId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import type { Tenant } from '../fleet-ports.ts';
import { pageOf } from '../page.ts';
import { signedBy } from '../plugins/api-key.ts';
import { Problem } from '../problem.ts';
import { idOf, limit, next, pathId, reason, text } from '../request-fields.ts';
import { operatorRoute } from './documented.ts';

const tenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    isEntitled: z
      .boolean()
      .nullable()
      .meta({ description: 'Whether it may begin new onboardings; null, not known, counts as no.' }),
    mayImport: z.boolean().meta({ description: 'Whether contacts and history of its new numbers may be imported.' }),
  })
  .meta({ id: 'Tenant' });

const changeSchema = z
  .object({
    name: text.trim().min(1).max(200).optional(),
    isEntitled: z.boolean().nullable().optional(),
    mayImport: z.boolean().optional(),
    reason,
  })
  .meta({ id: 'TenantChange' });

const listSchema = operatorRoute('List the tenants', {
  querystring: z.object({ after: idOf('ten').optional(), limit }),
  response: { 200: z.object({ items: z.array(tenantSchema), next }) },
});
const putSchema = operatorRoute(
  'Change what a tenant may do; its connected numbers are not touched',
  {
    params: z.object({ tenantId: pathId('ten', 'TENANT_UNKNOWN') }),
    body: changeSchema,
    response: { 200: tenantSchema },
  },
  [404, 413, 415],
);

export function operatorTenantRoutes(
  scope: FastifyInstance,
  { tenants, clock }: Pick<AppDeps, 'tenants' | 'clock'>,
): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  app.get('/operator/tenants', { schema: listSchema }, async (request) => {
    const { after, limit: size } = request.query;
    const found = await tenants.list({ after: after === undefined ? null : tenantId(after), limit: size + 1 });
    const page = pageOf(found, size, (tenant) => tenant.tenantId);
    return { items: page.rows.map(tenantResource), next: page.next };
  });

  app.put('/operator/tenants/:tenantId', { schema: putSchema }, async (request) => {
    const signed = signedBy(request, { reason: request.body.reason, atMs: clock.nowMs() });
    const changed = await tenants.change(tenantId(request.params.tenantId), given(request.body), signed);
    if (!changed) throw new Problem('TENANT_UNKNOWN');
    return tenantResource(changed);
  });
}

/** What is left out stays as it is. */
function given({
  name,
  isEntitled,
  mayImport,
}: z.infer<typeof changeSchema>): Parameters<AppDeps['tenants']['change']>[1] {
  return {
    ...(name === undefined ? {} : { name }),
    ...(isEntitled === undefined ? {} : { isEntitled }),
    ...(mayImport === undefined ? {} : { mayImport }),
  };
}

function tenantResource({ tenantId: id, name, isEntitled, mayImport }: Tenant): z.infer<typeof tenantSchema> {
  return { id, name, isEntitled, mayImport };
}

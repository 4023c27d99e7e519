/** For operators: the tenants, and what each of them may do. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tenantId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import type { Tenant } from '../fleet-ports.ts';
import { isPageOrigin, isPageUrl, PAGE_ORIGINS_MAX } from '../page-origin.ts';
import { pageOf } from '../page.ts';
import { signedBy } from '../plugins/api-key.ts';
import { Problem } from '../problem.ts';
import { idOf, limit, next, pathId, reason, text } from '../request-fields.ts';
import { operatorRoute } from './documented.ts';

const pageOrigins = z
  .array(text.refine(isPageOrigin, 'not an exact origin such as https://shop.example'))
  .max(PAGE_ORIGINS_MAX)
  .meta({ description: 'All of them, in place of those before. https alone, but for this machine; no wildcard.' });
const pageUrl = text.max(1_000).refine(isPageUrl, 'not an https address without a fragment');

const tenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    isEntitled: z
      .boolean()
      .nullable()
      .meta({ description: 'Whether it may begin new onboardings; null, not known, counts as no.' }),
    mayImport: z.boolean().meta({ description: 'Whether contacts and history of its new numbers may be imported.' }),
    pageOrigins: z.array(z.string()).meta({ description: 'The exact origins of pages that may speak for its owners.' }),
    pageUrl: z.string().nullable().meta({ description: 'Where an owner goes on with a dialog that was left.' }),
  })
  .meta({ id: 'Tenant' });

const changeSchema = z
  .object({
    name: text.trim().min(1).max(200).optional(),
    isEntitled: z.boolean().nullable().optional(),
    mayImport: z.boolean().optional(),
    pageOrigins: pageOrigins.optional(),
    pageUrl: pageUrl.nullable().optional(),
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
function given({ reason: _why, ...change }: z.infer<typeof changeSchema>): Change {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
type Change = Parameters<AppDeps['tenants']['change']>[1];

function tenantResource({ tenantId: id, pageOrigins: origins, ...rest }: Tenant): z.infer<typeof tenantSchema> {
  const { name, isEntitled, mayImport, pageUrl: url } = rest;
  return { id, name, isEntitled, mayImport, pageOrigins: [...origins], pageUrl: url };
}

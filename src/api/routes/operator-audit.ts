/** For operators: what operators did, by a key or at the command line. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tenantId } from '../../domain/ids.ts';
import { ACTORS } from '../../domain/key-role.ts';
import type { AppDeps } from '../app-deps.ts';
import type { AuditEntry } from '../fleet-ports.ts';
import { iso } from '../number-resource.ts';
import { pageOf } from '../page.ts';
import { idOf, limit, next, position } from '../request-fields.ts';
import { operatorRoute } from './documented.ts';

const entrySchema = z
  .object({
    at: z.string(),
    key: z.string().meta({ description: 'Which key: the beginning of its SHA-256; cli for the command line.' }),
    role: z.enum(ACTORS),
    act: z.string(),
    given: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for.' }),
    tenantId: z.string().nullable(),
    numberId: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

const listSchema = operatorRoute('List what operators did, newest first', {
  querystring: z.object({ tenantId: idOf('ten').optional(), after: position.optional(), limit }),
  response: { 200: z.object({ items: z.array(entrySchema), next }) },
});

export function operatorAuditRoutes(scope: FastifyInstance, { audit }: Pick<AppDeps, 'audit'>): void {
  scope.withTypeProvider<ZodTypeProvider>().get('/operator/audit', { schema: listSchema }, async (request) => {
    const { tenantId: of, after = null, limit: size } = request.query;
    const found = await audit.list({ tenantId: of === undefined ? null : tenantId(of), after, limit: size + 1 });
    const page = pageOf(found, size, (entry) => String(entry.position));
    return { items: page.rows.map(entryResource), next: page.next };
  });
}

function entryResource({ position: _place, atMs, keyId: key, ...rest }: AuditEntry): z.infer<typeof entrySchema> {
  return { at: iso(atMs), key, ...rest };
}

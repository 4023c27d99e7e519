/** Reads: a tenant's numbers; and, for operators too, one of them and its story. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { numberId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso, numberResource, numberSchema } from '../number-resource.ts';
import { pageOf } from '../page.ts';
import { tenantOf } from '../plugins/api-key.ts';
import type { NumberRow, TimelineEntry } from '../ports.ts';
import { Problem } from '../problem.ts';
import { idOf, limit, next, position } from '../request-fields.ts';
import { ANYBODY, backendRoute, NUMBER_PATH } from './documented.ts';

const entrySchema = z
  .object({
    position: z.int().min(0),
    at: z.string(),
    sentence: z.string(),
    row: z.string().meta({ description: 'The row of docs/coverage.md that decided it.' }),
    cycle: z.int().min(0),
  })
  .meta({ id: 'TimelineEntry' });

const listSchema = backendRoute('List your numbers', {
  querystring: z.object({ after: idOf('num').optional(), limit }),
  response: { 200: z.object({ items: z.array(numberSchema), next }) },
});
const readSchema = backendRoute('Read a number', { params: NUMBER_PATH, response: { 200: numberSchema } });
const timelineSchema = backendRoute('Read the story of a number, oldest first', {
  params: NUMBER_PATH,
  querystring: z.object({ after: position.default(0), limit }),
  response: { 200: z.object({ items: z.array(entrySchema), next }) },
});

export function numberRoutes(scope: FastifyInstance, { numbers }: Pick<AppDeps, 'numbers'>): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  app.get('/numbers', { schema: listSchema }, async (request) => {
    const { after: last, limit: size } = request.query;
    const after = last === undefined ? null : numberId(last);
    const rows = await numbers.list(tenantOf(request), { after, limit: size + 1 });
    const page = pageOf(rows, size, (row) => row.numberId);
    return { items: page.rows.map(numberResource), next: page.next };
  });

  app.get('/numbers/:id', { schema: readSchema, config: ANYBODY }, async (request) => {
    return numberResource(known(await numbers.read(tenantOf(request), numberId(request.params.id))));
  });

  app.get('/numbers/:id/timeline', { schema: timelineSchema, config: ANYBODY }, async (request) => {
    const tenantId = tenantOf(request);
    const { after, limit: size } = request.query;
    const { numberId: id } = known(await numbers.read(tenantId, numberId(request.params.id)));
    const entries = await numbers.readTimeline(tenantId, id, { after, limit: size + 1 });
    const page = pageOf(entries, size, (entry) => String(entry.position));
    return { items: page.rows.map(entryResource), next: page.next };
  });
}

/** An unknown number and a foreign one answer the same. */
export function known(row: NumberRow | null): NumberRow {
  if (!row) throw new Problem('NUMBER_UNKNOWN');
  return row;
}

function entryResource({ position, atMs, sentence, row, cycle }: TimelineEntry): z.infer<typeof entrySchema> {
  return { position, at: iso(atMs), sentence, row, cycle };
}

/** The two imports of a number: how far they are, what they brought, and what people may ask of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SYNC_RESOLUTIONS, SYNC_TYPES, type Command } from '../../domain/commands.ts';
import { numberId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import { importsResource, importsSchema } from '../import-resource.ts';
import { iso } from '../number-resource.ts';
import { pageOf } from '../page.ts';
import { tenantOf } from '../plugins/api-key.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import type { ContentRow } from '../ports.ts';
import { limit, next, position, reason } from '../request-fields.ts';
import { askNumberOnce, COMMAND_RESPONSE } from './commands.ts';
import { ANYBODY, backendRoute, IDEMPOTENT, NUMBER_PATH, OPERATORS } from './documented.ts';
import { known } from './numbers.ts';

const KINDS = { messages: 'message', media: 'media', contacts: 'contact' } as const;

const contentSchema = z
  .object({
    position: z.int().min(0),
    cycle: z.int().min(0),
    at: z.string().meta({ description: "The item's own time, ISO 8601" }),
    receivedAt: z.string(),
    expiresAt: z.string().meta({ description: 'Fetch it before: afterwards it is gone.' }),
    isHistorical: z.boolean().meta({ description: 'Imported: it opens no service window and must ring no bell.' }),
    state: z.enum(['readable', 'removed', 'unreadable']),
    content: z.unknown().meta({ description: 'As Meta wrote it; null unless readable.' }),
  })
  .meta({ id: 'ImportedContent' });

const readSchema = backendRoute('Read how far the imports of contacts and history are', {
  params: NUMBER_PATH,
  response: { 200: importsSchema },
});
const contentPageSchema = backendRoute('Fetch what the imports brought, oldest first', {
  params: NUMBER_PATH,
  querystring: z.object({
    kind: z.enum(['messages', 'media', 'contacts']).default('messages'),
    after: position.default(0),
    limit,
  }),
  response: {
    200: z.object({
      items: z.array(contentSchema),
      next,
    }),
  },
});

const IMPORT_PATH = NUMBER_PATH.extend({ type: z.enum(SYNC_TYPES) });
const IMPORT_PARTS = { headers: IDEMPOTENT, params: IMPORT_PATH, response: COMMAND_RESPONSE };
const chooseSchema = backendRoute(
  'Choose whether to import it, until Meta was asked',
  { ...IMPORT_PARTS, body: z.object({ isWanted: z.boolean() }).meta({ id: 'ImportChoice' }) },
  [409, 413, 415, 422],
);
const requestSchema = backendRoute('Ask Meta for it, once, while the window is open', IMPORT_PARTS, [409, 422]);
const resolveSchema = backendRoute(
  'Operators: settle an import that is unknown or stalled',
  { ...IMPORT_PARTS, body: z.object({ as: z.enum(SYNC_RESOLUTIONS), reason }).meta({ id: 'ImportResolution' }) },
  [403, 409, 413, 415, 422],
);

type ImportRequest = FastifyRequest<{ Params: z.infer<typeof IMPORT_PATH> }>;

type Wish = { command: Command; reason?: string };

type Reads = Pick<AppDeps, 'numbers' | 'syncs' | 'content' | 'clock'>;

/** Operators see progress and act for a number; what people wrote is for its own tenant alone. */
export function importRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  readRoutes(scope, deps);
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const once = askNumberOnce(deps, runOnce);
  const ask = (request: ImportRequest, reply: FastifyReply, wish: Wish): Promise<FastifyReply> =>
    once(request, reply, { id: numberId(request.params.id), ...wish });

  app.post('/numbers/:id/imports/:type/choose', { schema: chooseSchema }, (request, reply) => {
    const { isWanted } = request.body;
    return ask(request, reply, { command: { kind: 'changeSyncChoice', type: request.params.type, isWanted } });
  });

  app.post('/numbers/:id/imports/:type/request', { schema: requestSchema, config: ANYBODY }, (request, reply) =>
    ask(request, reply, { command: { kind: 'requestSync', type: request.params.type } }),
  );

  // CM10
  app.post('/numbers/:id/imports/:type/resolve', { schema: resolveSchema, config: OPERATORS }, (request, reply) => {
    const { as, reason: why } = request.body;
    const command = { kind: 'resolveSync', type: request.params.type, as } as const;
    return ask(request, reply, { command, reason: why });
  });
}

function readRoutes(scope: FastifyInstance, { numbers, syncs, content, clock }: Reads): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  app.get('/numbers/:id/imports', { schema: readSchema, config: ANYBODY }, async (request) => {
    const row = known(await numbers.read(tenantOf(request), numberId(request.params.id)));
    return importsResource(row, await syncs.readTraces(row.tenantId, row.numberId, row.snapshot.cycle));
  });

  app.get('/numbers/:id/imported-content', { schema: contentPageSchema }, async (request) => {
    const tenantId = tenantOf(request);
    const { kind, after, limit: size } = request.query;
    const row = known(await numbers.read(tenantId, numberId(request.params.id)));
    const page = { kind: KINDS[kind], after, limit: size + 1, nowMs: clock.nowMs() };
    const found = await content.read(tenantId, row.numberId, page);
    const shown = pageOf(found, size, (content) => String(content.position));
    return { items: shown.rows.map(contentResource), next: shown.next };
  });
}

function contentResource({
  atMs,
  receivedAtMs,
  expiresAtMs,
  json,
  ...rest
}: ContentRow): z.infer<typeof contentSchema> {
  const times = { at: iso(atMs), receivedAt: iso(receivedAtMs), expiresAt: iso(expiresAtMs) };
  const written: unknown = json === null ? null : JSON.parse(json);
  return { ...rest, ...times, content: written };
}

/** A backend opens a run of Meta's signup dialog for a number of its own. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { dialogRunId, numberId, type TenantId } from '../../domain/ids.ts';
import type { AppDeps } from '../app-deps.ts';
import { acceptedSchema, dialogSchema, openDialog, storedSchema, withState } from '../open-dialog.ts';
import { newId } from '../opaque-ids.ts';
import { isPageOrigin } from '../page-origin.ts';
import { tenantOf } from '../plugins/api-key.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import { Problem } from '../problem.ts';
import { text } from '../request-fields.ts';
import { backendRoute, IDEMPOTENT, NUMBER_PATH } from './documented.ts';
import { known } from './numbers.ts';

const origin = text.max(300).refine(isPageOrigin, 'not an exact origin such as https://shop.example').optional().meta({
  description: 'The page for which it is opened, one of yours: then no other page may speak for this run.',
});

export function dialogRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const schema = backendRoute(
    "Open a run of Meta's signup dialog, for an owner who has accepted the disclosure",
    {
      headers: IDEMPOTENT,
      params: NUMBER_PATH,
      body: z.object({ acceptedDisclosure: acceptedSchema, origin }),
      response: { 201: dialogSchema },
    },
    [409, 410, 413, 415, 422, 429],
  );
  scope.withTypeProvider<ZodTypeProvider>().post('/numbers/:id/signup-dialogs', { schema }, (request, reply) =>
    runOnce(request, reply, {
      newResourceId: newId('dlg'),
      act: async ({ tenantId, resourceId }) => {
        const row = known(await deps.numbers.read(tenantId, numberId(request.params.id)));
        const { acceptedDisclosure: accepted, origin: page = null } = request.body;
        if (page !== null) await requireOwn(deps, tenantId, page);
        const body = await openDialog(deps, row, { run: dialogRunId(resourceId), accepted, origin: page });
        return { status: 201, body, isFinal: true };
      },
      complete: (body) => withState(deps, tenantOf(request), storedSchema.parse(body)),
    }),
  );
}

async function requireOwn({ tenants }: AppDeps, tenantId: TenantId, page: string): Promise<void> {
  const tenant = await tenants.read(tenantId);
  if (tenant?.pageOrigins.includes(page) !== true) throw new Problem('ORIGIN_FOREIGN');
}

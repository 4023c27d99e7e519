/** Starts onboardings: the row first, the workflow second, so that nothing answered with 2xx can be lost. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { nextDueOf } from '../../domain/deadlines.ts';
import type { ExpectedAccount } from '../../domain/expectations.ts';
import { businessPortfolioId, checkId, numberId, type NumberId, type TenantId } from '../../domain/ids.ts';
import type { Deadline } from '../../domain/record.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { AppDeps } from '../app-deps.ts';
import { firstSnapshot } from '../first-snapshot.ts';
import { numberResource, numberSchema } from '../number-resource.ts';
import { newId } from '../opaque-ids.ts';
import type { RunOnce } from '../plugins/idempotency.ts';
import type { NumberRow } from '../ports.ts';
import { Problem } from '../problem.ts';
import { e164, idOf, text } from '../request-fields.ts';
import { backendRoute, IDEMPOTENT } from './documented.ts';

const NAME_CHARACTERS_MAX = 255;
const name = text.trim().min(1).max(NAME_CHARACTERS_MAX).optional();

const expectedSchema = z
  .object({
    businessPortfolioId: z
      .string()
      .regex(/^\d{1,32}$/, 'digits alone')
      .optional()
      .meta({ description: "Meta's id of the business portfolio that should own the WhatsApp account." }),
    businessPortfolioName: name.meta({ description: 'Its name; case and white space do not matter.' }),
    wabaName: name.meta({ description: 'The name of the WhatsApp account; case and white space do not matter.' }),
  })
  .meta({
    id: 'ExpectedAccount',
    description: 'Compared with what Meta tells once the owner has connected. What differs is shown and asked about.',
  });

const onboardingSchema = z
  .object({
    phoneNumber: e164.optional(),
    reference: text.min(1).max(200).optional().meta({ description: 'Your own reference, given back as it is.' }),
    eligibilityCheckId: idOf('chk').optional().meta({
      description: 'The check that allows it. A verdict with a date to come back queues the onboarding until then.',
    }),
    expected: expectedSchema.optional(),
    importContacts: z.boolean().default(true),
    importHistory: z.boolean().default(true),
  })
  .meta({ id: 'Onboarding' });
type Onboarding = z.infer<typeof onboardingSchema>;

export function onboardingRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const schema = backendRoute(
    'Start the onboarding of a number',
    { headers: IDEMPOTENT, body: onboardingSchema, response: { 202: numberSchema } },
    [404, 409, 413, 415, 422],
  );
  scope.withTypeProvider<ZodTypeProvider>().post('/onboardings', { schema }, (request, reply) =>
    runOnce(request, reply, {
      newResourceId: newId('num'),
      act: async ({ tenantId, resourceId }) => {
        const row = await startOnboarding(deps, { tenantId, id: numberId(resourceId), wanted: request.body });
        return { status: 202, body: numberResource(row), isFinal: true };
      },
    }),
  );
}

async function startOnboarding(
  deps: AppDeps,
  { tenantId, id, wanted }: { tenantId: TenantId; id: NumberId; wanted: Onboarding },
): Promise<NumberRow> {
  const nowMs = deps.clock.nowMs();
  const phone = wanted.phoneNumber ?? null;
  const imports = { contacts: wanted.importContacts, history: wanted.importHistory };
  const snapshot = await firstSnapshot(deps, {
    numberId: id,
    tenantId,
    nowMs,
    imports,
    check: checkOf(wanted),
  });
  await deps.numbers.create({
    numberId: id,
    tenantId,
    phoneNumber: phone,
    reference: wanted.reference ?? null,
    expected: expectedOf(wanted),
    snapshot,
    nextDeadline: firstDeadlineOf(snapshot, nowMs),
    atMs: nowMs,
  });
  const row = await deps.numbers.read(tenantId, id);
  if (!row) throw new Problem('STORE_UNAVAILABLE');
  // What is stored is what runs: a repeat after a crash finds the first snapshot. The dispatcher starts what could not be.
  if (row.snapshot.closed === 'no' && (await deps.workflows.start(row.snapshot)) === 'started') {
    await deps.numbers.markStarted(id, nowMs);
  }
  return row;
}

/** Null where nothing is named: then nothing is compared. */
function expectedOf({ expected = {} }: Onboarding): ExpectedAccount | null {
  const { businessPortfolioId: id, businessPortfolioName: portfolioName = null, wabaName = null } = expected;
  const portfolioId = id === undefined ? null : businessPortfolioId(id);
  const isNamed = portfolioId !== null || portfolioName !== null || wabaName !== null;
  return isNamed ? { portfolioId, portfolioName, wabaName } : null;
}

function checkOf({ eligibilityCheckId, phoneNumber: phone }: Onboarding): Parameters<typeof firstSnapshot>[1]['check'] {
  if (eligibilityCheckId === undefined) return null;
  return { checkId: checkId(eligibilityCheckId), phoneNumber: phone ?? null };
}

/** The invitation's end, or the date for which it is queued. */
function firstDeadlineOf(snapshot: Snapshot, nowMs: number): Deadline {
  const due = nextDueOf(snapshot, nowMs);
  return due ? { kind: due.kind, atMs: due.atMs } : { kind: 'invitation-expires', atMs: snapshot.attempt.expiresAtMs };
}

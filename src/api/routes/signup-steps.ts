/** The owner's way through Meta's dialog (U03, U04, U08, U09): a page tells what was done, and reads what comes next. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { doorPolicy } from '../../domain/door-policy.ts';
import {
  GUIDE_HINTS,
  GUIDE_MOMENTS,
  GUIDE_STEPS,
  GUIDE_VARIANTS,
  guideOf,
  type Guide,
  type GuideMoment,
  type GuideVariant,
} from '../../domain/guide.ts';
import type { AppDeps } from '../app-deps.ts';
import type { CountCall } from '../call-rates.ts';
import { iso } from '../number-resource.ts';
import { claimIn, refusalOf, ownersRun, stateField, stateOf } from '../owners-run.ts';
import { Problem } from '../problem.ts';
import { openRoute, PART_ACCEPTED, partAcceptedSchema, stateRoute } from './documented.ts';

const guideSchema = z
  .object({
    variant: z.enum(GUIDE_VARIANTS).meta({ description: 'Whether Meta shows a QR code to scan or a code to copy.' }),
    next: z.enum(GUIDE_STEPS).nullable(),
    steps: z.array(
      z.object({
        step: z.enum(GUIDE_STEPS),
        words: z.string().meta({ description: 'For the owner.' }),
        state: z.enum(['done', 'next', 'later']),
        doneAt: z.string().nullable().meta({ description: 'Null also where only a later step was told.' }),
      }),
    ),
    hint: z
      .object({ code: z.enum(GUIDE_HINTS), words: z.array(z.string()), waitingSince: z.string() })
      .nullable()
      .meta({ description: 'What to try where the next step takes longer than it should.' }),
    expiresAt: z.string(),
  })
  .meta({ id: 'SignupGuide' });

const stepSchema = openRoute(
  'Tell what the owner has done or seen on the way; the first time of each counts, and a repeat changes nothing',
  { body: z.object({ state: stateField, step: z.enum(GUIDE_MOMENTS) }), response: { 202: partAcceptedSchema } },
  [400, 403, 409, 410, 413, 415, 429, 500, 503],
);
const readSchema = stateRoute(
  "Read the owner's way through the dialog: the steps in order, what comes next, and a hint where it takes too long",
  {
    querystring: z.object({
      variant: z.enum(GUIDE_VARIANTS).optional().meta({ description: 'Which of the two the owner sees.' }),
    }),
    response: { 200: guideSchema },
  },
  [400, 403, 409, 410, 429, 500, 503],
);

export function signupStepRoutes(scope: FastifyInstance, deps: AppDeps, countCall: CountCall): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.post('/signup/steps', { schema: stepSchema }, async (request, reply) => {
    const { state, step } = request.body;
    await keepMoment(deps, { state, step, countCall });
    return reply.code(202).send(PART_ACCEPTED);
  });
  app.get('/signup/guide', { schema: readSchema }, async (request, reply) => {
    const { variant = null } = request.query;
    const claim = claimIn(deps, stateOf(request));
    countCall(claim.dialogRunId);
    void reply.header('cache-control', 'no-store');
    return readGuide(deps, claim, variant);
  });
}

async function keepMoment(
  deps: AppDeps,
  { state, step, countCall }: { state: string; step: GuideMoment; countCall: CountCall },
): Promise<void> {
  const claim = claimIn(deps, state);
  countCall(claim.dialogRunId);
  const kept = await deps.signupGuide.keepMoment(claim, step, deps.clock.nowMs());
  if (kept !== 'kept') throw refusalOf(kept);
}

async function readGuide(
  deps: AppDeps,
  claim: ReturnType<typeof claimIn>,
  variant: GuideVariant | null,
): Promise<z.infer<typeof guideSchema>> {
  const { run, row } = await ownersRun(deps, claim);
  if (row.snapshot.closed !== 'no') throw new Problem('INVITATION_EXPIRED');
  if (run.hasEndedOtherwise) throw new Problem('INVITATION_USED');
  const asked = { variant, nowMs: deps.clock.nowMs(), policy: doorPolicy() };
  const guide = guideOf({ ...run, hasCode: run.codeReceivedAtMs !== null }, asked);
  return guideResource(guide, run.expiresAtMs);
}

function guideResource({ variant, steps, hint }: Guide, expiresAtMs: number): z.infer<typeof guideSchema> {
  return {
    variant,
    next: steps.find(({ state }) => state === 'next')?.step ?? null,
    steps: steps.map(({ step, words, state, doneAtMs }) => ({
      step,
      words,
      state,
      doneAt: doneAtMs === null ? null : iso(doneAtMs),
    })),
    hint: hint && { code: hint.code, words: [...hint.words], waitingSince: iso(hint.sinceMs) },
    expiresAt: iso(expiresAtMs),
  };
}

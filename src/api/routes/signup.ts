/** Takes the two parts of the browser's answer to a signup dialog; the signed state is their credential. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { FactEnvelope } from '../../domain/facts.ts';
import type { DialogRunId } from '../../domain/ids.ts';
import { readSignupMessage, type SignupMessage } from '../../meta/signup-result.ts';
import type { AppDeps } from '../app-deps.ts';
import { dialogRunOf } from '../dialog-state.ts';
import type { PartAnswer } from '../ports.ts';
import { Problem } from '../problem.ts';
import { deliverFact } from '../revive.ts';
import { openRoute } from './documented.ts';

type Run = Extract<PartAnswer, { run: unknown }>['run'];
type Finished = Extract<SignupMessage, { kind: 'finished' }>;

/** A code of Meta's is some hundred characters; the state is ours. */
const state = z.string().min(1).max(200);
const acceptedSchema = z.object({ accepted: z.literal(true) }).meta({ id: 'SignupPartAccepted' });
const ACCEPTED = { accepted: true } as const;
const PROBLEMS = [400, 409, 413, 415, 500, 503];

const codeSchema = openRoute(
  "Hand over the code of Meta's dialog: at once, for it lives 30 seconds",
  { body: z.object({ state, code: z.string().min(1).max(4096) }), response: { 202: acceptedSchema } },
  PROBLEMS,
);
const resultSchema = openRoute(
  "Hand over the message event with which Meta's dialog ended",
  { body: z.object({ state, message: z.unknown() }), response: { 202: acceptedSchema } },
  PROBLEMS,
);

export function signupRoutes(scope: FastifyInstance, deps: AppDeps): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.post('/signup/code', { schema: codeSchema }, async (request, reply) => {
    await takeCode(deps, request.body.state, request.body.code);
    return reply.code(202).send(ACCEPTED);
  });
  app.post('/signup/result', { schema: resultSchema }, async (request, reply) => {
    await takeResult(deps, request.body.state, request.body.message);
    return reply.code(202).send(ACCEPTED);
  });
}

/** The one place where an answer waits for the engine: a code that nobody exchanges within 30 s is lost. */
async function takeCode(deps: AppDeps, signed: string, code: string): Promise<void> {
  const runId = runOf(deps, signed);
  const nowMs = deps.clock.nowMs();
  const { dialogRunId, cycle, attempt, numberId } = accepted(await deps.dialogRuns.acceptCode(runId, code, nowMs));
  await post(deps, numberId, {
    factId: `code/${dialogRunId}`,
    occurredAtMs: nowMs,
    cycle,
    fact: { kind: 'signupCodeReceived', attempt, dialogRunId },
  });
}

/** The coexistence ending waits in the store for its code; any other ends the attempt at once. */
async function takeResult(deps: AppDeps, signed: string, message: unknown): Promise<void> {
  const runId = runOf(deps, signed);
  const read = readSignupMessage(message);
  if (read.kind === 'malformed') throw new Problem('SIGNUP_MESSAGE_UNREADABLE');
  if (read.kind !== 'finished') return;
  const nowMs = deps.clock.nowMs();
  const { ending, wabaId } = read;
  const run = accepted(await deps.dialogRuns.acceptResult(runId, { ending, wabaId }, nowMs));
  if (ending !== 'coexistence') await post(deps, run.numberId, finishedFact(run, read, nowMs));
}

/** Also posted by the dispatcher where the code stays away. */
export function finishedFact(
  { dialogRunId, cycle, attempt }: Run,
  { ending, wabaId }: Pick<Finished, 'ending' | 'wabaId'>,
  occurredAtMs: number,
): FactEnvelope {
  const fact = { kind: 'signupFinished', attempt, ending, wabaId } as const;
  return { factId: `result/${dialogRunId}`, occurredAtMs, cycle, fact };
}

function runOf({ dialogSecret }: AppDeps, signed: string): DialogRunId {
  const run = dialogRunOf(dialogSecret, signed);
  if (run === null) throw new Problem('SIGNUP_STATE_INVALID');
  return run;
}

/** Each part counts once a run; the identical part again is the same part. */
function accepted(answer: PartAnswer): Run {
  switch (answer.kind) {
    case 'stored':
    case 'same':
      return answer.run;
    case 'different':
      throw new Problem('SIGNUP_PART_DIFFERENT');
    case 'unknown':
    case 'expired':
      throw new Problem('SIGNUP_STATE_INVALID');
  }
}

async function post(deps: AppDeps, id: Run['numberId'], envelope: FactEnvelope): Promise<void> {
  const posted = await deliverFact(deps, id, envelope);
  if (posted === 'unavailable') throw new Problem('ENGINE_UNAVAILABLE');
  if (posted === 'closed') throw new Problem('COMMAND_OUT_OF_STATE');
  await deps.facts.keepPosted(id, envelope, deps.clock.nowMs());
}

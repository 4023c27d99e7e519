/** Takes the two parts of the browser's answer to a signup dialog; the signed state is their credential. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { FactEnvelope } from '../../domain/facts.ts';
import { MINUTE_MS, standardPolicy, type Policy } from '../../domain/policy.ts';
import { failureOfDialog } from '../../meta/dialog-errors.ts';
import { isFromDialog } from '../../meta/dialog-origin.ts';
import { readSignupMessage, type SignupMessage } from '../../meta/signup-result.ts';
import type { AppDeps } from '../app-deps.ts';
import type { RunClaim } from '../dialog-state.ts';
import { claimIn, refusalOf, stateField } from '../owners-run.ts';
import type { PartAnswer } from '../ports.ts';
import { Problem } from '../problem.ts';
import { deliverFact } from '../revive.ts';
import { openRoute, PART_ACCEPTED, partAcceptedSchema } from './documented.ts';

type Taken = Extract<PartAnswer, { run: unknown }>;
type Run = Taken['run'];
type RunOf = Pick<RunClaim, 'tenantId'> & Pick<Run, 'numberId'>;
type Finished = Extract<SignupMessage, { kind: 'finished' }>;
type Reported = Extract<SignupMessage, { kind: 'error-reported' }>;

/** Meta's are some hundred characters. */
const code = z.string().min(1).max(4096);
const PROBLEMS = [400, 403, 409, 410, 413, 415, 500, 503];
/** Where a page passes it on as it came, we look where the message came from: the browser's word, and worth no more. */
const event = z
  .object({ origin: z.string().max(300), isTrusted: z.boolean() })
  .optional()
  .meta({ description: 'origin and isTrusted of the window message; what is not of Meta is refused.' });

const codeSchema = openRoute(
  "Hand over the code of Meta's dialog: at once, for it lives 30 seconds",
  { body: z.object({ state: stateField, code }), response: { 202: partAcceptedSchema } },
  PROBLEMS,
);
const resultSchema = openRoute(
  "Hand over the message event with which Meta's dialog ended",
  { body: z.object({ state: stateField, message: z.unknown(), event }), response: { 202: partAcceptedSchema } },
  PROBLEMS,
);

export function signupRoutes(scope: FastifyInstance, deps: AppDeps): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  app.post('/signup/code', { schema: codeSchema }, async (request, reply) => {
    await takeCode(deps, request.body.state, request.body.code);
    return reply.code(202).send(PART_ACCEPTED);
  });
  app.post('/signup/result', { schema: resultSchema }, async (request, reply) => {
    const { state: signed, message, event: from } = request.body;
    if (from && !isFromDialog(from)) throw new Problem('SIGNUP_MESSAGE_UNTRUSTED');
    await takeResult(deps, signed, message);
    return reply.code(202).send(PART_ACCEPTED);
  });
}

/** The one place where an answer waits for the engine: a code that nobody exchanges within 30 s is lost. */
async function takeCode(deps: AppDeps, signed: string, code: string): Promise<void> {
  const claim = claimIn(deps, signed);
  const nowMs = deps.clock.nowMs();
  const taken = accepted(await deps.dialogRuns.acceptCode(claim, code, nowMs));
  const { dialogRunId, cycle, attempt } = taken.run;
  await post(deps, taken, {
    factId: `code/${dialogRunId}`,
    occurredAtMs: nowMs,
    cycle,
    fact: { kind: 'signupCodeReceived', attempt, dialogRunId },
  });
}

/** One message, one of three endings. A dialog that was left may be opened again: that is a row, and no news. */
async function takeResult(deps: AppDeps, signed: string, message: unknown): Promise<void> {
  const claim = claimIn(deps, signed);
  const read = readSignupMessage(message);
  switch (read.kind) {
    case 'malformed':
      throw new Problem('SIGNUP_MESSAGE_UNREADABLE');
    case 'finished':
      return takeFinish(deps, claim, read);
    case 'error-reported':
      return takeError(deps, claim, read);
    case 'abandoned': {
      accepted(await deps.dialogRuns.acceptAbandoned(claim, read.step, deps.clock.nowMs()));
    }
  }
}

/** The coexistence ending waits in the store for its code; any other ends the attempt at once. */
async function takeFinish(deps: AppDeps, claim: RunClaim, read: Finished): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const { ending, wabaId } = read;
  const taken = accepted(await deps.dialogRuns.acceptResult(claim, { ending, wabaId }, nowMs));
  if (!taken.isNews) return;
  const isTold = await post(deps, taken, finishedFact(taken.run, read, nowMs));
  if (isTold && ending === 'standard') await watchDrift(deps, { tenantId: claim.tenantId, ...taken.run }, nowMs);
}

/** FA05: counted against the rule that had said yes, then told. */
async function takeError(deps: AppDeps, claim: RunClaim, { code, sessionId }: Reported): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const failure = failureOfDialog(code);
  const told = { failure, metaCode: code, supportReference: sessionId };
  const taken = accepted(await deps.dialogRuns.acceptError(claim, told, nowMs));
  if (!taken.isNews) return;
  const { dialogRunId, numberId, cycle, attempt } = taken.run;
  if (taken.kind === 'stored') await deps.eligibility.countRefusal(numberId, failure, nowMs);
  const fact = { kind: 'signupErrorReported', attempt, dialogRunId, ...told } as const;
  const isTold = await post(deps, taken, { factId: `error/${dialogRunId}`, occurredAtMs: nowMs, cycle, fact });
  if (isTold && failure === 'SIGNUP_MODE_DRIFTED')
    await watchDrift(deps, { tenantId: claim.tenantId, ...taken.run }, nowMs);
}

/**
 * U11: one wrong dialog is a number's trouble, several are ours: the settings at Meta have drifted. All numbers' dialogs are
 * counted; how many are too many is the policy of the number that met the last one.
 */
async function watchDrift(deps: AppDeps, of: RunOf, nowMs: number): Promise<void> {
  const { dialogLedger, alerts } = deps;
  const { modeDriftsMax, modeDriftMinutes } = await policyOf(deps, of);
  const drifts = await dialogLedger.countDrifts(nowMs - modeDriftMinutes * MINUTE_MS);
  if (drifts < modeDriftsMax) return;
  const detail = `Meta showed the wrong dialog ${drifts} times within ${modeDriftMinutes} minutes.`;
  await alerts.raise({ kind: 'mode-drift', subject: 'dialog', detail, atMs: nowMs });
}

async function policyOf({ numbers }: AppDeps, { tenantId, numberId }: RunOf): Promise<Policy> {
  const row = await numbers.read(tenantId, numberId);
  return row?.snapshot.policy ?? standardPolicy();
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

/** Each part counts once a run; the identical part again is the same part. */
function accepted(answer: PartAnswer): Taken {
  switch (answer.kind) {
    case 'stored':
    case 'same':
      return answer;
    case 'different':
      throw new Problem('SIGNUP_PART_DIFFERENT');
    default:
      throw refusalOf(answer.kind);
  }
}

/**
 * A repeat gets the answer of the first, also where its record has closed since. It is told again only where the first was
 * not: nobody may spend Actions by sending one part over and over. Answers whether it was told now.
 */
async function post(deps: AppDeps, { kind, run }: Taken, envelope: FactEnvelope): Promise<boolean> {
  if (kind === 'same' && (await deps.facts.isKept(run.numberId, envelope.factId))) return false;
  const posted = await deliverFact(deps, run.numberId, envelope);
  if (posted === 'unavailable') throw new Problem('ENGINE_UNAVAILABLE');
  if (posted === 'closed' && kind === 'stored') throw new Problem('INVITATION_EXPIRED');
  if (posted === 'posted') await deps.facts.keepPosted(run.numberId, envelope, deps.clock.nowMs());
  return posted === 'posted';
}

/** What can be asked of a number: each waits for the loop's answer, at most five seconds. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Command, CommandAnswer } from '../../domain/commands.ts';
import { numberId, type NumberId } from '../../domain/ids.ts';
import { DAY_MS, POLICY } from '../../domain/policy.ts';
import { TASK_KINDS } from '../../domain/task-kinds.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import type { Signed } from '../fleet-ports.ts';
import { askerOf, signedBy } from '../plugins/api-key.ts';
import type { Act, Answer, RunOnce } from '../plugins/idempotency.ts';
import { Problem, problemDocument } from '../problem.ts';
import { askNumber } from '../revive.ts';
import { ANYBODY, backendRoute, IDEMPOTENT, NUMBER_PATH } from './documented.ts';
import { known } from './numbers.ts';

const OPENED_WITHIN_MS = POLICY.appLimitDays.value * DAY_MS;

const answerSchema = z
  .object({
    outcome: z
      .enum(['accepted', 'already', 'pending'])
      .meta({ description: 'pending: read the number a little later' }),
    at: z.string().nullable().meta({ description: 'The date that goes with the answer, ISO 8601' }),
  })
  .meta({ id: 'CommandAnswer' });

const PLAIN: readonly { path: string; summary: string; command: Command }[] = [
  {
    path: 'disconnect',
    summary: 'Ask for a disconnect, which the owner finishes on the phone',
    command: { kind: 'requestDisconnect' },
  },
  { path: 'withdraw-disconnect', summary: 'Take back the wish to disconnect', command: { kind: 'withdrawDisconnect' } },
  { path: 'reonboard', summary: 'Open the next cycle of a number', command: { kind: 'startReonboarding' } },
  { path: 'cancel-onboarding', summary: 'End an onboarding that is under way', command: { kind: 'cancelOnboarding' } },
];

const openedSchema = z
  .object({ openedAt: z.iso.datetime({ offset: true }).optional().meta({ description: 'Now, where it is left out.' }) })
  .nullish()
  .meta({ id: 'AppOpened' });

export const COMMAND_RESPONSE = { 200: answerSchema, 202: answerSchema };

/** Who asks is told by the key; what operators alone may do, the number itself refuses to others. */
export function commandRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  const askOnce = askNumberOnce(deps, runOnce);

  for (const { path, summary, command } of PLAIN) {
    const parts = { headers: IDEMPOTENT, params: NUMBER_PATH, response: COMMAND_RESPONSE };
    const schema = backendRoute(summary, parts, [409, 422]);
    app.post(`/numbers/:id/${path}`, { schema, config: ANYBODY }, (request, reply) =>
      askOnce(request, reply, { id: numberId(request.params.id), command }),
    );
  }

  const opened = { headers: IDEMPOTENT, params: NUMBER_PATH, body: openedSchema, response: COMMAND_RESPONSE };
  const openedRoute = backendRoute('Say that the app was opened on the phone', opened, [409, 413, 415, 422]);
  app.post('/numbers/:id/confirm-app-opened', { schema: openedRoute, config: ANYBODY }, (request, reply) => {
    const openedAtMs = openedAt(request.body?.openedAt, deps.clock.nowMs());
    const command: Command = { kind: 'confirmAppOpened', openedAtMs };
    return askOnce(request, reply, { id: numberId(request.params.id), command });
  });

  taskRoutes(app, askOnce);
}

/** CM14. */
function taskRoutes(scope: Pick<FastifyInstance, 'withTypeProvider'>, askOnce: ReturnType<typeof askNumberOnce>): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();
  const params = NUMBER_PATH.extend({ task: z.enum(TASK_KINDS) });
  const parts = { headers: IDEMPOTENT, params, response: COMMAND_RESPONSE };
  for (const [verb, kind] of [
    ['complete', 'completeTask'],
    ['dismiss', 'dismissTask'],
  ] as const) {
    const schema = backendRoute(`Say that a task is over: ${verb}`, parts, [409, 422]);
    app.post(`/numbers/:id/tasks/:task/${verb}`, { schema, config: ANYBODY }, (request, reply) => {
      const command: Command = { kind, task: request.params.task };
      return askOnce(request, reply, { id: numberId(request.params.id), command });
    });
  }
}

/** CM11: within the last 14 days and not ahead; older evidence could not keep the link. */
function openedAt(text: string | undefined, nowMs: number): number {
  if (text === undefined) return nowMs;
  const atMs = Date.parse(text);
  if (atMs <= nowMs && atMs >= nowMs - OPENED_WITHIN_MS) return atMs;
  throw new Problem('REQUEST_INVALID', { errors: [{ field: 'openedAt', detail: 'not within the last 14 days' }] });
}

interface Asked {
  id: NumberId;
  command: Command;
  /** An operator's, where the route asks for one. */
  reason?: string;
}

/** Asks a number, once per Idempotency-Key, in the name of whoever's key it is. */
export function askNumberOnce(deps: AppDeps, runOnce: RunOnce) {
  return (request: FastifyRequest, reply: FastifyReply, asked: Asked): Promise<FastifyReply> =>
    runOnce(request, reply, {
      newResourceId: asked.id,
      act: async (act) => {
        const row = known(await deps.numbers.read(act.tenantId, asked.id));
        const by = askerOf(request);
        const signed = signedBy(request, { reason: asked.reason ?? null, atMs: deps.clock.nowMs() });
        // before it is asked: what the number took is never without its entry
        if (by === 'operator') await keepInAudit(deps, act, { ...asked, signed });
        const { command } = asked;
        return answerFrom(await askNumber(deps, row.numberId, { commandId: act.key, by, command }), request.url);
      },
    });
}

function keepInAudit(
  { audit }: AppDeps,
  { tenantId, key: commandId }: Act,
  { id, command, signed }: Asked & { signed: Signed },
): Promise<void> {
  const { kind: act, ...given } = command;
  return audit.keep(signed, { act, given, tenantId, numberId: id, commandId });
}

function answerFrom(asked: Awaited<ReturnType<typeof askNumber>>, path: string): Answer {
  switch (asked.kind) {
    case 'answered':
      return answerOf(asked.answer, path);
    case 'pending':
      return { status: 202, body: { outcome: 'pending', at: null }, isFinal: false };
    case 'closed':
      throw new Problem('COMMAND_OUT_OF_STATE');
    case 'unavailable':
      throw new Problem('ENGINE_UNAVAILABLE');
  }
}

/** A refusal is an answer too: it is kept, so that a repeat gets the first one. */
function answerOf({ outcome, failure, atMs }: CommandAnswer, path: string): Answer {
  if (outcome !== 'refused')
    return { status: 200, body: { outcome, at: atMs === null ? null : iso(atMs) }, isFinal: true };
  const problem = new Problem(failure ?? 'COMMAND_OUT_OF_STATE', { retryAtMs: atMs });
  const body = problemDocument(problem, path);
  return { status: body.status, body, isFinal: true };
}

/** What can be asked of a number: each waits for the loop's answer, at most five seconds. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Command, CommandAnswer } from '../../domain/commands.ts';
import { numberId, type NumberId } from '../../domain/ids.ts';
import { DAY_MS, POLICY } from '../../domain/policy.ts';
import type { AppDeps } from '../app-deps.ts';
import { iso } from '../number-resource.ts';
import type { Act, Answer, RunOnce } from '../plugins/idempotency.ts';
import { Problem, problemDocument } from '../problem.ts';
import { askNumber } from '../revive.ts';
import { backendRoute, IDEMPOTENT, NUMBER_PATH } from './documented.ts';
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

const RESPONSE = { 200: answerSchema, 202: answerSchema };

export function commandRoutes(scope: FastifyInstance, deps: AppDeps, runOnce: RunOnce): void {
  const app = scope.withTypeProvider<ZodTypeProvider>();

  for (const { path, summary, command } of PLAIN) {
    const parts = { headers: IDEMPOTENT, params: NUMBER_PATH, response: RESPONSE };
    const schema = backendRoute(summary, parts, [409, 422]);
    app.post(`/numbers/:id/${path}`, { schema }, (request, reply) => {
      const asked: Asked = { id: numberId(request.params.id), command, path: request.url };
      return runOnce(request, reply, { newResourceId: asked.id, act: (act) => ask(deps, act, asked) });
    });
  }

  const parts = { headers: IDEMPOTENT, params: NUMBER_PATH, body: openedSchema, response: RESPONSE };
  const schema = backendRoute('Say that the app was opened on the phone', parts, [409, 413, 415, 422]);
  app.post('/numbers/:id/confirm-app-opened', { schema }, (request, reply) => {
    const openedAtMs = openedAt(request.body?.openedAt, deps.clock.nowMs());
    const command: Command = { kind: 'confirmAppOpened', openedAtMs };
    const asked: Asked = { id: numberId(request.params.id), command, path: request.url };
    return runOnce(request, reply, { newResourceId: asked.id, act: (act) => ask(deps, act, asked) });
  });
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
  path: string;
}

async function ask(deps: AppDeps, { tenantId, key }: Act, { id, command, path }: Asked): Promise<Answer> {
  const row = known(await deps.numbers.read(tenantId, id));
  const asked = await askNumber(deps, row.numberId, { commandId: key, by: 'tenant', command });
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

/** Makes a repeated POST act once: the same key and request get the first answer (Idempotency-Key). */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../domain/clock.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { Idempotency } from '../ports.ts';
import { Problem, PROBLEM_TYPE } from '../problem.ts';
import { roleOf, tenantOf } from './api-key.ts';

export interface Answer {
  status: number;
  body: unknown;
  /** A final answer is kept for repeats; "still under way" is not. */
  isFinal: boolean;
}

/** What an action gets: its key, with the role before it where that is an operator's, is also the id of the command. */
export interface Act {
  tenantId: TenantId;
  key: string;
  resourceId: string;
}

interface Once {
  /** Used where this key has not been seen before. */
  newResourceId: string;
  act: (act: Act) => Promise<Answer>;
  /** Adds to an answer what must not be stored with it. */
  complete?: (body: unknown) => unknown;
}

const KEY_CHARACTERS_MAX = 255;
const HEADER = 'idempotency-key';

/** Of a scope: every POST needs the key. */
export async function requireIdempotencyKey(request: FastifyRequest): Promise<void> {
  if (request.method === 'POST') keyOf(request);
}

function keyOf(request: FastifyRequest): string {
  const key = request.headers[HEADER];
  if (typeof key !== 'string' || key.trim() === '') throw new Problem('IDEMPOTENCY_KEY_MISSING');
  if (key.length > KEY_CHARACTERS_MAX) throw new Problem('IDEMPOTENCY_KEY_TOO_LONG');
  return key;
}

/** An operator acts in a tenant's name, and never meets the keys that its backend has used. */
function keyOfRole(request: FastifyRequest): string {
  const key = keyOf(request);
  return roleOf(request) === 'operator' ? `operator/${key}` : key;
}

/** Role, method, path and body: another body under the same key is another request. */
function digestOf(request: FastifyRequest): string {
  const [path] = request.url.split('?');
  const text = JSON.stringify([roleOf(request), request.method, path, request.body ?? null]);
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Acts, stores the answer, sends it. A thrown problem is not stored: the same key may be tried again. Where a process dies
 * between the two, the repeat acts under the same resource id and so makes one thing.
 */
export function createOnce({ idempotency, clock }: { idempotency: Idempotency; clock: Clock }) {
  return async (request: FastifyRequest, reply: FastifyReply, once: Once): Promise<FastifyReply> => {
    const { newResourceId: resourceId, act, complete = (body) => body } = once;
    const tenantId = tenantOf(request);
    const key = keyOfRole(request);
    const digest = digestOf(request);
    const begun = await idempotency.begin({ tenantId, key, digest, resourceId, atMs: clock.nowMs() });
    if (begun.kind === 'mismatch') throw new Problem('IDEMPOTENCY_KEY_REUSED');
    if (begun.kind === 'answered') return send(reply, begun.status, complete(begun.body));
    const { status, body, isFinal } = await act({ tenantId, key, resourceId: begun.resourceId });
    if (isFinal) await idempotency.finish(tenantId, key, { status, body });
    return send(reply, status, complete(body));
  };
}
export type RunOnce = ReturnType<typeof createOnce>;

function send(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  const location = status < 300 ? locationOf(body) : null;
  if (location !== null) void reply.header('location', location);
  if (status >= 400) void reply.type(PROBLEM_TYPE).serializer(JSON.stringify);
  return reply.code(status).send(body);
}

/** A resource carries its own address. */
function locationOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('links' in body)) return null;
  const { links } = body;
  if (typeof links !== 'object' || links === null || !('self' in links)) return null;
  return typeof links.self === 'string' ? links.self : null;
}

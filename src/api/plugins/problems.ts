/** Answers every error with a problem document. What is neither ours nor Fastify's came from a store. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { Problem, PROBLEM_TYPE, problemDocument } from '../problem.ts';
import { isDoorCode, type DoorCode } from '../door-codes.ts';

const RETRY_AFTER_SECONDS = '5';

const FASTIFY_CODES: Readonly<Record<string, DoorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_MALFORMED',
};

export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    const { status, code } = problemDocument(problem, '');
    if (status >= 500) request.log.error({ err: error, failureCode: code }, 'request failed');
    return sendProblem(problem, request, reply);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(new Problem('ROUTE_UNKNOWN'), request, reply));
}

function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const document = problemDocument(problem, request.url.split('?')[0] ?? '/');
  if (document.status === 503 && document.retryable) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply.code(document.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(document);
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error))
    return unknownInPath(error.validation) ?? invalidFields(error.validation);
  if (isResponseSerializationError(error)) return new Problem('INTERNAL');
  if (isFastifyError(error)) return refusedByFastify(error);
  if (isBug(error)) return new Problem('INTERNAL');
  if (isUnstorable(error)) return new Problem('REQUEST_INVALID');
  return new Problem('STORE_UNAVAILABLE');
}

/** A malformed id in a path says itself which code an unknown one has: see `pathId`. */
function unknownInPath(issues: readonly { message?: string }[]): Problem | null {
  const code = issues.map(({ message }) => message ?? '').find(isDoorCode);
  return code === undefined ? null : new Problem(code);
}

function invalidFields(issues: readonly { instancePath: string; message?: string }[]): Problem {
  const errors = issues.map(({ instancePath, message }) => ({
    field: instancePath.split('/').filter(Boolean).join('.') || 'body',
    detail: message ?? 'not valid',
  }));
  return new Problem('REQUEST_INVALID', { errors });
}

/** Postgres's words for text that it cannot keep: no repeat would help. It lies within what the driver's caller throws. */
const UNSTORABLE_STATES: ReadonlySet<string> = new Set(['22021', '22P05']);

function isUnstorable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isOne = 'code' in error && typeof error.code === 'string' && UNSTORABLE_STATES.has(error.code);
  return isOne || isUnstorable(error.cause);
}

/** A mistake in our code is not a store that is down: repeating will not help. */
function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

function refusedByFastify({ code, statusCode = 500 }: FastifyError): Problem {
  const known = FASTIFY_CODES[code];
  if (known) return new Problem(known);
  if (statusCode === 413) return new Problem('BODY_TOO_LARGE');
  if (statusCode === 415) return new Problem('MEDIA_TYPE_UNSUPPORTED');
  return new Problem(statusCode < 500 ? 'REQUEST_REFUSED' : 'INTERNAL');
}

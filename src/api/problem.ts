/** Problem documents (RFC 9457): the catalogue of failures and the door's own codes, as HTTP answers. */
import { z } from 'zod';
import { FAILURE_CODES, FAILURES, isFailureCode, type FailureCode } from '../domain/failures.ts';
import { DOOR_CODES, DOOR_PROBLEMS, type DoorCode } from './door-codes.ts';

export type ProblemCode = FailureCode | DoorCode;

export const failureCode = z
  .enum(FAILURE_CODES)
  .meta({ id: 'FailureCode', description: 'Of the catalogue; each has its remedy in docs/remedies.md.' });

const codeSchema = z
  .enum([...FAILURE_CODES, ...DOOR_CODES])
  .meta({ id: 'ProblemCode', description: 'What to branch on; each has its remedy in docs/remedies.md.' });

export const PROBLEM_TYPE = 'application/problem+json';

export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A stable name of this kind of problem.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: codeSchema,
    remedy: z.array(z.string()).meta({ description: 'What to do, in order.' }),
    retryable: z.boolean().meta({ description: 'Whether the same request may help later, without a change.' }),
    instance: z.string(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
    retryAt: z.string().optional().meta({ description: 'Not before this time, ISO 8601.' }),
  })
  .meta({ id: 'Problem' });
export type ProblemDocument = z.infer<typeof problemSchema>;

interface Told {
  detail?: string;
  errors?: ProblemDocument['errors'];
  /** Epoch ms. */
  retryAtMs?: number | null;
  /** Where the failure is an earlier one's, and not of this request. */
  status?: number;
}

/** An expected "no" on its way out of a handler; the error handler turns it into a document. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly told: Told;
  constructor(code: ProblemCode, told: Told = {}) {
    super(`${code}: ${told.detail ?? sentenceOf(code)}`);
    this.name = 'Problem';
    this.code = code;
    this.told = told;
  }
}

interface Kind {
  sentence: string;
  status: number;
  remedy: readonly string[];
  isRetryable: boolean;
}

function kindOf(code: ProblemCode): Kind {
  if (!isFailureCode(code)) return DOOR_PROBLEMS[code];
  const { sentence, httpStatus, remedy, retry } = FAILURES[code];
  return { sentence, status: httpStatus, remedy, isRetryable: retry === 'automatic' || retry === 'after-wait' };
}

function sentenceOf(code: ProblemCode): string {
  return kindOf(code).sentence;
}

/** `HISTORY_DECLINED` reads `History declined`. */
function titleOf(code: ProblemCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `instance` is the path of the request, without its query. */
export function problemDocument({ code, told }: Problem, instance: string): ProblemDocument {
  const { sentence, status, remedy, isRetryable } = kindOf(code);
  return {
    type: `urn:tandem:problem:${code}`,
    title: titleOf(code),
    status: told.status ?? status,
    detail: told.detail ?? sentence,
    code,
    remedy: [...remedy],
    retryable: isRetryable,
    instance,
    ...(told.errors ? { errors: told.errors } : {}),
    ...(told.retryAtMs == null ? {} : { retryAt: new Date(told.retryAtMs).toISOString() }),
  };
}

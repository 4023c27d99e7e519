/** Parts of route descriptions that several routes have in common. */
import { z } from 'zod';
import { KEY_ROLES } from '../../domain/key-role.ts';
import { problemSchema } from '../problem.ts';
import { pathId } from '../request-fields.ts';

/** What a backend may do for its own numbers, and operators for any. */
export const ANYBODY = { roles: KEY_ROLES };

export const OPERATORS = { roles: ['operator'] } as const;

export const NUMBER_PATH = z.object({ id: pathId('num', 'NUMBER_UNKNOWN') });

/** Published with each POST; checked before the body is read. */
export const IDEMPOTENT = z.object({
  'idempotency-key': z.string().meta({ description: 'New for each thing you want done, the same for its repeats.' }),
});

/** What a page is answered whose word was taken. */
export const partAcceptedSchema = z.object({ accepted: z.literal(true) }).meta({ id: 'SignupPartAccepted' });
export const PART_ACCEPTED = { accepted: true } as const;

const SECURED = { security: [{ apiKey: [] }] };

type Problems = Record<number, typeof problemSchema>;

function problems(statuses: readonly number[]): Problems {
  return Object.fromEntries(statuses.map((status) => [status, problemSchema]));
}

/** A route of backends: key, and the problems that any of them may answer with. */
export function backendRoute<Schema extends object>(summary: string, schema: Schema, also: readonly number[] = []) {
  return { ...SECURED, summary, ...schema, ...responses(schema, [400, 401, 403, 404, 500, 503, ...also]) };
}

/** A route of operators: the key's role is asked for before anything else. */
export function operatorRoute<Schema extends object>(summary: string, schema: Schema, also: readonly number[] = []) {
  const told = `Operators: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`;
  return { ...SECURED, summary: told, ...schema, ...responses(schema, [400, 401, 403, 500, 503, ...also]) };
}

/** A route without an API key: its credential is in its body, or the state of a run in the header. */
export function openRoute<Schema extends object>(summary: string, schema: Schema, statuses: readonly number[]) {
  return { summary, ...schema, ...responses(schema, statuses) };
}

/** A route that is read with the state of a run. */
export function stateRoute<Schema extends object>(summary: string, schema: Schema, statuses: readonly number[]) {
  return { security: [{ dialogState: [] }], ...openRoute(summary, schema, statuses) };
}

function responses(schema: object, statuses: readonly number[]): { response: Record<number, z.ZodType> } {
  const own = 'response' in schema && typeof schema.response === 'object' ? schema.response : {};
  return { response: { ...problems(statuses), ...own } };
}

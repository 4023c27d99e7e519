/** Reads what a Graph call carries: parameters from query or body, and the access token from header or parameter. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

const Carried = z.record(z.string(), z.unknown()).catch({});

/** Graph takes JSON or form bodies and treats query and body alike; nested values are not needed by any call here. */
export function parametersOf(request: FastifyRequest): Map<string, string> {
  const carried = { ...Carried.parse(request.query), ...Carried.parse(request.body) };
  const parameters = new Map<string, string>();
  for (const [name, value] of Object.entries(carried)) {
    if (typeof value === 'string') parameters.set(name, value);
    else if (typeof value === 'number' || typeof value === 'boolean') parameters.set(name, String(value));
  }
  return parameters;
}

export function accessTokenOf(request: FastifyRequest, parameters: ReadonlyMap<string, string>): string | null {
  const bearer = /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? parameters.get('access_token') ?? null;
}

/** `fields=a,b{c,d}` names a and b: what stands in braces narrows a field and asks for no other. */
export function fieldsOf(parameters: ReadonlyMap<string, string>): string[] | null {
  const asked = parameters.get('fields');
  if (asked === undefined || asked === '') return null;
  return asked
    .replace(/\{[^}]*\}/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Only what was asked for, in that order, and always the id. */
export function pickFields(
  node: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of fields) if (node[name] !== undefined) picked[name] = node[name];
  return { ...picked, id: node['id'] };
}

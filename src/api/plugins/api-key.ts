/** Finds out who calls by the API key, of which only the SHA-256 is known: a tenant's backend, or an operator. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Asker } from '../../domain/commands.ts';
import { numberId, type TenantId } from '../../domain/ids.ts';
import type { KeyRole } from '../../domain/key-role.ts';
import type { ApiKeys } from '../fleet-ports.ts';
import type { Numbers } from '../ports.ts';
import { Problem } from '../problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; backends alone where nothing is said, operators alone below /v1/operator. */
    roles?: readonly KeyRole[];
  }
}

const TENANT = 'tenantId';
const ROLE = 'role';
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

interface Stores {
  apiKeys: ApiKeys;
  numbers: Pick<Numbers, 'readSnapshot'>;
}

/** How a key is stored and looked up: hex. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Every route of this scope needs a backend's key, unless the route itself says who may call it. */
export function requireApiKey(app: FastifyInstance, stores: Stores): void {
  requireKey(app, stores, 'backend');
}

/** Every route of this scope needs an operator's key. */
export function requireOperator(app: FastifyInstance, stores: Stores): void {
  requireKey(app, stores, 'operator');
}

/** The hash is looked up, so that no comparison depends on the key's bytes. */
function requireKey(app: FastifyInstance, { apiKeys, numbers }: Stores, usual: KeyRole): void {
  app.decorateRequest<TenantId | null>(TENANT, null);
  app.decorateRequest<KeyRole | null>(ROLE, null);
  app.addHook('onRequest', async (request) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const found = key === undefined ? null : await apiKeys.findKey(hashOfKey(key));
    if (found === null) throw new Problem('API_KEY_INVALID');
    const { roles = [usual] } = request.routeOptions.config;
    if (!roles.includes(found.role)) throw new Problem('ROLE_MISSING');
    request.setDecorator<KeyRole>(ROLE, found.role);
    request.setDecorator(TENANT, found.role === 'operator' ? await tenantOfPath(request, numbers) : found.tenantId);
  });
}

/** An operator acts for the tenant of the number that the path names. */
async function tenantOfPath(request: FastifyRequest, numbers: Stores['numbers']): Promise<TenantId | null> {
  const { params } = request;
  if (typeof params !== 'object' || params === null || !('id' in params) || typeof params.id !== 'string') return null;
  return (await numbers.readSnapshot(numberId(params.id)))?.tenantId ?? null;
}

/** In whose name a number is asked. */
export function askerOf(request: FastifyRequest): Asker {
  return request.getDecorator<KeyRole | null>(ROLE) === 'operator' ? 'operator' : 'tenant';
}

export function tenantOf(request: FastifyRequest): TenantId {
  const tenant = request.getDecorator<TenantId | null>(TENANT);
  if (tenant === null)
    throw new Problem(request.getDecorator(ROLE) === 'operator' ? 'NUMBER_UNKNOWN' : 'API_KEY_INVALID');
  return tenant;
}

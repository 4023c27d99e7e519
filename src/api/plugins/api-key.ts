/** Finds out who calls by the API key, of which only the SHA-256 is known: a tenant's backend, or an operator. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Asker } from '../../domain/commands.ts';
import { numberId, type TenantId } from '../../domain/ids.ts';
import { keyIdOf, type KeyRole } from '../../domain/key-role.ts';
import type { ApiKeys, Signed, Tenants } from '../fleet-ports.ts';
import { Problem } from '../problem.ts';
import { isNumberId } from '../request-fields.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; backends alone where nothing is said, operators alone below /v1/operator. */
    roles?: readonly KeyRole[];
  }
}

const TENANT = 'tenantId';
const ROLE = 'role';
const KEY_ID = 'keyId';
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

interface Stores {
  apiKeys: ApiKeys;
  tenants: Pick<Tenants, 'ofNumber'>;
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
function requireKey(app: FastifyInstance, { apiKeys, tenants }: Stores, usual: KeyRole): void {
  app.decorateRequest<TenantId | null>(TENANT, null);
  app.decorateRequest<KeyRole | null>(ROLE, null);
  app.decorateRequest<string>(KEY_ID, '');
  app.addHook('onRequest', async (request) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const hash = hashOfKey(key ?? '');
    const found = key === undefined ? null : await apiKeys.findKey(hash);
    if (found === null) throw new Problem('API_KEY_INVALID');
    const { roles = [usual] } = request.routeOptions.config;
    if (!roles.includes(found.role)) throw new Problem('ROLE_MISSING');
    request.setDecorator<KeyRole>(ROLE, found.role);
    request.setDecorator<string>(KEY_ID, keyIdOf(hash));
    request.setDecorator(TENANT, found.role === 'operator' ? await tenantOfPath(request, tenants) : found.tenantId);
  });
}

/** An operator acts for the tenant of the number that the path names, be it closed. */
async function tenantOfPath(request: FastifyRequest, tenants: Stores['tenants']): Promise<TenantId | null> {
  const { params } = request;
  if (typeof params !== 'object' || params === null || !('id' in params) || typeof params.id !== 'string') return null;
  return isNumberId(params.id) ? tenants.ofNumber(numberId(params.id)) : null;
}

/** The caller's word for what it does: the audit keeps it. */
export function signedBy(request: FastifyRequest, told: Pick<Signed, 'reason' | 'atMs'>): Signed {
  return { keyId: request.getDecorator<string>(KEY_ID), role: roleOf(request), ...told };
}

export function roleOf(request: FastifyRequest): KeyRole {
  return request.getDecorator<KeyRole | null>(ROLE) ?? 'backend';
}

/** In whose name a number is asked. */
export function askerOf(request: FastifyRequest): Asker {
  return roleOf(request) === 'operator' ? 'operator' : 'tenant';
}

export function tenantOf(request: FastifyRequest): TenantId {
  const tenant = request.getDecorator<TenantId | null>(TENANT);
  if (tenant === null) throw new Problem(roleOf(request) === 'operator' ? 'NUMBER_UNKNOWN' : 'API_KEY_INVALID');
  return tenant;
}

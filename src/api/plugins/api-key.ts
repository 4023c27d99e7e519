/** Finds the tenant of a request by its API key, of which only the SHA-256 is known. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TenantId } from '../../domain/ids.ts';
import type { ApiKeys } from '../ports.ts';
import { Problem } from '../problem.ts';

const TENANT = 'tenantId';
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

/** How a key is stored and looked up: hex. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Every route of this scope needs a key. The hash is looked up, so that no comparison depends on the key's bytes. */
export function requireApiKey(app: FastifyInstance, apiKeys: ApiKeys): void {
  app.decorateRequest<TenantId | null>(TENANT, null);
  app.addHook('onRequest', async (request) => {
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const tenant = key === undefined ? null : await apiKeys.findTenant(hashOfKey(key));
    if (tenant === null) throw new Problem('API_KEY_INVALID');
    request.setDecorator<TenantId>(TENANT, tenant);
  });
}

export function tenantOf(request: FastifyRequest): TenantId {
  const tenant = request.getDecorator<TenantId | null>(TENANT);
  if (tenant === null) throw new Problem('API_KEY_INVALID');
  return tenant;
}

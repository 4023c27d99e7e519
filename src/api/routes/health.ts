/** Tells whoever routes traffic whether this process lives, and whether it can do its work. */
import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../ports.ts';

const BOUND_MS = 2_000;

export function healthRoutes(scope: FastifyInstance, readiness: Readiness): void {
  scope.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }));

  scope.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const [isStoreReady, isEngineReady] = await Promise.all([
      bounded(() => readiness.isStoreReady()),
      bounded(() => readiness.isEngineReady()),
    ]);
    const parts = { store: isStoreReady ? 'ok' : 'down', engine: isEngineReady ? 'ok' : 'down' };
    if (!isStoreReady) return reply.code(503).send({ status: 'down', ...parts });
    // Without the engine webhooks are still stored, and delivered later.
    return reply.send({ status: isEngineReady ? 'ready' : 'degraded', ...parts });
  });
}

/** A part that does not answer in time is down. */
async function bounded(check: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), BOUND_MS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

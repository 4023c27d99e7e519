import Fastify from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireApiKey, tenantOf } from '../../src/api/plugins/api-key.ts';
import { answerWithProblems } from '../../src/api/plugins/problems.ts';
import { numberId, tenantId } from '../../src/domain/ids.ts';
import { createDoor, OTHER_KEY, type Door } from './door.ts';
import { createFleet, OPERATOR } from './fleet.ts';

interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** Its credential is an API key. */
  isKeyed: boolean;
}

const SECOND = { authorization: `Bearer ${OTHER_KEY}` };
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every route that the API describes: a new one is in the matrix without anybody thinking of it. */
async function describedRoutes({ get }: Door): Promise<Route[]> {
  const { paths } = (await get('/openapi.json')).json as {
    paths: Record<string, Record<string, { security?: object[] }>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      if (!operation) return [];
      const isKeyed = (operation.security ?? []).some((needed) => 'apiKey' in needed);
      return [{ method: method.toUpperCase() as Route['method'], path, isKeyed }];
    }),
  );
}

const fill = (path: string, id: string): string => path.replaceAll('{id}', id).replaceAll(/\{\w+\}/g, 'contacts');
let asked = 0;

async function call({ app }: Door, { method, path }: Route, more: { id: string; headers: Record<string, string> }) {
  const headers = { 'idempotency-key': `matrix-${(asked += 1)}`, ...more.headers };
  const answer = await app.inject({ method, url: fill(path, more.id), headers });
  return { route: `${method} ${path}`, status: answer.statusCode, code: answer.json<{ code?: string }>().code };
}

describe('who may call what', () => {
  const door = createDoor();
  let routes: Route[] = [];
  let own = '';
  const those = (isChosen: (route: Route) => boolean): Route[] => routes.filter(isChosen);
  const answers = (chosen: Route[], headers: Record<string, string>, id = own) =>
    Promise.all(chosen.map((route) => call(door, route, { id, headers })));
  const isOperators = ({ path }: Route): boolean => path.startsWith('/v1/operator/');
  const isOfNumbers = ({ path, isKeyed }: Route): boolean => isKeyed && path.startsWith('/v1/numbers/{id}');

  beforeAll(async () => {
    routes = await describedRoutes(door);
    own = await door.onboard();
  });

  it('the description names the routes of backends, of operators and of numbers', () => {
    expect(those(isOperators).length).toBeGreaterThanOrEqual(7);
    expect(those(isOfNumbers).length).toBeGreaterThanOrEqual(8);
  });

  it('no keyed route answers without a key, or to an unknown one', async () => {
    const keyed = those(({ isKeyed }) => isKeyed);
    for (const headers of [{}, { authorization: 'Bearer tdm_nobody' }])
      for (const { route, status, code } of await answers(keyed, headers))
        expect([route, status, code]).toEqual([route, 401, 'API_KEY_INVALID']);
  });

  it("no route of operators answers to a backend's key", async () => {
    for (const { route, status, code } of await answers(those(isOperators), SECOND))
      expect([route, status, code]).toEqual([route, 403, 'ROLE_MISSING']);
  });

  it('every route of a number answers the second tenant as if there were no such number', async () => {
    const chosen = those(isOfNumbers);
    const foreign = await answers(chosen, SECOND);
    const unknown = await answers(chosen, SECOND, 'num_of_nobody');
    expect(foreign.map(({ status, code }) => [status, code])).toEqual(
      unknown.map(({ status, code }) => [status, code]),
    );
    for (const { route, status, code } of foreign) {
      // what is refused before any number is looked at: the role, the body
      if (status === 403 || status === 400) continue;
      expect([route, status, code]).toEqual([route, 404, 'NUMBER_UNKNOWN']);
    }
    expect(foreign.filter(({ status }) => status === 404).length).toBeGreaterThanOrEqual(7);
  });

  it("an operator's key begins nothing, lists nothing, and reads nothing that people wrote", async () => {
    const kept = ['/v1/onboardings', '/v1/numbers', '/v1/numbers/{id}/imported-content'];
    const chosen = those(({ path }) => kept.includes(path));
    expect(chosen).toHaveLength(kept.length);
    for (const { route, status, code } of await answers(chosen, OPERATOR))
      expect([route, status, code]).toEqual([route, 403, 'ROLE_MISSING']);
  });

  it("an operator's key reads any tenant's number, its story and its imports, which is no act", async () => {
    const read = ['/v1/numbers/{id}', '/v1/numbers/{id}/timeline', '/v1/numbers/{id}/imports'];
    const chosen = those(({ method, path }) => method === 'GET' && read.includes(path));
    expect(chosen).toHaveLength(read.length);
    const foreign = String((await door.post('/v1/onboardings', {}, SECOND)).json.id);
    for (const id of [own, foreign])
      for (const { route, status } of await answers(chosen, OPERATOR, id))
        expect([route, status]).toEqual([route, 200]);
    expect((await door.get(`/v1/numbers/${foreign}`, OPERATOR)).json.id).toBe(foreign);
    expect(door.fleet.audit).toEqual([]);
  });

  it("an operator's key finds no number that is not there", async () => {
    for (const { route, status } of await answers(those(isOfNumbers), OPERATOR, 'num_of_nobody'))
      expect([route, status === 400 || status === 403 || status === 404]).toEqual([route, true]);
  });

  it("a list shows the second tenant's own numbers alone", async () => {
    const { items } = (await door.get('/v1/numbers', SECOND)).json as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).not.toContain(own);
  });
});

describe('a route that names both roles', () => {
  const app = Fastify();
  const rows = new Map([[numberId('num_1'), { tenantId: tenantId('ten_1') }]]);
  const { apiKeys, tenants } = createFleet(async (answer) => answer(), rows).ports;
  answerWithProblems(app);
  requireApiKey(app, { apiKeys, tenants });
  app.get('/numbers/:id', { config: { roles: ['backend', 'operator'] } }, async (request) => ({
    tenant: tenantOf(request),
  }));
  const ask = async (id: string, headers: Record<string, string>) => {
    const { statusCode, body } = await app.inject({ url: `/numbers/${id}`, headers });
    const { tenant, code } = JSON.parse(body) as { tenant?: string; code?: string };
    return [statusCode, tenant ?? code];
  };

  it('lets an operator act for the tenant of the number that it names', async () => {
    expect(await ask('num_1', OPERATOR)).toEqual([200, 'ten_1']);
    expect(await ask('num_none', OPERATOR)).toEqual([404, 'NUMBER_UNKNOWN']);
  });

  it('lets a backend act for itself alone', async () => {
    expect(await ask('num_1', SECOND)).toEqual([200, 'ten_2']);
  });
});

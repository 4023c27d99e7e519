/** What the description promises, and what an answer says about trying again. */
import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS } from './door.ts';

interface Operation {
  requestBody?: object;
  responses: Record<string, object>;
}

describe('the description', () => {
  it('says of each request with a body that it may be too large or of another type', async () => {
    const { paths } = (await createDoor().get('/openapi.json')).json as {
      paths: Record<string, Record<string, Operation>>;
    };
    const withBody = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) =>
        operation.requestBody ? [{ route: `${method} ${path}`, statuses: Object.keys(operation.responses) }] : [],
      ),
    );
    expect(withBody.length).toBeGreaterThan(10);
    for (const { route, statuses } of withBody)
      expect([route, statuses]).toEqual([route, expect.arrayContaining(['413', '415'])]);
  });

  it('has the form of each id in a path', async () => {
    const { text } = await createDoor().get('/openapi.json');
    for (const prefix of ['num', 'chk', 'ten', 'alt']) expect(text).toContain(`"^${prefix}_`);
  });
});

describe('Retry-After', () => {
  it('comes with what a repeat can mend: a store that is down', async () => {
    const door = createDoor();
    door.state.isStoreDown = true;
    const { status, json, headers } = await door.get('/v1/numbers');
    expect([status, json.retryable, headers['retry-after']]).toEqual([503, true, '5']);
  });

  it('does not come with what no repeat can mend: settings of the provider, of which no tenant learns the names', async () => {
    const door = createDoor();
    const id = await door.onboard();
    Object.assign(door.fleet.provider, { configId: undefined, signupVersion: undefined });
    const { status, json, headers, text } = await door.openDialog(id);
    expect([status, json.code, json.retryable]).toEqual([503, 'PROVIDER_NOT_READY', false]);
    expect(headers).not.toHaveProperty('retry-after');
    expect(text).not.toMatch(/META_|date shown/);
  });
});

it('a day on which no disclosure holds is told by a code of its own', async () => {
  const door = createDoor();
  expect((await door.get('/v1/disclosures/current')).status).toBe(200);
  door.state.nowMs = Date.UTC(2025, 0, 1);
  const { status, json } = await door.get('/v1/disclosures/current');
  expect([status, json.code, NOW_MS > door.state.nowMs]).toEqual([404, 'DISCLOSURE_UNKNOWN', true]);
});

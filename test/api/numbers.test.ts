import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS, OTHER_KEY } from './door.ts';

const FOREIGN = { authorization: `Bearer ${OTHER_KEY}` };

describe('reading numbers', () => {
  it('answers the same 404 for an unknown number and a foreign one', async () => {
    const { get, onboard } = createDoor();
    const id = await onboard();
    const foreign = await get(`/v1/numbers/${id}`, FOREIGN);
    const unknown = await get('/v1/numbers/num_none');
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    expect({ ...foreign.json, instance: '' }).toEqual({ ...unknown.json, instance: '' });
    expect(unknown.json.code).toBe('NUMBER_UNKNOWN');
    expect((await get(`/v1/numbers/${id}/timeline`, FOREIGN)).json.code).toBe('NUMBER_UNKNOWN');
    expect((await get(`/v1/numbers/${id}`)).status).toBe(200);
  });

  it('pages through the numbers of the tenant alone', async () => {
    const { get, post, onboard } = createDoor();
    const ids = [await onboard(), await onboard(), await onboard()];
    await post('/v1/onboardings', {}, FOREIGN);
    const first = await get('/v1/numbers?limit=2');
    const second = await get(`/v1/numbers?limit=2&after=${first.json.next}`);
    const seen = [...first.json.items, ...second.json.items].map(({ id }: { id: string }) => id);
    expect(seen).toEqual(ids);
    expect([first.json.next, second.json.next]).toEqual([ids[1], null]);
  });

  it('pages through the timeline by position', async () => {
    const { get, onboard, state } = createDoor();
    const id = await onboard();
    state.timeline = 3;
    const first = await get(`/v1/numbers/${id}/timeline?limit=2`);
    expect(first.json.items[0]).toEqual({
      position: 1,
      at: new Date(NOW_MS).toISOString(),
      sentence: 'Sentence 1.',
      row: 'AT01',
      cycle: 1,
    });
    const second = await get(`/v1/numbers/${id}/timeline?limit=2&after=${first.json.next}`);
    expect([first.json.next, second.json.items.length, second.json.next]).toEqual(['2', 1, null]);
  });

  it.each(['limit=0', 'limit=101', 'after=abc'])('refuses a page with %s', async (query) => {
    const { get, onboard } = createDoor();
    const { status, json } = await get(`/v1/numbers/${await onboard()}/timeline?${query}`);
    expect([status, json.code, json.errors.length]).toEqual([400, 'REQUEST_INVALID', 1]);
  });

  it('GR10 tells until when a link settles while it is live, and of no other', async () => {
    const { get, onboard, alter } = createDoor();
    const id = await onboard();
    const settlesOf = async (over: object): Promise<unknown> => {
      alter(id, (s) => ({ ...s, link: { ...s.link, ...over } }));
      return (await get(`/v1/numbers/${id}`)).json.link.settlesUntil;
    };
    expect(await settlesOf({})).toBeNull();
    expect(await settlesOf({ state: 'live', provedAtMs: NOW_MS })).toBe(new Date(NOW_MS + 600_000).toISOString());
    expect(await settlesOf({ state: 'suspended' })).toBeNull();
  });

  it('tells why an attempt failed, what to do, and from when', async () => {
    const { get, onboard, alter } = createDoor();
    const id = await onboard();
    const retryAtMs = NOW_MS + 900_000;
    const failure = {
      step: 'gate',
      detail: null,
      code: 'NUMBER_NOT_ON_APP',
      atMs: NOW_MS,
      retryAtMs,
      phoneStillLinked: 'likely',
      metaCode: null,
      supportReference: null,
    } as const;
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'cooling', opensAtMs: retryAtMs, failure } }));
    const { json } = await get(`/v1/numbers/${id}`);
    expect(json.headline).toBe('cooling-down');
    expect(json.attempt).toMatchObject({
      retryAt: new Date(retryAtMs).toISOString(),
      failure: { code: 'NUMBER_NOT_ON_APP', phoneStillLinked: 'likely', metaCode: null, supportReference: null },
    });
    expect(json.attempt.failure.remedy.length).toBeGreaterThan(0);
  });

  it('shows the newer progress of history, counted beside the workflow', async () => {
    const { get, onboard, state } = createDoor();
    const id = await onboard();
    const row = state.rows.get(id);
    if (row) state.rows.set(id, { ...row, history: { chunks: 4, messages: 90, progress: 55, phases: [0, 1] } });
    const { json } = await get(`/v1/numbers/${id}`);
    expect(json.syncs.history).toMatchObject({ progress: 55, chunks: 4, messages: 90, phases: [0, 1] });
  });

  it('says 503 where the store is down', async () => {
    const { get, state } = createDoor();
    state.isStoreDown = true;
    expect((await get('/v1/numbers')).json.code).toBe('STORE_UNAVAILABLE');
  });
});

describe('what is not there', () => {
  it('is a problem too', async () => {
    const { status, json, headers } = await createDoor().get('/v2/anything?x=1');
    expect([status, json.code, json.instance]).toEqual([404, 'ROUTE_UNKNOWN', '/v2/anything']);
    expect(headers['content-type']).toContain('application/problem+json');
  });
});

describe('health', () => {
  it('lives as long as the process', async () => {
    const { get, state } = createDoor();
    state.isStoreDown = true;
    expect((await get('/healthz')).status).toBe(200);
  });

  it.each([
    [false, false, 200, 'ready'],
    [false, true, 200, 'degraded'],
    [true, false, 503, 'down'],
  ])('with store down %s and engine down %s answers %i %s', async (...[isStoreDown, isEngineDown, status, word]) => {
    const { get, state } = createDoor();
    Object.assign(state, { isStoreDown, isEngineDown });
    const answer = await get('/readyz');
    expect([answer.status, answer.json.status]).toEqual([status, word]);
  });

  it('shows what people should do next, and whether an operator should look', async () => {
    const { onboard, get, alter } = createDoor();
    const id = await onboard();
    const tasks = [
      { kind: 'keep-app-open', state: 'done', sinceMs: NOW_MS },
      { kind: 'test-both-ways', state: 'open', sinceMs: NOW_MS },
    ] as const;
    const since = new Date(NOW_MS).toISOString();
    alter(id, () => ({ tasks }));
    const owner = {
      kind: 'test-both-ways',
      for: 'owner',
      words: 'send a message from the app and receive one on it',
      since,
    };
    expect((await get(`/v1/numbers/${id}`)).json).toMatchObject({ tasks: [owner], needsAttention: false });
    alter(id, () => ({ tasks: [...tasks, { kind: 'op-sync', state: 'open', sinceMs: NOW_MS }] }));
    expect((await get(`/v1/numbers/${id}`)).json).toMatchObject({
      tasks: [owner, { kind: 'op-sync', for: 'operator', since }],
      needsAttention: true,
    });
  });

  it('8.3 lists what could not be undone: an operator finishes it by hand', async () => {
    const { onboard, get, alter } = createDoor();
    const id = await onboard();
    expect((await get(`/v1/numbers/${id}`)).json.incompleteUndo).toEqual([]);
    alter(id, () => ({ incompleteUndo: ['unsubscribeIfLast', 'releaseClaim'] }));
    expect((await get(`/v1/numbers/${id}`)).json).toMatchObject({
      incompleteUndo: ['unsubscribeIfLast', 'releaseClaim'],
      needsAttention: true,
    });
  });
});

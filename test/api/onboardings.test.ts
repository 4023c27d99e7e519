import { describe, expect, it } from 'vitest';
import { numberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, OTHER_KEY } from './door.ts';

const DAY_MS = 86_400_000;

describe('starting an onboarding', () => {
  it('answers 202 with the number and its address, the row stored and the workflow started', async () => {
    const { post, state } = createDoor();
    const answer = await post('/v1/onboardings', { phoneNumber: '+4915112345678', reference: 'shop 7' });
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({
      phoneNumber: '+4915112345678',
      reference: 'shop 7',
      connection: 'awaiting-signup',
      headline: 'awaiting-signup',
      sendGate: { replies: false, reason: 'not-connected' },
      cycle: 1,
      attempt: { state: 'open', ordinal: 1, failure: null },
      nextDeadline: { kind: 'invitation-expires', at: new Date(NOW_MS + 7 * DAY_MS).toISOString() },
    });
    expect(answer.headers['location']).toBe(`/v1/numbers/${answer.json.id}`);
    expect(state.started).toEqual([answer.json.id]);
    expect(state.unstarted.size).toBe(0);
  });

  it('imports contacts and history unless told otherwise', async () => {
    const { post, onboard, state } = createDoor();
    const first = await onboard();
    const second = numberId(String((await post('/v1/onboardings', { importHistory: false })).json.id));
    expect(state.rows.get(first)?.snapshot.imports).toEqual({ contacts: true, history: true });
    expect(state.rows.get(second)?.snapshot.imports).toEqual({ contacts: true, history: false });
  });

  it('is accepted while the engine is down, and started by the dispatcher later', async () => {
    const { post, state, dispatcher } = createDoor();
    state.isEngineDown = true;
    const { status, json } = await post('/v1/onboardings', {});
    expect(status).toBe(202);
    expect(await dispatcher.tick()).toBe('down');
    expect([...state.unstarted]).toEqual([json.id]);
    state.isEngineDown = false;
    expect(await dispatcher.tick()).toBe('busy');
    expect(state.started).toEqual([json.id]);
    expect(state.unstarted.size).toBe(0);
  });

  it.each(['015112345678', '+49 151 12345678', '+1', 'abc'])('refuses %s as a phone number', async (phoneNumber) => {
    const { post, state } = createDoor();
    const { status, json, headers } = await post('/v1/onboardings', { phoneNumber });
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(json).toMatchObject({
      code: 'REQUEST_INVALID',
      errors: [{ field: 'phoneNumber' }],
      instance: '/v1/onboardings',
    });
    expect(state.rows.size).toBe(0);
  });

  it('lists every wrong field', async () => {
    const { json } = await createDoor().post('/v1/onboardings', { phoneNumber: '1', importContacts: 'yes' });
    expect(json.errors).toMatchObject([{ field: 'phoneNumber' }, { field: 'importContacts' }]);
  });

  it('says 503 with a date to return where the store is down, never 2xx', async () => {
    const { post, state } = createDoor();
    state.isStoreDown = true;
    const { status, json, headers } = await post('/v1/onboardings', {});
    expect(status).toBe(503);
    expect(json).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(state.started).toEqual([]);
  });
});

describe('the Idempotency-Key', () => {
  it('makes one number of a repeated request, with the same answer', async () => {
    const { post, state } = createDoor();
    const first = await post('/v1/onboardings', { reference: 'a' }, { 'idempotency-key': 'k' });
    const second = await post('/v1/onboardings', { reference: 'a' }, { 'idempotency-key': 'k' });
    expect([second.status, second.json, second.headers['location']]).toEqual([
      first.status,
      first.json,
      first.headers['location'],
    ]);
    expect(state.rows.size).toBe(1);
  });

  it('makes one number where the first try died before its answer was stored', async () => {
    const { post, state } = createDoor();
    const first = await post('/v1/onboardings', {}, { 'idempotency-key': 'k' });
    for (const known of state.keys.values()) delete known.answer;
    const second = await post('/v1/onboardings', {}, { 'idempotency-key': 'k' });
    expect(second.json.id).toBe(first.json.id);
    expect(state.rows.size).toBe(1);
  });

  it('is refused for another request', async () => {
    const { post, state } = createDoor();
    await post('/v1/onboardings', { reference: 'a' }, { 'idempotency-key': 'k' });
    const { status, json } = await post('/v1/onboardings', { reference: 'b' }, { 'idempotency-key': 'k' });
    expect([status, json.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(state.rows.size).toBe(1);
  });

  it('belongs to its tenant', async () => {
    const { post, state } = createDoor();
    await post('/v1/onboardings', { reference: 'a' }, { 'idempotency-key': 'k' });
    const foreign = { 'idempotency-key': 'k', authorization: `Bearer ${OTHER_KEY}` };
    expect((await post('/v1/onboardings', { reference: 'b' }, foreign)).status).toBe(202);
    expect(state.rows.size).toBe(2);
  });

  it.each([
    ['', 'IDEMPOTENCY_KEY_MISSING'],
    ['x'.repeat(256), 'IDEMPOTENCY_KEY_TOO_LONG'],
  ])('must be there and not too long (%#)', async (key, code) => {
    const { post, state } = createDoor();
    const { status, json } = await post('/v1/onboardings', {}, { 'idempotency-key': key });
    expect([status, json.code]).toEqual([400, code]);
    expect(json.remedy.length).toBeGreaterThan(0);
    expect(state.rows.size).toBe(0);
  });
});

describe('the API key', () => {
  it.each([undefined, 'Bearer tdm_unknown', 'Basic abc', 'Bearer '])('is refused as %s', async (authorization) => {
    const { app } = createDoor();
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await app.inject({ method: 'GET', url: '/v1/numbers', headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'API_KEY_INVALID', status: 401 });
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1 and names every route of backends', async () => {
    const { json } = await createDoor().get('/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    const routes = [
      '/v1/onboardings',
      '/v1/numbers',
      '/v1/numbers/{id}',
      '/v1/numbers/{id}/timeline',
      '/v1/signup/code',
    ];
    for (const route of routes) expect(json.paths).toHaveProperty([route]);
    expect((await createDoor().get('/docs/')).status).toBe(200);
  });
});

import { describe, expect, it } from 'vitest';
import { grantSlots } from '../../src/api/dispatch-slots.ts';
import { providerProblem } from '../../src/api/provider-readiness.ts';
import { ALERTS } from '../../src/domain/alerts.ts';
import { numberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS } from './door.ts';
import { OPERATOR } from './fleet.ts';

describe('the tenants', () => {
  it('are listed, and changed one thing at a time', async () => {
    const { get, put } = createDoor();
    const changed = await put('/v1/operator/tenants/ten_2', { mayImport: false, reason: 'asked' }, OPERATOR);
    expect([changed.status, changed.json]).toEqual([
      200,
      { id: 'ten_2', name: 'Two', isEntitled: true, mayImport: false, pageOrigins: [], pageUrl: null },
    ]);
    await put('/v1/operator/tenants/ten_2', { isEntitled: null, reason: 'asked' }, OPERATOR);
    const { json } = await get('/v1/operator/tenants', OPERATOR);
    expect(
      (json.items as Record<string, unknown>[]).map(({ id, isEntitled, mayImport }) => [id, isEntitled, mayImport]),
    ).toEqual([
      ['ten_1', true, true],
      ['ten_2', null, false],
    ]);
  });

  it('that are unknown answer 404', async () => {
    const { status, json } = await createDoor().put(
      '/v1/operator/tenants/ten_none',
      { isEntitled: true, reason: 'asked' },
      OPERATOR,
    );
    expect([status, json.code]).toEqual([404, 'TENANT_UNKNOWN']);
  });
});

describe('alerts', () => {
  it('are listed while open, and closed once', async () => {
    const { get, post, fleet } = createDoor();
    const times = { count: 3, firstAtMs: NOW_MS - 5, lastAtMs: NOW_MS, closedAtMs: null };
    fleet.alerts.push({
      alertId: 'alt_1',
      position: 1,
      kind: 'quota-late',
      subject: 'num_1',
      detail: 'promised',
      ...times,
    });
    const open = await get('/v1/operator/alerts', OPERATOR);
    expect(open.json.items).toEqual([
      {
        id: 'alt_1',
        kind: 'quota-late',
        subject: 'num_1',
        sentence: ALERTS['quota-late'].sentence,
        remedy: ALERTS['quota-late'].remedy,
        detail: 'promised',
        count: 3,
        firstAt: new Date(NOW_MS - 5).toISOString(),
        lastAt: new Date(NOW_MS).toISOString(),
        closedAt: null,
      },
    ]);
    const closed = await post('/v1/operator/alerts/alt_1/close', { reason: 'seen' }, OPERATOR);
    expect([closed.status, closed.json.closedAt]).toEqual([200, new Date(NOW_MS).toISOString()]);
    expect((await get('/v1/operator/alerts', OPERATOR)).json.items).toEqual([]);
    expect((await get('/v1/operator/alerts?state=all', OPERATOR)).json.items).toHaveLength(1);
    expect((await post('/v1/operator/alerts/alt_9/close', { reason: 'seen' }, OPERATOR)).json.code).toBe(
      'ALERT_UNKNOWN',
    );
  });
});

describe('the self-test of readiness', () => {
  it('says that new signups are open, when Meta was last heard, and what is left of the quota', async () => {
    const { get, fleet } = createDoor();
    fleet.lastWebhookAtMs = NOW_MS - 60_000;
    const { status, json } = await get('/v1/operator/readiness', OPERATOR);
    expect([status, json.newSignups, json.missing, json.failure]).toEqual([200, 'open', [], null]);
    expect(json.lastWebhookAt).toBe(new Date(NOW_MS - 60_000).toISOString());
    expect(json.quota).toMatchObject({ limit: 1_000, isOverridden: false, windowDays: 7, left: 1_000, waiting: 0 });
  });

  it('names what is missing for new signups', async () => {
    const { get, fleet } = createDoor();
    fleet.provider.signupVersion = undefined;
    const { json } = await get('/v1/operator/readiness', OPERATOR);
    expect([json.newSignups, json.missing, json.failure]).toEqual([
      'blocked',
      ['META_SIGNUP_VERSION'],
      'PROVIDER_NOT_READY',
    ]);
  });

  it.each([
    [{ configId: '1', signupVersion: 'v4' }, null],
    [{ configId: undefined, signupVersion: 'v4' }, 'PROVIDER_NOT_READY'],
    [{ configId: '1', signupVersion: undefined }, 'PROVIDER_NOT_READY'],
  ])('%j is %s to whoever opens a dialog', (provider, problem) => {
    expect(providerProblem(provider, null, NOW_MS)).toBe(problem);
  });
});

describe('the quota', () => {
  it('has the limit that an operator sets, with a reason', async () => {
    const { get, put } = createDoor();
    const set = await put('/v1/operator/quota', { limit: 200, reason: 'Meta has verified us' }, OPERATOR);
    expect([set.status, set.json.limit, set.json.isOverridden]).toEqual([200, 200, true]);
    expect((await get('/v1/operator/quota', OPERATOR)).json.limit).toBe(200);
    for (const wrong of [{ limit: 0, reason: 'none' }, { limit: 5 }, { limit: 10_001, reason: 'many' }])
      expect((await put('/v1/operator/quota', wrong, OPERATOR)).json.code).toBe('REQUEST_INVALID');
  });

  it('is given out by the dispatcher, and a broken promise is logged once as a warning', async () => {
    const { fleet } = createDoor();
    const warned: object[] = [];
    fleet.granting = { granted: [numberId('num_1')], late: [numberId('num_2')] };
    const quota = { grantNext: async () => fleet.granting };
    const log = { warn: (fields: object) => void warned.push(fields) };
    expect(await grantSlots({ quota, clock: { nowMs: () => NOW_MS }, log })).toEqual({ done: 1, isDown: false });
    expect(warned).toEqual([{ kind: 'quota-late', subject: 'num_2' }]);
  });
});

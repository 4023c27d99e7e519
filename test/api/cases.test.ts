/** The door as other systems test it: cases and mistakes by the numbers of docs/coverage.md. */
import { describe, expect, it } from 'vitest';
import { numberId } from '../../src/domain/ids.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { takeFact } from '../../src/domain/react.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { envelope, live, removed } from '../domain/builders.ts';
import { createDoor, NOW_MS, type Door } from './door.ts';
import { OPERATOR } from './fleet.ts';

/** A number that is connected. */
async function connected(door: Door) {
  const id = await door.onboard();
  door.alter(id, () => ({ ...live(), numberId: id }));
  return id;
}

describe('a part of the signup that is missing', () => {
  it.each([
    ['code', {}],
    ['code', { code: '' }],
    ['code', { code: null }],
  ])('case 41: a missing %s is named (%j)', async (field, payload) => {
    const { post, onboard, openDialog, state } = createDoor();
    const { json: dialog } = await openDialog(await onboard());
    const { status, json } = await post('/v1/signup/code', { state: dialog.state, ...payload });
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field }] });
    expect(state.posted).toEqual([]);
  });

  it('case 10, case 41: a finish that names no account is told to the number as such', async () => {
    const { post, onboard, openDialog, state } = createDoor();
    const { json: dialog } = await openDialog(await onboard());
    const message = { type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', data: {} };
    expect((await post('/v1/signup/result', { state: dialog.state, message })).status).toBe(202);
    expect(state.posted.map(({ envelope: told }) => told.fact)).toEqual([
      { kind: 'signupFinished', attempt: 1, ending: 'malformed', wabaId: null },
    ]);
  });

  it('case 3: a message of somebody else is refused, and changes nothing', async () => {
    const { post, onboard, openDialog, state, dialogs } = createDoor();
    const { json: dialog } = await openDialog(await onboard());
    const sent = { state: dialog.state, message: { type: 'OTHER', event: 'FINISH', data: { waba_id: '1' } } };
    const { status, json } = await post('/v1/signup/result', sent);
    expect([status, json.code, state.posted]).toEqual([400, 'SIGNUP_MESSAGE_UNREADABLE', []]);
    expect([...dialogs.runs.values()].map(({ result }) => result)).toEqual([undefined]);
  });
});

describe('settings of the provider that are missing', () => {
  it.each([
    ['META_CONFIG_ID', 'configId'],
    ['META_SIGNUP_VERSION', 'signupVersion'],
  ] as const)('case 55: without %s no new dialog opens, and what is connected goes on', async (name, setting) => {
    const door = createDoor();
    const [old, fresh] = [await connected(door), await door.onboard()];
    door.fleet.provider[setting] = undefined;
    const refused = await door.openDialog(fresh);
    expect(refused.json).toMatchObject({ code: 'PROVIDER_NOT_READY', retryable: false });
    expect((await door.get('/v1/operator/readiness', OPERATOR)).json.missing).toEqual([name]);
    expect(door.dialogs.runs.size).toBe(0);
    const shown = await door.get(`/v1/numbers/${old}`);
    expect([shown.status, shown.json.headline, shown.json.sendGate.replies]).toEqual([200, 'connected', true]);
    expect((await door.post(`/v1/numbers/${old}/confirm-app-opened`)).status).toBe(200);
    expect((await door.post(`/v1/numbers/${old}/disconnect`)).status).toBe(200);
    door.fleet.provider[setting] = 'set again';
    expect((await door.openDialog(fresh)).status).toBe(201);
  });
});

describe('a number that is connected', () => {
  it('case 34: has no route that puts another in its place, takes it away, or hands in a credential', async () => {
    const { paths } = (await createDoor().get('/openapi.json')).json as { paths: Record<string, object> };
    const ofNumbers = Object.entries(paths).filter(([path]) => path.startsWith('/v1/numbers/{id}'));
    expect(ofNumbers.length).toBeGreaterThan(8);
    for (const [path, operations] of ofNumbers) {
      expect([path, Object.keys(operations).filter((method) => !['get', 'post'].includes(method))]).toEqual([path, []]);
      expect(JSON.stringify(operations)).not.toMatch(/access_?token/i);
    }
  });

  it('mistake 14: shows why it ended, to the backend and in its timeline', async () => {
    const door = createDoor();
    const id = await connected(door);
    const fact = removed({ reason: 'PRIMARY_INACTIVITY', initiatedBy: 'SYSTEM' });
    const before = door.state.rows.get(id)?.snapshot ?? live();
    const ended = takeFact(before, envelope(fact, NOW_MS), NOW_MS);
    door.alter(id, () => ended);
    const { json } = await door.get(`/v1/numbers/${id}`);
    expect(json).toMatchObject({
      headline: 'disconnected',
      link: { end: { reason: 'inactivity', initiator: 'SYSTEM', at: new Date(NOW_MS).toISOString() } },
    });
    expect(ended.unsaid.map(sentenceOf).join('\n')).toContain('PRIMARY_INACTIVITY');
  });
});

describe('an engine that is down', () => {
  it('mistake 12: for ten days loses no news: it is offered again without an end, and heard once', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const id = await onboard();
    const lost = { factId: 'meta/1', occurredAtMs: NOW_MS, fact: { kind: 'historyDeclined' } } as const;
    state.facts.push({ position: 1, numberId: id, envelope: lost, notBeforeMs: 0 });
    state.isEngineDown = true;
    for (let day = 0; day < 10; day += 1) {
      for (let turn = 0; turn < 50; turn += 1) expect(await dispatcher.tick()).toBe('down');
      state.nowMs += DAY_MS;
    }
    expect(state.facts[0]?.outcome).toBeUndefined();
    state.isEngineDown = false;
    for (let turn = 0; turn < 3; turn += 1) await dispatcher.tick();
    expect(state.posted).toEqual([{ id, envelope: lost }]);
  });

  it('case 17: an onboarding that was accepted meanwhile is shown as waiting, and is started', async () => {
    const { state, dispatcher, post, get } = createDoor();
    state.isEngineDown = true;
    const { json } = await post('/v1/onboardings', {});
    const id = numberId(String(json.id));
    expect((await get(`/v1/numbers/${id}`)).json.headline).toBe('awaiting-signup');
    expect((await get('/readyz')).json).toMatchObject({ status: 'degraded', engine: 'down' });
    state.isEngineDown = false;
    await dispatcher.tick();
    expect(state.started).toEqual([id]);
  });
});

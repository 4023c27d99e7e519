/** An attempt that waits, seen and steered from outside. */
import { describe, expect, it } from 'vitest';
import { phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import { waitFor } from '../domain/builders.ts';
import { createDoor, NOW_MS } from './door.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();

describe('an attempt that waits', () => {
  it('shows what it waits for, until when, and the numbers to choose from', async () => {
    const { get, onboard, alter, state } = createDoor();
    const id = await onboard();
    const wait = waitFor({
      for: 'choice',
      step: 'resolve',
      lookAtMs: null,
      choices: { kind: 'number', ids: ['1', '2'] },
    });
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'waiting', wait } }));
    const row = state.rows.get(id);
    const candidates = [{ phoneNumberId: phoneNumberId('2'), digits: '15550100123', verifiedName: 'Lotus' }];
    if (row) state.rows.set(id, { ...row, candidates });
    const { json } = await get(`/v1/numbers/${id}`);
    expect([json.headline, json.attempt.state]).toEqual(['needs-action', 'waiting']);
    expect(json.attempt.wait).toEqual({
      for: 'choice',
      step: 'resolve',
      until: iso(wait.untilMs),
      nextLookAt: null,
      choices: {
        kind: 'number',
        options: [
          { id: '1', phoneNumber: null, verifiedName: null },
          { id: '2', phoneNumber: '+15550100123', verifiedName: 'Lotus' },
        ],
      },
    });
  });

  it('C14, C20, C23 shows each grant, the account, and how long it took', async () => {
    const { get, onboard, alter, state } = createDoor();
    const id = await onboard();
    expect((await get(`/v1/numbers/${id}`)).json).toMatchObject({
      grants: [],
      account: null,
      timeToConnectSeconds: null,
    });
    alter(id, () => ({
      grants: [{ scope: 'whatsapp_business_management', count: 2 }],
      lastSignup: { openedAtMs: NOW_MS, finishedAtMs: NOW_MS + 1_000, connectedAtMs: NOW_MS + 8_400 },
    }));
    const row = state.rows.get(id);
    const rest = { name: 'Lotus', timeZoneId: '1', portfolioId: null, portfolioName: null, reviewStatus: 'APPROVED' };
    if (row) state.rows.set(id, { ...row, account: { wabaId: wabaId('9'), ...rest, checkedAtMs: NOW_MS } });
    const { json } = await get(`/v1/numbers/${id}`);
    expect(json.grants).toEqual([
      { scope: 'business_management', granted: false, count: 0 },
      { scope: 'whatsapp_business_management', granted: true, count: 2 },
      { scope: 'whatsapp_business_messaging', granted: false, count: 0 },
      { scope: 'whatsapp_business_manage_events', granted: false, count: 0 },
    ]);
    expect(json.account).toMatchObject({
      wabaId: '9',
      timeZone: '1',
      reviewStatus: 'APPROVED',
      checkedAt: iso(NOW_MS),
    });
    expect(json.timeToConnectSeconds).toBe(7);
  });

  it('CM06, CM07 is asked to take a choice, and to go on at once', async () => {
    const { post, onboard, state } = createDoor();
    const id = await onboard();
    expect((await post(`/v1/numbers/${id}/choose-number`, { choiceId: '410000000000023' })).status).toBe(200);
    expect((await post(`/v1/numbers/${id}/retry-now`)).status).toBe(200);
    expect(state.asked.map(({ command }) => command.command)).toEqual([
      { kind: 'chooseNumber', choiceId: '410000000000023' },
      { kind: 'retryNow' },
    ]);
    expect((await post(`/v1/numbers/${id}/choose-number`, { choiceId: 'the second one' })).status).toBe(400);
  });
});

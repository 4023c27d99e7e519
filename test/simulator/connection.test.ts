import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, DIGITS, NUMBER, OWNER, PARTNER, setStage, START_MS, WABA } from './stage.ts';
import { pick } from './pick.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const act = (body: object) => stage.control('POST', `/phones/${DIGITS}/act`, body);
const phone = async () => (await stage.control('GET', `/phones/${DIGITS}`)).body;
const readNumber = (token: string) => stage.graph(`/${NUMBER}?fields=is_on_biz_app,platform_type`, { token });
async function lastNews() {
  await stage.settled();
  return stage.changes('account_update').at(-1);
}

describe('a removal', () => {
  const info = { waba_id: WABA, owner_business_id: OWNER };

  it('with a reason comes under the partner id, with who began it', async () => {
    await stage.onboard();
    stage.clock.advance(1_999);
    await act({ action: 'disconnect', reason: 'BUSINESS_DOWNGRADE', initiatedBy: 'USER' });
    expect(await lastNews()).toEqual({
      id: PARTNER,
      time: START_MS / 1000 + 1,
      value: {
        event: 'PARTNER_REMOVED',
        waba_info: info,
        disconnection_info: { reason: 'BUSINESS_DOWNGRADE', initiated_by: 'USER' },
      },
    });
  });

  it('by the Disconnect button gives no reason', async () => {
    await stage.onboard();
    await act({ action: 'disconnect' });
    expect(await lastNews()).toMatchObject({ id: PARTNER, value: { event: 'PARTNER_REMOVED', waba_info: info } });
    expect((await lastNews())?.value).not.toHaveProperty('disconnection_info');
  });

  it('in the short shape names the account in the envelope and the digits in the value', async () => {
    await stage.onboard();
    await act({ action: 'disconnect', shape: 'short' });
    expect(await lastNews()).toEqual({
      id: WABA,
      time: START_MS / 1000,
      value: { phone_number: DIGITS, event: 'PARTNER_REMOVED' },
    });
  });

  it('leaves the number missing, off the list, the subscription as it was', async () => {
    const token = await stage.onboard();
    await act({ action: 'disconnect' });
    expect(pick(await readNumber(token), 'body.error')).toMatchObject({ code: 100, error_subcode: 33 });
    expect(pick(await stage.graph(`/${WABA}/phone_numbers`, { token }), 'body')).toEqual({ data: [] });
    expect(await phone()).toMatchObject({ connected: 'disconnected', isOnBizApp: false, subscribed: true });
    expect((await act({ action: 'disconnect' })).status).toBe(409);
  });
});

describe('a phone that is replaced', () => {
  it('is offboarded at once and comes back by itself', async () => {
    const token = await stage.onboard();
    await act({ action: 'replacePhone', reconnect: true, afterMs: 60_000 });
    expect(await lastNews()).toEqual({ id: WABA, time: START_MS / 1000, value: { event: 'ACCOUNT_OFFBOARDED' } });
    expect(pick(await phone(), 'connected')).toBe('offboarded');
    expect((await readNumber(token)).status).toBe(200);
    expect(await stage.nextAtMs()).toBe(START_MS + 60_000);
    stage.clock.advance(3_600_000);
    expect(pick(await phone(), 'connected')).toBe('coexistence');
    expect(await lastNews()).toMatchObject({
      time: START_MS / 1000 + 60,
      value: { event: 'ACCOUNT_RECONNECTED' },
    });
  });

  it('stays away when the owner does not let it reconnect', async () => {
    await stage.onboard();
    await act({ action: 'replacePhone', reconnect: false });
    stage.clock.advance(30 * DAY_MS);
    expect(pick(await phone(), 'connected')).toBe('offboarded');
    expect(await stage.nextAtMs()).toBeNull();
    await act({ action: 'reconnect' });
    expect((await lastNews())?.value).toEqual({ event: 'ACCOUNT_RECONNECTED' });
  });

  it('mirrors no message while it is away', async () => {
    await stage.onboard();
    await act({ action: 'sendFromApp' });
    await act({ action: 'replacePhone', reconnect: false });
    await act({ action: 'sendFromApp' });
    await stage.settled();
    expect(stage.changes('smb_message_echoes')).toHaveLength(1);
  });
});

describe('the 14-day rule', () => {
  it('cuts a phone whose app rests, at its own time, however far the Clock jumps', async () => {
    const token = await stage.onboard({ autoInactivity: true, inactivityGraceMs: 5_000 });
    const cutAtMs = START_MS + 14 * DAY_MS + 5_000;
    expect(await stage.nextAtMs()).toBe(cutAtMs);
    stage.clock.set(cutAtMs - 1);
    expect((await readNumber(token)).status).toBe(200);
    stage.clock.set(START_MS + 20 * DAY_MS);
    expect((await readNumber(token)).status).toBe(400);
    expect(await lastNews()).toMatchObject({
      time: cutAtMs / 1000,
      value: { disconnection_info: { reason: 'PRIMARY_INACTIVITY', initiated_by: 'SYSTEM' } },
    });
  });

  it('begins anew when the app is opened, which leaves no trace', async () => {
    await stage.onboard();
    await act({ action: 'goSilent' });
    stage.clock.advance(13 * DAY_MS);
    const newsBefore = stage.received.length;
    await act({ action: 'openApp' });
    await stage.settled();
    expect(stage.received).toHaveLength(newsBefore);
    expect(await stage.nextAtMs()).toBe(START_MS + 27 * DAY_MS);
    stage.clock.set(START_MS + 27 * DAY_MS);
    expect(pick(await phone(), 'connected')).toBe('disconnected');
  });

  it('does not act on a phone that was not asked to follow it', async () => {
    await stage.onboard();
    stage.clock.advance(60 * DAY_MS);
    expect(pick(await phone(), 'connected')).toBe('coexistence');
  });
});

describe('traffic', () => {
  it('sends echoes, inbound messages and contact changes in their own fields', async () => {
    await stage.onboard();
    await act({ action: 'sendFromApp', count: 2 });
    await act({ action: 'receiveMessage' });
    await act({ action: 'changeContact', change: 'remove' });
    await stage.settled();
    const echoes = stage.changes('smb_message_echoes');
    expect(echoes.map(({ value }) => pick(value, 'message_echoes.0.from'))).toEqual([DIGITS, DIGITS]);
    expect(new Set(echoes.map(({ value }) => pick(value, 'message_echoes.0.id'))).size).toBe(2);
    expect(pick(stage.changes('messages'), '0.value.messages.0.from')).not.toBe(DIGITS);
    expect(pick(stage.changes('smb_app_state_sync'), '0.value.state_sync.0')).toMatchObject({ action: 'remove' });
  });

  it('says what is wrong with an action it does not understand or a phone it does not know', async () => {
    await stage.onboard();
    const unknown = await act({ action: 'fly' });
    expect(unknown).toMatchObject({ status: 400, body: { error: 'The request is not understood.' } });
    const missing = await stage.control('POST', '/phones/15559999999/act', { action: 'openApp' });
    expect(missing).toMatchObject({ status: 404, body: { error: expect.stringContaining('no phone 15559999999') } });
  });
});

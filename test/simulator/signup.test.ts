import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  APP_ID,
  APP_SECRET,
  askForCode,
  DIGITS,
  exchange,
  NUMBER,
  OWNER,
  PARTNER,
  setStage,
  START_MS,
  WABA,
} from './stage.ts';
import { pick, pickText } from './pick.ts';
import type { Stage } from './stage.ts';

const CAST = { digits: DIGITS, wabaId: WABA, phoneNumberId: NUMBER, businessId: OWNER };
let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
  await stage.control('POST', '/phones', CAST);
});
afterEach(() => stage.close());

async function dialog(options: object = {}) {
  return (await stage.control('POST', '/dialogs', { digits: DIGITS, ...options })).body;
}

describe('the code of the signup dialog', () => {
  it('is exchanged for a token up to 30 seconds after it was issued', async () => {
    const code = pickText(await dialog(), 'code');
    stage.clock.advance(29_999);
    expect(await askForCode(stage, code)).toMatchObject({
      status: 200,
      body: { access_token: 'EAASIMTOKEN0001', token_type: 'bearer' },
    });
  });

  it('has expired after 30 seconds', async () => {
    const code = pickText(await dialog(), 'code');
    stage.clock.advance(30_000);
    const answer = await askForCode(stage, code);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { type: 'OAuthException', code: 100, error_subcode: 36007 } },
    });
    expect(pick(answer, 'body.error.fbtrace_id')).toMatch(/^\w+$/);
  });

  it('is good for one use, and a used one says so also after its time', async () => {
    const code = pickText(await dialog(), 'code');
    await askForCode(stage, code);
    stage.clock.advance(31_000);
    expect(pick(await askForCode(stage, code), 'body.error')).toMatchObject({ code: 100, error_subcode: 36009 });
  });

  it('is refused as malformed when Meta never issued it', async () => {
    expect(pick(await askForCode(stage, 'made-up'), 'body.error')).toMatchObject({ code: 100, error_subcode: 36009 });
  });

  it('is not spent by an attempt with a wrong secret', async () => {
    const code = pickText(await dialog(), 'code');
    expect(pick(await askForCode(stage, code, 'wrong'), 'body.error')).toMatchObject({ code: 1 });
    expect((await askForCode(stage, code)).status).toBe(200);
  });
});

describe('a token', () => {
  it('is reported valid with our app, all scopes and what each was given for', async () => {
    const token = await exchange(stage, pickText(await dialog(), 'code'));
    const report = await stage.graph(`/debug_token?input_token=${token}`, { token: `${APP_ID}|${APP_SECRET}` });
    expect(pick(report, 'body.data')).toMatchObject({
      app_id: APP_ID,
      is_valid: true,
      expires_at: 0,
      issued_at: START_MS / 1000,
      data_access_expires_at: 0,
      scopes: [
        'business_management',
        'whatsapp_business_management',
        'whatsapp_business_messaging',
        'whatsapp_business_manage_events',
      ],
      granular_scopes: [
        { scope: 'business_management', target_ids: [OWNER] },
        { scope: 'whatsapp_business_management', target_ids: [WABA] },
        { scope: 'whatsapp_business_messaging', target_ids: [WABA] },
        { scope: 'whatsapp_business_manage_events', target_ids: [WABA] },
      ],
    });
  });

  it('stays valid when its number is disconnected, and dies with 458 when our app is removed', async () => {
    const token = await exchange(stage, pickText(await dialog(), 'code'));
    const report = async () =>
      pick(await stage.graph(`/debug_token?input_token=${token}`, { token: `${APP_ID}|${APP_SECRET}` }), 'body.data');
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'disconnect' });
    expect(await report()).toMatchObject({ is_valid: true });
    stage.clock.advance(15 * 60_000);
    await dialog();
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'removeApp' });
    expect(await report()).toMatchObject({ is_valid: false, error: { code: 190, subcode: 458 } });
  });
});

describe('the dialog', () => {
  it('finishes coexistence naming the account only, and tells the partner under its own id', async () => {
    const finished = await dialog();
    expect(pick(finished, 'message')).toEqual({
      type: 'WA_EMBEDDED_SIGNUP',
      event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
      version: 3,
      data: { waba_id: WABA },
    });
    await stage.settled();
    const info = { waba_id: WABA, owner_business_id: OWNER };
    expect(stage.changes('account_update')).toEqual([
      { id: PARTNER, time: START_MS / 1000, value: { event: 'PARTNER_ADDED', waba_info: info } },
      {
        id: PARTNER,
        time: START_MS / 1000,
        value: { event: 'PARTNER_APP_INSTALLED', waba_info: { ...info, partner_app_id: APP_ID } },
      },
    ]);
  });

  it('tells the partner later when asked to, with the time of the event', async () => {
    await dialog({ partnerAddedDelayMs: 60_000 });
    expect(pick(await stage.control('GET', '/next'), 'body')).toEqual({ nextAtMs: START_MS + 60_000 });
    await stage.settled();
    expect(stage.received).toHaveLength(0);
    stage.clock.advance(60_000);
    await stage.until('both events', () => stage.received.length === 2);
    expect(stage.changes('account_update')[0]?.time).toBe(START_MS / 1000);
  });

  it('finishes the standard flow with all ids and a number that is not on the app', async () => {
    const finished = await dialog({ outcome: 'standard' });
    expect(pick(finished, 'message')).toMatchObject({
      event: 'FINISH',
      data: { waba_id: WABA, phone_number_id: NUMBER, business_id: OWNER },
    });
    const token = await exchange(stage, pickText(finished, 'code'));
    const read = await stage.graph(`/${NUMBER}?fields=is_on_biz_app,platform_type`, { token });
    expect(read.body).toEqual({ id: NUMBER, is_on_biz_app: false, platform_type: 'NOT_APPLICABLE' });
  });

  it('gives no code when left at a step or refused with an error', async () => {
    expect(await dialog({ outcome: 'cancel', step: 'PERMISSIONS' })).toMatchObject({
      code: null,
      message: { event: 'CANCEL', data: { current_step: 'PERMISSIONS' } },
    });
    expect(await dialog({ outcome: 'cancel', errorCode: 3441045 })).toMatchObject({
      code: null,
      message: { event: 'CANCEL', data: { error_code: '3441045' } },
    });
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.connected')).toBe('none');
  });

  it('refuses a connected number, and for 15 minutes one that was just disconnected', async () => {
    await dialog();
    expect(pick(await dialog(), 'message.data.error_code')).toBe('3441049');
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'disconnect' });
    stage.clock.advance(15 * 60_000 - 1);
    expect(pick(await dialog(), 'message.data.error_code')).toBe('2655094');
    stage.clock.advance(1);
    expect(pick(await dialog(), 'code')).not.toBeNull();
  });

  it('may give a number other ids when it comes back', async () => {
    await dialog();
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'disconnect' });
    stage.clock.advance(15 * 60_000);
    const finished = await dialog({ nextWabaId: '99', nextPhoneNumberId: '88' });
    expect(pick(finished, 'message.data')).toEqual({ waba_id: '99' });
    const token = await exchange(stage, pickText(finished, 'code'));
    expect(pick(await stage.graph('/99/phone_numbers', { token }), 'body.data')).toMatchObject([{ id: '88' }]);
    expect(pick(await stage.graph(`/${NUMBER}`, { token }), 'body.error')).toMatchObject({
      code: 100,
      error_subcode: 33,
    });
  });
});

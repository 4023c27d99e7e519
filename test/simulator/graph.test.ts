import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DIGITS, NUMBER, setStage, WABA } from './stage.ts';
import { pick, pickText } from './pick.ts';
import type { Stage } from './stage.ts';

const Carried = z.record(z.string(), z.unknown());
const MISSING = { type: 'GraphMethodException', code: 100, error_subcode: 33 };
let stage: Stage;
let token: string;

beforeEach(async () => {
  stage = await setStage();
  token = await stage.onboard();
});
afterEach(() => stage.close());

describe('every Graph call', () => {
  it('needs a token, then a proof that fits it, then access, in this order', async () => {
    const path = '/999/subscribed_apps';
    expect(pick(await stage.graph(path), 'body.error')).toMatchObject({ code: 104 });
    const unknown = await stage.graph(path, { token: 'EAAnobody', proof: '' });
    expect(unknown).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    expect(pick(await stage.graph(path, { token, proof: '' }), 'body.error')).toMatchObject({
      type: 'GraphMethodException',
      code: 100,
      message: 'API calls from the server require an appsecret_proof argument',
    });
    expect(pick(await stage.graph(path, { token, proof: 'ab'.repeat(32) }), 'body.error')).toMatchObject({
      code: 100,
      message: 'Invalid appsecret_proof provided in the API argument',
    });
    expect(pick(await stage.graph(path, { token }), 'body.error')).toMatchObject(MISSING);
  });

  it('carries both usage headers, also with an error', async () => {
    for (const path of [`/${WABA}`, '/999']) {
      const { headers } = await stage.graph(path, { token });
      expect(JSON.parse(headers.get('x-app-usage') ?? '')).toMatchObject({ call_count: 1 });
      expect(headers.get('x-business-use-case-usage')).toContain('"estimated_time_to_regain_access":0');
    }
  });
});

describe('the account', () => {
  it('shows only the fields asked for and its id', async () => {
    const read = await stage.graph(`/${WABA}?fields=account_review_status,owner_business_info{id}`, { token });
    expect(Object.keys(Carried.parse(read.body)).toSorted()).toEqual([
      'account_review_status',
      'id',
      'owner_business_info',
    ]);
  });

  it('lists its numbers without the gate fields unless they are named', async () => {
    const plain = await stage.graph(`/${WABA}/phone_numbers`, { token });
    expect(pick(plain, 'body.data.0')).toMatchObject({ id: NUMBER, display_phone_number: '+1 555-010-0123' });
    expect(pick(plain, 'body.data.0')).not.toHaveProperty('is_on_biz_app');
    const named = await stage.graph(`/${WABA}/phone_numbers?fields=is_on_biz_app,status`, { token });
    expect(pick(named, 'body.data')).toEqual([{ id: NUMBER, is_on_biz_app: true, status: 'CONNECTED' }]);
  });

  it('pages its numbers, newest onboarded first', async () => {
    for (const digits of ['15550100124', '15550100125']) {
      stage.clock.advance(1_000);
      await stage.control('POST', '/phones', { digits, wabaId: WABA });
      await stage.control('POST', '/dialogs', { digits });
    }
    const first = await stage.graph(`/${WABA}/phone_numbers?fields=id&limit=2`, { token });
    expect(pick(first, 'body.data')).toEqual([{ id: '41000015550100125' }, { id: '41000015550100124' }]);
    const after = pickText(first.body, 'paging.cursors.after');
    const second = await stage.graph(`/${WABA}/phone_numbers?fields=id&limit=2&after=${after}`, { token });
    expect(pick(second, 'body.data')).toEqual([{ id: NUMBER }]);
    expect(pick(second, 'body.paging.next')).toBeUndefined();
  });

  it('subscribes our app once however often it is asked, and unsubscribes it', async () => {
    await stage.graph(`/${WABA}/subscribed_apps`, { method: 'POST', token });
    expect(pick(await stage.graph(`/${WABA}/subscribed_apps`, { token }), 'body.data')).toHaveLength(1);
    await stage.graph(`/${WABA}/subscribed_apps`, { method: 'DELETE', token });
    expect(pick(await stage.graph(`/${WABA}/subscribed_apps`, { token }), 'body.data')).toEqual([]);
  });
});

describe('the number', () => {
  it('is on the app and on Cloud API after coexistence onboarding', async () => {
    const read = await stage.graph(`/${NUMBER}?fields=is_on_biz_app,platform_type,last_onboarded_time`, { token });
    expect(read.body).toEqual({
      id: NUMBER,
      is_on_biz_app: true,
      platform_type: 'CLOUD_API',
      last_onboarded_time: Math.floor(stage.clock.nowMs() / 1000),
    });
  });

  it('is missing for the token of another account', async () => {
    await stage.control('POST', '/phones', { digits: '15550100999', phoneNumberId: '77' });
    await stage.control('POST', '/dialogs', { digits: '15550100999' });
    expect(await stage.graph('/77', { token })).toMatchObject({ status: 400, body: { error: MISSING } });
  });

  it('leaves the app when somebody registers it, and refuses to be deregistered', async () => {
    const pin = { messaging_product: 'whatsapp', pin: '123456' };
    const registered = await stage.graph(`/${NUMBER}/register`, { method: 'POST', token, body: pin });
    expect(registered.body).toEqual({ success: true });
    const read = await stage.graph(`/${NUMBER}?fields=is_on_biz_app`, { token });
    expect(pick(read, 'body.is_on_biz_app')).toBe(false);
    const refused = await stage.graph(`/${NUMBER}/deregister`, { method: 'POST', token });
    expect(pick(refused, 'body.error')).toMatchObject({
      code: 100,
      message: expect.stringContaining('SMB businesses'),
    });
  });

  it('shows what the gate was set to until it is cleared, also over a new dialog', async () => {
    const act = (body: object) => stage.control('POST', `/phones/${DIGITS}/act`, body);
    const read = async () => (await stage.graph(`/${NUMBER}?fields=is_on_biz_app,platform_type`, { token })).body;
    await act({ action: 'setGate', isOnBizApp: false, platformType: 'NOT_APPLICABLE' });
    await act({ action: 'disconnect' });
    stage.clock.advance(15 * 60_000);
    await stage.control('POST', '/dialogs', { digits: DIGITS });
    expect(await read()).toEqual({ id: NUMBER, is_on_biz_app: false, platform_type: 'NOT_APPLICABLE' });
    await act({ action: 'setGate', platformType: null, isOnBizApp: 'absent' });
    expect(await read()).toEqual({ id: NUMBER, platform_type: 'CLOUD_API' });
    await act({ action: 'setGate', isOnBizApp: null });
    expect(await read()).toEqual({ id: NUMBER, is_on_biz_app: true, platform_type: 'CLOUD_API' });
  });
});

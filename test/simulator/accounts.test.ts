/** The account and its portfolio: what reads show, what Meta decides about them, and the news of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick, pickText } from './pick.ts';
import { DAY_MS, DIGITS, exchange, NUMBER, OWNER, setStage, START_MS, WABA } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let token: string;
beforeEach(async () => {
  stage = await setStage();
  token = await stage.onboard();
});
afterEach(() => stage.close());

const act = async (body: object) => {
  const answer = await stage.control('POST', `/accounts/${WABA}/act`, body);
  expect(answer.status).toBe(200);
  await stage.settled();
};
const actOnPhone = (body: object) => stage.control('POST', `/phones/${DIGITS}/act`, body);
const read = async (path: string) => (await stage.graph(path, { token })).body;
const GATE = `/${NUMBER}?fields=status,platform_type,is_on_biz_app`;

describe('the nodes', () => {
  it('show the account with its owner, as it was set', async () => {
    await act({ action: 'set', name: 'Northwind', timezoneId: '42', currency: 'EUR', country: 'DE', limit: 'TIER_2K' });
    const fields =
      'name,timezone_id,currency,country,owner_business_info,account_review_status,business_verification_status,status';
    expect(await read(`/${WABA}?fields=${fields},whatsapp_business_manager_messaging_limit`)).toEqual({
      id: WABA,
      name: 'Northwind',
      timezone_id: '42',
      currency: 'EUR',
      country: 'DE',
      owner_business_info: { id: OWNER, name: 'Northwind Bakery' },
      account_review_status: 'APPROVED',
      business_verification_status: 'not_verified',
      status: 'ACTIVE',
      whatsapp_business_manager_messaging_limit: 'TIER_2K',
    });
  });

  it('show each verification state, on the portfolio and on its account', async () => {
    for (const verificationStatus of ['pending_submission', 'verified', 'something_new']) {
      await stage.control('POST', `/businesses/${OWNER}`, { verificationStatus });
      const portfolio = await read(`/${OWNER}?fields=name,verification_status`);
      expect(portfolio).toEqual({ id: OWNER, name: 'Northwind Bakery', verification_status: verificationStatus });
      expect(pick(await read(`/${WABA}?fields=business_verification_status`), 'business_verification_status')).toBe(
        verificationStatus,
      );
    }
  });

  it.each([
    ['missing', []],
    ['misdirected', [{ override_callback_uri: 'http://127.0.0.1:9/' }]],
    ['active', [{}]],
  ])('show a subscription that is %s, until our app subscribes again', async (state, rows) => {
    const subscriptions = () => read(`/${WABA}/subscribed_apps`);
    await act({ action: 'subscription', state });
    expect(await subscriptions()).toMatchObject({ data: rows });
    await stage.graph(`/${WABA}/subscribed_apps`, { token, method: 'POST' });
    expect(JSON.stringify(await subscriptions())).not.toContain('override');
    expect(pick(await subscriptions(), 'data.0.whatsapp_business_api_data')).toBeDefined();
  });

  it('report health by entity, the worst of them over all', async () => {
    await act({ action: 'setHealth', entity: 'BUSINESS', canSend: 'LIMITED' });
    expect(pick(await read(`/${NUMBER}?fields=health_status`), 'health_status.can_send_message')).toBe('LIMITED');
    await act({ action: 'setHealth', entity: 'WABA', canSend: 'BLOCKED', codes: [141006] });
    const health = pick(await read(`/${NUMBER}?fields=health_status`), 'health_status');
    expect(pick(health, 'can_send_message')).toBe('BLOCKED');
    expect(pick(health, 'entities.1')).toMatchObject({ id: WABA, errors: [{ error_code: 141006 }] });
    expect(pick(health, 'entities.2')).toMatchObject({ id: OWNER, additional_info: [expect.any(String)] });
    expect(pick(health, 'entities.0.can_send_message')).toBe('AVAILABLE');
  });

  it('go to the portfolio that the owner picked, also a new one', async () => {
    await stage.control('POST', '/phones', { digits: '15550100124' });
    const picked = { digits: '15550100124', businessId: '52', nextWabaId: '32' };
    const { body } = await stage.control('POST', '/dialogs', picked);
    const other = await exchange(stage, pickText(body, 'code'));
    const owner = (await stage.graph('/32?fields=owner_business_info', { token: other })).body;
    expect(pick(owner, 'owner_business_info.id')).toBe('52');
    expect((await stage.graph('/52', { token: other })).status).toBe(200);
    expect((await stage.graph('/52', { token })).status).toBe(400);
  });

  it('page over more numbers than a page holds, forth and back', async () => {
    for (let extra = 1; extra <= 27; extra += 1) {
      const digits = `155501010${String(extra).padStart(2, '0')}`;
      await stage.control('POST', '/phones', { digits, wabaId: WABA });
      stage.clock.advance(1_000);
      await stage.control('POST', '/dialogs', { digits, partnerAdded: 'never' });
    }
    const first = await read(`/${WABA}/phone_numbers?fields=id`);
    const after = pickText(first, 'paging.cursors.after');
    const second = await read(`/${WABA}/phone_numbers?fields=id&after=${after}`);
    expect(pick(first, 'data')).toHaveLength(25);
    expect(pick(second, 'data')).toHaveLength(3);
    expect(pick(second, 'data.2.id')).toBe(NUMBER);
    const before = pickText(second, 'paging.cursors.before');
    expect(pick(await read(`/${WABA}/phone_numbers?fields=id&before=${before}`), 'data')).toEqual(pick(first, 'data'));
  });
});

describe('a review', () => {
  it('of the account leaves its number pending, and its end opens the number and is told', async () => {
    await actOnPhone({ action: 'disconnect' });
    stage.clock.advance(15 * 60_000);
    await actOnPhone({ action: 'reviewsNext', value: 'account' });
    await stage.control('POST', '/dialogs', { digits: DIGITS });
    const pending = { id: NUMBER, status: 'PENDING', platform_type: 'NOT_APPLICABLE', is_on_biz_app: true };
    expect(await read(GATE)).toEqual(pending);
    expect(pick(await read(`/${WABA}?fields=account_review_status`), 'account_review_status')).toBe('PENDING');
    await act({ action: 'review', decision: 'DEFERRED' });
    expect(await read(GATE)).toEqual(pending);
    await act({ action: 'review', decision: 'APPROVED' });
    expect(await read(GATE)).toEqual({ ...pending, status: 'CONNECTED', platform_type: 'CLOUD_API' });
    expect(stage.changes('account_review_update').map(({ id, value }) => [id, value['decision']])).toEqual([
      [WABA, 'DEFERRED'],
      [WABA, 'APPROVED'],
    ]);
  });

  it('of the number alone ends without a word', async () => {
    await actOnPhone({ action: 'reviewsNext', value: 'number' });
    await stage.control('POST', '/dialogs', { digits: DIGITS, ignoreConnected: true });
    expect(pick(await read(GATE), 'status')).toBe('PENDING');
    expect(pick(await read(`/${WABA}?fields=account_review_status`), 'account_review_status')).toBe('APPROVED');
    await actOnPhone({ action: 'approveNumber' });
    expect(pick(await read(GATE), 'status')).toBe('CONNECTED');
  });

  it('of a name and a change of quality are told by the digits', async () => {
    await actOnPhone({ action: 'reviewName', decision: 'REJECTED', reason: 'NAME_FORMAT_UNACCEPTABLE' });
    await actOnPhone({ action: 'qualityUpdate', currentLimit: 'TIER_2K' });
    await actOnPhone({ action: 'setQuality', rating: 'RED' });
    await stage.settled();
    expect(stage.changes('phone_number_name_update')[0]).toMatchObject({
      id: WABA,
      value: { display_phone_number: DIGITS, decision: 'REJECTED', rejection_reason: 'NAME_FORMAT_UNACCEPTABLE' },
    });
    expect(stage.changes('phone_number_quality_update')[0]?.value).toMatchObject({ current_limit: 'TIER_2K' });
    expect(await read(`/${NUMBER}?fields=name_status,quality_rating`)).toMatchObject({
      name_status: 'DECLINED',
      quality_rating: 'RED',
    });
  });
});

describe('Meta’s news of the account', () => {
  const news = () => stage.changes('account_update').map(({ value }) => value);

  it('of a ban, its announcement and its end move what the number shows', async () => {
    await act({ action: 'ban', state: 'SCHEDULE_FOR_DISABLE', inDays: 7 });
    expect(news().at(-1)).toMatchObject({ event: 'DISABLED_UPDATE', ban_info: { waba_ban_date: 'November 29, 2026' } });
    expect(pick(await read(GATE), 'status')).toBe('CONNECTED');
    await act({ action: 'ban', state: 'DISABLE' });
    expect(pick(await read(GATE), 'status')).toBe('BANNED');
    await act({ action: 'ban', state: 'REINSTATE' });
    expect(news().at(-1)).toMatchObject({ ban_info: { waba_ban_state: 'REINSTATE' } });
    expect(pick(await read(GATE), 'status')).toBe('CONNECTED');
  });

  it('of restrictions and violations name the kind and the end, as number or as text', async () => {
    const types = ['RESTRICTED_BIZ_INITIATED_MESSAGING', 'RESTRICTED_SOMETHING_NEW'];
    await act({ action: 'restrict', types, days: 3, expirationAs: 'text' });
    const expiration = String((START_MS + 3 * DAY_MS) / 1000);
    expect(news().at(-1)).toEqual({
      event: 'ACCOUNT_RESTRICTION',
      restriction_info: types.map((restriction_type) => ({ restriction_type, expiration })),
    });
    expect(pick(await read(GATE), 'status')).toBe('RESTRICTED');
    await act({ action: 'liftRestrictions' });
    expect(pick(await read(GATE), 'status')).toBe('CONNECTED');
    await act({ action: 'violate', type: 'SCAM', digits: DIGITS });
    const violation = { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'SCAM' }, phone_number: DIGITS };
    expect(news().at(-1)).toEqual(violation);
  });

  it('of its deletion leaves nothing to be read', async () => {
    await act({ action: 'delete' });
    expect(news().at(-1)).toEqual({ event: 'ACCOUNT_DELETED' });
    for (const path of [`/${WABA}`, `/${NUMBER}`]) {
      expect(pick(await read(path), 'error')).toMatchObject({ code: 100, error_subcode: 33 });
    }
  });

  it('of a limit is written in each of its forms', async () => {
    for (const limit of ['TIER_2K', 2000, '2000', 'UNLIMITED', -1]) await act({ action: 'capability', limit });
    await act({ action: 'capability', limit: -1, name: 'max_daily_conversation_per_phone' });
    const told = stage.changes('business_capability_update').map(({ value }) => value);
    const limits = told.slice(0, 5).map((value) => value['max_daily_conversations_per_business']);
    expect(limits).toEqual(['TIER_2K', 2000, '2000', 'UNLIMITED', -1]);
    expect(told[5]).toEqual({ max_daily_conversation_per_phone: -1, max_phone_numbers_per_waba: 25 });
  });

  it('of our app comes and goes with the grant, and an event that nobody knows is sent like any other', async () => {
    await actOnPhone({ action: 'installApp' });
    await act({ action: 'event', event: 'ACCOUNT_SOMETHING_NEW', more: { kind: 'NEW' } });
    await actOnPhone({ action: 'removeApp' });
    await stage.settled();
    const last = news().slice(-3);
    expect(last.map((value) => value['event'])).toEqual([
      'PARTNER_APP_INSTALLED',
      'ACCOUNT_SOMETHING_NEW',
      'PARTNER_APP_UNINSTALLED',
    ]);
    expect(last[1]).toEqual({ event: 'ACCOUNT_SOMETHING_NEW', kind: 'NEW' });
    expect(pick(await read(`/${WABA}`), 'error')).toMatchObject({ code: 190, error_subcode: 458 });
  });
});

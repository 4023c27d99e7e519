/** What a token is good for: the scopes that were given, the accounts they were given for, its life, its renewal, its end. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick, pickList, pickText } from './pick.ts';
import { APP_ID, APP_SECRET, DAY_MS, DIGITS, exchange, NUMBER, OWNER, setStage, START_MS, WABA } from './stage.ts';
import type { Answer, Stage } from './stage.ts';

const CAST = { digits: DIGITS, wabaId: WABA, phoneNumberId: NUMBER, businessId: OWNER };
const APP = `client_id=${APP_ID}&client_secret=${APP_SECRET}`;
let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
  await stage.control('POST', '/phones', CAST);
});
afterEach(() => stage.close());

async function grant(options: object = {}): Promise<string> {
  const { body } = await stage.control('POST', '/dialogs', { digits: DIGITS, ...options });
  return exchange(stage, pickText(body, 'code'));
}
async function reportOf(token: string): Promise<unknown> {
  return pick(
    await stage.graph(`/debug_token?input_token=${token}`, { token: `${APP_ID}|${APP_SECRET}` }),
    'body.data',
  );
}
const renew = (token: string): Promise<Answer> =>
  stage.graph(`/oauth/access_token?grant_type=fb_exchange_token&${APP}&fb_exchange_token=${token}`);

describe('a scope', () => {
  it.each([
    ['whatsapp_business_management', `/${WABA}`],
    ['whatsapp_business_management', `/${NUMBER}`],
    ['business_management', `/${OWNER}`],
  ])('%s that was withheld is missed at %s', async (scope, path) => {
    const token = await grant({ withheld: [scope] });
    expect(pick(await reportOf(token), 'scopes')).not.toContain(scope);
    expect(await stage.graph(path, { token })).toMatchObject({ status: 403, body: { error: { code: 200 } } });
  });

  it('is given for the accounts that were granted, in any order, with or without the own one', async () => {
    const targetsOf = async (options: object) => {
      const report = await reportOf(await grant({ ignoreConnected: true, alsoGranted: ['71', '72'], ...options }));
      return pick(pickList(report, 'granular_scopes')[1], 'target_ids');
    };
    expect(await targetsOf({})).toEqual([WABA, '71', '72']);
    expect(await targetsOf({ ownTargetComes: 'last' })).toEqual(['71', '72', WABA]);
    expect(await targetsOf({ ownTargetComes: 'never' })).toEqual(['71', '72']);
  });

  it('lets a granted account be read that holds no number', async () => {
    const token = await grant({ alsoGranted: ['71'] });
    expect(pick(await stage.graph('/71/phone_numbers', { token }), 'body')).toEqual({ data: [] });
  });
});

describe('a token', () => {
  it('of another app says so', async () => {
    expect(pick(await reportOf(await grant({ tokenAppId: '999' })), 'app_id')).toBe('999');
  });

  it('that nobody issued is reported invalid with 200', async () => {
    expect(await reportOf('EAAnobody')).toMatchObject({ is_valid: false, error: { code: 190, subcode: 467 } });
  });

  it('names the portfolio behind it', async () => {
    const me = await stage.graph('/me?fields=id,client_business_id', { token: await grant() });
    expect(me.body).toEqual({ id: '810000000000061', client_business_id: OWNER });
  });

  it('expires when it was given for a time, and is renewed for 60 days while it lives', async () => {
    const old = await grant({ tokenExpiresInDays: 60, dataAccessExpiresInDays: 90 });
    expect(await reportOf(old)).toMatchObject({
      expires_at: (START_MS + 60 * DAY_MS) / 1000,
      data_access_expires_at: (START_MS + 90 * DAY_MS) / 1000,
    });
    stage.clock.advance(50 * DAY_MS);
    const renewed = await renew(old);
    expect(renewed.body).toMatchObject({ token_type: 'bearer', expires_in: 60 * 86_400 });
    const young = pickText(renewed.body, 'access_token');
    stage.clock.advance(10 * DAY_MS);
    expect(await reportOf(old)).toMatchObject({ is_valid: false, error: { subcode: 463 } });
    expect(pick(await renew(old), 'body.error')).toMatchObject({ code: 190, error_subcode: 463 });
    expect((await stage.graph(`/${WABA}`, { token: young })).status).toBe(200);
  });

  it('is dead after it was revoked, and when Meta gives it up for another reason', async () => {
    const [first, second] = [await grant(), await grant({ ignoreConnected: true })];
    const revoked = await stage.graph(`/oauth/revoke?${APP}&revoke_token=${first}&access_token=${second}`);
    expect(revoked.body).toEqual({ success: true });
    expect(await reportOf(first)).toMatchObject({ is_valid: false, error: { subcode: 467 } });
    expect(await reportOf(second)).toMatchObject({ is_valid: true });
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'invalidateToken', subcode: 460 });
    const read = await stage.graph(`/${WABA}`, { token: second });
    expect(read).toMatchObject({ status: 401, body: { error: { code: 190, error_subcode: 460 } } });
  });

  it('of the app itself comes for the secret alone', async () => {
    const answer = await stage.graph(`/oauth/access_token?grant_type=client_credentials&${APP}`);
    expect(pick(answer, 'body.access_token')).toBe(`${APP_ID}|${APP_SECRET}`);
  });
});

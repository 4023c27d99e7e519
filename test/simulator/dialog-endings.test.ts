/** How the signup dialog may end: every finish, every refusal, every form of the message, and what never reaches the page. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick, pickText } from './pick.ts';
import { askForCode, DIGITS, exchange, NUMBER, OWNER, setStage, START_MS, WABA } from './stage.ts';
import type { Stage } from './stage.ts';

const CAST = { digits: DIGITS, wabaId: WABA, phoneNumberId: NUMBER, businessId: OWNER };
let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
  await stage.control('POST', '/phones', CAST);
});
afterEach(() => stage.close());

async function dialog(options: object = {}) {
  const answer = await stage.control('POST', '/dialogs', { digits: DIGITS, ...options });
  expect(answer.status).toBe(200);
  return answer.body;
}
const act = (body: object) => stage.control('POST', `/phones/${DIGITS}/act`, body);
const connected = async () => pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.connected');

describe('a finish', () => {
  it.each([
    ['finish', 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', 'coexistence'],
    ['closed-on-last-screen', 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', 'coexistence'],
    ['standard', 'FINISH', 'none'],
    ['only-waba', 'FINISH_ONLY_WABA', 'none'],
    ['obo-migration', 'FINISH_OBO_MIGRATION', 'none'],
    ['grant-only', 'FINISH_GRANT_ONLY_API_ACCESS', 'none'],
    ['unknown-finish', 'FINISH_SOMETHING_NEW', 'none'],
  ])('%s says %s, gives a code, and leaves the phone %s', async (outcome, event, state) => {
    const ended = await dialog({ outcome });
    expect(pick(ended, 'message.event')).toBe(event);
    expect(pick(ended, 'message.data.waba_id')).toBe(WABA);
    expect(pick(ended, 'code')).toMatch(/^AQSIM/);
    expect(await connected()).toBe(state);
  });

  it('names what it is told to name, also nothing at all', async () => {
    const names = ['waba_id', 'phone_number_id', 'business_id', 'waba_ids'];
    const full = await dialog({ finishForm: { names }, alsoGranted: ['77'] });
    const ids = { waba_id: WABA, phone_number_id: NUMBER, business_id: OWNER, waba_ids: [WABA, '77'] };
    expect(pick(full, 'message.data')).toEqual(ids);
    expect(pick(await dialog({ finishForm: { names: [] }, ignoreConnected: true }), 'message.data')).toEqual({});
  });

  it('comes as text with ids that are numbers to the last digit, or as an object in which they have been rounded', async () => {
    const text = await dialog({ finishForm: { idsAs: 'number', as: 'json' } });
    expect(pickText(text, 'message')).toContain(`"waba_id":${WABA}}`);
    await stage.control('POST', '/phones', { digits: '15550100124', wabaId: '310000000000000177' });
    const parsed = await dialog({ digits: '15550100124', finishForm: { idsAs: 'number' } });
    expect(pick(parsed, 'message.data.waba_id')).toBe(Number('310000000000000177'));
  });

  it('may name an account that was not granted', async () => {
    const ended = await dialog({ finishForm: { wabaId: '99' } });
    expect(pick(ended, 'message.data')).toEqual({ waba_id: '99' });
    const token = await exchange(stage, pickText(ended, 'code'));
    expect(pick(await stage.graph('/99', { token }), 'body.error')).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it.each([
    ['code', true, false],
    ['message', false, true],
    ['neither', false, false],
    ['both', true, true],
  ])('of which %s reaches the page connects all the same', async (parts, hasCode, hasMessage) => {
    const ended = await dialog({ parts });
    expect(pick(ended, 'code') !== null).toBe(hasCode);
    expect(pick(ended, 'message') !== null).toBe(hasMessage);
    expect(await connected()).toBe('coexistence');
  });
});

describe('a code', () => {
  it.each([
    ['expired', 36007],
    ['used', 36009],
    ['other-redirect', 36008],
  ])('that is %s is refused with %i', async (code, subcode) => {
    const answer = await askForCode(stage, pickText(await dialog({ code }), 'code'));
    expect(pick(answer, 'body.error')).toMatchObject({ code: 100, error_subcode: subcode });
  });
});

describe('a refusal', () => {
  it.each([
    [{ app: 'personal' }, '2655095'],
    [{ appVersion: '2.9.80' }, '4563015'],
    [{ isRegionSupported: false }, '3441042'],
    [{ isActiveEnough: false }, '3441045'],
    [{ isLinkedToPage: true }, '2655082'],
    [{ hasOtherPartner: true }, '2655093'],
    [{ usesMarketingMessages: true }, '3441047'],
  ])('follows from the phone itself: %o is %s, and goes when it is mended', async (condition, code) => {
    await act({ action: 'setCondition', ...condition });
    const refused = await dialog();
    expect(pick(refused, 'code')).toBeNull();
    expect(pick(refused, 'message')).toMatchObject({ event: 'CANCEL', data: { error_code: code } });
    expect(await connected()).toBe('none');
    const fit = {
      app: 'business',
      appVersion: '2.24.17',
      isRegionSupported: true,
      isActiveEnough: true,
      isLinkedToPage: false,
      hasOtherPartner: false,
      usesMarketingMessages: false,
    };
    await act({ action: 'setCondition', ...fit });
    expect(pick(await dialog(), 'code')).not.toBeNull();
  });

  it('is for another business once the number belongs to one, and not before', async () => {
    expect(pick(await dialog({ businessId: '52' }), 'code')).not.toBeNull();
    await act({ action: 'disconnect' });
    stage.clock.advance(15 * 60_000);
    expect(pick(await dialog({ businessId: '53' }), 'message.data.error_code')).toBe('3441041');
    expect(pick(await dialog({ businessId: '52' }), 'code')).not.toBeNull();
  });

  it('wears each form of Meta’s pages', async () => {
    const old = await dialog({ outcome: 'cancel', errorCode: 2655094, errorForm: { field: 'error_id' } });
    expect(pick(old, 'message.data')).toEqual({
      error_message: expect.stringContaining('15 minutes'),
      error_id: '2655094',
      session_id: expect.stringMatching(/^sim\d+$/),
      timestamp: String(START_MS / 1000),
    });
    const numbered = await dialog({ errorCode: '1752089', errorForm: { event: 'ERROR', numbersAs: 'number' } });
    expect(pick(numbered, 'message.event')).toBe('ERROR');
    expect(pick(numbered, 'message.data')).toMatchObject({ error_code: 1752089, timestamp: START_MS / 1000 });
  });

  it('of a personal app comes by itself after the number moved there, and the connection is gone', async () => {
    await dialog();
    await act({ action: 'moveToPersonalApp' });
    await stage.settled();
    expect(stage.changes('account_update').at(-1)?.value).toMatchObject({
      event: 'PARTNER_REMOVED',
      disconnection_info: { reason: 'BUSINESS_DOWNGRADE', initiated_by: 'USER' },
    });
    stage.clock.advance(15 * 60_000);
    expect(pick(await dialog(), 'message.data.error_code')).toBe('2655095');
  });
});

describe('the partner hears of a finish', () => {
  const heard = () => stage.changes('account_update').filter(({ value }) => value['event'] === 'PARTNER_ADDED').length;

  it('before the page does', async () => {
    await dialog({ partnerAdded: 'before' });
    expect(heard()).toBe(1);
  });

  it.each([
    ['never', 0, 0],
    ['after', 0, 1],
    ['twice', 2, 2],
  ])('%s', async (partnerAdded, atOnce, aMinuteLater) => {
    await dialog({ partnerAdded });
    await stage.settled();
    expect(heard()).toBe(atOnce);
    stage.clock.advance(60_000);
    await stage.settled();
    expect(heard()).toBe(aMinuteLater);
  });
});

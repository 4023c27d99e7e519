import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick } from './pick.ts';
import { APP_ID, APP_SECRET, setStage, WABA } from './stage.ts';
import type { Stage } from './stage.ts';

const APP_TOKEN = `${APP_ID}|${APP_SECRET}`;
let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const ask = (token: string | null = APP_TOKEN, appId = APP_ID) => stage.graph(`/${appId}/subscriptions`, { token });
const setting = async (over: object) => void (await stage.control('POST', '/app', over));

describe("our app's own subscription", () => {
  it('is shown with its address, its state, and each field with the version of the call', async () => {
    const { status, body } = await ask();
    expect([status, pick(body, 'data.0.object'), pick(body, 'data.0.active')]).toEqual([
      200,
      'whatsapp_business_account',
      true,
    ]);
    expect(pick(body, 'data.0.callback_url')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhooks\/meta$/);
    expect(pick(body, 'data.0.fields')).toEqual(
      expect.arrayContaining([
        { name: 'account_update', version: 'v25.0' },
        { name: 'history', version: 'v25.0' },
      ]),
    );
  });

  it("is shown to the app's own token alone, and of our app alone", async () => {
    const token = await stage.onboard();
    for (const wrong of [`${APP_ID}|another-secret-0001`, token])
      expect(await ask(wrong)).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    expect(pick(await ask(null), 'body.error')).toMatchObject({ code: 104 });
    expect(pick(await ask(APP_TOKEN, '710000000000099'), 'body.error')).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it('is what the dashboard made of it, and counted by its app', async () => {
    await setting({ fields: ['messages'], isActive: false, callbackUrl: 'https://old.example.com/hook' });
    expect(pick(await ask(), 'body.data.0')).toEqual({
      object: 'whatsapp_business_account',
      callback_url: 'https://old.example.com/hook',
      active: false,
      fields: [{ name: 'messages', version: 'v25.0' }],
    });
    await setting({ isSubscribed: false });
    expect(pick(await ask(), 'body.data')).toEqual([]);
    expect((await stage.control('GET', '/calls?call=readAppWebhooks')).body).toEqual([
      { call: 'readAppWebhooks', subject: APP_ID, digits: null, asked: 2, accepted: 2 },
    ]);
  });

  it.each([{ fields: ['messages'] }, { isActive: false }, { isSubscribed: false }])(
    'with %j brings no news of an account, neither now nor later',
    async (over) => {
      await stage.onboard();
      const before = stage.changes('account_update').length;
      await setting(over);
      await stage.control('POST', '/webhooks', { field: 'account_update', value: { event: 'X' }, entryId: WABA });
      await stage.settled();
      await setting({});
      await stage.settled();
      expect(stage.changes('account_update')).toHaveLength(before);
      expect(pick(await stage.control('GET', '/webhooks'), 'body.deliveries')).toContainEqual(
        expect.objectContaining({ field: 'account_update', outcome: 'not-subscribed' }),
      );
    },
  );

  it('that names a field brings that field', async () => {
    await stage.onboard();
    await setting({ fields: ['account_update'] });
    const before = stage.changes('account_update').length;
    await stage.control('POST', '/webhooks', { field: 'account_update', value: { event: 'X' }, entryId: WABA });
    await stage.settled();
    expect(stage.changes('account_update')).toHaveLength(before + 1);
  });
});

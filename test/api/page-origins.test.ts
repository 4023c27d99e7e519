/** Pages that speak for owners: only those of exact origins that the tenant has named, and the broker's (U14, U18). */
import { describe, expect, it } from 'vitest';
import { isPageOrigin, isPageUrl } from '../../src/api/page-origin.ts';
import { BROKER, createDoor } from './door.ts';
import { OPERATOR, OTHER_KEY } from './fleet.ts';
import { forged } from './forged.ts';

const SHOP = 'https://shop.example';
const SECOND = 'https://www.shop.example';
const OTHERS = 'https://other-tenant.example';

async function withPages() {
  const door = createDoor();
  const put = (tenant: string, pageOrigins: string[]) =>
    door.put(`/v1/operator/tenants/${tenant}`, { pageOrigins, reason: 'asked' }, OPERATOR);
  await put('ten_1', [SHOP, SECOND]);
  await put('ten_2', [OTHERS]);
  const id = await door.onboard();
  const { json: dialog } = await door.openDialog(id);
  const signed: string = dialog.state;
  const tell = (origin: string, state = signed) =>
    door.post('/v1/signup/steps', { state, step: 'window-opened' }, { origin });
  const preflight = (origin: string, url = '/v1/signup/code') =>
    door.app.inject({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  return { ...door, id, dialog, signed, tell, preflight };
}

describe('an origin that a tenant may name', () => {
  it.each([SHOP, 'https://shop.example:8443', 'http://localhost:5173', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'is exact: %s',
    (origin) => expect(isPageOrigin(origin)).toBe(true),
  );

  it.each([
    'http://shop.example',
    'https://shop.example/',
    'https://shop.example/path',
    'https://*.shop.example',
    'https://Shop.example',
    'https://shop.example:443',
    'https://me@shop.example',
    'shop.example',
    'null',
    '*',
    '',
  ])('is not %j', (origin) => expect(isPageOrigin(origin)).toBe(false));

  it('is set by operators alone, all at once, and another form is refused', async () => {
    const { put, get, fleet } = createDoor();
    const change = { pageOrigins: [SHOP], pageUrl: `${SHOP}/connect?lang=de`, reason: 'asked' };
    expect((await put('/v1/operator/tenants/ten_1', change, OPERATOR)).json).toMatchObject({
      pageOrigins: [SHOP],
      pageUrl: change.pageUrl,
    });
    await put('/v1/operator/tenants/ten_1', { pageOrigins: [SECOND], reason: 'asked' }, OPERATOR);
    expect((await get('/v1/operator/tenants', OPERATOR)).json.items[0]).toMatchObject({
      pageOrigins: [SECOND],
      pageUrl: change.pageUrl,
    });
    for (const wrong of [{ pageOrigins: ['https://*.example'] }, { pageUrl: `${SHOP}#x` }, { pageUrl: 'http://a.b' }]) {
      const { status, json } = await put('/v1/operator/tenants/ten_1', { ...wrong, reason: 'x' }, OPERATOR);
      expect([status, json.code]).toEqual([400, 'REQUEST_INVALID']);
    }
    expect(fleet.audit.map(({ given }) => Object.keys(given))).toEqual([['pageOrigins', 'pageUrl'], ['pageOrigins']]);
    expect([isPageUrl('https://user:pw@shop.example'), isPageUrl('javascript:alert(1)')]).toEqual([false, false]);
  });
});

describe('a page', () => {
  it('of an origin that the tenant has named is answered, and its browser may read that', async () => {
    const { tell } = await withPages();
    const { status, headers } = await tell(SHOP);
    expect([status, headers['access-control-allow-origin'], headers.vary]).toEqual([202, SHOP, 'Origin']);
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('may read also what is refused', async () => {
    const { post, signed } = await withPages();
    const answer = await post('/v1/signup/steps', { state: forged(signed), step: 'x' }, { origin: SHOP });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([400, SHOP]);
  });

  it.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://evilshop.example',
    'http://shop.example',
    'https://shop.example:8443',
    'null',
    OTHERS,
  ])('case 2: of %s is refused, with what to do, and may not read it', async (origin) => {
    const { tell, dialogs } = await withPages();
    const { status, json, headers } = await tell(origin);
    expect([status, json.code, json.remedy.length]).toEqual([403, 'ORIGIN_FOREIGN', 1]);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect([...dialogs.runs.values()].map(({ moments }) => moments)).toEqual([undefined]);
  });

  it.each([
    ['POST', '/v1/signup/code', { code: 'AQ1' }],
    ['POST', '/v1/signup/result', { message: {} }],
    ['POST', '/v1/signup/steps', { step: 'logged-in' }],
    ['GET', '/v1/signup/guide', null],
    ['GET', '/v1/signup/progress', null],
    ['HEAD', '/v1/signup/guide', null],
  ] as const)('of another tenant is refused at %s %s', async (method, path, more) => {
    const { app, signed, state } = await withPages();
    const payload = more === null ? {} : { payload: { state: signed, ...more } };
    const inHeader = more === null ? { authorization: `Dialog ${signed}` } : {};
    const answer = await app.inject({ method, url: path, headers: { origin: OTHERS, ...inHeader }, ...payload });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    if (method !== 'HEAD') expect(answer.json().code).toBe('ORIGIN_FOREIGN');
    expect(state.posted).toEqual([]);
  });

  it('of another tenant may not follow the progress by the state in the query', async () => {
    const { app, signed } = await withPages();
    const headers = { origin: OTHERS, accept: 'text/event-stream' };
    const url = `/v1/signup/progress?state=${encodeURIComponent(signed)}`;
    expect((await app.inject({ url, headers })).json().code).toBe('ORIGIN_FOREIGN');
  });

  it('is asked for nothing where a backend calls, which sends no Origin', async () => {
    const { post, signed } = await withPages();
    expect((await post('/v1/signup/code', { state: signed, code: 'AQ1' })).status).toBe(202);
  });
});

describe('the preflight', () => {
  it('names what a page may send, to the origins of tenants and to the broker', async () => {
    const { preflight } = await withPages();
    for (const origin of [SHOP, OTHERS, BROKER]) {
      const { statusCode, headers } = await preflight(origin);
      expect([statusCode, headers['access-control-allow-origin']]).toEqual([204, origin]);
      for (const sent of ['authorization', 'idempotency-key'])
        expect(headers['access-control-allow-headers']).toContain(sent);
      expect(headers['access-control-allow-methods']).toBe('GET, POST');
    }
  });

  it('is refused to anybody else, and there is none outside the signup', async () => {
    const { preflight } = await withPages();
    const foreign = await preflight('https://evil.example');
    expect([foreign.statusCode, foreign.json().code]).toEqual([403, 'ORIGIN_FOREIGN']);
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    const backends = await preflight(SHOP, '/v1/numbers');
    expect([backends.statusCode, backends.headers['access-control-allow-origin']]).toEqual([404, undefined]);
  });
});

describe('a run', () => {
  it('belongs to the first page that speaks for it: another one of the same tenant is refused, the broker is not', async () => {
    const { tell, dialogs } = await withPages();
    expect((await tell(SHOP)).status).toBe(202);
    expect((await tell(SECOND)).json.code).toBe('ORIGIN_FOREIGN');
    expect((await tell(BROKER)).status).toBe(202);
    expect([...dialogs.runs.values()].map(({ origin }) => origin)).toEqual([SHOP]);
  });

  it('is not taken by the broker, which speaks for every page', async () => {
    const { tell, dialogs } = await withPages();
    await tell(BROKER);
    expect([...dialogs.runs.values()].map(({ origin }) => origin ?? null)).toEqual([null]);
    expect((await tell(SECOND)).status).toBe(202);
  });

  it('is opened for the page that the backend names, if it is one of its own', async () => {
    const { post, id, tell, state } = await withPages();
    const open = (origin: string, key?: string) =>
      post(
        `/v1/numbers/${id}/signup-dialogs`,
        { acceptedDisclosure: { version: 1, by: 'the owner' }, origin },
        key === undefined ? {} : { authorization: `Bearer ${key}` },
      );
    const ofSecond = String((await open(SECOND)).json.state);
    expect([(await tell(SHOP, ofSecond)).status, (await tell(SECOND, ofSecond)).status]).toEqual([403, 202]);
    expect((await open(OTHERS)).json.code).toBe('ORIGIN_FOREIGN');
    expect((await open('https://*.example')).json.errors[0].field).toBe('origin');
    expect((await open(OTHERS, OTHER_KEY)).json.code).toBe('NUMBER_UNKNOWN');
    expect(state.posted).toEqual([]);
  });

  it('U18 says where the window is opened, for pages of any domain', async () => {
    const { dialog } = await withPages();
    expect(dialog.facebookLogin.brokerOrigin).toBe(BROKER);
  });
});

describe('a message that a page passes on with its event', () => {
  const message = {
    type: 'WA_EMBEDDED_SIGNUP',
    event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
    data: { waba_id: '1001' },
  };

  it.each([
    ['case 1: that the browser does not trust', { origin: 'https://www.facebook.com', isTrusted: false }],
    [
      'case 2, mistake 8: whose origin merely ends as it should',
      { origin: 'https://evilfacebook.com', isTrusted: true },
    ],
  ])('%s is refused, and changes nothing', async (_name, event) => {
    const { post, signed, dialogs, state } = await withPages();
    const { status, json } = await post('/v1/signup/result', { state: signed, message, event });
    expect([status, json.code]).toEqual([400, 'SIGNUP_MESSAGE_UNTRUSTED']);
    expect([[...dialogs.runs.values()][0]?.result, state.posted]).toEqual([undefined, []]);
  });

  it('is taken where it is of the dialog, and without its event as before', async () => {
    const { post, signed } = await withPages();
    const event = { origin: 'https://www.facebook.com', isTrusted: true };
    expect((await post('/v1/signup/result', { state: signed, message, event })).status).toBe(202);
    expect((await post('/v1/signup/result', { state: signed, message })).status).toBe(202);
  });
});

/** What each call asks of Graph and what it makes of the answer. Sources: M1, M7, M8, M9, M14. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NEEDED_FIELDS } from '../../src/domain/app-webhooks.ts';
import { phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import { isAccountField } from '../../src/meta/account-news.ts';
import { createGraph, type GraphClient } from '../../src/meta/graph-client.ts';
import { isMessageField } from '../../src/meta/message-news.ts';
import { startStubGraph } from './stub-graph.ts';
import type { StubGraph } from './stub-graph.ts';

const APP_ID = '710000000000053';
const APP_SECRET = 'sim-app-secret-0001';
const TOKEN = 'EAASIMTOKEN0001';
/** The proof of the token below, reckoned apart from our code. */
const PROOF = 'b310b210ac53f49972b39748ede6b5dbf2193dfc311e51f950ba6ab063fa94f8';
const waba = wabaId('310000000000017');
const phone = phoneNumberId('410000000000023');

const row = {
  id: phone,
  display_phone_number: '+1 555-010-0123',
  verified_name: 'Northwind Bakery',
  status: 'CONNECTED',
  platform_type: 'CLOUD_API',
  is_on_biz_app: true,
  last_onboarded_time: 1_795_305_598,
};
const reading = { isOnBizApp: true, platformType: 'CLOUD_API', status: 'CONNECTED', onboardedAtMs: 1_795_305_598_000 };

let stub: StubGraph;
let graph: GraphClient;

beforeAll(async () => {
  stub = await startStubGraph();
  graph = createGraph({ baseUrl: stub.baseUrl, version: 'v25.0', appId: APP_ID, appSecret: APP_SECRET });
});
afterAll(() => stub.close());

const queryOf = (ordinal = 0): Record<string, string> =>
  Object.fromEntries(stub.asked[ordinal]?.url.searchParams ?? []);

describe('the exchange of the code', () => {
  it('sends our app and the code, without a redirect and without a token', async () => {
    stub.answers({ json: { access_token: TOKEN, token_type: 'bearer' } });
    expect(await graph.exchangeCode('code-1')).toEqual({ accessToken: TOKEN, expiresInSeconds: null });
    expect(stub.asked).toMatchObject([
      { method: 'GET', url: { pathname: '/v25.0/oauth/access_token' }, authorization: null },
    ]);
    expect(queryOf()).toEqual({ client_id: APP_ID, client_secret: APP_SECRET, code: 'code-1' });
  });

  it('tells how long the token lives where Meta says so', async () => {
    stub.answers({ json: { access_token: TOKEN, expires_in: '5184000' } });
    expect(await graph.exchangeCode('code-1')).toEqual({ accessToken: TOKEN, expiresInSeconds: 5_184_000 });
  });

  it('is asked once, whatever comes back', async () => {
    stub.answers({ status: 500, json: { error: { code: 2 } } });
    await expect(graph.exchangeCode('code-1')).rejects.toMatchObject({
      failureCode: 'GRAPH_UNAVAILABLE',
      reach: 'unknown',
    });
    expect(stub.asked).toHaveLength(1);
  });
});

describe('the check of the token', () => {
  it("asks with the app's own token and tells the WABAs of the management scope", async () => {
    const granular_scopes = [
      { scope: 'whatsapp_business_messaging', target_ids: ['1'] },
      { scope: 'whatsapp_business_management', target_ids: ['2', 310000000000017] },
      { scope: 'whatsapp_business_management' },
    ];
    const scopes = ['whatsapp_business_management', 'whatsapp_business_messaging'];
    stub.answers({
      json: { data: { app_id: APP_ID, is_valid: true, expires_at: 1_800_000_000, scopes, granular_scopes } },
    });
    expect(await graph.debugToken(TOKEN)).toEqual({
      isValid: true,
      appId: APP_ID,
      grants: [
        { scope: 'whatsapp_business_management', count: 2 },
        { scope: 'whatsapp_business_messaging', count: 1 },
      ],
      wabaIds: ['2', waba],
      expiresAtMs: 1_800_000_000_000,
    });
    expect(stub.asked[0]?.authorization).toBe(`Bearer ${APP_ID}|${APP_SECRET}`);
    expect(queryOf()).toMatchObject({ input_token: TOKEN, appsecret_proof: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('an invalid token is a report, not a failure', async () => {
    stub.answers({ json: { data: { is_valid: false, error: { code: 190, message: 'x', subcode: 458 }, scopes: [] } } });
    expect(await graph.debugToken(TOKEN)).toEqual({
      isValid: false,
      appId: null,
      grants: [],
      wabaIds: [],
      expiresAtMs: null,
    });
  });

  it('zero means never', async () => {
    stub.answers({ json: { data: { is_valid: true, app_id: APP_ID, expires_at: 0 } } });
    expect(await graph.debugToken(TOKEN)).toMatchObject({ expiresAtMs: null, isValid: true });
  });
});

describe('the numbers of a WABA', () => {
  it('case 54: come from all pages, each field asked for by name, each call with its proof', async () => {
    const second = { id: '420000000000029', display_phone_number: '15550100124' };
    const next = 'https://graph.facebook.com/elsewhere';
    stub.answers(
      { json: { data: [row], paging: { cursors: { after: 'QVFI1' }, next } } },
      { json: { data: [second, row], paging: { cursors: { after: 'QVFI2' } } } },
    );
    expect(await graph.listNumbers(TOKEN, waba)).toEqual([
      { ...reading, phoneNumberId: phone, digits: '15550100123', verifiedName: 'Northwind Bakery' },
      {
        phoneNumberId: '420000000000029',
        digits: '15550100124',
        verifiedName: null,
        isOnBizApp: false,
        platformType: '',
        status: '',
        onboardedAtMs: null,
      },
    ]);
    expect(stub.asked.map(({ url }) => url.pathname)).toEqual(Array(2).fill(`/v25.0/${waba}/phone_numbers`));
    expect(stub.asked[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(queryOf(0)).toMatchObject({ limit: '100', appsecret_proof: PROOF });
    for (const field of ['is_on_biz_app', 'platform_type', 'status', 'last_onboarded_time', 'display_phone_number']) {
      expect(queryOf(0)['fields']?.split(',')).toContain(field);
    }
    expect([queryOf(0)['after'], queryOf(1)['after']]).toEqual([undefined, 'QVFI1']);
  });

  it('may be none', async () => {
    stub.answers({ json: { data: [] } });
    expect(await graph.listNumbers(TOKEN, waba)).toEqual([]);
  });

  it.each([
    [
      'a list that never ends',
      { data: [row], paging: { cursors: { after: 'A' }, next: 'n' } },
      'GRAPH_ERROR_UNKNOWN',
      50,
    ],
    ['a next page without a cursor', { data: [row], paging: { next: 'n' } }, 'GRAPH_UNAVAILABLE', 1],
    ['a row without an id', { data: [row, { status: 'CONNECTED' }] }, 'GRAPH_UNAVAILABLE', 1],
  ])('%s is never taken for the whole list', async (...[, json, failureCode, calls]) => {
    stub.answers({ json });
    await expect(graph.listNumbers(TOKEN, waba)).rejects.toMatchObject({ name: 'GraphError', failureCode });
    expect(stub.asked).toHaveLength(calls);
  });
});

describe('one number', () => {
  it('is read with its fields and its proof', async () => {
    stub.answers({ json: row });
    expect(await graph.readNumber(TOKEN, phone)).toEqual(reading);
    expect(stub.asked).toMatchObject([
      { method: 'GET', url: { pathname: `/v25.0/${phone}` }, authorization: `Bearer ${TOKEN}` },
    ]);
    expect(queryOf()).toMatchObject({ appsecret_proof: PROOF, fields: expect.stringContaining('is_on_biz_app') });
  });

  it('an absent is_on_biz_app is false, unknown values stay text', async () => {
    stub.answers({ json: { id: phone, platform_type: 'NEW_PLATFORM', status: 'NEW_STATUS' } });
    expect(await graph.readNumber(TOKEN, phone)).toEqual({
      isOnBizApp: false,
      platformType: 'NEW_PLATFORM',
      status: 'NEW_STATUS',
      onboardedAtMs: null,
    });
  });
});

describe('the subscription of our app', () => {
  it.each(['subscribe', 'unsubscribe'] as const)('case 44: %s names the WABA and nothing else', async (call) => {
    stub.answers({ json: { success: true } });
    await graph[call](TOKEN, waba);
    expect(stub.asked).toMatchObject([
      {
        method: call === 'subscribe' ? 'POST' : 'DELETE',
        url: { pathname: `/v25.0/${waba}/subscribed_apps` },
        body: '',
      },
    ]);
    expect(queryOf()).toEqual({ appsecret_proof: PROOF });
  });

  it.each([
    ['active', [{ whatsapp_business_api_data: { id: '1' } }, { whatsapp_business_api_data: { id: APP_ID } }]],
    ['misdirected', [{ whatsapp_business_api_data: { id: APP_ID }, override_callback_uri: 'https://elsewhere' }]],
    ['active', [{ whatsapp_business_api_data: { id: APP_ID } }, { override_callback_uri: 'https://elsewhere' }]],
    ['missing', [{ whatsapp_business_api_data: { id: '1' } }]],
    ['missing', [{}]],
    ['missing', []],
  ])('is %s for %j', async (expected, data) => {
    stub.answers({ json: { data } });
    expect(await graph.readSubscription(TOKEN, waba)).toBe(expected);
  });
});

describe('the account', () => {
  const node = { id: waba, name: 'Northwind Bakery', timezone_id: '1', currency: 'USD' };
  const rest = {
    owner_business_info: { id: '510000000000031', name: 'Northwind Ltd' },
    account_review_status: 'APPROVED',
  };

  it('case 58: C01 to C04 is read with its fields; the portfolio is told apart from the account', async () => {
    stub.answers({ json: { ...node, ...rest } });
    expect(await graph.readWaba(TOKEN, waba)).toEqual({
      name: 'Northwind Bakery',
      timeZoneId: '1',
      currency: 'USD',
      portfolioId: '510000000000031',
      portfolioName: 'Northwind Ltd',
      reviewStatus: 'APPROVED',
    });
    expect(stub.asked).toMatchObject([{ method: 'GET', url: { pathname: `/v25.0/${waba}` } }]);
    expect(queryOf()['fields']?.split(',')).toEqual(expect.arrayContaining(['timezone_id', 'owner_business_info']));
  });

  it.each(['', '0', null, undefined])('C02 the time zone %j is none', async (timezone_id) => {
    stub.answers({ json: { ...node, timezone_id } });
    expect(await graph.readWaba(TOKEN, waba)).toMatchObject({ timeZoneId: null, portfolioId: null });
  });

  it('an answer about another account says nothing', async () => {
    stub.answers({ json: { ...node, id: '1' } });
    await expect(graph.readWaba(TOKEN, waba)).rejects.toMatchObject({ failureCode: 'GRAPH_UNAVAILABLE' });
  });
});

describe('a sync', () => {
  it.each([
    ['contacts', 'smb_app_state_sync'],
    ['history', 'history'],
  ] as const)('of %s asks for %s once and tells the request id', async (type, sync_type) => {
    stub.answers({ json: { messaging_product: 'whatsapp', request_id: 'rq_7f3a20c1' } });
    expect(await graph.requestSync(TOKEN, phone, type)).toEqual({ requestId: 'rq_7f3a20c1' });
    expect(stub.asked).toMatchObject([{ method: 'POST', url: { pathname: `/v25.0/${phone}/smb_app_data` } }]);
    expect(JSON.parse(stub.asked[0]?.body ?? '')).toEqual({ messaging_product: 'whatsapp', sync_type });
    expect(queryOf()).toEqual({ appsecret_proof: PROOF });
  });

  it('that is accepted without a request id is accepted', async () => {
    stub.answers({ json: { messaging_product: 'whatsapp' } });
    expect(await graph.requestSync(TOKEN, phone, 'history')).toEqual({ requestId: null });
  });
});

describe('the client', () => {
  it('case 11, mistake 5: has no way to register or deregister a number', () => {
    expect(Object.keys(graph).filter((name) => /register/i.test(name))).toEqual([]);
    expect(graph.appId).toBe(APP_ID);
  });
});

describe('the webhooks of our app', () => {
  const ours = {
    object: 'whatsapp_business_account',
    callback_url: 'https://tandem.example.com/webhooks/meta',
    active: true,
    fields: [{ name: 'account_update', version: 'v25.0' }, { name: 'messages' }, 'history', { version: 'v25.0' }, 7],
  };

  it("are asked for with the app's own token and its proof, and tell fields, address and whether they are sent", async () => {
    stub.answers({ json: { data: [{ object: 'user', callback_url: 'https://x', active: false, fields: [] }, ours] } });
    expect(await graph.readAppWebhooks()).toEqual({
      callbackUrl: ours.callback_url,
      isActive: true,
      fields: ['account_update', 'messages', 'history'],
    });
    expect(stub.asked).toMatchObject([
      {
        method: 'GET',
        url: { pathname: `/v25.0/${APP_ID}/subscriptions` },
        authorization: `Bearer ${APP_ID}|${APP_SECRET}`,
      },
    ]);
    expect(Object.keys(queryOf())).toEqual(['appsecret_proof']);
  });

  it.each([
    ['none of WhatsApp', [{ ...ours, object: 'page' }], null],
    ['none at all', [], null],
    ['one that rests', [{ ...ours, active: false }], { isActive: false }],
    ['one that says nothing else', [{ object: ours.object }], { callbackUrl: null, isActive: true, fields: [] }],
  ])('%s', async (...[, data, told]) => {
    stub.answers({ json: { data } });
    const read = await graph.readAppWebhooks();
    if (told === null) expect(read).toBeNull();
    else expect(read).toMatchObject(told);
  });

  it.each([
    [401, { error: { code: 190, message: 'x' } }, 'APP_SECRET_WRONG'],
    [400, { error: { code: 4, message: 'x' } }, 'GRAPH_RATE_LIMITED'],
    [500, { error: { code: 2, message: 'x' } }, 'GRAPH_UNAVAILABLE'],
    [200, { data: 'nothing' }, 'GRAPH_UNAVAILABLE'],
  ])('HTTP %i %j is %s', async (status, json, failureCode) => {
    stub.answers({ status, json });
    await expect(graph.readAppWebhooks()).rejects.toMatchObject({ name: 'GraphError', failureCode });
  });

  it('hold no field that nobody here takes apart, and each that decides something', () => {
    for (const field of NEEDED_FIELDS) expect(isMessageField(field) || isAccountField(field), field).toBe(true);
    expect(NEEDED_FIELDS.filter(isMessageField).toSorted()).toEqual([
      'history',
      'messages',
      'smb_app_state_sync',
      'smb_message_echoes',
    ]);
  });
});

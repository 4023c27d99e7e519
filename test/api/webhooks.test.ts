import { describe, expect, it } from 'vitest';
import { createDoor } from './door.ts';

const OFFBOARDED = JSON.stringify({
  object: 'whatsapp_business_account',
  entry: [
    { id: '1001', time: 1_790_000_000, changes: [{ field: 'account_update', value: { event: 'ACCOUNT_OFFBOARDED' } }] },
  ],
});
const STATUS = JSON.stringify({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '1001',
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '15550100001', phone_number_id: '2001' },
            statuses: [{ id: 'wamid.1', status: 'sent', timestamp: '1790000000', recipient_id: '15550100002' }],
          },
        },
      ],
    },
  ],
});

describe("Meta's handshake", () => {
  it('echoes the challenge to who knows the verify token', async () => {
    const { get, verifyToken } = createDoor();
    const query = `hub.mode=subscribe&hub.challenge=12345&hub.verify_token=${verifyToken}`;
    const answer = await get(`/webhooks/meta?${query}`);
    expect([answer.status, answer.text]).toEqual([200, '12345']);
    expect((await get(`/webhooks/meta?${query}x`)).json.code).toBe('VERIFY_TOKEN_WRONG');
  });
});

describe('a webhook', () => {
  it('is stored before it is acknowledged', async () => {
    const { webhook, state } = createDoor();
    expect((await webhook(OFFBOARDED)).status).toBe(200);
    expect(state.accepted.map(({ body }) => body)).toEqual([OFFBOARDED]);
    expect(state.kicks).toBe(1);
    expect(state.accepted[0]?.key).toMatch(/^sha256=/);
  });

  it('that comes again is acknowledged and not stored twice', async () => {
    const { webhook, state } = createDoor();
    await webhook(OFFBOARDED);
    expect((await webhook(OFFBOARDED)).status).toBe(200);
    expect(state.accepted).toHaveLength(1);
  });

  it('that only tells of traffic touches columns and leaves no row', async () => {
    const { webhook, state } = createDoor();
    expect((await webhook(STATUS)).status).toBe(200);
    expect([state.touched, state.accepted.length, state.kicks]).toEqual([1, 0, 0]);
  });

  it.each([
    ['none', ''],
    ['another', `sha256=${'0'.repeat(64)}`],
    ['an older kind', `sha1=${'0'.repeat(40)}`],
  ])('with %s of a signature is refused and leaves no row', async (_word, signature) => {
    const { webhook, state } = createDoor();
    const answer = await webhook(OFFBOARDED, { 'x-hub-signature-256': signature });
    expect([answer.status, answer.json.code]).toEqual([401, 'SIGNATURE_INVALID']);
    expect([state.touched, state.accepted.length]).toEqual([0, 0]);
  });

  it('case 29: is judged by its signature first, by its JSON second', async () => {
    const { webhook, state } = createDoor();
    expect((await webhook('{', { 'x-hub-signature-256': '' })).status).toBe(401);
    expect((await webhook('{')).status).toBe(400);
    expect(state.accepted).toEqual([]);
  });

  it.each([
    '{}',
    '[]',
    '1',
    'null',
    '{"object":"other"}',
    '{"entry":[{"changes":[{"field":"new_one","value":null}]}]}',
  ])('that is signed is never refused for its content: %s', async (body) => {
    const { webhook, state } = createDoor();
    expect((await webhook(body, { 'content-type': 'text/plain' })).status).toBe(200);
    expect(state.accepted).toHaveLength(1);
  });

  it('up to 3 MB is stored whole; more than 3.5 MB is too large', async () => {
    const { webhook, state } = createDoor();
    const body = JSON.stringify({ entry: [], padding: 'x'.repeat(3 * 1024 * 1024) });
    expect((await webhook(body)).status).toBe(200);
    expect(state.accepted[0]?.body).toBe(body);
    const larger = await webhook(JSON.stringify('x'.repeat(4 * 1024 * 1024)));
    expect([larger.status, larger.json.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('must come uncompressed', async () => {
    const { webhook, state } = createDoor();
    const answer = await webhook(OFFBOARDED, { 'content-encoding': 'gzip' });
    expect([answer.status, answer.json.code]).toEqual([415, 'ENCODING_UNSUPPORTED']);
    expect((await webhook(OFFBOARDED, { 'content-encoding': 'identity' })).status).toBe(200);
    expect(state.accepted).toHaveLength(1);
  });

  it('mistake 12: is not acknowledged where the store is down', async () => {
    const { webhook, state } = createDoor();
    state.isStoreDown = true;
    for (const body of [OFFBOARDED, STATUS]) {
      const answer = await webhook(body);
      expect([answer.status, answer.json.code]).toEqual([503, 'STORE_UNAVAILABLE']);
    }
  });

  it('never waits for the engine', async () => {
    const { webhook, state } = createDoor();
    state.isEngineDown = true;
    expect((await webhook(OFFBOARDED)).status).toBe(200);
  });
});

describe('a request of a backend', () => {
  it('is limited to 64 KB of JSON', async () => {
    const { post, app } = createDoor();
    const large = await post('/v1/onboardings', { reference: 'x'.repeat(65 * 1024) });
    expect([large.status, large.json.code]).toEqual([413, 'BODY_TOO_LARGE']);
    const headers = { authorization: 'Bearer tdm_first-key-of-tenant-one', 'idempotency-key': 'k' };
    const sendAs = (type: string, payload: string) =>
      app.inject({ method: 'POST', url: '/v1/onboardings', payload, headers: { ...headers, 'content-type': type } });
    expect((await sendAs('application/json', '{')).json().code).toBe('BODY_MALFORMED');
    expect((await sendAs('text/csv', 'a;b')).json().code).toBe('MEDIA_TYPE_UNSUPPORTED');
  });
});

/** The feed of events: a tenant's own, in order, each with a signature that an independent receiver accepts (C22). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { numberId, tenantId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, OTHER_KEY, type Door } from './door.ts';
import { SECRETS } from './event-store.ts';
import { OPERATOR } from './fleet.ts';

const SECOND = { authorization: `Bearer ${OTHER_KEY}` };
const DATA = { cycle: 1, attempt: 1, text: 'ünïcödé "quoted" \u2028' };

interface Told {
  id: string;
  type: string;
  at: string;
  numberId: string;
  payload: string;
  signature: Record<string, string>;
}

function happen({ events }: Door, count: number, tenant = 'ten_1'): void {
  for (let made = 0; made < count; made += 1) {
    const position = events.events.length + 1;
    events.events.push({
      tenantId: tenantId(tenant),
      eventId: `evt_${position}`,
      position,
      type: 'number.connected',
      atMs: NOW_MS - 3_600_000,
      numberId: numberId(`num_${position}`),
      data: DATA,
    });
  }
}

/** As the text of Standard Webhooks 1.0 says, by somebody who has never seen our signer; null where it is refused. */
function receive({ payload, signature }: Told, secret: string, nowMs: number): unknown {
  const [id = '', sentAt = ''] = [signature['webhook-id'], signature['webhook-timestamp']];
  if (!/^\d+$/.test(sentAt) || Math.abs(nowMs / 1_000 - Number(sentAt)) > 300) return null;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from(`${id}.`), Buffer.from(`${sentAt}.`), Buffer.from(payload)]))
    .digest();
  const isSigned = (signature['webhook-signature'] ?? '').split(' ').some((one) => {
    const [version, given = ''] = one.split(',');
    const bytes = Buffer.from(given, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
  return isSigned ? JSON.parse(payload) : null;
}

async function read({ get }: Door, query = '', headers = {}) {
  const { status, json } = await get(`/v1/events${query}`, headers);
  return { status, json, items: (json.items ?? []) as Told[] };
}

describe('an event', () => {
  it('carries its text, and a signature that a receiver accepts on the day it reads it', async () => {
    const door = createDoor();
    happen(door, 1);
    const { items } = await read(door);
    expect(items).toMatchObject([{ id: 'evt_1', type: 'number.connected', numberId: 'num_1' }]);
    const [told] = items as [Told];
    expect(told.signature['webhook-id']).toBe('evt_1');
    expect(receive(told, SECRETS.newer, NOW_MS)).toEqual({
      id: 'evt_1',
      type: 'number.connected',
      timestamp: told.at,
      tenantId: 'ten_1',
      numberId: 'num_1',
      data: DATA,
    });
    expect(receive(told, SECRETS.newer, NOW_MS + 301_000), 'kept and sent again later').toBeNull();
  });

  it('is refused with another secret, another text, another id', async () => {
    const door = createDoor();
    happen(door, 1);
    const [told] = (await read(door)).items as [Told];
    const { signature, payload } = told;
    expect(receive(told, SECRETS.older, NOW_MS)).toBeNull();
    expect(receive({ ...told, payload: payload.replace('num_1', 'num_2') }, SECRETS.newer, NOW_MS)).toBeNull();
    const moved = { ...told, signature: { ...signature, 'webhook-id': 'evt_2' } };
    expect(receive(moved, SECRETS.newer, NOW_MS)).toBeNull();
  });

  it('is accepted with the former secret too while both are valid', async () => {
    const door = createDoor();
    happen(door, 1);
    door.events.secrets = [SECRETS.newer, SECRETS.older];
    const [told] = (await read(door)).items as [Told];
    expect(told.signature['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of [SECRETS.newer, SECRETS.older]) expect(receive(told, secret, NOW_MS)).not.toBeNull();
  });

  it('has the same text whenever it is read, and a fresh signature', async () => {
    const door = createDoor();
    happen(door, 1);
    const [first] = (await read(door)).items as [Told];
    door.state.nowMs += 86_400_000;
    const [later] = (await read(door)).items as [Told];
    expect(later.payload).toBe(first.payload);
    expect(receive(later, SECRETS.newer, door.state.nowMs)).toEqual(receive(first, SECRETS.newer, NOW_MS));
  });
});

interface Described {
  components: { schemas: Record<string, { properties?: Record<string, { example?: unknown }>; example?: unknown }> };
  paths: Record<string, { get?: { responses: object } }>;
}
function described(text: string): Described {
  const document: Described = JSON.parse(text);
  return document;
}

describe('the feed', () => {
  it('opens the secret also where nothing happened yet: it is sealed anew by it', async () => {
    const door = createDoor();
    expect((await read(door)).items).toEqual([]);
    expect(door.events.secretReads).toBe(1);
  });

  it('is read page by page, and goes on from its last place when more has happened', async () => {
    const door = createDoor();
    happen(door, 3);
    const first = await read(door, '?limit=2');
    expect([first.items.map(({ id }) => id), first.json.next, first.json.hasMore]).toEqual([
      ['evt_1', 'evt_2'],
      '2',
      true,
    ]);
    const second = await read(door, `?limit=2&after=${first.json.next}`);
    expect([second.items.map(({ id }) => id), second.json.next, second.json.hasMore]).toEqual([['evt_3'], '3', false]);
    const third = await read(door, `?after=${second.json.next}`);
    expect(third.json).toEqual({ items: [], next: '3', hasMore: false });
    happen(door, 1);
    expect((await read(door, `?after=${third.json.next}`)).items.map(({ id }) => id)).toEqual(['evt_4']);
  });

  it("shows a tenant's own events alone, and no operator any", async () => {
    const door = createDoor();
    happen(door, 2);
    happen(door, 1, 'ten_2');
    expect((await read(door, '', SECOND)).items.map(({ id }) => id)).toEqual(['evt_3']);
    expect((await read(door, '?after=1', SECOND)).items.map(({ id }) => id)).toEqual(['evt_3']);
    const { status, json } = await read(door, '', OPERATOR);
    expect([status, json.code]).toEqual([403, 'ROLE_MISSING']);
  });

  it.each(['after=-1', 'after=evt_1', 'after=1.5', 'after=99999999999999999999', 'limit=0', 'limit=101'])(
    '%s is refused, with the field and what to do',
    async (query) => {
      const { status, json } = await read(createDoor(), `?${query}`);
      expect([status, json.code]).toEqual([400, 'REQUEST_INVALID']);
      expect(json.remedy).not.toEqual([]);
      expect(JSON.stringify(json.errors)).toContain(query.split('=')[0]);
    },
  );

  it('is described with an example of each of its texts', async () => {
    const { components, paths } = described((await createDoor().get('/openapi.json')).text);
    expect(components.schemas['Event']?.properties?.['payload']?.example).toContain('"number.connected"');
    expect(components.schemas['EventSignature']?.example).toMatchObject({
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
    expect(Object.keys(paths['/v1/events']?.get?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '403']),
    );
  });

  it('is described by schemas that are there: no reference leads nowhere', async () => {
    const { text } = await createDoor().get('/openapi.json');
    const { components } = described(text);
    const named = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
    expect(named).toContain('Event');
    expect(named.filter((name) => !Object.hasOwn(components.schemas, name))).toEqual([]);
  });
});

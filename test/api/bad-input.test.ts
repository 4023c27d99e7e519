/** What no store can keep, and ids that are none: the caller's mistake, never ours. */
import { describe, expect, it } from 'vitest';
import { createDoor } from './door.ts';
import { OPERATOR } from './fleet.ts';

const NUL = 'a\u0000b';
const rule = { validFrom: '2026-11-01', source: 'a notice', checkedOn: '2026-11-24', operator: 'olga' };
const RULE = '/v1/operator/eligibility-rules/backup/versions/2';

const WITH_NUL: readonly ['POST' | 'PUT', string, object, string?][] = [
  ['POST', '/v1/onboardings', { reference: NUL }, 'reference'],
  ['POST', '/v1/eligibility-checks', { answers: { disclosure: { version: 1, isAccepted: true, person: NUL } } }],
  ['POST', '/v1/eligibility-checks', { answers: { names: { inApp: NUL, inManager: 'b' } } }],
  ['POST', '/v1/eligibility-checks', { answers: { nameFinal: { confirmedBy: NUL } } }],
  ['POST', '/v1/eligibility-checks', { answers: { facts: { website: { value: NUL } } } }],
  ['POST', '/v1/eligibility-checks', { answers: { otherPartner: { isConnected: 'no', doneSteps: [NUL] } } }],
  ['PUT', '/v1/operator/quota', { limit: 5, reason: NUL }, 'reason'],
  ['PUT', '/v1/operator/tenants/ten_1', { name: NUL, reason: 'asked' }, 'name'],
  ['PUT', '/v1/operator/tenants/ten_1', { mayImport: true, reason: NUL }, 'reason'],
  ['PUT', RULE, { ...rule, operator: NUL }, 'operator'],
  ['PUT', RULE, { ...rule, question: NUL }, 'question'],
  ['PUT', RULE, { ...rule, tenantId: `ten_${NUL}` }, 'tenantId'],
];

describe('a NUL character', () => {
  it.each(WITH_NUL)('%s %s refuses it by name: %j', async (...[method, url, body, field]) => {
    const door = createDoor();
    const send = method === 'POST' ? door.post : door.put;
    const { status, json } = await send(url, body, url.includes('/operator/') ? OPERATOR : {});
    expect([status, json.code]).toEqual([400, 'REQUEST_INVALID']);
    if (field !== undefined) expect(json.errors).toMatchObject([{ field }]);
  });

  it('that only the store notices is the caller’s mistake too, and not a store that is down', async () => {
    const door = createDoor();
    const cause = Object.assign(new Error('invalid byte sequence'), { code: '22021' });
    door.state.fault = new Error('Failed query', { cause });
    const refused = await door.get('/v1/numbers');
    expect([refused.status, refused.json.code]).toEqual([400, 'REQUEST_INVALID']);
    door.state.fault = new Error('Failed query', { cause: Object.assign(new Error('gone'), { code: 'ECONNRESET' }) });
    expect((await door.get('/v1/numbers')).json.code).toBe('STORE_UNAVAILABLE');
  });

  it('in the name of whoever accepted the disclosure is refused', async () => {
    const door = createDoor();
    const body = { acceptedDisclosure: { version: 1, by: NUL } };
    const { status, json } = await door.post(`/v1/numbers/${await door.onboard()}/signup-dialogs`, body);
    expect([status, json.errors?.[0]?.field]).toEqual([400, 'acceptedDisclosure.by']);
  });

  it('as the place in a list is refused', async () => {
    const door = createDoor();
    for (const url of ['/v1/numbers?after=%00', '/v1/numbers?after=num_a%00'])
      expect((await door.get(url)).json).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    for (const url of ['/v1/operator/tenants?after=%00', '/v1/operator/audit?tenantId=ten_%00'])
      expect((await door.get(url, OPERATOR)).json).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });
});

describe('an id of a path', () => {
  /** The answer is the same whether or not the rest of the path is right. */
  const KINDS = [
    ['GET', (id: string) => `/v1/numbers/${id}`, 'num_none', 'NUMBER_UNKNOWN', undefined],
    ['GET', (id: string) => `/v1/numbers/${id}/imports`, 'num_none', 'NUMBER_UNKNOWN', undefined],
    ['POST', (id: string) => `/v1/numbers/${id}/disconnect`, 'num_none', 'NUMBER_UNKNOWN', undefined],
    ['POST', (id: string) => `/v1/numbers/${id}/tasks/no-task/complete`, 'num_none', undefined, undefined],
    ['GET', (id: string) => `/v1/eligibility-checks/${id}`, 'chk_none', 'CHECK_UNKNOWN', undefined],
    ['POST', (id: string) => `/v1/eligibility-checks/${id}/re-check`, 'chk_none', 'CHECK_UNKNOWN', {}],
  ] as const;

  it.each(KINDS)(
    '%s %s: a malformed one answers as an unknown one does',
    async (...[method, path, unknown, code, body]) => {
      const door = createDoor();
      const call = (id: string) => (method === 'GET' ? door.get(path(id)) : door.post(path(id), body));
      for (const id of [
        '%00',
        'a%00',
        'num_%00',
        'chk_a%20b',
        'alt_1',
        `${unknown}%00`,
        `${unknown}${'x'.repeat(300)}`,
      ]) {
        const { status, json } = await call(id);
        expect([id, status, json.code]).toEqual([id, 404, code ?? 'NUMBER_UNKNOWN']);
      }
      if (code === undefined) return;
      const { json } = await call(unknown);
      const malformed = await call('%00');
      expect({ ...json, instance: '' }).toEqual({ ...malformed.json, instance: '' });
    },
  );

  it('is looked at before the body for operators too, and never reaches a store', async () => {
    const door = createDoor();
    door.state.fault = Object.assign(new Error('invalid byte sequence'), { code: '22021' });
    const alert = await door.post('/v1/operator/alerts/%00/close', { reason: 'seen' }, OPERATOR);
    const tenant = await door.put('/v1/operator/tenants/%00', { reason: 'asked' }, OPERATOR);
    const number = await door.post('/v1/numbers/%00/disconnect', undefined, OPERATOR);
    expect([alert, tenant, number].map(({ status, json }) => [status, String(json.code)])).toEqual([
      [404, 'ALERT_UNKNOWN'],
      [404, 'TENANT_UNKNOWN'],
      [404, 'NUMBER_UNKNOWN'],
    ]);
  });
});

describe('a rule for a tenant', () => {
  it('that is not there is refused, and stored for nobody', async () => {
    const door = createDoor();
    const { status, json } = await door.put(RULE, { ...rule, tenantId: 'ten_none' }, OPERATOR);
    expect([status, json.code, door.eligibility.overrides]).toEqual([404, 'TENANT_UNKNOWN', []]);
    expect((await door.put(RULE, { ...rule, tenantId: 'ten_2' }, OPERATOR)).status).toBe(200);
  });

  it('that ends before it begins is refused by name', async () => {
    const door = createDoor();
    const { status, json } = await door.put(RULE, { ...rule, validUntil: '2026-10-31' }, OPERATOR);
    expect([status, json.errors]).toEqual([400, [{ field: 'validUntil', detail: 'not after validFrom' }]]);
  });
});

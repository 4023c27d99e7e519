/** What operators do is done for a reason, in nobody else's name, and can be read afterwards. */
import { describe, expect, it } from 'vitest';
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import { ALERT_KINDS, type AlertKind } from '../../src/domain/alerts.ts';
import { keyIdOf } from '../../src/domain/key-role.ts';
import { createDoor, NOW_MS, OTHER_KEY, type Door } from './door.ts';
import { OPERATOR, OPERATOR_KEY } from './fleet.ts';

const SECOND = { authorization: `Bearer ${OTHER_KEY}` };
const WHO = { key: keyIdOf(hashOfKey(OPERATOR_KEY)), role: 'operator', at: new Date(NOW_MS).toISOString() };
const rule = { validFrom: '2026-11-01', source: 'a notice', checkedOn: '2026-11-24', operator: 'olga' };

function raise({ fleet: { alerts } }: Pick<Door, 'fleet'>, subject: string, kind: AlertKind = 'mode-drift'): void {
  const position = alerts.length + 1;
  const times = { count: 1, firstAtMs: NOW_MS, lastAtMs: NOW_MS, closedAtMs: null };
  alerts.push({ alertId: `alt_${position}`, position, kind, subject, detail: 'told', ...times });
}

async function withNumber() {
  const door = createDoor();
  const id = String((await door.post('/v1/onboardings', {}, SECOND)).json.id);
  raise(door, 'dialog');
  const audit = async (query = '') =>
    (await door.get(`/v1/operator/audit${query}`, OPERATOR)).json as { items: Record<string, unknown>[] };
  const write = (method: 'POST' | 'PUT', url: string, body: object) =>
    method === 'POST' ? door.post(url, body, OPERATOR) : door.put(url, body, OPERATOR);
  return { ...door, id, audit, write };
}

const WRITES = [
  ['POST', (id: string) => `/v1/numbers/${id}/imports/history/resolve`, { as: 'complete' }, 'resolveSync'],
  ['POST', (id: string) => `/v1/numbers/${id}/subscription/repair`, {}, 'repairSubscription'],
  ['POST', () => '/v1/operator/alerts/alt_1/close', {}, 'alert-close'],
  ['PUT', () => '/v1/operator/tenants/ten_2', { mayImport: false }, 'tenant-change'],
  ['PUT', () => '/v1/operator/quota', { limit: 200 }, 'quota-limit'],
] as const;

describe('what an operator writes', () => {
  it.each(WRITES)('%s %s needs a reason of 1 to 500 characters', async (method, url, body) => {
    const { write, id, audit, state } = await withNumber();
    for (const reason of [undefined, '', ' ', 'x'.repeat(501)]) {
      const { status, json } = await write(method, url(id), { ...body, reason });
      expect([status, json.code]).toEqual([400, 'REQUEST_INVALID']);
    }
    expect([(await audit()).items, state.asked]).toEqual([[], []]);
    expect((await write(method, url(id), { ...body, reason: 'x'.repeat(500) })).status).toBe(200);
  });

  it.each(WRITES)('%s %s is in the audit: who, what, why, when', async (...[method, url, body, act]) => {
    const { write, id, audit } = await withNumber();
    await write(method, url(id), { ...body, reason: ' the owner called ' });
    const { items } = await audit();
    expect(items).toMatchObject([{ ...WHO, act, reason: 'the owner called' }]);
    expect(items[0]?.['given']).toMatchObject(act === 'alert-close' ? { alertId: 'alt_1' } : body);
  });

  it('names tenant and number, and a repeat of the request is one act', async () => {
    const { post, id, audit } = await withNumber();
    const key = { ...OPERATOR, 'idempotency-key': 'one' };
    for (const _time of [1, 2]) await post(`/v1/numbers/${id}/disconnect`, undefined, key);
    const { items } = await audit('?tenantId=ten_2');
    expect(items).toEqual([
      { ...WHO, act: 'requestDisconnect', given: {}, tenantId: 'ten_2', numberId: id, reason: null },
    ]);
    expect((await audit('?tenantId=ten_1')).items).toEqual([]);
  });

  it('is not written where the number is asked by its own backend', async () => {
    const { post, id, audit } = await withNumber();
    expect((await post(`/v1/numbers/${id}/disconnect`, undefined, SECOND)).status).toBe(200);
    expect((await audit()).items).toEqual([]);
  });

  it('is written before the number is asked: without a store nothing is asked', async () => {
    const { post, id, state, fleet } = await withNumber();
    fleet.isAuditDown = true;
    expect((await post(`/v1/numbers/${id}/disconnect`, undefined, OPERATOR)).status).toBe(503);
    expect(state.asked).toEqual([]);
  });

  it('as a rule has its source for a reason', async () => {
    const { put, eligibility } = await withNumber();
    await put('/v1/operator/eligibility-rules/backup/versions/2', rule, OPERATOR);
    expect(eligibility.signed).toEqual([{ keyId: WHO.key, role: 'operator', reason: 'a notice', atMs: NOW_MS }]);
  });
});

describe('an Idempotency-Key that a backend has used', () => {
  it('gives an operator a run of his own, and the number another command', async () => {
    const { post, id, state } = await withNumber();
    const url = `/v1/numbers/${id}/disconnect`;
    const key = { 'idempotency-key': 'same' };
    state.answer = { kind: 'answered', answer: { outcome: 'refused', failure: 'COMMAND_OUT_OF_STATE', atMs: null } };
    const first = await post(url, undefined, { ...SECOND, ...key });
    state.answer = { kind: 'answered', answer: { outcome: 'accepted', failure: null, atMs: null } };
    const own = await post(url, undefined, { ...OPERATOR, ...key });
    const again = await post(url, undefined, { ...SECOND, ...key });
    expect([first.status, own.status, again.status]).toEqual([409, 200, 409]);
    expect(state.asked.map(({ command }) => [command.by, command.commandId])).toEqual([
      ['tenant', 'same'],
      ['operator', 'operator/same'],
    ]);
  });
});

describe('a number that is closed', () => {
  it('is there for operators: they are told that it is over, not that it is unknown', async () => {
    const { post, get, id, alter, state } = await withNumber();
    const [row] = state.rows.values();
    if (row) alter(row.numberId, () => ({ closed: 'retired' }));
    state.running.clear();
    const { status, json } = await post(`/v1/numbers/${id}/disconnect`, undefined, OPERATOR);
    expect([status, json.code]).toEqual([409, 'COMMAND_OUT_OF_STATE']);
    expect((await get(`/v1/numbers/${id}/imports`, OPERATOR)).status).toBe(200);
  });
});

describe('an alert', () => {
  it('says, by its kind, what it means and what to do', async () => {
    const door = createDoor();
    for (const kind of ALERT_KINDS) raise(door, 'subject', kind);
    const { items } = (await door.get('/v1/operator/alerts', OPERATOR)).json as {
      items: { kind: string; sentence: string; remedy: string[] }[];
    };
    const told = new Map(items.map((alert) => [alert.kind, alert]));
    expect([...told.keys()]).toEqual(ALERT_KINDS);
    for (const { kind, sentence, remedy } of told.values())
      expect([kind, sentence.length > 20, remedy.length > 1]).toEqual([kind, true, true]);
    expect(told.get('mode-drift')?.remedy.join(' ')).toContain('META_CONFIG_ID');
    expect(told.get('quota-late')?.remedy.join(' ')).toContain('/v1/operator/quota');
    expect(told.get('provider-not-ready')?.remedy.join(' ')).toContain('/v1/operator/readiness');
  });
});

describe('the lists of operators', () => {
  it.each([
    ['/v1/operator/tenants', 2],
    ['/v1/operator/alerts', 3],
    ['/v1/operator/alerts?state=all', 3],
    ['/v1/operator/audit', 4],
  ])('%s goes on where its last page ended, %i in all', async (url, all) => {
    const { get, put, fleet } = await withNumber();
    for (const subject of ['a', 'b']) raise({ fleet }, subject);
    for (const limit of [1, 2, 3, 4]) await put('/v1/operator/quota', { limit, reason: 'told' }, OPERATOR);
    const seen: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const asked = `${url}${url.includes('?') ? '&' : '?'}limit=1${after && `&after=${after}`}`;
      const { status, json } = await get(asked, OPERATOR);
      expect([status, json.items.length]).toEqual([200, 1]);
      seen.push(JSON.stringify(json.items));
      after = json.next;
    }
    expect([seen.length, new Set(seen).size]).toEqual([all, all]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ContentRow } from '../../src/api/ports.ts';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import { numberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, OTHER_KEY, TENANT } from './door.ts';
import { OPERATOR } from './fleet.ts';

const HOUR_MS = 3_600_000;
const ENDS_AT_MS = NOW_MS + 20 * HOUR_MS;
const iso = (atMs: number): string => new Date(atMs).toISOString();
const FOREIGN = { authorization: `Bearer ${OTHER_KEY}` };

async function importing() {
  const door = createDoor();
  const id = await door.onboard();
  const requested = { ...SYNC_OFF, state: 'requested', asks: 1, askedAtMs: NOW_MS } as const;
  door.alter(id, () => ({
    contacts: requested,
    history: { ...requested, state: 'stalled' },
    syncWindowEndsAtMs: ENDS_AT_MS,
  }));
  return { ...door, id, url: `/v1/numbers/${id}/imports` };
}

describe('the imports of a number', () => {
  it('are told with all that support needs: requests with their ids, times, counts, phases, window', async () => {
    const { get, imports, url } = await importing();
    const counts = { counted: 9, removed: 2, media: 3, groups: 1, dropped: 4 };
    const asked = { ask: 1, atMs: NOW_MS, outcome: 'requested', requestId: 'rq_1' };
    const trace = { firstAtMs: NOW_MS + 1, lastAtMs: NOW_MS + 2, chunks: 5, progress: 40, ...counts };
    imports.traces = {
      contacts: { ...trace, requests: [] },
      history: { ...trace, requests: [asked] },
      phases: [{ phase: 0, chunks: 5, messages: 9, progress: 40, lastAtMs: NOW_MS + 2 }],
    };
    const { status, json } = await get(url);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      cycle: 1,
      window: { endsAt: iso(ENDS_AT_MS), beganAt: iso(ENDS_AT_MS - 23.5 * HOUR_MS) },
      limits: { historyDays: 180, mediaDays: 14, contentDays: 30 },
      keepAppOpen: true,
      contacts: { isWanted: true, state: 'receiving', failure: null, added: 7, removed: 2, dropped: 4 },
      history: {
        state: 'stalled',
        failure: { code: 'HISTORY_STALLED' },
        requests: [{ ask: 1, at: iso(NOW_MS), outcome: 'requested', requestId: 'rq_1' }],
        firstDataAt: iso(NOW_MS + 1),
        lastDataAt: iso(NOW_MS + 2),
        progress: 40,
        chunks: 5,
        messages: 9,
        media: 3,
        groupChatsDropped: 1,
        phases: [{ phase: 0, chunks: 5, messages: 9, progress: 40, lastAt: iso(NOW_MS + 2) }],
      },
    });
  });

  it('are shown as asked for and as arriving before the workflow has recorded it', async () => {
    const { get, imports, url, alter, id } = await importing();
    alter(id, () => ({ contacts: { ...SYNC_OFF, state: 'due' }, history: SYNC_OFF }));
    expect((await get(url)).json).toMatchObject({ keepAppOpen: false, contacts: { state: 'due' } });
    const asked = { ask: 1, atMs: NOW_MS, outcome: 'requested', requestId: 'rq_1' };
    imports.traces = { ...imports.traces, contacts: { ...imports.traces.contacts, requests: [asked] } };
    expect((await get(url)).json).toMatchObject({ keepAppOpen: true, contacts: { state: 'requested' } });
  });

  it('answer the owner from their live state, and say the remedy of a missed day', async () => {
    const { get, url, alter, id } = await importing();
    expect((await get(url)).json.contacts.sentence).toContain('keep the app open');
    alter(id, ({ history }) => ({ history: { ...history, state: 'expired', failure: 'SYNC_WINDOW_MISSED' } }));
    const { history } = (await get(url)).json;
    expect(history.failure.remedy).toContain('Disconnect in the app, wait 15 minutes, connect again.');
    expect(history.sentence).toContain('Old chats remain reachable in the app');
  });

  it('of a foreign number are not there', async () => {
    const { get, url, id } = await importing();
    for (const path of [url, `/v1/numbers/${id}/imported-content`]) {
      const foreign = await get(path, FOREIGN);
      expect([foreign.status, foreign.json.code]).toEqual([404, 'NUMBER_UNKNOWN']);
    }
  });
});

describe('imported content', () => {
  const row = (position: number, over: Partial<ContentRow> = {}): ContentRow => ({
    position,
    cycle: 1,
    atMs: NOW_MS - position,
    receivedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + HOUR_MS,
    isHistorical: true,
    state: 'readable',
    json: JSON.stringify({ message: { id: `wamid.${position}` } }),
    ...over,
  });

  it('case 28: comes in pages, as Meta wrote it and marked as historical', async () => {
    const { get, imports, id } = await importing();
    const own = { tenantId: TENANT, numberId: id, kind: 'message' };
    imports.content = [1, 2, 3].map((position) => ({ ...own, ...row(position) }));
    const first = await get(`/v1/numbers/${id}/imported-content?limit=2`);
    expect(first.json.items).toMatchObject([
      { content: { message: { id: 'wamid.1' } } },
      { content: { message: { id: 'wamid.2' } } },
    ]);
    expect(first.json.items[0]).toMatchObject({ isHistorical: true, at: iso(NOW_MS - 1), state: 'readable' });
    expect(first.json.next).toBe('2');
    const second = await get(`/v1/numbers/${id}/imported-content?limit=2&after=${first.json.next}`);
    expect([second.json.items.length, second.json.next]).toEqual([1, null]);
  });

  it('tells a removed contact, and one whose key is gone, without content', async () => {
    const { get, imports, id } = await importing();
    const own = { tenantId: TENANT, numberId: id, kind: 'contact' };
    imports.content = [
      { ...own, ...row(1, { state: 'removed', json: null }) },
      { ...own, ...row(2, { state: 'unreadable', json: null }) },
    ];
    const { json } = await get(`/v1/numbers/${id}/imported-content?kind=contacts`);
    expect(json.items).toMatchObject([
      { state: 'removed', content: null },
      { state: 'unreadable', content: null },
    ]);
    expect((await get(`/v1/numbers/${id}/imported-content?kind=messages`)).json.items).toEqual([]);
  });

  it.each(['kind=calls', 'limit=0', 'limit=101', 'after=-1'])('refuses %s', async (query) => {
    const { get, id } = await importing();
    expect((await get(`/v1/numbers/${id}/imported-content?${query}`)).json.code).toBe('REQUEST_INVALID');
  });

  it('that has expired is removed by the dispatcher, by the Clock', async () => {
    const { dispatcher, imports } = await importing();
    await dispatcher.tick();
    expect(imports.purges).toEqual([NOW_MS]);
  });
});

describe('commands to an import', () => {
  it('choose and request ask the workflow, under the Idempotency-Key', async () => {
    const { post, state, url, id } = await importing();
    const key = (name: string) => ({ 'idempotency-key': name });
    expect((await post(`${url}/history/choose`, { isWanted: false }, key('a'))).status).toBe(200);
    expect((await post(`${url}/contacts/request`, undefined, key('b'))).status).toBe(200);
    expect(state.asked).toEqual([
      {
        id,
        command: {
          commandId: 'a',
          by: 'tenant',
          command: { kind: 'changeSyncChoice', type: 'history', isWanted: false },
        },
      },
      { id, command: { commandId: 'b', by: 'tenant', command: { kind: 'requestSync', type: 'contacts' } } },
    ]);
  });

  it('a missed window is a problem with its remedy', async () => {
    const { post, state, url } = await importing();
    state.answer = { kind: 'answered', answer: { outcome: 'refused', failure: 'SYNC_WINDOW_MISSED', atMs: null } };
    const { status, json } = await post(`${url}/history/request`);
    expect([status, json.code]).toEqual([409, 'SYNC_WINDOW_MISSED']);
  });

  it('a tenant cannot settle an import: that is for operators', async () => {
    const { post, state, url } = await importing();
    const { status, json } = await post(`${url}/history/resolve`, { as: 'complete', reason: 'seen' });
    expect([status, json.code]).toEqual([403, 'ROLE_MISSING']);
    expect(state.asked).toEqual([]);
  });

  it('an operator settles it, sees how far it is, asks in its own name, and reads nothing that people wrote', async () => {
    const { get, post, state, url, id } = await importing();
    const key = (name: string) => ({ ...OPERATOR, 'idempotency-key': name });
    expect((await post(`${url}/history/resolve`, { as: 'ask-again', reason: 'asked' }, key('a'))).status).toBe(200);
    expect((await post(`${url}/history/request`, undefined, key('b'))).status).toBe(200);
    expect(state.asked.map(({ command }) => [command.by, command.command])).toEqual([
      ['operator', { kind: 'resolveSync', type: 'history', as: 'ask-again' }],
      ['operator', { kind: 'requestSync', type: 'history' }],
    ]);
    expect((await get(url, OPERATOR)).status).toBe(200);
    expect((await get(`/v1/numbers/${id}/imported-content`, OPERATOR)).json.code).toBe('ROLE_MISSING');
  });

  it.each([
    ['calls/request', undefined, 400],
    ['history/choose', {}, 400],
  ])('refuses %s with %j', async (path, body, status) => {
    const { post, url } = await importing();
    expect((await post(`${url}/${path}`, body)).status).toBe(status);
  });

  it('do not reach a foreign or unknown number', async () => {
    const { post, state, url } = await importing();
    expect((await post(`${url}/history/request`, undefined, FOREIGN)).status).toBe(404);
    const unknown = `/v1/numbers/${numberId('num_none')}/imports/history/request`;
    expect((await post(unknown)).status).toBe(404);
    expect(state.asked).toEqual([]);
  });
});

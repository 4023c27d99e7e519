/** What history, contacts, echoes and messages tell. Golden payloads after M3 and M9. */
import { describe, expect, it } from 'vitest';
import { isTouchOnly, readNews } from '../../src/meta/webhook-facts.ts';
import { DIGITS, golden, messageBody, PHONE, RECEIVED_AT_MS, WABA, OUR_APP } from './webhook-builders.ts';

const scope = { phoneNumberId: PHONE, wabaId: WABA, digits: DIGITS };
const read = (body: string, receivedAtMs = RECEIVED_AT_MS) => readNews(body, receivedAtMs, OUR_APP);
const FIVE_MINUTES = 300_000;

interface Chunk {
  phase?: unknown;
  chunk_order?: unknown;
  progress?: unknown;
}

const chunk = (metadata: Chunk, ids: readonly string[] = ['wamid.1'], extra: object = {}): object => ({
  metadata: { phase: 0, chunk_order: 1, progress: 10, ...metadata },
  threads: ids.map((id) => ({ id: '15550177001', messages: [{ id, timestamp: '1795219200', ...extra }] })),
});
const keysOf = (...history: object[]): string[] =>
  read(messageBody('history', { history })).map((item) => (item.kind === 'history-chunk' ? item.key : item.kind));

describe('history', () => {
  it('tells phase, order, progress and the number of messages of a chunk', () => {
    expect(read(golden('history'))).toEqual([
      {
        kind: 'history-chunk',
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
        scope,
        phase: 0,
        chunkOrder: 1,
        progress: 34,
        messageCount: 2,
        groupCount: 0,
        items: [expect.objectContaining({ id: 'wamid.SIMH0001' }), expect.objectContaining({ id: 'wamid.SIMH0002' })],
      },
    ]);
  });

  it('hands content over in its sealed items alone', () => {
    const told = JSON.stringify(read(golden('history')).map((item) => ({ ...item, items: [] })));
    for (const content of ['rye bread', 'marta', 'wamid', 'US.']) expect(told).not.toContain(content);
  });

  it('takes numbers that came as text', () => {
    const body = messageBody('history', { history: [chunk({ phase: '2', chunk_order: '7', progress: '100' })] });
    expect(read(body)).toMatchObject([{ phase: 2, chunkOrder: 7, progress: 100 }]);
  });

  it('reads each element of a change that holds several', () => {
    const declined = { errors: [{ code: 2593109 }] };
    const body = messageBody('history', { history: [chunk({}), chunk({ chunk_order: 2 }), declined] });
    expect(read(body).map(({ kind }) => kind)).toEqual(['history-chunk', 'history-chunk', 'history-declined']);
  });

  it.each([
    ['code', { code: 2593109 }],
    ['code as text', { code: '2593109' }],
    ['subcode', { code: 100, error_subcode: 2593109 }],
    ['subcode as text', { code: '100', error_subcode: '2593109' }],
  ])('knows the refusal of the owner by its %s', (_name, error) => {
    expect(read(messageBody('history', { history: [{ errors: [error] }] }))).toEqual([
      { kind: 'history-declined', scope },
    ]);
  });

  it('case 24: knows the documented refusal, and takes no other error for it', () => {
    expect(read(golden('history-declined'))).toEqual([{ kind: 'history-declined', scope }]);
    const body = messageBody('history', { history: [{ errors: [{ code: 131000 }] }] });
    expect(read(body)).toEqual([{ kind: 'unknown', field: 'history', name: 'error 131000' }]);
  });

  it('counts the media form apart from chunks, in both of its spellings', () => {
    expect(read(golden('history-media'))).toEqual([
      { kind: 'history-media', scope, count: 1, items: [expect.objectContaining({ kind: 'media' })] },
    ]);
    expect(read(messageBody('history', { message_echoes: [{}, {}] }))).toEqual([
      { kind: 'history-media', scope, count: 2, items: [] },
    ]);
  });

  it.each([
    { phase: null },
    { phase: -1 },
    { phase: 1.5 },
    { phase: 1e9 },
    { chunk_order: 'first' },
    { chunk_order: 2 ** 31 },
  ])('a chunk that cannot be placed is unknown: %j', (metadata) => {
    expect(read(messageBody('history', { history: [chunk(metadata)] }))).toEqual([
      { kind: 'unknown', field: 'history', name: 'chunk' },
    ]);
  });

  it.each([[101], [-1], ['done'], [null], [undefined], [1e300]])(
    'progress %s is none yet, never the end',
    (progress) => {
      expect(read(messageBody('history', { history: [chunk({ progress })] }))).toMatchObject([{ progress: 0 }]);
    },
  );

  it('case 40, mistake 4: a body shaped like a fixture, messages without threads in a chunk, tells no messages', () => {
    const body = messageBody('history', {
      history: [{ metadata: { phase: 0, chunk_order: 1, progress: 1 }, messages: [{ id: '1' }] }],
    });
    expect(read(body)).toMatchObject([{ kind: 'history-chunk', messageCount: 0 }]);
  });
});

describe('the key of a chunk', () => {
  it('is the same in any delivery, beside any neighbour, and whatever the messages say', () => {
    const [alone] = keysOf(chunk({}, ['a', 'b']));
    expect(keysOf(chunk({ phase: 1 }), chunk({ progress: 99 }, ['a', 'b'], { type: 'edited' }))[1]).toBe(alone);
    expect(keysOf(chunk({}, ['b', 'a']))[0]).toBe(alone);
  });

  it('differs by phase, order and message', () => {
    const keys = keysOf(
      chunk({}, ['a', 'b']),
      chunk({ phase: 1 }, ['a', 'b']),
      chunk({ chunk_order: 2 }, ['a', 'b']),
      chunk({}, ['a', 'c']),
      chunk({}, ['ab']),
    );
    expect(new Set(keys).size).toBe(5);
  });

  it('differs by phone number', () => {
    const ofOther = messageBody('history', { metadata: { phone_number_id: '7' }, history: [chunk({})] });
    expect(read(ofOther)).not.toMatchObject([{ key: keysOf(chunk({}))[0] }]);
  });
});

describe('contacts', () => {
  it('are counted, with the time of the latest change', () => {
    expect(read(golden('contacts'))).toMatchObject([
      { kind: 'contacts', scope, count: 2, removedCount: 1, changedAtMs: 1_795_305_701_000 },
    ]);
  });

  it.each([
    ['newest first', ['1795305703', '1795305701'], 1_795_305_703_000],
    ['far ahead', ['253402300799'], RECEIVED_AT_MS + FIVE_MINUTES],
    ['just within the tolerance', [RECEIVED_AT_MS / 1000 + 300], RECEIVED_AT_MS + FIVE_MINUTES],
    ['none', [undefined], RECEIVED_AT_MS],
  ])('whose times are %s', (_name, timestamps, changedAtMs) => {
    const state_sync = timestamps.map((timestamp) => ({ type: 'contact', action: 'add', metadata: { timestamp } }));
    expect(read(messageBody('smb_app_state_sync', { state_sync }))).toMatchObject([{ changedAtMs }]);
  });

  it('case 40: of an unknown type are not counted', () => {
    const state_sync = [{ type: 'label' }, { type: 'contact', metadata: { timestamp: 1_795_305_700 } }];
    expect(read(messageBody('smb_app_state_sync', { state_sync }))).toMatchObject([{ count: 1 }]);
    expect(read(messageBody('smb_app_state_sync', { state_sync: [{ type: 'label' }] }))).toMatchObject([
      { kind: 'unknown' },
    ]);
  });
});

describe('echoes and traffic', () => {
  it('an echo is evidence of the app at the time of its message', () => {
    expect(read(golden('echo'))).toEqual([{ kind: 'evidence', scope, evidence: 'echo', atMs: 1_795_392_000_000 }]);
  });

  it.each(['edit', 'revoke'])('an echo of the type %s is evidence too', (type) => {
    const message_echoes = [
      { id: 'wamid.1', timestamp: '1795392001', type, [type]: { original_message_id: 'wamid.0' } },
    ];
    expect(read(messageBody('smb_message_echoes', { message_echoes }))).toMatchObject([
      { evidence: 'echo', atMs: 1_795_392_001_000 },
    ]);
  });

  it('a change with many echoes is one piece of evidence, of the newest, never more than five minutes ahead', () => {
    const at = (timestamp: unknown) => ({ id: 'wamid.1', timestamp });
    const echoes = (...times: unknown[]) => read(messageBody('smb_message_echoes', { message_echoes: times.map(at) }));
    expect(echoes('1795392000', '1795392009', '1795392004')).toMatchObject([{ atMs: 1_795_392_009_000 }]);
    expect(echoes('1795392000', RECEIVED_AT_MS / 1000 + 301)).toMatchObject([{ atMs: RECEIVED_AT_MS + FIVE_MINUTES }]);
    expect(echoes('soon', null)).toMatchObject([{ atMs: RECEIVED_AT_MS }]);
  });

  it.each([
    ['inbound-message', { atMs: 1_795_392_060_000 }],
    ['status', { atMs: 1_795_392_120_000, isStatus: true }],
  ])('%s is traffic and says nothing of the phone', (name, traffic) => {
    expect(read(golden(name))).toEqual([{ kind: 'traffic', scope, ...traffic }]);
  });

  it('need no row of their own, in any mix', () => {
    const touches = [...read(golden('echo')), ...read(golden('status'))];
    expect(isTouchOnly(touches)).toBe(true);
    expect(isTouchOnly(read(golden('contacts')))).toBe(false);
    for (const name of ['contacts', 'history', 'account-offboarded', 'security', 'history-declined', 'history-media']) {
      expect(isTouchOnly([...touches, ...read(golden(name))]), name).toBe(false);
    }
    expect(isTouchOnly([])).toBe(false);
  });
});

describe('message-like fields', () => {
  it.each(['history', 'smb_app_state_sync', 'smb_message_echoes', 'messages'])(
    '%s without content is unknown, not silence',
    (field) => {
      expect(read(messageBody(field, {}))).toEqual([{ kind: 'unknown', field, name: 'nothing readable' }]);
    },
  );
});

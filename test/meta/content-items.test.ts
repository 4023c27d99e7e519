/** What is handed to the sealed store, and what is not. Golden payloads after M3. */
import { describe, expect, it } from 'vitest';
import type { ContentItem, NewsItem } from '../../src/domain/news.ts';
import { readNews } from '../../src/meta/webhook-facts.ts';
import { golden, messageBody, OUR_APP, RECEIVED_AT_MS } from './webhook-builders.ts';

const read = (body: string): NewsItem[] => readNews(body, RECEIVED_AT_MS, OUR_APP);
const itemsOf = (body: string): readonly ContentItem[] =>
  read(body).flatMap((item) => ('items' in item ? item.items : []));
const written = (body: string): unknown[] => itemsOf(body).map(({ json }): unknown => JSON.parse(json));
const historyOf = (threads: readonly object[], metadata: object = { phase: 0, chunk_order: 1, progress: 10 }): string =>
  messageBody('history', { history: [{ metadata, threads }] });

describe('a message of history', () => {
  it('is handed over whole, with its thread, its id and its own time', () => {
    const [first, second] = itemsOf(golden('history'));
    expect(first).toMatchObject({ kind: 'message', id: 'wamid.SIMH0001', atMs: 1_795_219_200_000, isRemoval: false });
    expect(JSON.parse(first?.json ?? '')).toMatchObject({
      thread: { id: '15550177001', context: { user_id: 'US.20481216324864128256', username: '@marta.k' } },
      message: { text: { body: 'Is the rye bread back?' }, history_context: { status: 'READ' } },
    });
    expect(second).toMatchObject({ id: 'wamid.SIMH0002', atMs: 1_795_219_260_000 });
  });

  it.each(['READ', 'read', 'Delivered', 'PENDING'])(
    'with the status %s and numbers as text is the same news',
    (status) => {
      const message = { id: 'wamid.1', timestamp: '1795219200', from_me: true, history_context: { status } };
      const body = historyOf([{ id: '15550177001', messages: [message] }], {
        phase: '1',
        chunk_order: '2',
        progress: '100',
      });
      expect(read(body)).toMatchObject([{ phase: 1, chunkOrder: 2, progress: 100, messageCount: 1 }]);
      expect(written(body)).toMatchObject([{ message }]);
    },
  );

  it('of a user who is known by id alone is handed over too', () => {
    const thread = { id: 'US.2048', context: { user_id: 'US.2048' }, messages: [{ id: 'wamid.1', timestamp: 1 }] };
    expect(written(historyOf([thread]))).toMatchObject([
      { thread: { id: 'US.2048', context: { user_id: 'US.2048' } } },
    ]);
  });

  it('never has a time after its receipt, and the receipt where it has none', () => {
    const messages = [{ id: 'a', timestamp: '99999999999' }, { id: 'b', timestamp: 'soon' }, { id: 'c' }];
    expect(itemsOf(historyOf([{ id: '1', messages }])).map(({ atMs }) => atMs)).toEqual([
      RECEIVED_AT_MS,
      RECEIVED_AT_MS,
      RECEIVED_AT_MS,
    ]);
  });

  it('without an id is counted and not kept, for it could not be kept once', () => {
    const body = historyOf([{ id: '1', messages: [{ timestamp: '1795219200' }, { id: '' }, { id: 'wamid.1' }] }]);
    expect(read(body)).toMatchObject([{ messageCount: 3 }]);
    expect(itemsOf(body).map(({ id }) => id)).toEqual(['wamid.1']);
  });

  it.each([
    ['by the id of its thread', { id: '1203630@g.us' }, {}],
    ['by a group id of its thread', { id: '1203630', group_id: '1203630' }, {}],
    ['by a group id of a message', { id: '1203630' }, { group_id: '1203630' }],
  ])('of a group, known %s, is dropped and its chat counted', (_name, thread, message) => {
    const group = { ...thread, messages: [{ id: 'wamid.g', ...message }] };
    const body = historyOf([group, { id: '15550177001', messages: [{ id: 'wamid.1' }] }]);
    expect(read(body)).toMatchObject([{ messageCount: 1, groupCount: 1 }]);
    expect(itemsOf(body).map(({ id }) => id)).toEqual(['wamid.1']);
  });

  it('case 28: opens no window and is no sign of traffic', () => {
    for (const name of ['history', 'history-media']) {
      expect(read(golden(name)).map(({ kind }) => kind)).not.toContain('traffic');
    }
  });
});

describe('media of history', () => {
  it('come under the id of their message, in both spellings', () => {
    expect(itemsOf(golden('history-media'))).toMatchObject([{ kind: 'media', id: 'wamid.SIMH0007' }]);
    const body = messageBody('history', { message_echoes: [{ id: 'wamid.2', timestamp: '1795219300' }] });
    expect(itemsOf(body)).toMatchObject([{ kind: 'media', id: 'wamid.2', atMs: 1_795_219_300_000 }]);
  });
});

describe('a contact', () => {
  const change = (action: string, contact: object, timestamp = '1795305700'): object => ({
    type: 'contact',
    action,
    metadata: { timestamp },
    contact,
  });
  const syncOf = (...state_sync: object[]): string => messageBody('smb_app_state_sync', { state_sync });

  it('is handed over with its own time; a removal says so', () => {
    expect(itemsOf(golden('contacts'))).toMatchObject([
      { kind: 'contact', id: '15550177001', atMs: 1_795_305_700_000, isRemoval: false },
      { kind: 'contact', id: '15550177002', atMs: 1_795_305_701_000, isRemoval: true },
    ]);
    expect(JSON.parse(itemsOf(golden('contacts'))[0]?.json ?? '')).toMatchObject({
      contact: { full_name: 'Marta Kowal' },
    });
  });

  it('is known by its phone number, else by the id of the user', () => {
    const body = syncOf(
      change('add', { phone_number: 15550177001, user_id: 'US.1' }),
      change('REMOVE', { user_id: 'US.20481216324864128256' }),
      change('add', { full_name: 'Nobody' }),
    );
    expect(read(body)).toMatchObject([{ count: 3, removedCount: 1 }]);
    expect(itemsOf(body).map(({ id, alsoId, isRemoval }) => [id, alsoId, isRemoval])).toEqual([
      ['15550177001', 'US.1', false],
      ['US.20481216324864128256', null, true],
    ]);
  });
});

it('a webhook with 3,000 messages is one item of news', () => {
  const messages = Array.from({ length: 3_000 }, (_none, index) => ({ id: `wamid.${index}`, timestamp: '1795219200' }));
  const body = historyOf([{ id: '15550177001', messages }]);
  expect(read(body)).toMatchObject([{ kind: 'history-chunk', messageCount: 3_000 }]);
  expect(itemsOf(body)).toHaveLength(3_000);
});

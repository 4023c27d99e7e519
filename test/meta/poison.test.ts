/** No content of a webhook can make its reading fail, lose a neighbour, or take more than linear work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTouchOnly, parseBody, readNews } from '../../src/meta/webhook-facts.ts';
import { accountUpdate, bodyOf, golden, messageBody, RECEIVED_AT_MS, WABA, OUR_APP } from './webhook-builders.ts';

const read = (body: string) => readNews(body, RECEIVED_AT_MS, OUR_APP);
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
/** JSON writes control characters and lone surrogates as escapes; a backslash that is content comes doubled. */
const holdsRefusedText = (items: unknown): boolean => /\\[ubfnrt]/.test(JSON.stringify(items).replaceAll(/\\\\/g, ''));

/** Each poison beside a good change: the good one must come through. */
const beside = (poison: string): string =>
  `{"object":"whatsapp_business_account","entry":[{"id":"${WABA}","time":1795305600,"changes":[${poison},` +
  '{"field":"account_update","value":{"event":"ACCOUNT_OFFBOARDED"}}]}]}';

describe('poison', () => {
  it.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['no value', '{"field":"account_update"}'],
    ['value of another type', '{"field":"history","value":"text"}'],
    ['a field that is no text', '{"field":{"a":1},"value":{}}'],
    ['\\u0000', '{"field":"a\\u0000b","value":{"event":"c\\u0000d"}}'],
    ['lone surrogates', '{"field":"a\\ud800b","value":{"event":"\\udc00"}}'],
    ['duplicate keys', '{"field":"x","field":"y","value":{"event":"1"},"value":{"event":"2"}}'],
    [
      '__proto__',
      '{"field":"account_update","value":{"__proto__":{"event":"PARTNER_ADDED","waba_info":{"waba_id":"1"}}}}',
    ],
    [
      '1e400',
      '{"field":"history","value":{"history":[{"metadata":{"phase":1e400,"chunk_order":1e400,"progress":1e400}}]}}',
    ],
    ['100,000 levels in an unknown key', `{"field":"account_update","value":{"event":"X","deep":${deep(100_000)}}}`],
    [
      '100,000 levels in untimed news',
      `{"field":"account_update","value":{"waba_info":${deep(100_000)},"event":"PARTNER_REMOVED"}}`,
    ],
    [
      'ids that are objects',
      '{"field":"account_update","value":{"event":"PARTNER_ADDED","waba_info":{"waba_id":{"a":1}}}}',
    ],
    [
      'huge ids',
      `{"field":"account_update","value":{"event":"PARTNER_ADDED","waba_info":{"waba_id":${'9'.repeat(500)}}}}`,
    ],
    [
      'elements of other types',
      '{"field":"history","value":{"history":[null,1,"a",[],{"threads":[1,{"messages":[null]}]}]}}',
    ],
  ])('%s leaves the neighbour unharmed', (_name, poison) => {
    const items = read(beside(poison));
    expect(items.length).toBeGreaterThanOrEqual(2);
    expect(items.at(-1)).toMatchObject({ kind: 'account', news: { kind: 'accountOffboarded', wabaId: WABA } });
    expect(items.slice(0, -1).every(({ kind }) => kind === 'unknown')).toBe(true);
    expect(holdsRefusedText(items)).toBe(false);
    expect(Object.prototype).not.toHaveProperty('event');
  });

  it('untimed news too deep to be written has a key all the same', () => {
    const body = accountUpdate({ event: 'ACCOUNT_OFFBOARDED', deep: 0 }, {}).replace(
      '"deep":0',
      `"deep":${deep(100_000)}`,
    );
    expect(read(body)).toMatchObject([{ kind: 'account', isUntimed: true, key: expect.stringContaining('untimed') }]);
  });

  it.each([
    ['an empty envelope', '{}'],
    ['no entries', '{"entry":[]}'],
    ['no changes', '{"entry":[{"id":"1","changes":[]}]}'],
    ['entries of other types', '{"entry":[null,1,"a",[]]}'],
    ['a number', '1'],
    ['null', 'null'],
    ['no JSON', 'not json'],
    ['nothing', ''],
    ['a list 100,000 levels deep', deep(100_000)],
  ])('%s is one unknown item, which needs a row', (_name, body) => {
    const items = read(body);
    expect(items).toMatchObject([{ kind: 'unknown', field: 'envelope' }]);
    expect(isTouchOnly(items)).toBe(false);
  });

  it('unknown fields and events are named, without control characters and bounded', () => {
    expect(read(bodyOf('new_field', { event: 'NEW' }))).toEqual([{ kind: 'unknown', field: 'new_field', name: 'NEW' }]);
    expect(read(accountUpdate({ event: 'ACCOUNT_PROMOTED' }))).toEqual([
      { kind: 'unknown', field: 'account_update', name: 'ACCOUNT_PROMOTED' },
    ]);
    const [item] = read(bodyOf(`a\u0007\n${'x'.repeat(3_000_000)}`, { event: 'é'.repeat(500) }));
    expect(item).toEqual({ kind: 'unknown', field: `a${'x'.repeat(79)}`, name: 'é'.repeat(80) });
  });
});

describe('big deliveries', () => {
  it("3,000 and 48,000 messages in one webhook are counted within the test's time", () => {
    const bodyWith = (count: number): string => {
      const messages = Array.from({ length: count }, (_, n) => ({ id: `wamid.${n}`, timestamp: '1795219200' }));
      const history = [{ metadata: { phase: 0, chunk_order: 1, progress: 1 }, threads: [{ id: '1', messages }] }];
      return messageBody('history', { history });
    };
    expect(read(bodyWith(3000))).toMatchObject([{ messageCount: 3000 }]);
    expect(read(bodyWith(48_000))).toMatchObject([{ messageCount: 48_000 }]);
  });

  it('1,000 changes and 3 MB of escapes, digits and quotes are read whole', () => {
    const change = { field: 'account_update', value: { event: 'ACCOUNT_OFFBOARDED' } };
    const entry = [{ id: WABA, time: 1_795_305_600, changes: Array.from({ length: 1000 }, () => change) }];
    expect(read(JSON.stringify({ entry }))).toHaveLength(1000);
    const noise = `${'\\"1234567890123456789,'.repeat(140_000)}`;
    const body = accountUpdate({ event: 'ACCOUNT_OFFBOARDED', noise, id: 0 }).replace(
      '"id":0',
      '"id":12345678901234567890',
    );
    expect(body.length).toBeGreaterThan(3_000_000);
    expect(read(body)).toMatchObject([{ kind: 'account' }]);
  });
});

describe('the bytes of a body', () => {
  it('with a byte order mark are JSON without it', () => {
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(golden('echo'))]);
    const parsed = parseBody(marked);
    expect(parsed).toEqual({ kind: 'json', body: golden('echo') });
    expect(read(`\uFEFF${golden('echo')}`)).toEqual(read(golden('echo')));
  });

  it('with invalid UTF-8 inside a text stay readable', () => {
    const invalid = Buffer.from(golden('account-offboarded').replace('whatsapp_business_account', 'x\u0001y'));
    invalid[invalid.indexOf(1)] = 0xff;
    const parsed = parseBody(invalid);
    expect(parsed).toMatchObject({ kind: 'json', body: expect.stringContaining('x\uFFFDy') });
    expect(parsed.kind === 'json' && read(parsed.body)).toMatchObject([{ kind: 'account' }]);
  });

  it.each(['', '{', 'a=1', '{"a":1}x', '{"a":"\u0000"}', "{'a':1}"])('that are no JSON are refused: %j', (text) => {
    expect(parseBody(Buffer.from(text))).toEqual({ kind: 'not-json' });
  });

  it.each(['null', '[]', '1', '"a"', deep(100_000), '{"a":1e400}', '{"a":"\\u0000"}'])(
    'that are any JSON are taken',
    (text) => {
      expect(parseBody(Buffer.from(text))).toEqual({ kind: 'json', body: text });
    },
  );
});

describe('reading never fails', () => {
  const label = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('history', 'messages', 'account_update', 'account_offboarded'),
  );
  const keys = [
    'event',
    'waba_info',
    'metadata',
    'history',
    'messages',
    'threads',
    'errors',
    'state_sync',
    'message_echoes',
    'timestamp',
    'phase',
  ];
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(
        null,
        true,
        0,
        -1,
        1.5,
        1e308,
        1_795_305_600,
        'PARTNER_REMOVED',
        'ACCOUNT_OFFBOARDED',
        '2593109',
        '\ud800',
      ),
      fc.string({ unit: 'binary' }),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('tree'), { maxKeys: 5 }),
    ),
  }));
  const envelope = fc.record({
    entry: fc.array(
      fc.record({
        id: tree,
        time: tree,
        changes: fc.array(fc.record({ field: label, value: tree }), { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
  });

  it('for any JSON, nor does it let through what a store refuses', () => {
    fc.assert(
      fc.property(fc.oneof(envelope, fc.jsonValue()), (value) => {
        const items = read(JSON.stringify(value));
        expect(items.length).toBeGreaterThan(0);
        expect(holdsRefusedText(items)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('for any text and any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }), (bytes, text) => {
        const parsed = parseBody(Buffer.from(bytes));
        if (parsed.kind === 'json') expect(read(parsed.body).length).toBeGreaterThan(0);
        expect(read(text).length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});

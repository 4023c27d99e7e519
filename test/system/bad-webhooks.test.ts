/** What Meta, or somebody else, may throw at the webhook's door: refused only for its signature or for being no JSON. */
import { expect, test } from 'vitest';
import { accountEvent, connect, countRows, query, sendWebhook, sentencesOf, signatureOf, SECRETS } from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld({ secrets: SECRETS });
const CONNECTED = '15550110001';
const WABA = `31${CONNECTED.padStart(15, '0')}`;

function removal(atMs: number): string {
  return accountEvent('610000000000047', { event: 'PARTNER_REMOVED', waba_info: { waba_id: WABA } }, atMs);
}

const deliveries = (): Promise<Record<string, unknown>[]> =>
  query(bench.world, 'select * from webhook_deliveries order by position');

let numberId = '';

test('case 29: a wrong signature is answered 401 and leaves no row, whatever it says', async () => {
  const { world } = bench;
  numberId = await connect(world, CONNECTED);
  await world.advance(3_600_000);
  await world.settle();
  const body = removal(world.nowMs());
  const right = signatureOf(body);
  const before = await countRows(world);
  const forged: Record<string, string>[] = [
    {},
    { 'x-hub-signature-256': signatureOf(body, 'another secret, as long as ours') },
    { 'x-hub-signature-256': signatureOf(`${body} `) },
    { 'x-hub-signature-256': right.toUpperCase() },
    { 'x-hub-signature-256': right.slice(0, -2) },
    { 'x-hub-signature-256': `${right}, ${right}` },
    { 'x-hub-signature': right },
  ];
  for (const headers of forged) expect(await sendWebhook(world, body, headers), JSON.stringify(headers)).toBe(401);
  await world.settle();
  expect(await countRows(world)).toEqual(before);
  expect((await world.backend.readNumber(numberId)).connection).toBe('connected');
});

test.each(['', '{', 'partner removed', '{"entry":[}', "{'object':1}"])(
  'a signed body that is no JSON is answered 400 and leaves no row: %j',
  async (body) => {
    const before = (await deliveries()).length;
    expect(await sendWebhook(bench.world, body)).toBe(400);
    expect((await deliveries()).length).toBe(before);
  },
);

const envelope = (changes: unknown, entry: Record<string, unknown> = {}): string =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: WABA, time: 1_780_000_000, changes, ...entry }],
  });
const invalidUtf8 = Buffer.concat([Buffer.from('{"entry":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]);

const POISON: [string, string | Buffer][] = [
  ['an unknown field', envelope([{ field: 'phone_number_moods', value: { mood: 'fine' } }])],
  ['an unknown event', envelope([{ field: 'account_update', value: { event: 'ACCOUNT_REPAINTED' } }])],
  ['no changes', envelope([])],
  ['no envelope', '[]'],
  ['a bare word', '"PARTNER_REMOVED"'],
  ['null', 'null'],
  ['zero bytes', envelope([{ field: 'a\u0000b', value: { event: 'x\u0000y' } }])],
  ['lone surrogates', '{"entry":[{"id":"\\ud800","changes":[{"field":"\\udfff","value":{}}]}]}'],
  ['a tower of 100,000 lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['a number beyond all numbers', '{"entry":[{"id":1e400,"time":1e400,"changes":[]}]}'],
  ['keys that come twice', '{"entry":[],"entry":[{"id":"1","changes":[]}]}'],
  ['the prototype', '{"__proto__":{"entry":[]},"constructor":{"prototype":{}}}'],
  ['a year far away', envelope([{ field: 'account_update', value: { event: 'ACCOUNT_REPAINTED' } }], { time: 9e15 })],
  ['a huge id', envelope([{ field: 'account_update', value: {} }], { id: '9'.repeat(5_000) })],
  ['bytes that are no UTF-8', invalidUtf8],
  ['a byte order mark', `\uFEFF${envelope([])}`],
  ['values of the wrong kind', envelope([{ field: 'account_update', value: 7 }, { field: 8 }, 9, null])],
  ['three megabytes', envelope([{ field: 'phone_number_moods', value: { mood: 'm'.repeat(3_000_000) } }])],
];

test.each(POISON)('a signed body is stored, counted and answered 200, whatever it holds: %s', async (_what, body) => {
  const { world } = bench;
  expect(await sendWebhook(world, body)).toBe(200);
  await world.settle();
  const kept = (await deliveries()).at(-1);
  expect(kept).toMatchObject({ is_processed: true, delivery_key: signatureOf(body) });
  expect(kept?.['unknown_count']).toBeGreaterThan(0);
  expect(kept?.['body'], 'what was not understood is kept to be looked at').not.toBeNull();
});

test('good news beside poison in one body, and after it, arrives all the same', async () => {
  const { world } = bench;
  const atMs = world.nowMs();
  const removed = JSON.parse(removal(atMs)).entry[0];
  const mixed = { entry: [{ id: WABA, changes: [{ field: 'a\u0000b', value: [] }, null] }, removed] };
  expect(await sendWebhook(world, JSON.stringify(mixed))).toBe(200);
  await world.settle();
  const number = await world.backend.readNumber(numberId);
  expect(number.connection).toBe('disconnected');
  const told = await sentencesOf(world, numberId);
  expect(told.filter((sentence) => sentence.startsWith('Disconnected')).length).toBe(1);
});

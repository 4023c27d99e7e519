import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appSecretProofOf, serializeAsMeta, webhookSignatureOf } from '../../src/simulator/signatures.ts';
import { APP_SECRET, setStage, START_MS, WABA } from './stage.ts';
import { pick, pickList } from './pick.ts';
import type { Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const send = (event: string, time?: number) =>
  stage.control('POST', '/webhooks', { field: 'account_update', value: { event }, entryId: WABA, time });
const events = () => stage.changes('account_update').map(({ value }) => value['event']);
const deliveries = async () => pickList((await stage.control('GET', '/webhooks')).body, 'deliveries');
const plan = (fault: unknown, more: object = {}) => stage.control('POST', '/webhook-faults', { fault, ...more });

describe("Meta's published vectors", () => {
  it('hold for the signature of a body', () => {
    const envelope = {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: WABA,
          time: 1795305600,
          changes: [{ field: 'account_update', value: { event: 'ACCOUNT_OFFBOARDED' } }],
        },
      ],
    };
    const rawBody = serializeAsMeta(envelope);
    expect(Buffer.byteLength(rawBody)).toBe(169);
    expect(webhookSignatureOf(rawBody, APP_SECRET)).toBe(
      'sha256=fe6562218d076a3310b939d850d584d3285b4b07a9de2d4e6a6ab9aa76ea857c',
    );
  });

  it('hold for a body outside ASCII, written with lowercase escapes', () => {
    const rawBody = serializeAsMeta({ a: 'café' });
    expect(rawBody).toBe(String.raw`{"a":"caf\u00e9"}`);
    expect(webhookSignatureOf(rawBody, APP_SECRET)).toBe(
      'sha256=6a13f7b1ba16b16ceedae606136642bb0491e29fc928e939fc5932906431b4e4',
    );
  });

  it('hold for the proof of a token', () => {
    expect(appSecretProofOf('EAASIMTOKEN0001', APP_SECRET)).toBe(
      'b310b210ac53f49972b39748ede6b5dbf2193dfc311e51f950ba6ab063fa94f8',
    );
  });
});

describe('a webhook', () => {
  it('is signed over the very bytes that arrive', async () => {
    await stage.control('POST', '/webhooks', { field: 'news', value: { text: 'Zoë ☕ 😀' }, entryId: WABA, time: 12 });
    await stage.settled();
    const [first] = stage.received;
    expect(first?.rawBody).toContain(String.raw`Zo\u00eb \u2615 \ud83d\ude00`);
    expect(first?.signature).toBe(webhookSignatureOf(first?.rawBody ?? '', APP_SECRET));
    expect(stage.changes('news')[0]).toMatchObject({ id: WABA, time: 12 });
  });

  it('is tried at once again, then less and less often, until it is answered 200', async () => {
    stage.nextStatuses.push(500, 201, 503);
    await send('ACCOUNT_OFFBOARDED');
    await stage.until('two attempts', () => stage.received.length === 2);
    expect(await stage.nextAtMs()).toBe(START_MS + 1_000);
    stage.clock.advance(1_000);
    await stage.until('the third attempt', () => stage.received.length === 3);
    expect(await stage.nextAtMs()).toBe(START_MS + 6_000);
    stage.clock.advance(5_000);
    await stage.until('the fourth attempt', () => stage.received.length === 4);
    await stage.settled();
    const outcomes = (await deliveries()).map((row) => pick(row, 'outcome'));
    expect(outcomes).toEqual(['refused', 'refused', 'refused', 'delivered']);
    expect(await stage.nextAtMs()).toBeNull();
    expect(new Set(stage.received.map(({ rawBody }) => rawBody)).size).toBe(1);
  });

  it('is given up after 36 hours', async () => {
    stage.nextStatuses.push(...Array.from({ length: 60 }, () => 500));
    await send('ACCOUNT_OFFBOARDED');
    for (;;) {
      await stage.settled();
      const nextAtMs = await stage.nextAtMs();
      if (nextAtMs === null) break;
      stage.clock.set(nextAtMs);
    }
    expect((await deliveries()).at(-1)).toMatchObject({ outcome: 'given-up', status: 500 });
    expect(stage.clock.nowMs()).toBeGreaterThan(START_MS + 35 * HOUR_MS);
    expect(stage.clock.nowMs()).toBeLessThanOrEqual(START_MS + 36 * HOUR_MS);
  });

  it('endpoint is verified by its challenge', async () => {
    expect(pick(await stage.control('POST', '/webhooks/verify-endpoint'), 'body')).toEqual({
      isVerified: true,
      status: 200,
    });
  });
});

describe('a planned webhook fault', () => {
  it('drops the event that it names and no other', async () => {
    await plan('drop', { event: 'ACCOUNT_OFFBOARDED' });
    await send('ACCOUNT_RECONNECTED');
    await send('ACCOUNT_OFFBOARDED');
    await send('ACCOUNT_OFFBOARDED');
    await stage.settled();
    expect(events()).toEqual(['ACCOUNT_RECONNECTED', 'ACCOUNT_OFFBOARDED']);
  });

  it('sends one twice with the same bytes', async () => {
    await plan('twice', { field: 'account_update' });
    await send('ACCOUNT_OFFBOARDED');
    await stage.settled();
    expect(stage.received).toHaveLength(2);
    expect(stage.received[0]?.rawBody).toBe(stage.received[1]?.rawBody);
  });

  it('signs one badly and does not send it again', async () => {
    stage.nextStatuses.push(401);
    await plan('bad-signature');
    await send('ACCOUNT_OFFBOARDED');
    await stage.settled();
    const [first] = stage.received;
    expect(first?.signature).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(first?.signature).not.toBe(webhookSignatureOf(first?.rawBody ?? '', APP_SECRET));
    expect(await deliveries()).toMatchObject([{ outcome: 'refused', status: 401 }]);
    expect(await stage.nextAtMs()).toBeNull();
  });

  it('delays one on the Clock while the next goes ahead', async () => {
    await plan({ delayMs: 60_000 });
    await send('ACCOUNT_OFFBOARDED');
    await send('ACCOUNT_RECONNECTED');
    await stage.settled();
    stage.clock.advance(60_000);
    await stage.until('the late one', () => stage.received.length === 2);
    expect(events()).toEqual(['ACCOUNT_RECONNECTED', 'ACCOUNT_OFFBOARDED']);
  });

  it('holds some, which go reversed with their own times when they are let go', async () => {
    await plan('hold', { times: 3 });
    for (const [index, event] of ['FIRST', 'SECOND', 'THIRD'].entries()) await send(event, 100 + index);
    await send('FOURTH', 103);
    await stage.settled();
    expect(events()).toEqual(['FOURTH']);
    expect(pick(await stage.control('GET', '/webhooks/held'), 'body.webhooks')).toHaveLength(3);
    await stage.control('POST', '/webhooks/release', { order: 'reversed' });
    await stage.settled();
    expect(events()).toEqual(['FOURTH', 'THIRD', 'SECOND', 'FIRST']);
    expect(stage.changes('account_update').map(({ time }) => time)).toEqual([103, 102, 101, 100]);
  });

  it('holds some, of which those named go in the order given', async () => {
    await plan('hold', { times: 3 });
    for (const event of ['FIRST', 'SECOND', 'THIRD']) await send(event);
    const held = pickList((await stage.control('GET', '/webhooks/held')).body, 'webhooks').map((row) =>
      pick(row, 'id'),
    );
    await stage.control('POST', '/webhooks/release', { order: [held[1], held[0]] });
    await stage.settled();
    expect(events()).toEqual(['SECOND', 'FIRST']);
    await stage.control('POST', '/webhooks/release');
    await stage.settled();
    expect(events()).toEqual(['SECOND', 'FIRST', 'THIRD']);
  });
});

/** Who may speak to the webhook door. Vectors reckoned apart from our code; the header after M9. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { challengeOf, isSignedBy } from '../../src/meta/webhook-signature.ts';

const SECRET = 'sim-app-secret-0001';
const OFFBOARDED = Buffer.from(
  '{"object":"whatsapp_business_account","entry":[{"id":"310000000000017","time":1795305600,"changes":[{"field":"account_update","value":{"event":"ACCOUNT_OFFBOARDED"}}]}]}',
);
const OFFBOARDED_HEX = 'fe6562218d076a3310b939d850d584d3285b4b07a9de2d4e6a6ab9aa76ea857c';
const ESCAPED = Buffer.from('{"a":"caf\\u00e9"}');
const ESCAPED_HEX = '6a13f7b1ba16b16ceedae606136642bb0491e29fc928e939fc5932906431b4e4';
const header = `sha256=${OFFBOARDED_HEX}`;

describe('a webhook signature', () => {
  it('is taken over the received bytes, as in the published vectors', () => {
    expect([OFFBOARDED.length, ESCAPED.length]).toEqual([169, 17]);
    expect(isSignedBy([SECRET], OFFBOARDED, header)).toBe(true);
    expect(isSignedBy([SECRET], ESCAPED, `sha256=${ESCAPED_HEX}`)).toBe(true);
  });

  it('does not survive parsing and writing the body again', () => {
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(ESCAPED.toString())));
    expect(isSignedBy([SECRET], rewritten, `sha256=${ESCAPED_HEX}`)).toBe(false);
  });

  it.each(Array.from({ length: 256 }, (_, bit) => bit))('is refused with bit %i flipped', (bit) => {
    const bytes = Buffer.from(OFFBOARDED_HEX, 'hex');
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(isSignedBy([SECRET], OFFBOARDED, `sha256=${bytes.toString('hex')}`)).toBe(false);
  });

  it('is refused when one byte of the body differs', () => {
    const changed = Buffer.from(OFFBOARDED);
    changed[10] = (changed[10] ?? 0) ^ 1;
    expect(isSignedBy([SECRET], changed, header)).toBe(false);
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['sent twice', [header, header]],
    ['sent once in a list', [header]],
    ['two joined by a comma', `${header}, ${header}`],
    ['short', header.slice(0, -1)],
    ['long', `${header}0`],
    ['upper-case digits', `sha256=${OFFBOARDED_HEX.toUpperCase()}`],
    ['upper-case name', `SHA256=${OFFBOARDED_HEX}`],
    ['without its name', OFFBOARDED_HEX],
    ['sha1', `sha1=${createHmac('sha1', SECRET).update(OFFBOARDED).digest('hex')}`],
    ['followed by a line break', `${header}\n`],
  ])('is refused when the header is %s', (_name, given) => {
    expect(isSignedBy([SECRET], OFFBOARDED, given)).toBe(false);
  });

  it('is taken from any secret in rotation, wherever it stands, and from no other', () => {
    expect(isSignedBy(['next', SECRET], OFFBOARDED, header)).toBe(true);
    expect(isSignedBy([SECRET, 'next'], OFFBOARDED, header)).toBe(true);
    expect(isSignedBy(['next', 'former'], OFFBOARDED, header)).toBe(false);
    expect(isSignedBy([], OFFBOARDED, header)).toBe(false);
  });

  it('is never taken from an empty secret', () => {
    const forged = createHmac('sha256', '').update(OFFBOARDED).digest('hex');
    expect(isSignedBy([''], OFFBOARDED, `sha256=${forged}`)).toBe(false);
  });
});

describe('the handshake of the endpoint', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'meatyhamhock' };

  it('answers the bare challenge to the right token', () => {
    expect(challengeOf(query, 'meatyhamhock')).toBe('1158201444');
  });

  it.each([
    ['another token', { ...query, 'hub.verify_token': 'meatyhamhocK' }],
    ['no token', { ...query, 'hub.verify_token': undefined }],
    ['a list of tokens', { ...query, 'hub.verify_token': ['meatyhamhock'] }],
    ['another mode', { ...query, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { ...query, 'hub.challenge': undefined }],
    ['nothing', {}],
  ])('refuses %s', (_name, given) => {
    expect(challengeOf(given, 'meatyhamhock')).toBeNull();
  });

  it('refuses everybody while no token is set', () => {
    expect(challengeOf({ ...query, 'hub.verify_token': '' }, '')).toBeNull();
  });
});

/** Faults of Graph calls beyond Meta's own refusals: held, cut, odd answers, later ones; and the counting of all of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick, pickList } from './pick.ts';
import { APP_SECRET, askForSync, DIGITS, NUMBER, setStage, WABA } from './stage.ts';
import type { Stage } from './stage.ts';
import { appSecretProofOf } from '../../src/simulator/signatures.ts';

let stage: Stage;
let token: string;
beforeEach(async () => {
  stage = await setStage();
  token = await stage.onboard();
});
afterEach(() => stage.close());

const plan = (call: string, fault: object, more: object = {}) =>
  stage.control('POST', '/faults', { call, fault, ...more });
const read = () => stage.graph(`/${NUMBER}?fields=status`, { token });
async function countOf(call: string) {
  const calls = pickList(await stage.control('GET', `/calls?call=${call}`), 'body');
  return calls.find((row) => pick(row, 'call') === call);
}

/** The bare words of an answer, which need not be JSON. */
async function words(path: string, method = 'GET') {
  const proof = appSecretProofOf(token, APP_SECRET);
  return stage.raw(`${path}${path.includes('?') ? '&' : '?'}appsecret_proof=${proof}`, { method, token });
}

describe('an odd answer', () => {
  it.each([
    ['html', 'text/html', /^<!DOCTYPE html>/],
    ['empty', 'application/json', /^$/],
    ['wrong-id', 'application/json', /"id":"999000000000001"/],
    ['list', 'application/json', /^\[\{/],
    ['cut-json', 'application/json', /[^}\]]$/],
  ])('is %s', async (as, contentType, body) => {
    await plan('readNumber', { kind: 'odd-answer', as });
    const odd = await words(`/${NUMBER}?fields=status`);
    expect(odd.status).toBe(200);
    expect(odd.contentType).toContain(contentType);
    expect(odd.text).toMatch(body);
    expect(pick(await read(), 'body.id')).toBe(NUMBER);
  });

  it('comes of a call that was applied, or of one that was not', async () => {
    await plan('subscribe', { kind: 'odd-answer', as: 'html', status: 502, isApplied: false });
    await stage.graph(`/${WABA}/subscribed_apps`, { method: 'DELETE', token });
    expect((await words(`/${WABA}/subscribed_apps`, 'POST')).status).toBe(502);
    const subscribed = async () => pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.subscribed');
    expect(await subscribed()).toBe(false);
    await plan('subscribe', { kind: 'odd-answer', as: 'html', status: 502 });
    expect((await words(`/${WABA}/subscribed_apps`, 'POST')).status).toBe(502);
    expect(await subscribed()).toBe(true);
  });

  it('leaves Meta’s own refusals as they are', async () => {
    await plan('readNumber', { kind: 'odd-answer', as: 'html' });
    expect(pick(await stage.graph('/999', { token }), 'body.error')).toMatchObject({ code: 100, error_subcode: 33 });
  });
});

describe('a call', () => {
  it('is cut before anything happens', async () => {
    await plan('syncHistory', { kind: 'refused-connection' });
    await expect(askForSync(stage, token, 'history')).rejects.toThrow('fetch failed');
    expect(await countOf('syncHistory')).toMatchObject({ asked: 1, accepted: 0 });
    expect((await askForSync(stage, token, 'history')).status).toBe(200);
  });

  it.each([
    ['hold', 'never', 0],
    ['hold-answer', 'requested', 1],
  ])('waits for the control plane: %s leaves it %s meanwhile', async (kind, meanwhile, accepted) => {
    await plan('syncHistory', { kind });
    const asking = askForSync(stage, token, 'history');
    const held = async () => pickList(await stage.control('GET', '/faults'), 'body.heldCalls');
    await stage.until('the held call', async () => (await held()).length === 1);
    expect(await countOf('syncHistory')).toMatchObject({ asked: 1, accepted });
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.historySync')).toBe(meanwhile);
    const release = (body: object) => stage.control('POST', '/faults/release', body);
    expect(pick(await release({ call: 'subscribe' }), 'body')).toEqual({ released: 0 });
    expect(pick(await release({ subject: DIGITS }), 'body')).toEqual({ released: 1 });
    expect((await asking).status).toBe(200);
  });

  it('fails on its second time, of whatever kind it is', async () => {
    await plan('any', { kind: 'error', status: 500, code: 2 }, { skip: 1, subject: WABA });
    expect((await read()).status).toBe(200);
    expect((await stage.graph(`/${WABA}`, { token })).status).toBe(500);
    expect((await read()).status).toBe(200);
  });

  it('is limited with the code, the status and the silence that are asked for', async () => {
    await plan('readNumber', { kind: 'rate-limited', minutes: null, code: 4, status: 429 });
    const limited = await read();
    expect(limited).toMatchObject({ status: 429, body: { error: { code: 4 } } });
    expect(limited.headers.get('x-business-use-case-usage')).not.toContain('estimated_time');
    expect(limited.headers.get('x-app-usage')).toContain('"call_count":100');
  });

  it('is counted for its phone, its account, its kind and its subject', async () => {
    await read();
    await stage.control('POST', '/phones', { digits: '15550100999' });
    await stage.control('POST', '/dialogs', { digits: '15550100999' });
    const counts = async (query: string) =>
      pickList(await stage.control('GET', `/calls?${query}`), 'body').map((row) => [
        pick(row, 'call'),
        pick(row, 'asked'),
      ]);
    const mine = [
      ['exchangeCode', 1],
      ['subscribe', 1],
      ['readNumber', 1],
    ];
    expect(await counts(`digits=${DIGITS}`)).toEqual(mine);
    expect(await counts('digits=15550100999')).toEqual([]);
    expect(await counts('call=subscribe')).toEqual([['subscribe', 1]]);
    expect(await counts(`subject=${NUMBER}`)).toEqual([['readNumber', 1]]);
  });
});

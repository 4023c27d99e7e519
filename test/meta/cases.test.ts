/** Answers and webhooks as other systems test them: cases and mistakes by the numbers of docs/coverage.md. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/activities/ports.ts';
import { phoneNumberId } from '../../src/domain/ids.ts';
import { classOfFailure } from '../../src/domain/probe.ts';
import { createGraph } from '../../src/meta/graph-client.ts';
import { GraphError } from '../../src/meta/graph-errors.ts';
import { readSignupMessage } from '../../src/meta/signup-result.ts';
import { readNews } from '../../src/meta/webhook-facts.ts';
import { startStubGraph, type Answer, type StubGraph } from './stub-graph.ts';
import {
  accountUpdate,
  bodyOf,
  golden,
  messageBody,
  OUR_APP,
  PHONE,
  RECEIVED_AT_MS,
  WABA,
} from './webhook-builders.ts';

const read = (body: string) => readNews(body, RECEIVED_AT_MS, OUR_APP);
const REAL = readdirSync(new URL('payloads', import.meta.url)).map((file) => file.replace('.json', ''));

let stub: StubGraph;
let graph: Graph;

beforeAll(async () => {
  stub = await startStubGraph();
  graph = createGraph({ baseUrl: stub.baseUrl, version: 'v25.0', appId: OUR_APP, appSecret: 'sim-app-secret-0001' });
});
afterAll(() => stub.close());

/** What a refresh of the number makes of an answer: the class of its failure. */
async function classOf(answer: Answer): Promise<string> {
  stub.answers(answer);
  const failure: unknown = await graph
    .readNumber('EAASIMTOKEN0001', phoneNumberId(PHONE))
    .catch((error: unknown) => error);
  return failure instanceof GraphError ? classOfFailure(failure.failureCode) : 'a reading';
}
const refused = (status: number, error: object): Answer => ({ status, json: { error: { message: 'x', ...error } } });

describe('a refresh', () => {
  it.each([
    ['503', refused(503, { code: 131_016 })],
    ['400 with code 4', refused(400, { code: 4 })],
    ['nothing', { text: '' }],
    ['an empty object', { json: {} }],
    ['another id', { json: { id: '420000000000029', is_on_biz_app: false } }],
    ['a list', { json: [{ id: PHONE, is_on_biz_app: false }] }],
    ['HTML', { status: 200, text: '<html>Sorry</html>' }],
    ['no answer', (response) => void response.destroy()],
  ] as [string, Answer][])('case 32: %s says nothing of the number', async (_name, answer) => {
    expect(await classOf(answer)).toBe('no-word');
  });

  it.each([
    ['100 with subcode 33', refused(400, { code: 100, error_subcode: 33 }), 'not-visible'],
    ['190', refused(401, { code: 190 }), 'token-dead'],
    ['190 with subcode 460', refused(401, { code: 190, error_subcode: 460 }), 'token-dead'],
  ])(
    'case 31: %s is a word, of the number or of the token: never the one for the other',
    async (...[, answer, word]) => {
      expect(await classOf(answer)).toBe(word);
    },
  );
});

describe('the shapes that Meta sends', () => {
  it('case 40: are there for every family that we read', () => {
    expect(REAL).toEqual(
      expect.arrayContaining([
        'account-offboarded',
        'partner-removed',
        'history',
        'history-declined',
        'contacts',
        'echo',
      ]),
    );
  });

  it.each(REAL)('case 40, mistake 4: %s is understood, also with fields that nobody knows yet', (name) => {
    const known = read(golden(name));
    expect(known.map(({ kind }) => kind)).not.toContain('unknown');
    const extended = golden(name).replaceAll('"value": {', '"value": { "field_of_tomorrow": { "is": ["new"] },');
    expect(extended).toContain('field_of_tomorrow');
    expect(read(extended)).toEqual(known);
  });

  it.each([
    ['an account update with a flat type', accountUpdate({ type: 'offboarded', phone_number_id: PHONE })],
    ['an account update of camel case', bodyOf('accountUpdate', { event: 'ACCOUNT_OFFBOARDED' })],
    ['history as a flat list of messages', messageBody('history', { history: [{ messages: [{ id: 'wamid.1' }] }] })],
    [
      'contacts without a type',
      messageBody('smb_app_state_sync', { state_sync: [{ contact: { phone_number: '1' } }] }),
    ],
    ['contacts under another name', messageBody('smb_app_state_sync', { contacts: [{ phone_number: '1' }] })],
  ])('mistake 4: %s is a shape that somebody invented, and is told as unknown', (_name, body) => {
    expect(read(body).map(({ kind }) => kind)).toEqual(['unknown']);
  });

  it('mistake 3: an event without waba_info takes the account of the envelope, with it the nested one', () => {
    const named = (extra: object): (string | null)[] =>
      ['ACCOUNT_OFFBOARDED', 'ACCOUNT_RECONNECTED'].flatMap((event) =>
        read(accountUpdate({ event, ...extra })).map((item) => (item.kind === 'account' ? item.scope.wabaId : null)),
      );
    expect(named({})).toEqual([WABA, WABA]);
    expect(named({ waba_info: { waba_id: '99' } })).toEqual(['99', '99']);
  });
});

describe('what the browser may leave out', () => {
  it('case 41: a business id that is missing is fine', () => {
    const data = { waba_id: WABA };
    const finish = { type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', data };
    expect(readSignupMessage(finish)).toEqual({ kind: 'finished', ending: 'coexistence', wabaId: WABA });
    const added = accountUpdate({ event: 'PARTNER_ADDED', waba_info: { waba_id: WABA } });
    expect(read(added)).toMatchObject([{ news: { kind: 'partnerAdded', wabaId: WABA } }]);
  });

  it('case 13: what it says of the number is not even read, and case 58: nor is its portfolio', () => {
    const data = { waba_id: WABA, phone_number_id: '666', business_id: '510000000000031' };
    const told = readSignupMessage({
      type: 'WA_EMBEDDED_SIGNUP',
      event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
      data,
    });
    expect(told).toEqual({ kind: 'finished', ending: 'coexistence', wabaId: WABA });
  });
});

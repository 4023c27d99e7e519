/** What a call to Graph makes of a network and a Meta that misbehave (case 32). */
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import { createGraph } from '../../src/meta/graph-client.ts';
import type { GraphClient } from '../../src/meta/graph-client.ts';
import { startStubGraph } from './stub-graph.ts';
import type { Answer, StubGraph } from './stub-graph.ts';

const TIMEOUT_MS = 300;
const SECRET = 'sim-app-secret-0001';
const TOKEN = 'EAASIMTOKEN0001';
const phone = phoneNumberId('410000000000023');

let stub: StubGraph;
let graph: GraphClient;

const graphAt = (baseUrl: string): GraphClient =>
  createGraph({ baseUrl, version: 'v25.0', appId: '710000000000053', appSecret: SECRET, timeoutMs: TIMEOUT_MS });

/** A client whose resolver answers, as it does for a wrong name, that no such host exists. */
const graphWithoutHost = (): GraphClient =>
  createGraph({
    baseUrl: 'http://no-such-host.invalid',
    version: 'v25.0',
    appId: '710000000000053',
    appSecret: SECRET,
    dispatcher: new Agent({
      connect: {
        lookup: (host, _options, answer) =>
          answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), '', 4),
      },
    }),
  });

beforeAll(async () => {
  stub = await startStubGraph();
  graph = graphAt(stub.baseUrl);
});
afterAll(() => stub.close());

/** All that a failure shows: message, fields, stack, causes. */
const shownBy = (error: unknown): string =>
  error instanceof Error ? `${JSON.stringify(error)}${error.stack}${String(error.cause)}` : '';

describe('a call whose outcome nobody knows', () => {
  const unreadable: [string, Answer][] = [
    ['HTML', { text: '<html>Sorry, something went wrong.</html>', headers: { 'content-type': 'text/html' } }],
    ['an empty body', { text: '' }],
    ['an empty object', { json: {} }],
    ['a list', { json: [{ id: phone, is_on_biz_app: false }] }],
    ['null', { text: 'null' }],
    ['another number', { json: { id: '420000000000029', is_on_biz_app: false } }],
    ['half of the JSON', { text: '{"id":"41000000' }],
    ['HTML with 502', { status: 502, text: '<html></html>' }],
    ['HTML with 400', { status: 400, text: '<html></html>' }],
    ['a redirect', { status: 302, text: '', headers: { location: '/v25.0/elsewhere' } }],
    ['no content', { status: 204, text: '' }],
    ['more than an answer can be', { text: `{"id":"${phone}","x":"${'x'.repeat(2_100_000)}"}` }],
    ['503 from Meta', { status: 503, json: { error: { code: 131_016, message: 'x' } } }],
    ['a connection cut before the answer', (response) => response.destroy()],
    [
      'a connection cut within the answer',
      (response) => void response.writeHead(200, { 'content-length': '50' }).write('{"id"', () => response.destroy()),
    ],
    ['silence', () => undefined],
    ['a body that comes a byte at a time and never ends', drip],
    ['a body that never ends', (response) => void response.writeHead(200).write('{')],
  ];

  it.each(unreadable)('case 32: %s: unavailable, and it may have happened', async (_name, answer) => {
    stub.answers(answer);
    await expect(graph.readNumber(TOKEN, phone)).rejects.toMatchObject({
      name: 'GraphError',
      failureCode: 'GRAPH_UNAVAILABLE',
      reach: 'unknown',
    });
    expect(stub.asked).toHaveLength(1);
  });

  it.each([['{}'], ['[]'], ['{"error":null}']])(
    'case 22: a sync answered by %s is not taken for accepted',
    async (text) => {
      stub.answers({ text });
      await expect(graph.requestSync(TOKEN, phone, 'history')).rejects.toMatchObject({ reach: 'unknown' });
    },
  );

  it('a subscription that did not succeed is not taken for one', async () => {
    stub.answers({ json: { success: false } });
    await expect(graph.subscribe(TOKEN, wabaId('1'))).rejects.toMatchObject({ reach: 'unknown' });
  });
});

describe('a call that was surely not sent', () => {
  it('nobody listens', async () => {
    const port = await freePort();
    await expect(graphAt(`http://127.0.0.1:${port}`).requestSync(TOKEN, phone, 'contacts')).rejects.toMatchObject({
      failureCode: 'GRAPH_UNAVAILABLE',
      reach: 'not-sent',
    });
  });

  it('the host has no address', async () => {
    await expect(graphWithoutHost().exchangeCode('c')).rejects.toMatchObject({
      reach: 'not-sent',
    });
  });

  it('the other end speaks no TLS', async () => {
    stub.answers({ json: { id: phone } });
    const overTls = graphAt(stub.baseUrl.replace('http:', 'https:'));
    await expect(overTls.readNumber(TOKEN, phone)).rejects.toMatchObject({ reach: 'not-sent' });
  });

  it.each([
    ['an id that leads elsewhere', TOKEN, '../me'],
    ['an id with a query', TOKEN, '1?fields=id'],
    ['an empty id', TOKEN, ''],
    ['a token with a line break', `${TOKEN}\r\nx: y`, '1'],
  ])('%s is refused before it leaves', async (_name, token, id) => {
    stub.answers({ json: { id } });
    await expect(graph.readNumber(token, phoneNumberId(id))).rejects.toMatchObject({
      failureCode: 'REQUEST_WRONG',
      reach: 'not-sent',
    });
    expect(stub.asked).toEqual([]);
  });
});

describe('a call that Meta answered', () => {
  it.each([
    [400, { code: 100, error_subcode: 33 }, 'NUMBER_NOT_VISIBLE'],
    [401, { code: 190, error_subcode: 463 }, 'TOKEN_EXPIRED'],
    [403, { code: 200 }, 'ACCESS_WITHDRAWN'],
    [200, { code: 190 }, 'TOKEN_REVOKED'],
  ])('HTTP %i with %j is %s', async (status, error, failureCode) => {
    stub.answers({ status, json: { error: { message: 'm', type: 'OAuthException', fbtrace_id: 'T1', ...error } } });
    await expect(graph.readNumber(TOKEN, phone)).rejects.toMatchObject({
      failureCode,
      reach: 'answered',
      httpStatus: status,
      metaCode: error.code,
      traceId: 'T1',
    });
  });

  it('a rate limit names the wait of its header, in minutes there', async () => {
    const usage = JSON.stringify({ '31': [{ type: 'x', call_count: 100, estimated_time_to_regain_access: 9 }] });
    stub.answers({ status: 400, json: { error: { code: 80_007 } }, headers: { 'x-business-use-case-usage': usage } });
    await expect(graph.readNumber(TOKEN, phone)).rejects.toMatchObject({
      failureCode: 'GRAPH_RATE_LIMITED',
      retryAfterMs: 540_000,
    });
  });
});

describe('what a failure shows', () => {
  it('is never a token, a code, our secret or a body', async () => {
    const echoed = { error: { code: 100, error_subcode: 36_009, message: `code-1 ${SECRET} ${TOKEN} canary` } };
    const failures: unknown[] = [];
    for (const answer of [
      { status: 400, json: echoed },
      { text: `canary ${TOKEN} code-1` },
      () => undefined,
    ] satisfies Answer[]) {
      stub.answers(answer);
      failures.push(await graph.exchangeCode('code-1').catch((error: unknown) => error));
      failures.push(await graph.debugToken(TOKEN).catch((error: unknown) => error));
    }
    failures.push(await graph.debugToken(`${TOKEN}\n`).catch((error: unknown) => error));
    failures.push(
      await graphWithoutHost()
        .exchangeCode('code-1')
        .catch((error: unknown) => error),
    );
    failures.push(
      await graphAt('not a url')
        .exchangeCode('code-1')
        .catch((error: unknown) => error),
    );
    expect(failures).toHaveLength(9);
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'GraphError' });
      for (const canary of [TOKEN, SECRET, 'code-1', 'canary']) expect(shownBy(failure)).not.toContain(canary);
    }
  });
});

/** Each byte is in time, the whole is not. */
function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

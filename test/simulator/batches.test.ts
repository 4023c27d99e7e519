/** What happens to webhooks on their way: batched, split, multiplied, badly or not signed, sent elsewhere. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick, pickList } from './pick.ts';
import { APP_SECRET, askForSync, DIGITS, setStage, WABA } from './stage.ts';
import type { Stage } from './stage.ts';
import { webhookSignatureOf } from '../../src/simulator/signatures.ts';

let stage: Stage;
let token: string;
beforeEach(async () => {
  stage = await setStage();
  token = await stage.onboard({ contacts: 3 });
  stage.received.length = 0;
});
afterEach(() => stage.close());

const plan = (fault: unknown, more: object = {}) => stage.control('POST', '/webhook-faults', { fault, ...more });
const tell = (event: string, time = 100) =>
  stage.control('POST', '/webhooks', { field: 'account_update', value: { event }, entryId: WABA, time });

describe('webhooks', () => {
  it('go together in one POST, those of one account and time in one entry', async () => {
    await plan('hold', { times: 4 });
    for (const event of ['FIRST', 'SECOND']) await tell(event);
    await tell('LATER', 101);
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'sendFromApp' });
    await stage.control('POST', '/webhooks/release', { together: true });
    await stage.settled();
    expect(stage.received).toHaveLength(1);
    const [batch] = stage.received;
    expect(batch?.signature).toBe(webhookSignatureOf(batch?.rawBody ?? '', APP_SECRET));
    const entries = pickList(JSON.parse(batch?.rawBody ?? ''), 'entry');
    expect(entries.map((entry) => [pick(entry, 'time'), pickList(entry, 'changes').length])).toEqual([
      [100, 2],
      [101, 1],
      [undefined, 1],
    ]);
  });

  it('that end syncs end them also when they go together', async () => {
    await plan('hold', { field: 'smb_app_state_sync' });
    await askForSync(stage, token, 'smb_app_state_sync');
    await stage.control('POST', '/webhooks/release', { together: true });
    await stage.settled();
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.contactsSync')).toBe('done');
  });

  it('are split row by row, and are over with the last', async () => {
    await plan('split', { field: 'smb_app_state_sync' });
    await askForSync(stage, token, 'smb_app_state_sync');
    stage.clock.advance(5_000);
    await stage.until('three', () => stage.changes('smb_app_state_sync').length === 3);
    await stage.settled();
    for (const { value } of stage.changes('smb_app_state_sync')) expect(pickList(value, 'state_sync')).toHaveLength(1);
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.contactsSync')).toBe('done');
  });

  it('come as often as asked, after those that pass', async () => {
    await plan({ copies: 4 }, { skip: 1 });
    for (const event of ['FIRST', 'SECOND', 'THIRD']) await tell(event);
    await stage.settled();
    const events = stage.changes('account_update').map(({ value }) => value['event']);
    expect(events).toEqual(['FIRST', 'SECOND', 'SECOND', 'SECOND', 'SECOND', 'THIRD']);
  });

  it('are struck by their subject alone: the account, in either place, or the digits', async () => {
    await plan('drop', { subject: WABA, times: 9 });
    await stage.control('POST', '/phones', { digits: '15550100999' });
    await stage.control('POST', '/dialogs', { digits: '15550100999' });
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'removeApp' });
    await tell('FIRST');
    await stage.settled();
    expect(stage.received).toHaveLength(2);
    expect(stage.received.map(({ rawBody }) => rawBody).join()).not.toContain(WABA);
  });

  it('are not signed, or re-serialised after they were signed, and are not repeated', async () => {
    stage.nextStatuses.push(401, 401);
    await plan('no-signature');
    await tell('UNSIGNED');
    await stage.settled();
    await plan('reserialised');
    await tell('CHANGED');
    await stage.settled();
    const [unsigned, changed] = stage.received;
    expect(unsigned?.signature).toBe('undefined');
    expect(JSON.parse(changed?.rawBody ?? '')).toMatchObject({ entry: [{ id: WABA }] });
    expect(changed?.signature).toMatch(/^sha256=/);
    expect(changed?.signature).not.toBe(webhookSignatureOf(changed?.rawBody ?? '', APP_SECRET));
    expect(await stage.nextAtMs()).toBeNull();
    expect(stage.received).toHaveLength(2);
  });
});

describe('an override', () => {
  it('needs a subscription and an endpoint that answers, takes the message kind alone, and goes with a plain call', async () => {
    const elsewhere: string[] = [];
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://elsewhere');
      if (request.method === 'POST') elsewhere.push(url.pathname);
      const isOurs = url.searchParams.get('hub.verify_token') === 'other-token';
      response.writeHead(request.method === 'POST' || isOurs ? 200 : 403).end(url.searchParams.get('hub.challenge'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const override_callback_uri = `http://127.0.0.1:${port}/hooks`;
    const subscribe = (body: object = {}) => stage.graph(`/${WABA}/subscribed_apps`, { method: 'POST', token, body });
    const override = (verify_token: string) => subscribe({ override_callback_uri, verify_token });
    const send = async () => {
      await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'sendFromApp' });
      await tell('FIRST');
      await stage.settled();
    };
    try {
      expect((await override('wrong')).status).toBe(400);
      await stage.graph(`/${WABA}/subscribed_apps`, { method: 'DELETE', token });
      const early = await override('other-token');
      expect(pick(early, 'body.error.message')).toContain('Before override the current callback uri');
      await subscribe();
      expect((await override('other-token')).body).toEqual({ success: true });
      const subscriptions = await stage.graph(`/${WABA}/subscribed_apps`, { token });
      expect(pick(subscriptions, 'body.data.0.override_callback_uri')).toBe(override_callback_uri);
      await send();
      expect(elsewhere).toEqual(['/hooks']);
      expect(stage.changes('smb_message_echoes')).toHaveLength(0);
      expect(stage.changes('account_update')).toHaveLength(1);
      await subscribe();
      await send();
      expect(elsewhere).toHaveLength(1);
      expect(stage.changes('smb_message_echoes')).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

it('the index names every action with its body', async () => {
  const { body } = await stage.index();
  const actions = pickList(body, 'actions');
  const paths = actions.map((action) => `${String(pick(action, 'method'))} ${String(pick(action, 'path'))}`);
  expect(paths).toEqual(
    expect.arrayContaining([
      'POST /control/phones',
      'POST /control/phones/:digits/act',
      'POST /control/dialogs',
      'POST /control/accounts/:id/act',
      'POST /control/businesses/:id',
      'POST /control/faults',
      'POST /control/faults/release',
      'DELETE /control/faults',
      'POST /control/webhook-faults',
      'POST /control/webhooks/release',
      'GET /control/calls',
    ]),
  );
  const dialogs = actions.find((action) => pick(action, 'path') === '/control/dialogs');
  expect(pick(dialogs, 'body.properties.outcome.enum')).toContain('unknown-finish');
  expect(new Set(paths).size).toBe(paths.length);
});

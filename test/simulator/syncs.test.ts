import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForSync, DAY_MS, DIGITS, NUMBER, setStage, START_MS, WABA } from './stage.ts';
import { pick, pickList } from './pick.ts';
import type { Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

const phone = async () => (await stage.control('GET', `/phones/${DIGITS}`)).body;
const act = (body: object) => stage.control('POST', `/phones/${DIGITS}/act`, body);

/** Goes from one own act of the local Meta to the next until there is none. */
async function playOut(): Promise<void> {
  for (;;) {
    await stage.settled();
    const nextAtMs = await stage.nextAtMs();
    if (nextAtMs === null) return;
    stage.clock.set(nextAtMs);
  }
}

describe('a sync', () => {
  it('is granted once per onboarding, each kind for itself', async () => {
    const token = await stage.onboard();
    expect(pick(await askForSync(stage, token, 'smb_app_state_sync'), 'body')).toEqual({
      messaging_product: 'whatsapp',
      request_id: expect.stringMatching(/^rq_/),
    });
    expect(await askForSync(stage, token, 'smb_app_state_sync')).toMatchObject({
      status: 400,
      body: { error: { code: 2593107 } },
    });
    expect((await askForSync(stage, token, 'history')).status).toBe(200);
    const calls = (await stage.control('GET', '/calls')).body;
    expect(calls).toContainEqual({ call: 'syncContacts', subject: NUMBER, digits: DIGITS, asked: 2, accepted: 1 });
    expect(calls).toContainEqual({ call: 'syncHistory', subject: NUMBER, digits: DIGITS, asked: 1, accepted: 1 });
  });

  it('is granted within 24 hours of onboarding and not later', async () => {
    const token = await stage.onboard();
    stage.clock.set(START_MS + DAY_MS);
    expect((await askForSync(stage, token, 'smb_app_state_sync')).status).toBe(200);
    stage.clock.advance(1);
    expect(pick(await askForSync(stage, token, 'history'), 'body.error')).toMatchObject({ code: 2593108 });
    expect(await phone()).toMatchObject({ contactsSync: 'requested', historySync: 'never' });
  });

  it('is refused as missing when the number is disconnected, and has a fresh budget after a new dialog', async () => {
    const token = await stage.onboard();
    await askForSync(stage, token, 'history');
    await act({ action: 'disconnect' });
    expect(pick(await askForSync(stage, token, 'history'), 'body.error')).toMatchObject({
      code: 100,
      error_subcode: 33,
    });
    stage.clock.advance(2 * DAY_MS);
    await stage.control('POST', '/dialogs', { digits: DIGITS });
    expect(await phone()).toMatchObject({
      onboardedAtMs: START_MS + 2 * DAY_MS,
      historySync: 'never',
      subscribed: false,
    });
    expect((await askForSync(stage, token, 'history')).status).toBe(200);
  });

  it('refuses a kind that it does not know', async () => {
    const token = await stage.onboard();
    const body = { messaging_product: 'whatsapp', sync_type: 'everything' };
    const refused = await stage.graph(`/${NUMBER}/smb_app_data`, { method: 'POST', token, body });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });
});

describe('contacts', () => {
  it('come in batches of 100 without an entry time', async () => {
    const token = await stage.onboard({ contacts: 150 });
    await askForSync(stage, token, 'smb_app_state_sync');
    expect(await stage.nextAtMs()).toBe(START_MS + 5_000);
    await playOut();
    const batches = stage.changes('smb_app_state_sync');
    expect(batches.map(({ value }) => pickList(value, 'state_sync').length)).toEqual([100, 50]);
    expect(batches[0]).toMatchObject({ id: WABA, time: undefined, value: { metadata: { phone_number_id: NUMBER } } });
    const numbers = batches.flatMap(({ value }) =>
      pickList(value, 'state_sync').map((row) => pick(row, 'contact.phone_number')),
    );
    expect(new Set(numbers).size).toBe(150);
    expect(pick(await phone(), 'contactsSync')).toBe('done');
  });

  it('do not come to an app that is not subscribed', async () => {
    const token = await stage.onboard();
    await stage.graph(`/${WABA}/subscribed_apps`, { method: 'DELETE', token });
    await askForSync(stage, token, 'smb_app_state_sync');
    await playOut();
    expect(stage.changes('smb_app_state_sync')).toEqual([]);
    expect(pick(await stage.control('GET', '/webhooks'), 'body.deliveries.-1')).toMatchObject({
      field: 'smb_app_state_sync',
      outcome: 'not-subscribed',
    });
    expect(pick(await phone(), 'contactsSync')).toBe('requested');
  });
});

describe('history', () => {
  it('comes in three phases with rising progress, and every message once', async () => {
    const token = await stage.onboard({ history: { chunks: 12, messages: 240, days: 180 } });
    await askForSync(stage, token, 'history');
    expect(await stage.nextAtMs()).toBe(START_MS + 20_000);
    await playOut();
    const chunks = stage.changes('history').map(({ value }) => pick(value, 'history.0'));
    expect(chunks.map((chunk) => pick(chunk, 'metadata.phase'))).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(chunks.map((chunk) => pick(chunk, 'metadata.chunk_order'))).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
    expect(pick(chunks, '0.metadata.progress')).toBe(8);
    expect(pick(chunks, '-1.metadata.progress')).toBe(100);
    const messages = chunks.flatMap((chunk) => pickList(chunk, 'threads.0.messages'));
    expect(new Set(messages.map((message) => pick(message, 'id'))).size).toBe(240);
    const ageDays = (START_MS / 1000 - Number(pick(messages, '-1.timestamp'))) / 86_400;
    expect(ageDays).toBeGreaterThan(90);
    expect(ageDays).toBeLessThan(180);
    expect(pick(await phone(), 'historySync')).toBe('done');
  });

  it('is accepted and then declined by webhook when the owner did not share it', async () => {
    const token = await stage.onboard({ historyShared: false });
    expect((await askForSync(stage, token, 'history')).status).toBe(200);
    await playOut();
    expect(stage.changes('history').map(({ value }) => pick(value, 'history.0.errors.0.code'))).toEqual([2593109]);
    expect(pick(await phone(), 'historySync')).toBe('declined');
  });

  it('is accepted and stays silent on a phone without chats', async () => {
    const token = await stage.onboard({ history: { chunks: 0, messages: 0 } });
    expect((await askForSync(stage, token, 'history')).status).toBe(200);
    await playOut();
    expect(stage.changes('history')).toEqual([]);
  });

  it('stops where it is when the number is disconnected', async () => {
    const token = await stage.onboard();
    await askForSync(stage, token, 'history');
    stage.clock.set(START_MS + 25_000);
    await stage.until('two chunks', () => stage.changes('history').length === 2);
    await act({ action: 'disconnect' });
    await playOut();
    expect(stage.changes('history')).toHaveLength(2);
    expect(stage.changes('account_update').at(-1)?.value['event']).toBe('PARTNER_REMOVED');
  });
});

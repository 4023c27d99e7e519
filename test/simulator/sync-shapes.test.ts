/** The shapes in which syncs arrive: order, copies, gaps, volumes, spellings, media, people without numbers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pick, pickList } from './pick.ts';
import { askForSync, DAY_MS, DIGITS, setStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.close());

/** Onboards a phone of this shape and lets one sync run to its end. */
async function sync(kind: 'smb_app_state_sync' | 'history', phone: object): Promise<unknown[]> {
  const token = await stage.onboard(phone);
  expect((await askForSync(stage, token, kind)).status).toBe(200);
  for (;;) {
    await stage.settled();
    const nextAtMs = await stage.nextAtMs();
    if (nextAtMs === null) return stage.changes(kind).map(({ value }) => value);
    stage.clock.set(nextAtMs);
  }
}
const history = (shape: object, phone: object = {}) =>
  sync('history', { syncSpacingMs: 1_000, history: { chunks: 6, messages: 60, ...shape }, ...phone });
const progressOf = (value: unknown) => pick(value, 'history.0.metadata.progress');
const stageOf = async (name: string) => pick(await stage.control('GET', `/phones/${DIGITS}`), `body.${name}`);
const messagesOf = (value: unknown) => pickList(value, 'history.0.threads.0.messages');

describe('history', () => {
  it('comes reversed, and is done when the last has come', async () => {
    expect((await history({ order: 'reversed' })).map(progressOf)).toEqual([100, 83, 66, 50, 33, 16]);
    expect(await stageOf('historySync')).toBe('done');
  });

  it('comes with the end first', async () => {
    expect((await history({ order: 'last-first' })).map(progressOf)).toEqual([100, 16, 33, 50, 66, 83]);
  });

  it('comes several times, each chunk with the same words', async () => {
    const chunks = await history({ copies: 2, chunks: 2 });
    expect(chunks.map(progressOf)).toEqual([50, 50, 100, 100]);
    expect(chunks[0]).toEqual(chunks[1]);
  });

  it('comes with a chunk after the end, of messages that had not been there', async () => {
    const chunks = await history({ hasLateChunk: true });
    expect(chunks.map(progressOf)).toEqual([16, 33, 50, 66, 83, 100, 100]);
    const [late, ...before] = chunks.toReversed();
    const ids = before.flatMap(messagesOf).map((message) => pick(message, 'id'));
    for (const message of messagesOf(late)) expect(ids).not.toContain(pick(message, 'id'));
  });

  it('leaves out the phases in which nothing was said', async () => {
    const chunks = await history({ phases: [0, 2] });
    const heads = chunks.map((chunk) => pick(chunk, 'history.0.metadata'));
    expect(heads.map((head) => pick(head, 'phase'))).toEqual([0, 0, 0, 2, 2, 2]);
    expect(heads.map((head) => pick(head, 'chunk_order'))).toEqual([1, 2, 3, 1, 2, 3]);
    expect(chunks.flatMap(messagesOf)).toHaveLength(60);
  });

  it('fits three thousand messages into one webhook, and no group ever', async () => {
    const chunks = await history({ messages: 3_000, chunkSize: 3_000, groupMessages: 500 });
    expect(chunks).toHaveLength(1);
    expect(messagesOf(chunks[0])).toHaveLength(3_000);
    expect(new Set(messagesOf(chunks[0]).map((message) => pick(message, 'id'))).size).toBe(3_000);
  });

  it('writes numbers as text and statuses in lower case where asked to', async () => {
    const [first] = await history({ numbersAs: 'text', statusCase: 'lower' });
    expect(pick(first, 'history.0.metadata')).toEqual({ phase: '0', chunk_order: '1', progress: '16' });
    expect(messagesOf(first).map((message) => pick(message, 'history_context.status'))).toContain('read');
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('sends files %s their messages, for those of 14 days alone', async (media, isBefore) => {
    const values = await history({ media, chunks: 2, messages: 40, days: 60 });
    const placeOf = (id: unknown) => values.findIndex((value) => JSON.stringify(value).includes(`"${String(id)}"`));
    const files = values.flatMap((value, place) =>
      pick(value, 'message_echoes') === undefined ? [] : [{ place, file: pick(value, 'message_echoes.0') }],
    );
    expect(files.length).toBeGreaterThan(0);
    for (const { place, file } of files) {
      const id = pick(file, 'id');
      const chunkPlace = values.findIndex((value) => pick(value, 'history') !== undefined && hasMessage(value, id));
      expect(place < chunkPlace).toBe(isBefore);
      expect(placeOf(id)).toBe(Math.min(place, chunkPlace));
      expect(stage.clock.nowMs() / 1000 - Number(pick(file, 'timestamp'))).toBeLessThan((15 * DAY_MS) / 1000);
    }
  });

  it('knows people by their business-scoped id alone', async () => {
    const [first] = await history({ people: 'user-id' });
    expect(pick(first, 'history.0.threads.0')).toMatchObject({
      id: 'US.20481216324864128256',
      context: { user_id: 'US.20481216324864128256', username: '@marta.k' },
    });
    expect(JSON.stringify(first)).not.toContain('15550177001');
  });

  it('is accepted and silent, and stays requested', async () => {
    expect(await history({ isSilent: true })).toEqual([]);
    expect(await stageOf('historySync')).toBe('requested');
  });

  it('is declined on the call itself where asked to, and not asked for again', async () => {
    const token = await stage.onboard({ historyShared: false, history: { declined: 'direct' } });
    const refused = await askForSync(stage, token, 'history');
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 100, error_subcode: 2593109 } } });
    expect(await stageOf('historySync')).toBe('declined');
    expect(pick(await askForSync(stage, token, 'history'), 'body.error.code')).toBe(2593107);
  });

  it('is refused with a subcode of 100 where asked to', async () => {
    const token = await stage.onboard({ syncErrorsAs: 'subcode' });
    await askForSync(stage, token, 'history');
    const repeated = pick(await askForSync(stage, token, 'history'), 'body.error');
    expect(repeated).toMatchObject({ code: 100, error_subcode: 2593107 });
    stage.clock.advance(DAY_MS + 1);
    const late = pick(await askForSync(stage, token, 'smb_app_state_sync'), 'body.error');
    expect(late).toMatchObject({ code: 100, error_subcode: 2593108 });
  });
});

describe('contacts', () => {
  const contacts = (contactsShape: object, count = 5) =>
    sync('smb_app_state_sync', { contacts: count, syncSpacingMs: 1_000, contactsShape });
  const rowsOf = (values: unknown[]) => values.flatMap((value) => pickList(value, 'state_sync'));

  it('are removed before they are added, with the later time on the removal', async () => {
    const rows = rowsOf(await contacts({ removedFirst: 2 }));
    expect(rows.map((row) => pick(row, 'action'))).toEqual(['remove', 'remove', 'add', 'add', 'add', 'add', 'add']);
    const timeOf = (place: number) => Number(pick(rows, `${place}.metadata.timestamp`));
    expect(timeOf(0) - timeOf(2)).toBe(1);
    expect(pick(rows, '0.contact.phone_number')).toBe(pick(rows, '2.contact.phone_number'));
    expect(pick(rows, '0.contact')).not.toHaveProperty('full_name');
  });

  it('come in batches of any size, reversed, several times', async () => {
    const values = await contacts({ batchSize: 2, order: 'reversed', copies: 2 });
    expect(values.map((value) => pickList(value, 'state_sync').length)).toEqual([1, 1, 2, 2, 2, 2]);
    expect(await stageOf('contactsSync')).toBe('done');
  });

  it('have a business-scoped id and no number where asked to', async () => {
    const rows = rowsOf(await contacts({ people: 'user-id' }));
    expect(new Set(rows.map((row) => pick(row, 'contact.user_id'))).size).toBe(5);
    for (const row of rows) expect(pick(row, 'contact')).not.toHaveProperty('phone_number');
  });

  it('are accepted and silent', async () => {
    expect(await contacts({ isSilent: true })).toEqual([]);
    expect(await stageOf('contactsSync')).toBe('requested');
  });
});

it('a message from and to somebody without a number names the id alone', async () => {
  await stage.onboard();
  for (const action of ['receiveMessage', 'sendFromApp', 'changeContact']) {
    await stage.control('POST', `/phones/${DIGITS}/act`, { action, knownBy: 'user-id' });
  }
  await stage.settled();
  const message = pick(stage.changes('messages'), '0.value.messages.0');
  const echo = pick(stage.changes('smb_message_echoes'), '0.value.message_echoes.0');
  expect(message).toMatchObject({ from_user_id: expect.stringMatching(/^US\.\d+$/) });
  expect(message).not.toHaveProperty('from');
  expect(echo).toMatchObject({ to_user_id: expect.stringMatching(/^US\.\d+$/) });
  expect(echo).not.toHaveProperty('to');
  expect(pick(stage.changes('smb_app_state_sync'), '0.value.state_sync.0.contact')).not.toHaveProperty('phone_number');
});

function hasMessage(value: unknown, id: unknown): boolean {
  return messagesOf(value).some((message) => pick(message, 'id') === id);
}

/** How far a number is (U17): as JSON, and as server-sent events over a real socket. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createProgressWatch } from '../../src/api/progress-watch.ts';
import { numberId, type NumberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, type Door } from './door.ts';
import { KEY, OPERATOR, OTHER_KEY } from './fleet.ts';
import { forged } from './forged.ts';

const HOUR_MS = 3_600_000;

/** Reads a stream until it has what is waited for, on a connection of its own; the test's own limit bounds it. */
async function follow(url: string, more: Record<string, string> = {}) {
  const headers = { accept: 'text/event-stream', ...more };
  const request = get(url, { agent: false, headers });
  onTestFinished(() => void request.destroy());
  const [answer] = (await once(request, 'response')) as [IncomingMessage]; // what Node emits there
  let text = '';
  answer.setEncoding('utf8').on('error', () => {});
  answer.on('data', (more: string) => void (text += more));
  const until = async (isThere: (text: string) => boolean): Promise<string> => {
    while (!answer.readableEnded && !isThere(text)) await Promise.race([once(answer, 'data'), once(answer, 'end')]);
    return text;
  };
  const events = () =>
    text
      .split('\n\n')
      .filter((block) => block.startsWith('event: progress\n'))
      .map((block) => {
        const [, id = ''] = /^id: (.*)$/m.exec(block) ?? [];
        const [, sent = ''] = /^data: (.*)$/m.exec(block) ?? [];
        return { id, data: JSON.parse(sent) as { headline: string; version: string } };
      });
  return { answer, until, events, end: () => until(() => false), close: () => void request.destroy() };
}

async function listening(door: Door): Promise<string> {
  onTestFinished(() => door.app.close());
  return door.app.listen({ host: '127.0.0.1', port: 0 });
}

const authorized = (key = KEY) => ({ authorization: `Bearer ${key}` });
const pause = (door: Door, id: NumberId) =>
  door.alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'running', step: 'gate' } }));
const hasEvents = (count: number) => (text: string) => text.split('event: progress\n').length > count;

describe('the progress of a number', () => {
  it('is told in few fields, with a version that changes with it', async () => {
    const door = createDoor();
    const id = await door.onboard();
    const first = await door.get(`/v1/numbers/${id}/progress`);
    expect([first.status, first.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(first.json).toMatchObject({
      id,
      cycle: 1,
      headline: 'awaiting-signup',
      attempt: { ordinal: 1, state: 'open', step: null, failure: null, wait: null },
      imports: { contacts: { counted: 0 }, history: { progress: 0, messages: 0 } },
      nextDeadline: { kind: 'invitation-expires' },
      resumeUrl: null,
    });
    expect((await door.get(`/v1/numbers/${id}/progress`)).json.version).toBe(first.json.version);
    pause(door, id);
    const second = (await door.get(`/v1/numbers/${id}/progress`)).json;
    expect([second.headline, second.attempt.step]).toEqual(['connecting', 'gate']);
    expect(second.version).not.toBe(first.json.version);
  });

  it('is for its tenant and for operators', async () => {
    const { get: read, onboard } = createDoor();
    const id = await onboard();
    expect((await read(`/v1/numbers/${id}/progress`, authorized(OTHER_KEY))).json.code).toBe('NUMBER_UNKNOWN');
    expect((await read(`/v1/numbers/${id}/progress`, OPERATOR)).status).toBe(200);
  });
});

describe('the progress that an owner sees', () => {
  async function opened() {
    const door = createDoor();
    const id = await door.onboard();
    const { json } = await door.openDialog(id);
    const signed: string = json.state;
    const url = `/v1/signup/progress?state=${encodeURIComponent(signed)}`;
    const inHeader = { authorization: `Dialog ${signed}` };
    const read = () => door.get('/v1/signup/progress', inHeader);
    return { ...door, id, signed, url, inHeader, read };
  }

  it('needs the state alone, and has no id of tenant, number or key', async () => {
    const { app, id, inHeader } = await opened();
    const { statusCode, body } = await app.inject({ url: '/v1/signup/progress', headers: inHeader });
    expect(statusCode).toBe(200);
    for (const secret of ['ten_1', id, 'dlg_', KEY]) expect(body).not.toContain(secret);
    expect(Object.keys(JSON.parse(body) as object).toSorted()).toEqual(
      ['attempt', 'headline', 'imports', 'updatedAt', 'version'].toSorted(),
    );
  });

  it('is of its run: for an hour, a day from the code on, and never of another cycle', async () => {
    const { get: readAs, read, state, post, signed, alter, id } = await opened();
    const others = { authorization: `Dialog ${forged(signed)}` };
    expect((await readAs('/v1/signup/progress', others)).json.code).toBe('SIGNUP_STATE_INVALID');
    state.nowMs = NOW_MS + HOUR_MS;
    expect((await read()).status).toBe(200);
    await post('/v1/signup/code', { state: signed, code: 'AQ1' });
    state.nowMs += 24 * HOUR_MS;
    expect((await read()).status).toBe(200);
    alter(id, () => ({ cycle: 2 }));
    expect((await read()).json.code).toBe('INVITATION_USED');
    alter(id, () => ({ cycle: 1 }));
    state.nowMs += 1;
    expect((await read()).json.code).toBe('SIGNUP_STATE_INVALID');
  });

  it('takes the state in the query from those who follow it alone, for they can send no header', async () => {
    const { get: readAs, url } = await opened();
    const { status, json } = await readAs(url);
    expect([status, json.code, json.errors[0].field]).toEqual([400, 'REQUEST_INVALID', 'authorization']);
  });

  it('has no HEAD, which would hold a stream that nobody reads', async () => {
    const door = await opened();
    const backends = { method: 'HEAD', url: `/v1/numbers/${door.id}/progress`, headers: authorized() } as const;
    expect((await door.app.inject(backends)).statusCode).toBe(404);
    const base = await listening(door);
    const head = { method: 'HEAD', headers: { accept: 'text/event-stream' } };
    for (let one = 0; one < 4; one += 1) expect((await fetch(base + door.url, head)).status).toBe(404);
    expect((await follow(base + door.url)).answer.statusCode).toBe(200);
  });

  it('is followed no longer where the run is of an earlier cycle: the stream ends, without that state', async () => {
    const door = await opened();
    const stream = await follow((await listening(door)) + door.url);
    await stream.until(hasEvents(1));
    door.alter(door.id, () => ({ cycle: 2 }));
    expect((await stream.end()).endsWith('retry: 2000\n\n')).toBe(true);
    expect(stream.events()).toHaveLength(1);
  });

  it('is followed as a stream too, of which a run has three at once', async () => {
    const door = await opened();
    const base = await listening(door);
    const streams = [];
    for (let one = 0; one < 3; one += 1) streams.push(await follow(base + door.url));
    const refused = await door.get(door.url, { accept: 'text/event-stream' });
    expect([refused.status, refused.json.code, refused.json.retryable]).toEqual([429, 'STREAMS_EXHAUSTED', true]);
    streams[0]?.close();
    await vi.waitFor(async () => expect((await follow(base + door.url)).answer.statusCode).toBe(200));
  });
});

describe('a stream of progress', () => {
  it('begins with the state, then tells each change, by its version', async () => {
    const door = createDoor();
    const id = await door.onboard();
    const stream = await follow(`${await listening(door)}/v1/numbers/${id}/progress`, authorized());
    expect(stream.answer.headers['content-type']).toContain('text/event-stream');
    await stream.until(hasEvents(1));
    pause(door, id);
    await stream.until(hasEvents(2));
    door.alter(id, () => ({ closed: 'withdrawn' }));
    await stream.until(hasEvents(3));
    expect(stream.events().map(({ data }) => data.headline)).toEqual(['awaiting-signup', 'connecting', 'closed']);
    expect(stream.events().every(({ id: of, data }) => of === data.version)).toBe(true);
    expect(new Set(stream.events().map(({ id: of }) => of)).size).toBe(3);
  });

  it('leaves out the state that its reader has, and gives it where it changed meanwhile', async () => {
    const door = createDoor();
    const id = await door.onboard();
    const url = `${await listening(door)}/v1/numbers/${id}/progress`;
    const { version } = (await door.get(`/v1/numbers/${id}/progress`)).json;
    const known = await follow(url, { ...authorized(), 'last-event-id': version });
    await known.until((text) => text.startsWith(':\n\n'));
    pause(door, id);
    await known.until(hasEvents(1));
    expect(known.events().map(({ data }) => data.headline)).toEqual(['connecting']);
    const behind = await follow(url, { ...authorized(), 'last-event-id': version });
    await behind.until(hasEvents(1));
    expect(behind.events().map(({ data }) => data.headline)).toEqual(['connecting']);
  });

  it('shows that it lives while nothing happens, and ends after its time, with when to come back', async () => {
    const door = createDoor({ lookMs: 5, heartbeatMs: 10, lifeMs: 60 });
    const id = await door.onboard();
    const stream = await follow(`${await listening(door)}/v1/numbers/${id}/progress`, authorized());
    const text = await stream.end();
    expect(text).toMatch(/\n\n:\n\n/);
    expect(text.endsWith('retry: 2000\n\n')).toBe(true);
    expect(stream.events()).toHaveLength(1);
  });

  it('goes on where the store was down for a while', async () => {
    const door = createDoor();
    const id = await door.onboard();
    const stream = await follow(`${await listening(door)}/v1/numbers/${id}/progress`, authorized());
    await stream.until(hasEvents(1));
    door.state.isStoreDown = true;
    await stream.until((text) => text.endsWith(':\n\n'));
    pause(door, id);
    door.state.isStoreDown = false;
    await stream.until(hasEvents(2));
    expect(stream.events().at(-1)?.data.headline).toBe('connecting');
  });

  it('is refused as a problem where the number is unknown, and where a key has fifty already', async () => {
    const door = createDoor();
    const id = await door.onboard();
    const base = await listening(door);
    const unknown = await follow(`${base}/v1/numbers/num_none/progress`, authorized());
    expect(unknown.answer.statusCode).toBe(404);
    const url = `${base}/v1/numbers/${id}/progress`;
    await Promise.all(Array.from({ length: 50 }, () => follow(url, authorized())));
    expect((await follow(url, authorized())).answer.statusCode).toBe(429);
    expect((await follow(url, OPERATOR)).answer.statusCode).toBe(200);
  });

  it('ends at once when the server stops', async () => {
    const door = createDoor();
    const id = await door.onboard();
    const base = await door.app.listen({ host: '127.0.0.1', port: 0 });
    const stream = await follow(`${base}/v1/numbers/${id}/progress`, authorized());
    await stream.until(hasEvents(1));
    const began = performance.now();
    await door.app.close();
    expect(performance.now() - began).toBeLessThan(2_000);
    expect((await stream.end()).endsWith('retry: 2000\n\n')).toBe(true);
  });
});

describe('the watch over progress', () => {
  const [one, other] = [numberId('num_1'), numberId('num_2')];

  it('asks once for all numbers that somebody watches, and for nothing where nobody does', async () => {
    const asked: (readonly NumberId[])[] = [];
    let mark = 'a';
    const progress = {
      readMarks: async (ids: readonly NumberId[]) => {
        asked.push(ids);
        return new Map(ids.map((id) => [id, mark]));
      },
    };
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const watch = createProgressWatch(progress, { everyMs: 1_000, onFailure: () => {} });
    const told: string[] = [];
    const stops = [
      watch.watch(one, 'a', (seen) => told.push(`first ${seen}`)),
      watch.watch(one, 'b', (seen) => told.push(`second ${seen}`)),
      watch.watch(other, 'a', (seen) => told.push(`other ${seen}`)),
    ];
    await vi.advanceTimersByTimeAsync(1_000);
    expect([asked, told]).toEqual([[[one, other]], ['second a']]);
    mark = 'c';
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toEqual(['second a', 'first c', 'second c', 'other c']);
    for (const stop of stops) stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked.length).toBeLessThanOrEqual(4);
  });
});

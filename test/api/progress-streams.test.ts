/** What bounds the streams of a process, whoever reads them: over a real socket, with states and marks of our own. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createProgressStreams } from '../../src/api/progress-streams.ts';
import { answerWithProblems } from '../../src/api/plugins/problems.ts';
import { numberId } from '../../src/domain/ids.ts';

const ID = numberId('num_1');
const QUICK = { lookMs: 1, heartbeatMs: 10_000, lifeMs: 10_000 };

/** One route that streams to whoever asks; each caller has two streams, and all together `processMax`. */
async function streaming(processMax = 10) {
  const state = { mark: 0, isMoving: false, reads: 0, shown: 'x', held: null as Promise<void> | null };
  const app = Fastify({ forceCloseConnections: 'idle' });
  answerWithProblems(app);
  const progress = {
    readMarks: async () => new Map([[ID, String(state.isMoving ? (state.mark += 1) : state.mark)]]),
  };
  const open = createProgressStreams(app, { progress, times: QUICK, processMax });
  app.get<{ Params: { caller: string } }>('/:caller', (request, reply) =>
    open(request, reply, {
      id: ID,
      view: 'the same',
      of: request.params.caller,
      streamsMax: 2,
      read: async () => {
        state.reads += 1;
        await state.held;
        return { shown: state.shown };
      },
    }),
  );
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const ask = async (caller: string): Promise<IncomingMessage> => {
    const request = get(`${base}/${caller}`, { agent: false });
    onTestFinished(() => void request.destroy());
    const [answer] = (await once(request, 'response')) as [IncomingMessage]; // what Node emits there
    return answer.on('error', () => {});
  };
  return { app, state, ask };
}

describe('streams', () => {
  it('are bounded for the process, whoever opens them', async () => {
    const { ask } = await streaming(3);
    const answers = [await ask('a'), await ask('b'), await ask('c')];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect((await ask('d')).statusCode).toBe(429);
    answers[0]?.destroy();
    await vi.waitFor(async () => expect((await ask('d')).statusCode).toBe(200));
  });

  it('that show the same read a change once for all of them', async () => {
    const { state, ask } = await streaming();
    const texts: string[] = [];
    for (const caller of ['a', 'b', 'c', 'd']) {
      const at = texts.push('') - 1;
      (await ask(caller)).on('data', (more: Buffer) => void (texts[at] += more.toString()));
    }
    state.reads = 0;
    state.mark = 1;
    await vi.waitFor(() => expect(texts.filter((text) => text.includes('id: 1\n'))).toHaveLength(4));
    expect(state.reads).toBe(1);
  });

  it('are let go where their reader does not read', async () => {
    const { state, ask } = await streaming(1);
    state.shown = 'x'.repeat(40 * 1024); // less than what a reader may leave unread
    (await ask('a')).pause();
    state.isMoving = true;
    await vi.waitFor(async () => expect((await ask('b')).statusCode).toBe(200), { timeout: 10_000 });
  });

  it('that are asked for while the server begins to stop hold it up no longer than those that are open', async () => {
    const { app, state, ask } = await streaming();
    let release = (): void => {};
    state.held = new Promise((resolve) => void (release = resolve));
    const asked = ask('a');
    await vi.waitFor(() => expect(state.reads).toBe(1));
    const began = performance.now();
    const closed = app.close();
    await new Promise((resolve) => void setImmediate(resolve));
    release();
    const answer = await asked;
    let text = '';
    for await (const more of answer) text += String(more);
    await closed;
    expect(text.endsWith('retry: 2000\n\n')).toBe(true);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

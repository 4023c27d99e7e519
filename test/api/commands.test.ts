import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS, OTHER_KEY } from './door.ts';

const DAY_MS = 86_400_000;

async function asking() {
  const door = createDoor();
  const id = await door.onboard();
  const ask = (path: string, body?: object, key = 'cmd-1') =>
    door.post(`/v1/numbers/${id}/${path}`, body, { 'idempotency-key': key });
  return { ...door, id, ask };
}

describe('a command', () => {
  it.each([
    ['disconnect', 'requestDisconnect'],
    ['withdraw-disconnect', 'withdrawDisconnect'],
    ['reonboard', 'startReonboarding'],
    ['cancel-onboarding', 'cancelOnboarding'],
  ])('%s asks the workflow to %s, under the Idempotency-Key', async (path, kind) => {
    const { ask, state, id } = await asking();
    expect((await ask(path)).json).toEqual({ outcome: 'accepted', at: null });
    expect(state.asked).toEqual([{ id, command: { commandId: 'cmd-1', by: 'tenant', command: { kind } } }]);
  });

  it.each(['accepted', 'already'] as const)('answers 200 when %s, with the date that goes with it', async (outcome) => {
    const { ask, state } = await asking();
    state.answer = { kind: 'answered', answer: { outcome, failure: null, atMs: NOW_MS } };
    const { status, json } = await ask('disconnect');
    expect([status, json]).toEqual([200, { outcome, at: new Date(NOW_MS).toISOString() }]);
  });

  it('answers a refusal as the problem of its code, the same to a repeat', async () => {
    const { ask, state } = await asking();
    state.answer = { kind: 'answered', answer: { outcome: 'refused', failure: 'ALREADY_DISCONNECTED', atMs: null } };
    const first = await ask('disconnect');
    expect([first.status, first.json.code]).toEqual([409, 'ALREADY_DISCONNECTED']);
    expect(first.headers['content-type']).toContain('application/problem+json');
    state.answer = { kind: 'answered', answer: { outcome: 'accepted', failure: null, atMs: null } };
    const second = await ask('disconnect');
    expect([second.status, second.json]).toEqual([409, first.json]);
    expect(second.headers['content-type']).toContain('application/problem+json');
    expect(state.asked).toHaveLength(1);
  });

  it('answers 202 while there is no answer yet, and asks again under the same id', async () => {
    const { ask, state } = await asking();
    state.answer = { kind: 'pending' };
    const first = await ask('disconnect');
    expect([first.status, first.json.outcome]).toEqual([202, 'pending']);
    state.answer = { kind: 'answered', answer: { outcome: 'accepted', failure: null, atMs: null } };
    expect((await ask('disconnect')).status).toBe(200);
    expect(state.asked.map(({ command }) => command.commandId)).toEqual(['cmd-1', 'cmd-1']);
  });

  it('starts a number that has no run, and asks once more', async () => {
    const { ask, state, id } = await asking();
    state.running.clear();
    expect((await ask('disconnect')).status).toBe(200);
    expect(state.started).toEqual([id, id]);
  });

  it('is out of state for a closed number', async () => {
    const { ask, state, id, alter } = await asking();
    state.running.clear();
    alter(id, () => ({ closed: 'expired' }));
    const { status, json } = await ask('reonboard');
    expect([status, json.code]).toEqual([409, 'COMMAND_OUT_OF_STATE']);
  });

  it('is 503 while the engine is down, and may be repeated', async () => {
    const { ask, state } = await asking();
    state.isEngineDown = true;
    const down = await ask('disconnect');
    expect([down.status, down.json.code]).toEqual([503, 'ENGINE_UNAVAILABLE']);
    state.isEngineDown = false;
    expect((await ask('disconnect')).status).toBe(200);
  });

  it('does not reach a foreign number', async () => {
    const { post, state, id } = await asking();
    const foreign = await post(`/v1/numbers/${id}/disconnect`, undefined, { authorization: `Bearer ${OTHER_KEY}` });
    expect([foreign.status, foreign.json.code]).toEqual([404, 'NUMBER_UNKNOWN']);
    expect(state.asked).toEqual([]);
  });

  it('under a key of another command is refused', async () => {
    const { ask } = await asking();
    await ask('disconnect');
    expect((await ask('reonboard')).json.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });
});

describe('saying that the app was opened', () => {
  it('means now unless a date is given', async () => {
    const { ask, state } = await asking();
    await ask('confirm-app-opened', undefined, 'a');
    await ask('confirm-app-opened', {}, 'b');
    await ask('confirm-app-opened', { openedAt: new Date(NOW_MS - DAY_MS).toISOString() }, 'c');
    expect(state.asked.map(({ command }) => command.command)).toEqual([
      { kind: 'confirmAppOpened', openedAtMs: NOW_MS },
      { kind: 'confirmAppOpened', openedAtMs: NOW_MS },
      { kind: 'confirmAppOpened', openedAtMs: NOW_MS - DAY_MS },
    ]);
  });

  it.each([
    [1, 400],
    [0, 200],
    [-14 * DAY_MS, 200],
    [-14 * DAY_MS - 1, 400],
  ])('at %i ms from now answers %i', async (fromNowMs, status) => {
    const { ask } = await asking();
    const openedAt = new Date(NOW_MS + fromNowMs).toISOString();
    expect((await ask('confirm-app-opened', { openedAt })).status).toBe(status);
  });

  it('needs a date that is one', async () => {
    const { ask } = await asking();
    const { json } = await ask('confirm-app-opened', { openedAt: 'yesterday' });
    expect(json).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field: 'openedAt' }] });
  });
});

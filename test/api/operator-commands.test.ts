/** What operators ask of any tenant's number, and what a backend may not. */
import { describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/domain/commands.ts';
import { numberId } from '../../src/domain/ids.ts';
import { takeCommand } from '../../src/domain/react.ts';
import { TASK_FOR, TASK_KINDS, type TaskKind } from '../../src/domain/task-kinds.ts';
import { live } from '../domain/builders.ts';
import { createDoor, NOW_MS, OTHER_KEY } from './door.ts';
import { OPERATOR } from './fleet.ts';

const SECOND = { authorization: `Bearer ${OTHER_KEY}` };

/** A number of the second tenant; what is asked of it is answered by the number's own rules, all tasks open. */
async function ofTheSecond() {
  const door = createDoor();
  const { json } = await door.post('/v1/onboardings', {}, SECOND);
  const id = numberId(String(json.id));
  const tasks = TASK_KINDS.map((kind) => ({ kind, state: 'open' as const, sinceMs: NOW_MS }));
  const answerOf = (asked: CommandEnvelope) => takeCommand(live({}, { tasks }), asked, NOW_MS).answer;
  const ask = async (path: string, headers: Record<string, string>, body?: object) => {
    const { status, json: answer } = await door.post(`/v1/numbers/${id}/${path}`, body, headers);
    return { status, code: answer.code, outcome: answer.outcome };
  };
  return { ...door, id, ask, answerOf };
}

describe("an operator's key", () => {
  it.each([
    ['disconnect', { kind: 'requestDisconnect' }],
    ['withdraw-disconnect', { kind: 'withdrawDisconnect' }],
    ['reonboard', { kind: 'startReonboarding' }],
    ['cancel-onboarding', { kind: 'cancelOnboarding' }],
    ['confirm-app-opened', { kind: 'confirmAppOpened', openedAtMs: NOW_MS }],
    ['retry-now', { kind: 'retryNow' }],
    ['tasks/op-sync/complete', { kind: 'completeTask', task: 'op-sync' }],
    ['tasks/op-sync/dismiss', { kind: 'dismissTask', task: 'op-sync' }],
  ])("asks any tenant's number to %s, in the operator's name", async (path, command) => {
    const { ask, state, id } = await ofTheSecond();
    expect(await ask(path, OPERATOR)).toMatchObject({ status: 200, outcome: 'accepted' });
    expect(state.asked).toEqual([{ id, command: { commandId: expect.any(String), by: 'operator', command } }]);
  });

  it('chooses for an owner who cannot', async () => {
    const { ask, state } = await ofTheSecond();
    expect((await ask('choose-number', OPERATOR, { choiceId: '410000000000023' })).status).toBe(200);
    expect(state.asked[0]?.command).toMatchObject({ by: 'operator', command: { kind: 'chooseNumber' } });
  });

  it('is asked under the key of its own request', async () => {
    const { ask, state } = await ofTheSecond();
    await ask('disconnect', { ...OPERATOR, 'idempotency-key': 'op-1' });
    await ask('disconnect', { ...OPERATOR, 'idempotency-key': 'op-1' });
    expect(state.asked.map(({ command }) => command.commandId)).toEqual(['operator/op-1']);
  });
});

describe('a task', () => {
  const theirs = (who: 'owner' | 'operator'): TaskKind[] => TASK_KINDS.filter((kind) => TASK_FOR[kind] === who);

  it.each(theirs('operator'))('%s is for operators: a backend is refused, an operator is not', async (task) => {
    const { ask, state, answerOf } = await ofTheSecond();
    for (const [headers, outcome] of [
      [SECOND, 'refused'],
      [OPERATOR, 'accepted'],
    ] as const) {
      await ask(`tasks/${task}/complete`, headers);
      const asked = state.asked.at(-1)?.command;
      expect(asked && answerOf(asked).outcome).toBe(outcome);
    }
  });

  it.each(theirs('owner'))('%s is for the owner: the backend may say that it is over', async (task) => {
    const { ask, state, answerOf } = await ofTheSecond();
    await ask(`tasks/${task}/dismiss`, SECOND);
    const asked = state.asked.at(-1)?.command;
    expect(asked && answerOf(asked).outcome).toBe('accepted');
  });

  it('that was refused is a problem; one that nobody knows is not even asked', async () => {
    const { ask, state } = await ofTheSecond();
    state.answer = { kind: 'answered', answer: { outcome: 'refused', failure: 'COMMAND_OUT_OF_STATE', atMs: null } };
    expect(await ask('tasks/op-sync/complete', SECOND)).toMatchObject({ status: 409, code: 'COMMAND_OUT_OF_STATE' });
    expect(await ask('tasks/make-coffee/complete', SECOND)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(state.asked).toHaveLength(1);
  });

  it('of a foreign number is not reached', async () => {
    const { post, id, state } = await ofTheSecond();
    const { status, json } = await post(`/v1/numbers/${id}/tasks/keep-app-open/complete`);
    expect([status, json.code, state.asked]).toEqual([404, 'NUMBER_UNKNOWN', []]);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { numberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, OTHER_KEY } from './door.ts';
import { OPERATOR } from './fleet.ts';

const SECOND = { authorization: `Bearer ${OTHER_KEY}` };

async function ofTheSecond() {
  const door = createDoor();
  const { json } = await door.post('/v1/onboardings', {}, SECOND);
  const id = numberId(String(json.id));
  const repair = (headers: Record<string, string>, body: object = { reason: 'replies are lost' }) =>
    door.post(`/v1/numbers/${id}/subscription/repair`, body, headers);
  return { ...door, id, repair };
}

describe('CM25: the repair of a subscription', () => {
  it("is asked by an operator of any tenant's number, with a reason, and kept in the audit", async () => {
    const { repair, state, fleet, id } = await ofTheSecond();
    const { status, json } = await repair(OPERATOR);
    expect([status, json.outcome]).toEqual([200, 'accepted']);
    const asked = { commandId: expect.any(String), by: 'operator', command: { kind: 'repairSubscription' } };
    expect(state.asked).toEqual([{ id, command: asked }]);
    expect(JSON.stringify(fleet)).toContain('replies are lost');
  });

  it('once a key: a repeat gets the first answer', async () => {
    const { repair, state } = await ofTheSecond();
    const key = { ...OPERATOR, 'idempotency-key': 'op-1' };
    expect((await repair(key)).json).toEqual((await repair(key)).json);
    expect(new Set(state.asked.map(({ command }) => command.commandId)).size).toBe(1);
  });

  it('is not for backends, and not without a reason', async () => {
    const { repair, state } = await ofTheSecond();
    expect((await repair(SECOND)).json.code).toBe('ROLE_MISSING');
    expect((await repair(OPERATOR, {})).json.code).toBe('REQUEST_INVALID');
    expect(state.asked).toEqual([]);
  });

  it('that the number refuses is a problem', async () => {
    const { repair, state } = await ofTheSecond();
    state.answer = { kind: 'answered', answer: { outcome: 'refused', failure: 'COMMAND_OUT_OF_STATE', atMs: null } };
    const { status, json } = await repair(OPERATOR);
    expect([status, json.code]).toEqual([409, 'COMMAND_OUT_OF_STATE']);
  });
});

describe('LI20: quiet numbers', () => {
  it('are judged once the backlog is read', async () => {
    const { state, dispatcher, onboard } = createDoor();
    state.quiet = [await onboard()];
    state.deliveries = [{ deliveryId: '1', body: '{}', receivedAtMs: NOW_MS }];
    await dispatcher.tick();
    expect([state.deliveries.length, state.quiet.length]).toEqual([0, 1]);
    await dispatcher.tick();
    expect(state.quiet).toEqual([]);
  });

  it('are judged at the pace of the watch, not at each look', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const id = await onboard();
    const hear = async (factId: string): Promise<void> => {
      const envelope = { factId, occurredAtMs: NOW_MS, fact: { kind: 'historyDeclined' } } as const;
      state.facts.push({ position: state.facts.length + 1, numberId: id, envelope, notBeforeMs: 0 });
      dispatcher.kick();
      await vi.waitFor(() => expect(state.facts.at(-1)?.outcome).toBe('posted'), { timeout: 2_000, interval: 5 });
    };
    dispatcher.start();
    await hear('of the first look, which is a watch');
    state.quiet = [id];
    await hear('of a later look');
    await dispatcher.stop();
    expect(state.quiet).toEqual([id]);
  });

  it('are told in the same round, each once', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const [quiet, busy] = [await onboard(), await onboard()];
    state.quiet = [quiet];
    expect(await dispatcher.tick()).toBe('busy');
    expect(state.posted.map(({ id, envelope }) => [id, envelope.fact.kind])).toEqual([[quiet, 'trafficMissed']]);
    expect(await dispatcher.tick()).toBe('idle');
    expect(state.posted.filter(({ id }) => id === busy)).toEqual([]);
  });

  it('wait in the queue while the engine is down', async () => {
    const { state, dispatcher, onboard } = createDoor();
    state.quiet = [await onboard()];
    state.isEngineDown = true;
    await dispatcher.tick();
    expect([state.posted.length, state.facts.length]).toEqual([0, 1]);
    state.isEngineDown = false;
    await dispatcher.tick();
    expect(state.posted.length).toBe(1);
  });
});

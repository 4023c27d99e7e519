import { describe, expect, it, vi } from 'vitest';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { dialogRunId, wabaId, type NumberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, type Door } from './door.ts';

function queue(state: Door['state'], numberId: NumberId, ...factIds: string[]): void {
  for (const factId of factIds) {
    const envelope: FactEnvelope = { factId, occurredAtMs: NOW_MS, fact: { kind: 'historyDeclined' } };
    state.facts.push({ position: state.facts.length + 1, numberId, envelope, notBeforeMs: 0 });
  }
}
const idsOf = (state: Door['state']) => state.posted.map(({ envelope }) => envelope.factId);

describe('dispatching facts', () => {
  it('posts one a number at a time, in their order', async () => {
    const { state, dispatcher, onboard } = createDoor();
    queue(state, await onboard(), 'a1', 'a2');
    queue(state, await onboard(), 'b1');
    expect(await dispatcher.tick()).toBe('busy');
    expect(idsOf(state)).toEqual(['a1', 'b1']);
    await dispatcher.tick();
    expect(idsOf(state)).toEqual(['a1', 'b1', 'a2']);
    expect(await dispatcher.tick()).toBe('idle');
  });

  it('mistake 12: keeps what the engine did not take, in its order', async () => {
    const { state, dispatcher, onboard } = createDoor();
    queue(state, await onboard(), 'a1', 'a2');
    state.isEngineDown = true;
    expect(await dispatcher.tick()).toBe('down');
    expect(state.facts.map(({ outcome, notBeforeMs }) => [outcome, notBeforeMs])).toEqual([
      [undefined, 0],
      [undefined, 0],
    ]);
    state.isEngineDown = false;
    await dispatcher.tick();
    expect(idsOf(state)).toEqual(['a1']);
  });

  it('starts a number that has no run, then posts', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const id = await onboard();
    queue(state, id, 'a1');
    state.running.clear();
    await dispatcher.tick();
    expect(state.started).toEqual([id, id]);
    expect(state.facts[0]?.outcome).toBe('posted');
  });

  it('tells again, and first, what a terminated run had not recorded', async () => {
    const { state, dispatcher, onboard, alter } = createDoor();
    const id = await onboard();
    queue(state, id, 'a1', 'a2', 'a3');
    for (let round = 0; round < 2; round += 1) await dispatcher.tick();
    alter(id, () => ({ factIds: ['a1'] }));
    state.running.clear();
    state.posted = [];
    while ((await dispatcher.tick()) === 'busy') continue;
    expect(idsOf(state)).toEqual(['a2', 'a3']);
  });

  it('takes "closed" for an answer', async () => {
    const { state, dispatcher, onboard, alter } = createDoor();
    const id = await onboard();
    queue(state, id, 'a1');
    state.running.clear();
    alter(id, () => ({ closed: 'retired' }));
    await dispatcher.tick();
    expect(state.facts[0]?.outcome).toBe('closed');
    expect([state.posted.length, state.started.length]).toEqual([0, 1]);
  });

  it('waits with one number that fails while others go on', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const [failing, fine] = [await onboard(), await onboard()];
    queue(state, failing, 'a1');
    queue(state, fine, 'b1');
    state.running.delete(failing);
    const add = state.running.add.bind(state.running);
    state.running.add = (id) => (id === failing ? state.running : add(id));
    expect(await dispatcher.tick()).toBe('busy');
    expect(state.facts.map(({ outcome, notBeforeMs }) => [outcome, notBeforeMs])).toEqual([
      [undefined, NOW_MS + 5_000],
      ['posted', 0],
    ]);
  });
});

describe('stored deliveries', () => {
  it('are processed, and one that cannot be waits without holding its neighbours', async () => {
    const { state, dispatcher } = createDoor();
    const receivedAtMs = NOW_MS;
    state.deliveries = [
      { deliveryId: 'd1', body: '{}', receivedAtMs, isPoison: true },
      { deliveryId: 'd2', body: '{}', receivedAtMs },
    ];
    expect(await dispatcher.tick()).toBe('busy');
    expect(state.deliveries.map(({ deliveryId }) => deliveryId)).toEqual(['d1']);
    expect(state.postponed).toEqual(['d1']);
  });

  it('are processed while the engine is down', async () => {
    const { state, dispatcher, onboard } = createDoor();
    queue(state, await onboard(), 'a1');
    state.isEngineDown = true;
    state.deliveries = [{ deliveryId: 'd1', body: '{}', receivedAtMs: NOW_MS }];
    await dispatcher.tick();
    expect(state.deliveries).toEqual([]);
  });

  it('stay where the store is down', async () => {
    const { state, dispatcher } = createDoor();
    state.deliveries = [{ deliveryId: 'd1', body: '{}', receivedAtMs: NOW_MS }];
    state.isStoreDown = true;
    expect(await dispatcher.tick()).toBe('down');
    expect([state.deliveries.length, state.postponed.length]).toEqual([1, 0]);
  });
});

describe('a result whose code stays away', () => {
  it('is told once 60 seconds have passed, and once only', async () => {
    const { state, dialogs, dispatcher, onboard } = createDoor();
    const run = { dialogRunId: dialogRunId('dlg_1'), numberId: await onboard(), cycle: 1, attempt: 1 };
    dialogs.lonely = [{ ...run, ending: 'coexistence', wabaId: wabaId('1001'), receivedAtMs: NOW_MS }];
    state.nowMs += 59_999;
    await dispatcher.tick();
    expect(state.posted).toEqual([]);
    state.nowMs += 1;
    await dispatcher.tick();
    await dispatcher.tick();
    expect(state.posted.map(({ envelope }) => envelope)).toEqual([
      {
        factId: 'result/dlg_1',
        occurredAtMs: NOW_MS,
        cycle: 1,
        fact: { kind: 'signupFinished', attempt: 1, ending: 'coexistence', wabaId: '1001' },
      },
    ]);
  });
});

describe('the watch over runs', () => {
  it('starts a number whose run was terminated, and leaves those that run', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const [terminated] = [await onboard(), await onboard()];
    state.running.delete(terminated);
    state.started = [];
    await dispatcher.tick();
    expect(state.started).toEqual([terminated]);
  });

  it('comes round to every open number', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const ids: NumberId[] = [];
    for (let count = 0; count < 25; count += 1) ids.push(await onboard());
    await dispatcher.tick();
    state.running.clear();
    state.started = [];
    await dispatcher.tick();
    expect(state.started).toEqual(ids.slice(20));
    await dispatcher.tick();
    expect(state.started).toHaveLength(25);
  });
});

describe('the loop', () => {
  it('dispatches by itself, sooner when kicked, until it is stopped', async () => {
    const { state, dispatcher, onboard } = createDoor();
    const id = await onboard();
    dispatcher.start();
    queue(state, id, 'a1');
    dispatcher.kick();
    await vi.waitFor(() => expect(idsOf(state)).toEqual(['a1']), { timeout: 2_000, interval: 5 });
    await dispatcher.stop();
    queue(state, id, 'a2');
    dispatcher.kick();
    expect(state.facts.at(-1)?.outcome).toBeUndefined();
  });
});

/** The two imports of a number: asked for once each, in order, and over when the data has come and it is quiet. */
import { expect, test } from 'vitest';
import { MINUTE_MS, useStage } from './stage.ts';

const stage = useStage();

test('contacts are asked for before history, and both are complete in a fresh run after the quiet', async () => {
  const number = await stage.play({ imports: { contacts: true, history: true }, keptAs: 'imports' });
  await number.connect();
  const firstRun = (await number.handle.describe()).runId;
  for (const [phase, progress] of [
    [0, 10],
    [1, 40],
    [2, 100],
  ] as const) {
    await number.send({ kind: 'historyChunkArrived', phase, chunkOrder: 1, progress }, { cycle: 1 });
    await number.settle();
  }
  const lastAtMs = number.nowMs;
  const arrived = { firstAtMs: lastAtMs, lastAtMs, counted: 1 };
  number.fakes.ledger = {
    contacts: { ...arrived, chunks: 0, progress: 0, hasSeenFull: false },
    history: { ...arrived, chunks: 3, progress: 100, hasSeenFull: true },
  };
  await number.moveTo(lastAtMs + 4 * MINUTE_MS);
  expect((await number.status()).history.state, 'not before it is quiet').toBe('receiving');
  await number.moveTo(lastAtMs + 7 * MINUTE_MS);

  const after = await number.status();
  expect([after.contacts.state, after.history.state]).toEqual(['complete', 'complete']);
  expect(number.fakes.syncsAsked).toEqual(['contacts', 'history']);
  expect((await number.handle.describe()).runId).not.toBe(firstRun);
});

test('a history that stays silent is stalled, and is never asked for a second time', async () => {
  const number = await stage.play({ imports: { contacts: true, history: true } });
  await number.connect();
  await number.moveTo(number.nowMs + 35 * MINUTE_MS);
  const after = await number.status();
  expect([after.contacts.state, after.history.state]).toEqual(['complete', 'stalled']);
  expect(number.fakes.syncsAsked).toEqual(['contacts', 'history']);
});

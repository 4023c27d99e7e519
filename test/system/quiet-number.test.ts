/** A number that is connected and of which Meta tells nothing: found after a day, its subscription made again, and tested. */
import { expect, test } from 'vitest';
import { connect, eventually, HOUR_MS, query, sentencesOf, wabaOf } from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld();
const QUIET = '15550116001';
const BUSY = '15550116002';
let quiet = '';
let busy = '';

async function hasTold(numberId: string, start: string): Promise<boolean> {
  return (await sentencesOf(bench.world, numberId)).some((sentence) => sentence.startsWith(start));
}

async function callsOf(digits: string, call: string): Promise<number> {
  const calls = await bench.world.meta.readCalls(digits);
  return calls.filter((row) => row.call === call).reduce((sum, { accepted }) => sum + accepted, 0);
}

async function factsOf(numberId: string): Promise<unknown[]> {
  const rows = await query(bench.world, 'select fact_id from number_facts where number_id = $1', [numberId]);
  return rows.map((row) => String(row['fact_id'])).filter((id) => id.startsWith('traffic'));
}

test('a subscription that Meta has lost is found after a quiet day, and made again', async () => {
  const { world } = bench;
  [quiet, busy] = [await connect(world, QUIET), await connect(world, BUSY)];
  await world.meta.post(`accounts/${wabaOf(QUIET)}/act`, { action: 'subscription', state: 'missing' });
  await world.meta.act(BUSY, { action: 'receiveMessage' });
  await world.advance(22 * HOUR_MS);
  expect(await hasTold(quiet, 'No message has passed')).toBe(false);
  await world.advance(4 * HOUR_MS);
  await eventually('subscribed again', () => hasTold(quiet, 'Our app is subscribed to the account again'));
  expect([await callsOf(QUIET, 'subscribe'), await callsOf(QUIET, 'readSubscription')]).toEqual([2, 3]);
  expect((await factsOf(quiet)).length).toBe(1);
});

test('a number with traffic is told nothing, and Meta is asked nothing of it', async () => {
  expect(await factsOf(busy)).toEqual([]);
  expect(await callsOf(BUSY, 'readSubscription')).toBe(1);
});

test('the first message afterwards is the test that the owner was asked for', async () => {
  const { world } = bench;
  await world.settle();
  await world.meta.act(QUIET, { action: 'receiveMessage', count: 5 });
  await eventually('the test is done', () =>
    hasTold(quiet, 'No longer to do (done): send a message from the app and receive one on it'),
  );
  await world.settle();
  expect((await factsOf(quiet)).length).toBe(2);
});

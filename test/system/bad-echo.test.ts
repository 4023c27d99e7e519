/** A busy number costs as little as a silent one: echoes write no row, and wake the number only where it waits for a sign. */
import { expect, test } from 'vitest';
import { connect, countRows, DAY_MS, HOUR_MS, query, reachWithin, sentencesOf } from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld();
const DIGITS = '15550113001';

interface Activity {
  lastSeenAt: string;
  remindedDays: number[];
}

async function activityOf(numberId: string): Promise<Activity> {
  const { activity } = await bench.world.backend.readNumber(numberId);
  return activity as Activity;
}

const runEventsOf = async (numberId: string): Promise<number> => {
  const { historyLength } = await bench.world.client.workflow.getHandle(`number/${numberId}`).describe();
  return historyLength;
};

let numberId = '';

test('forty echoes write no new row and no event, and move the last sign of the app', async () => {
  const { world } = bench;
  numberId = await connect(world, DIGITS);
  await world.advance(7 * HOUR_MS);
  const rows = await countRows(world);
  const events = await runEventsOf(numberId);
  const before = await activityOf(numberId);
  await world.meta.act(DIGITS, { action: 'sendFromApp', count: 40 });
  await world.settle();
  expect(await countRows(world)).toEqual(rows);
  expect(await runEventsOf(numberId)).toBe(events);
  const after = await activityOf(numberId);
  expect(Date.parse(after.lastSeenAt)).toBeGreaterThan(Date.parse(before.lastSeenAt) + 6 * HOUR_MS);
});

test('an echo within six hours of the last sign touches nothing, a later one does', async () => {
  const { world } = bench;
  const first = await activityOf(numberId);
  await world.advance(5 * HOUR_MS);
  await world.meta.act(DIGITS, { action: 'sendFromApp' });
  await world.settle();
  expect(await activityOf(numberId)).toEqual(first);
  await world.advance(2 * HOUR_MS);
  await world.meta.act(DIGITS, { action: 'sendFromApp' });
  await world.settle();
  expect(Date.parse((await activityOf(numberId)).lastSeenAt)).toBeGreaterThan(Date.parse(first.lastSeenAt));
});

test('messages that come in say nothing of the phone: no row, and no sign', async () => {
  const { world } = bench;
  await world.advance(7 * HOUR_MS);
  const [rows, before] = [await countRows(world), await activityOf(numberId)];
  await world.meta.act(DIGITS, { action: 'receiveMessage', count: 10 });
  await world.settle();
  expect(await countRows(world)).toEqual(rows);
  expect(await activityOf(numberId)).toEqual(before);
});

test('while a reminder is out, any number of echoes is one "seen", and the reminders start again', async () => {
  const { world } = bench;
  await reachWithin(world, numberId, {
    isDone: ({ activity }) => activity.remindedDays.length > 0,
    withinMs: 9 * DAY_MS,
  });
  const rows = await countRows(world);
  for (let burst = 0; burst < 3; burst += 1) await world.meta.act(DIGITS, { action: 'sendFromApp', count: 10 });
  await world.settle();
  await world.meta.act(DIGITS, { action: 'sendFromApp', count: 10 });
  await world.settle();
  const { number_facts: facts, timeline: _lines, ...others } = await countRows(world);
  const { number_facts: factsBefore, timeline: _before, ...othersBefore } = rows;
  expect(facts).toBe((factsBefore ?? 0) + 1);
  expect(others).toEqual(othersBefore);
  const seen = (await sentencesOf(world, numberId)).filter((sentence) => sentence.startsWith('The app was used'));
  expect(seen.length).toBe(1);
  expect((await activityOf(numberId)).remindedDays).toEqual([]);
  const [flag] = await query(world, 'select wants_evidence from app_activity where number_id = $1', [numberId]);
  expect(flag).toEqual({ wants_evidence: false });
});

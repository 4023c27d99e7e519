import { and, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { outbox } from '../../src/db/schema-numbers.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { connectNumber, ids, live, recordOf, START_MS } from './builders.ts';
import type { Ids } from './builders.ts';
import { DEBOUNCE_MS, useDatabase } from './database.ts';
import { chunk, deliver, echo, factsOf, onPhone } from './deliveries.ts';

const bench = useDatabase();
const DAY_7_MS = START_MS + 7 * DAY_MS;

async function connected(): Promise<Ids> {
  const id = ids();
  await connectNumber(bench, id);
  return id;
}

const seenAt = async (id: Ids) => (await bench.stores.activity.read(id.numberId)).anyAtMs;
const echoAt = (id: Ids, atMs: number, receivedAtMs = atMs) => bench.stores.inbox.touch([echo(id, atMs)], receivedAtMs);

function reminderOf(id: Ids, rung = '7') {
  const { numberId, tenantId } = id;
  return { numberId, tenantId, cycle: 1, evidenceAtMs: START_MS, rung, dueAtMs: DAY_7_MS };
}

async function owed(id: Ids) {
  const isReminder = and(eq(outbox.numberId, id.numberId), eq(outbox.kind, 'reminder'));
  return bench.store.db.select().from(outbox).where(isReminder);
}

function remindedOf(id: Ids, anyAtMs: number): Snapshot {
  return live(id, { activity: { anyAtMs, remindedDays: [7], overdueSinceMs: null, overdueReminders: 0 } });
}

describe('the last sign of the app', () => {
  it('moves forward only, and not before the debounce has passed', async () => {
    const id = await connected();
    await echoAt(id, START_MS + DEBOUNCE_MS - 1);
    expect(await seenAt(id)).toBe(START_MS);
    await echoAt(id, START_MS + DEBOUNCE_MS);
    expect(await seenAt(id)).toBe(START_MS + DEBOUNCE_MS);
    await echoAt(id, START_MS + 1);
    await bench.stores.activity.touch(id.numberId, 'stated', START_MS + 1);
    expect(await bench.stores.activity.read(id.numberId)).toEqual({
      anyAtMs: START_MS + DEBOUNCE_MS,
      evidence: 'echo',
    });
    await bench.stores.activity.touch(id.numberId, 'stated', START_MS + DEBOUNCE_MS + 1);
    expect(await bench.stores.activity.read(id.numberId)).toEqual({
      anyAtMs: START_MS + DEBOUNCE_MS + 1,
      evidence: 'stated',
    });
  });

  it('is the latest of many in one call, and never far ahead of its receipt', async () => {
    const [first, second] = [await connected(), await connected()];
    const items = [
      echo(first, DAY_7_MS),
      echo(first, DAY_7_MS + 9),
      echo(first, START_MS),
      echo(second, DAY_7_MS + DAY_MS),
    ];
    await bench.stores.inbox.touch(items, DAY_7_MS);
    expect(await seenAt(first)).toBe(DAY_7_MS + 9);
    expect(await seenAt(second)).toBe(DAY_7_MS + 5 * MINUTE_MS);
    expect(await factsOf(bench, first)).toEqual([]);
  });

  it('comes from echoes, contacts and chunks, and not from traffic', async () => {
    const id = await connected();
    await deliver(bench, [{ kind: 'traffic', scope: onPhone(id), atMs: DAY_7_MS }], DAY_7_MS);
    expect(await seenAt(id)).toBe(START_MS);
    await deliver(bench, [chunk(id, 'chunk')], DAY_7_MS);
    expect(await bench.stores.activity.read(id.numberId)).toEqual({ anyAtMs: DAY_7_MS, evidence: 'history-chunk' });
    const contacts = (changedAtMs: number) =>
      ({ kind: 'contacts', scope: onPhone(id), count: 1, removedCount: 0, items: [], changedAtMs }) as const;
    await deliver(bench, [contacts(START_MS)], DAY_7_MS + DAY_MS);
    expect(await bench.stores.activity.read(id.numberId)).toEqual({
      anyAtMs: DAY_7_MS + DAY_MS,
      evidence: 'contact-change',
    });
    await deliver(bench, [contacts(DAY_7_MS + 2 * DAY_MS)], DAY_7_MS + 5 * DAY_MS);
    expect(await seenAt(id)).toBe(DAY_7_MS + 2 * DAY_MS);
    await deliver(bench, [echo(id, DAY_7_MS + 3 * DAY_MS)], DAY_7_MS + 5 * DAY_MS);
    expect(await seenAt(id)).toBe(DAY_7_MS + 3 * DAY_MS);
  });
});

describe('a reminder', () => {
  it('is owed once, however often it is asked for', async () => {
    const id = await connected();
    const answers = await Promise.all([1, 2, 3].map(() => bench.stores.activity.remind(reminderOf(id))));
    expect(answers).toEqual([{ kind: 'reminded' }, { kind: 'reminded' }, { kind: 'reminded' }]);
    await bench.stores.activity.remind(reminderOf(id, '10'));
    expect((await owed(id)).map(({ dedupeKey }) => dedupeKey.split('/').at(-1))).toEqual(['7', '10']);
  });

  it('is not sent where the app was seen since, and the answer says when', async () => {
    const id = await connected();
    await echoAt(id, DAY_7_MS - 1);
    const answer = await bench.stores.activity.remind(reminderOf(id));
    expect(answer).toEqual({ kind: 'seen', atMs: DAY_7_MS - 1, evidence: 'echo' });
    expect(await owed(id)).toEqual([]);
    await echoAt(id, DAY_7_MS + 1);
    expect(await factsOf(bench, id)).toEqual([]);
  });

  it('makes the next sign of the app one fact, also within the debounce, and only one', async () => {
    const id = await connected();
    await bench.stores.activity.remind(reminderOf(id));
    await echoAt(id, START_MS + 5);
    await echoAt(id, START_MS + 6);
    expect((await factsOf(bench, id)).map(({ fact }) => fact)).toEqual([
      { kind: 'activitySeen', evidence: 'echo', evidenceAtMs: START_MS + 5 },
    ]);
    expect(await seenAt(id)).toBe(START_MS + 5);
  });

  it('is not answered by evidence that is older than what was known', async () => {
    const id = await connected();
    await bench.stores.activity.remind(reminderOf(id));
    await echoAt(id, START_MS - 1);
    await echoAt(id, START_MS);
    expect(await factsOf(bench, id)).toEqual([]);
  });

  it('that races with a sign of the app never loses it', async () => {
    const rivals = await Promise.all(Array.from({ length: 8 }, connected));
    for (const id of rivals) {
      const [answer] = await Promise.all([bench.stores.activity.remind(reminderOf(id)), echoAt(id, DAY_7_MS)]);
      const facts = await factsOf(bench, id);
      const sent = await owed(id);
      expect([answer.kind, sent.length, facts.length]).toEqual(
        answer.kind === 'seen' ? ['seen', 0, 0] : ['reminded', 1, 1],
      );
    }
  });
});

describe('the wanted flag', () => {
  it('is kept by a record of a reminded number, and set again after a restart', async () => {
    const id = await connected();
    await bench.stores.projection.record(recordOf(remindedOf(id, START_MS), { sequence: 2 }), `run-${id.numberId}`);
    await echoAt(id, START_MS + 5);
    expect(await factsOf(bench, id)).toHaveLength(1);
  });

  it('is not raised again while the fact is still on its way', async () => {
    const id = await connected();
    await bench.stores.activity.remind(reminderOf(id));
    await echoAt(id, START_MS + 5);
    await bench.stores.projection.record(recordOf(remindedOf(id, START_MS), { sequence: 2 }), `run-${id.numberId}`);
    await echoAt(id, START_MS + 6);
    expect(await factsOf(bench, id)).toHaveLength(1);
  });

  it('falls when the reminders start again', async () => {
    const id = await connected();
    await bench.stores.activity.remind(reminderOf(id));
    await bench.stores.projection.record(recordOf(live(id), { sequence: 2 }), `run-${id.numberId}`);
    await echoAt(id, DAY_7_MS);
    expect(await factsOf(bench, id)).toEqual([]);
  });
});

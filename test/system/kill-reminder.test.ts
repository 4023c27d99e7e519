/** The worker dies around reminders: each is owed once and told once. */
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connect, eventually, invite, killWorker, leaveInTheDark, type Owner } from './people.ts';
import { openWire } from './wire.ts';
import { useWorld } from './world.ts';

const DAY_MS = 86_400_000;

const wire = await openWire(inject('temporalAddress'));
const bench = useWorld({ env: { TEMPORAL_ADDRESS: wire.address } });
let sql: postgres.Sql;

beforeAll(() => {
  sql = postgres(bench.world.databaseUrl, { max: 4, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end({ timeout: 1 });
  wire.close();
});

/** Holds the row that decides between a reminder and newer evidence, until it is released. */
async function holdActivity({ id }: Owner): Promise<{ release(): Promise<void> }> {
  const connection = await sql.reserve();
  await connection`begin`;
  await connection`select 1 from app_activity where number_id = ${id} for update`;
  return {
    release: async () => {
      await connection`rollback`;
      connection.release();
    },
  };
}

async function isReminding(): Promise<void> {
  await eventually(async () => {
    const waiting = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%app_activity%for update%'`;
    expect(waiting).toHaveLength(1);
  });
}

const rungsOf = async ({ id }: Owner): Promise<string[]> => {
  const rows = await sql<{ payload: string }[]>`
    select payload from outbox where number_id = ${id} and kind = 'reminder' order by position`;
  return rows.map(({ payload }) => String(JSON.parse(payload).rung));
};

async function remindersOf({ id }: Owner): Promise<number[]> {
  const timeline = await bench.world.backend.readTimeline(id);
  return timeline.flatMap(({ sentence }) => /^Reminder for day (\d+)/.exec(sentence)?.[1] ?? []).map(Number);
}

test('the worker killed before, during and after a reminder: each is owed once and told once', async () => {
  const { world } = bench;
  const owner = await invite(world, '15550400420');
  await connect(world, owner);

  const before = await leaveInTheDark(world, owner, 7.5 * DAY_MS);
  await world.start('worker');
  await before.journey;
  expect(await rungsOf(owner)).toEqual(['7']);

  const first = await holdActivity(owner);
  const during = world.advance(3 * DAY_MS);
  await isReminding();
  await killWorker(world, async () => {
    await first.release();
    expect(await rungsOf(owner)).toEqual(['7']);
  });
  await during;
  expect(await rungsOf(owner)).toEqual(['7', '10']);

  const second = await holdActivity(owner);
  const after = world.advance(2 * DAY_MS);
  await isReminding();
  wire.hold();
  await second.release();
  await eventually(async () => expect(await rungsOf(owner)).toEqual(['7', '10', '12']));
  await killWorker(world, async () => wire.release());
  await after;

  expect(await rungsOf(owner)).toEqual(['7', '10', '12']);
  expect(await remindersOf(owner)).toEqual([7, 10, 12]);
  expect((await world.backend.readNumber(owner.id)).activity.remindedDays).toEqual([7, 10, 12]);
});

/** The worker dies around undo steps, of a failed attempt and of a link that ended: nothing of ours is left, and all is told once. */
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  callsOf,
  connect,
  eventually,
  finishDialog,
  holding,
  invite,
  isAsked,
  killWorker,
  leaveInTheDark,
  planFault,
  unheard,
  wordsOf,
  type Owner,
} from './people.ts';
import { useWorld } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const bench = useWorld();
let sql: postgres.Sql;

/** When the worker was killed, over against the call that takes the subscription away. */
const DEATHS = ['before', 'during', 'after'] as const;
type Trio = Record<(typeof DEATHS)[number], Owner>;
let failed: Trio;
let ended: Trio;

async function inviteTrio(digits: string): Promise<Trio> {
  const { world } = bench;
  const [before, during, after] = [
    await invite(world, `${digits}0`),
    await invite(world, `${digits}1`),
    await invite(world, `${digits}2`),
  ];
  return { before, during, after };
}

const each = (trio: Trio): Owner[] => DEATHS.map((when) => trio[when]);

async function leftInStore({ id }: Owner): Promise<object> {
  const [row] = await sql`
    select (select count(*)::int from claims where number_id = ${id}) as claims,
           (select count(*)::int from credentials where number_id = ${id} and token_sealed is not null) as tokens,
           (select count(*)::int from dialog_runs where number_id = ${id} and code_sealed is not null) as codes`;
  return { ...row };
}

const undoLines = async ({ id }: Owner): Promise<number> =>
  (await bench.world.backend.readTimeline(id)).filter(({ row }) => row === '8.3').length;

/** The removal reaches the number's queue at Temporal, where it waits for a worker. */
async function removedInTheDark({ id, digits }: Owner): Promise<void> {
  await bench.world.meta.act(digits, { action: 'disconnect' });
  await eventually(async () => {
    const posted = await sql`
      select 1 from number_facts where number_id = ${id} and outcome = 'posted' and envelope like '%partnerRemoved%'`;
    expect(posted).toHaveLength(1);
  });
}

beforeAll(async () => {
  const { world } = bench;
  sql = postgres(world.databaseUrl, { max: 2, onnotice: () => {} });
  ended = await inviteTrio('1555040041');
  failed = await inviteTrio('1555040040');
  await Promise.all(each(ended).map((owner) => connect(world, owner)));
  await world.advance(15 * MINUTE_MS);
  for (const { digits } of each(ended)) {
    await world.meta.act(digits, { action: 'disconnect', reason: 'ACCOUNT_DISCONNECTED' });
  }
  for (const owner of each(failed)) {
    await world.meta.act(owner.digits, { action: 'setGate', platformType: 'ON_PREMISE' });
    await finishDialog(world, owner);
  }
  const isReady = async (): Promise<boolean> => {
    const states = await Promise.all(each(failed).map(({ id }) => world.backend.readNumber(id)));
    const links = await Promise.all(each(ended).map(({ id }) => world.backend.readNumber(id)));
    const isWaiting = states.every(({ attempt }) => attempt.state === 'waiting');
    return isWaiting && links.every(({ connection }) => connection === 'disconnected');
  };
  expect(await world.advanceUntil(isReady, 3 * MINUTE_MS)).toBe(true);
  for (const trio of [failed, ended]) {
    await planFault(world, trio.during, { call: 'unsubscribe', fault: holding() });
    await planFault(world, trio.after, { call: 'unsubscribe', fault: unheard() });
  }
  await world.kill('worker', 'SIGKILL');
  await Promise.all(each(failed).map(removedInTheDark));
  const { journey } = await leaveInTheDark(world, ended.before, 73 * HOUR_MS);
  await world.start('worker');
  for (const trio of [failed, ended]) {
    await isAsked(world, trio.during, { call: 'unsubscribe', accepted: 0 });
    await isAsked(world, trio.after, { call: 'unsubscribe', accepted: 1 });
  }
  await killWorker(world);
  await journey;
});

afterAll(() => sql.end({ timeout: 1 }));

test.each(DEATHS)(
  'a failed attempt whose worker was killed %s the undo is undone in full, with its reason',
  async (when) => {
    const { world } = bench;
    const owner = failed[when];
    expect(await world.backend.readNumber(owner.id)).toMatchObject({
      connection: 'awaiting-signup',
      attempt: { failure: { code: 'REMOVED_WHILE_CONNECTING', phoneStillLinked: 'no' } },
    });
    expect(await world.meta.readPhone(owner.digits)).toMatchObject({ subscribed: false });
    expect(await leftInStore(owner)).toEqual({ claims: 0, tokens: 0, codes: 0 });
    expect(await undoLines(owner)).toBe(3);
    expect(await wordsOf(world, owner)).toEqual(await wordsOf(world, failed.before));
    expect((await callsOf(world, owner, 'unsubscribe')).asked).toBe(when === 'before' ? 1 : 2);
    expect(await callsOf(world, owner, 'exchangeCode')).toEqual({ asked: 1, accepted: 1 });
  },
);

test.each(DEATHS)('after an end nothing of ours is left, the worker killed %s the clean-up', async (when) => {
  const { world } = bench;
  const owner = ended[when];
  expect((await world.backend.readNumber(owner.id)).connection).toBe('disconnected');
  expect(await world.meta.readPhone(owner.digits)).toMatchObject({ subscribed: false });
  expect(await leftInStore(owner)).toEqual({ claims: 0, tokens: 0, codes: 0 });
  expect(await undoLines(owner)).toBe(2);
  expect((await wordsOf(world, owner)).at(-1)).toBe('Cleaned up after the end: nothing of ours is left at Meta.');
  expect((await callsOf(world, owner, 'unsubscribe')).asked).toBe(when === 'before' ? 1 : 2);
});

/** The worker dies around undo steps, of a failed attempt and of a link that ended: nothing of ours is left, and all is told once. */
import { beforeAll, expect, test } from 'vitest';
import { HOUR_MS, isHeld, killInCalls, planHold, snapshotOf, useKillWorld } from './kill-points.ts';
import { callsOf, connect, eventually, finishDialog, invite, leaveInTheDark, wordsOf, type Owner } from './people.ts';

const MINUTE_MS = 60_000;

const bench = useKillWorld();

const UNSUBSCRIBE = { call: 'unsubscribe', isApplied: false };
const UNSUBSCRIBE_ANSWERED = { call: 'unsubscribe', isApplied: true };

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
  const [row] = await bench.sql`
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
    const posted = await bench.sql`
      select 1 from number_facts where number_id = ${id} and outcome = 'posted' and envelope like '%partnerRemoved%'`;
    expect(posted).toHaveLength(1);
  });
}

/** Its call is not there yet, or is over and heard of: a death in between would have it repeated. */
async function isNotUnsubscribing(owner: Owner): Promise<void> {
  await eventually(async () => {
    const { asked } = await callsOf(bench.world, owner, 'unsubscribe');
    const { attempt, compensation } = await snapshotOf(bench.world, owner);
    if (asked > 0) expect([...attempt.undo, ...compensation]).not.toContain('unsubscribeIfLast');
  });
}

beforeAll(async () => {
  const { world } = bench;
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
  const held = [failed, ended].flatMap(
    ({ during, after }) =>
      [
        [during, UNSUBSCRIBE],
        [after, UNSUBSCRIBE_ANSWERED],
      ] as const,
  );
  for (const [owner, call] of held) await planHold(world, owner, call);
  await world.kill('worker', 'SIGKILL');
  await Promise.all(each(failed).map(removedInTheDark));
  const { journey } = await leaveInTheDark(world, ended.before, 73 * HOUR_MS);
  await world.start('worker');
  for (const [owner, call] of held) await isHeld(world, owner, call);
  // the four hold every connection that an unsubscription may have: the other two have had theirs, or will have none yet
  for (const { before } of [failed, ended]) await isNotUnsubscribing(before);
  await killInCalls(world, held);
  await journey;
});

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

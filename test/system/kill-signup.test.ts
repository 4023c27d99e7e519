/** The worker dies around the code's exchange and around the subscription: the signup ends as it would have, or says why not. */
import { beforeAll, expect, test } from 'vitest';
import { killHeld, planHold, type HeldCall } from './kill-points.ts';
import {
  callsOf,
  connect,
  eventually,
  finishDialog,
  finishDialogs,
  invite,
  isAsked,
  reaches,
  wordsOf,
  type Owner,
} from './people.ts';
import { useWorld } from './world.ts';

const bench = useWorld();
const SENT_IN_THE_DARK = 'the code came while no worker lived';
const EXCHANGE_HELD = 'during the exchange';
const EXCHANGE_UNHEARD = 'after the exchange, before its storing';
const LIST_HELD = 'before the subscription';
const SUBSCRIBE_HELD = 'during the subscription';
const SUBSCRIBE_UNHEARD = 'after the subscription, before its answer';

/** The longest way first: a call is held for 8 s, and a code is exchanged at once or not at all. */
const HELD: [string, HeldCall][] = [
  [SUBSCRIBE_UNHEARD, { call: 'subscribe', isApplied: true }],
  [SUBSCRIBE_HELD, { call: 'subscribe', isApplied: false }],
  [LIST_HELD, { call: 'listNumbers', isApplied: false }],
  [EXCHANGE_UNHEARD, { call: 'exchangeCode', isApplied: true }],
  [EXCHANGE_HELD, { call: 'exchangeCode', isApplied: false }],
];
const ALL = [SENT_IN_THE_DARK, EXCHANGE_HELD, EXCHANGE_UNHEARD, LIST_HELD, SUBSCRIBE_HELD, SUBSCRIBE_UNHEARD];
const owners = new Map<string, Owner>();
let words: string[] = [];

function ownerOf(name: string): Owner {
  const owner = owners.get(name);
  if (!owner) throw new Error(`nobody was invited for ${name}`);
  return owner;
}

beforeAll(async () => {
  const { world } = bench;
  const unharmed = await invite(world, '15550200200');
  await connect(world, unharmed);
  words = await wordsOf(world, unharmed);
  for (const [index, name] of ALL.entries()) owners.set(name, await invite(world, `1555020020${index + 1}`));

  const held = HELD.map(([name, call]) => [ownerOf(name), call] as const);
  for (const [owner, call] of held) await planHold(world, owner, call);
  await finishDialogs(
    world,
    held.map(([owner]) => owner),
  );
  await killHeld(world, held);
  await finishDialog(world, ownerOf(SENT_IN_THE_DARK));
  await world.start('worker');
  // Meta goes on with what it has held back only after the code was exchanged by another call
  await isExchanged(ownerOf(EXCHANGE_HELD), { asked: 2, accepted: 1 });
  await world.meta.post('faults/release', {});
});

async function isExchanged(owner: Owner, counts: { asked: number; accepted: number }): Promise<void> {
  await eventually(async () => expect(await callsOf(bench.world, owner, 'exchangeCode')).toEqual(counts));
}

test.each([SENT_IN_THE_DARK, EXCHANGE_HELD, LIST_HELD, SUBSCRIBE_HELD, SUBSCRIBE_UNHEARD])(
  'the worker killed %s: connected all the same, told as if nothing had happened',
  async (name) => {
    const { world } = bench;
    await reaches(world, ownerOf(name), { connection: 'connected', headline: 'connected', cycle: 1 });
    expect(await wordsOf(world, ownerOf(name))).toEqual(words);
    expect(await world.meta.readPhone(ownerOf(name).digits)).toMatchObject({ subscribed: true, tokens: 1 });
  },
);

test('the worker killed between the answer to the code and its storing: undone, with reason and remedy, and the way is open', async () => {
  const { world } = bench;
  const owner = ownerOf(EXCHANGE_UNHEARD);
  const failed = { state: 'open', failure: { code: 'SIGNUP_EXCHANGE_UNCONFIRMED' } };
  await reaches(world, owner, { connection: 'awaiting-signup', attempt: failed });
  const { attempt } = await world.backend.readNumber(owner.id);
  expect(attempt.failure?.remedy.join(' ')).toContain('connect again');
  expect(await wordsOf(world, owner)).toContain('Undone: the credential, which is forgotten.');
  expect(await world.meta.readPhone(owner.digits)).toMatchObject({ subscribed: false });
});

test('Meta accepted each code once, was asked at most twice, and refused what it had held back', async () => {
  const { world } = bench;
  const refusal = { call: 'exchangeCode', subject: ownerOf(EXCHANGE_HELD).wabaId, outcome: '400, code 100/36009' };
  await eventually(async () =>
    expect(await world.meta.get('calls/journal')).toContainEqual(expect.objectContaining(refusal)),
  );
  const counts = await Promise.all(ALL.map((name) => callsOf(world, ownerOf(name), 'exchangeCode')));
  expect(counts).toEqual([
    { asked: 1, accepted: 1 },
    { asked: 2, accepted: 1 },
    { asked: 2, accepted: 1 },
    { asked: 1, accepted: 1 },
    { asked: 1, accepted: 1 },
    { asked: 1, accepted: 1 },
  ]);
});

test('each connected number was asked for its imports once', async () => {
  const { world } = bench;
  const connected = ALL.filter((name) => name !== EXCHANGE_UNHEARD);
  for (const call of ['syncContacts', 'syncHistory']) {
    for (const name of connected) {
      await isAsked(world, ownerOf(name), { call, accepted: 1 });
    }
  }
});

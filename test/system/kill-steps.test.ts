/** The worker dies before and after each read at Meta on the way to the connection: the story ends as it would have, told once. */
import { beforeAll, expect, test } from 'vitest';
import {
  areImported,
  countsOf,
  endOf,
  killInCalls,
  onceBut,
  planHold,
  SHARED,
  unharmedOwner,
  useKillWorld,
  type Counts,
  type HeldCall,
} from './kill-points.ts';
import { finishDialogs, invite, wordsOf, type Owner } from './people.ts';

const bench = useKillWorld();

interface Death extends HeldCall {
  /** When the worker is killed. */
  when: string;
  counts?: Counts;
}

/** The subscription is asked for again with its read back: at Meta it is one all the same. */
const SUBSCRIBED_AGAIN = onceBut({ subscribe: { asked: 2, accepted: 2 } });

/** In the order of the calls on the way. */
const DEATHS: Death[] = [
  { when: 'before the token is checked', call: 'debugToken', isApplied: false },
  { when: 'after the token is checked', call: 'debugToken', isApplied: true },
  { when: 'after the numbers are listed', call: 'listNumbers', isApplied: true },
  { when: 'before the account is read', call: 'readWaba', isApplied: false },
  { when: 'after the account is read', call: 'readWaba', isApplied: true },
  {
    when: 'before the subscription is read back',
    call: 'readSubscription',
    isApplied: false,
    counts: SUBSCRIBED_AGAIN,
  },
  { when: 'after the subscription is read back', call: 'readSubscription', isApplied: true, counts: SUBSCRIBED_AGAIN },
  { when: 'before the gate is read', call: 'readNumber', isApplied: false },
  { when: 'after the gate is read', call: 'readNumber', isApplied: true },
];

const owners = new Map<string, Owner>();
let unharmed: Owner;

function ownerOf({ when }: Death): Owner {
  const owner = owners.get(when);
  if (!owner) throw new Error(`nobody was invited for ${when}`);
  return owner;
}

beforeAll(async () => {
  const { world } = bench;
  unharmed = await unharmedOwner(world, '15550500599');
  for (const [index, death] of DEATHS.entries()) {
    owners.set(death.when, await invite(world, `1555050050${index}`, SHARED));
    await planHold(world, ownerOf(death), death);
  }
  await finishDialogs(world, DEATHS.toReversed().map(ownerOf)); // the longest way first: a call is held for 8 s
  await killInCalls(
    world,
    DEATHS.map((death) => [ownerOf(death), death]),
  );
  await areImported(world, [unharmed, ...owners.values()]);
});

test.each(DEATHS)('the worker killed $when: the same end as without a death, told alike', async (death) => {
  const { world } = bench;
  const owner = ownerOf(death);
  expect(await endOf(bench, owner)).toEqual(await endOf(bench, unharmed));
  expect(await wordsOf(world, owner)).toEqual(await wordsOf(world, unharmed));
});

test.each(DEATHS)('the worker killed $when: each once-only call accepted once', async (death) => {
  expect(await countsOf(bench.world, ownerOf(death))).toEqual(death.counts ?? onceBut());
});

test('what nobody disturbs is connected, imported and left without a trace of its attempt', async () => {
  expect(await endOf(bench, unharmed)).toMatchObject({
    is: ['connected', 'connected', 'live', 1],
    attempt: { state: 'none', undo: [], wait: null, failure: null },
    syncs: { contacts: { state: 'complete' }, history: { state: 'complete', progress: 100 } },
    atMeta: { subscribed: true, tokens: 1 },
    credentials: [{ attempt: 1, state: 'current', is_kept: true }],
    codes: 0,
  });
  expect(await countsOf(bench.world, unharmed)).toEqual(onceBut());
});

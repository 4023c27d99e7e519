/** The worker dies around what it stores of the two imports: before and after the intent, before and after the answer's storing. */
import { beforeAll, expect, test } from 'vitest';
import { lockIntent, lockRequest, type StoreLock } from './kill-locks.ts';
import {
  areImported,
  countsOf,
  endOf,
  HOUR_MS,
  isHeld,
  onceBut,
  planHold,
  SHARED,
  toldOf,
  unharmedOwner,
  useKillWorld,
} from './kill-points.ts';
import { eventually, finishDialogs, invite, wordsOf, type Owner } from './people.ts';

const bench = useKillWorld();

interface Death {
  /** When the worker is killed. */
  when: string;
  type: 'contacts' | 'history';
  /** The call at Meta in front of it, which is held until the lock is there. */
  after: 'readNumber' | 'syncContacts' | 'syncHistory';
  lock: typeof lockIntent;
  /** Whether what waited in the store is done in the dark. */
  isStored: boolean;
  /** What the store has of the request before the worker comes back: whether there is an intent, and its outcome. */
  inDark: { outcome: string | null }[];
  /** Differs from a life without a death where nobody can know whether Meta has taken the request. */
  told: string[];
}

const AS_EVER = ['accepted', 'complete'];
const NOT_INTENDED = { lock: lockIntent, isStored: false, inDark: [], told: AS_EVER };
const INTENDED = {
  lock: lockIntent,
  isStored: true,
  inDark: [{ outcome: null }],
  told: ['lost', 'accepted again', 'complete'],
};
const NOT_SETTLED = { lock: lockRequest, isStored: false, inDark: [{ outcome: null }], told: ['lost', 'complete'] };
const SETTLED = { lock: lockRequest, isStored: true, inDark: [{ outcome: 'requested' }], told: AS_EVER };

/** The gate's read comes before the intent for contacts, the answer about contacts before the intent for history. */
const DEATHS: Death[] = [
  { when: 'before the intent for contacts', type: 'contacts', after: 'readNumber', ...NOT_INTENDED },
  { when: 'after the intent for contacts, before the call', type: 'contacts', after: 'readNumber', ...INTENDED },
  { when: 'before the storing of the answer on contacts', type: 'contacts', after: 'syncContacts', ...NOT_SETTLED },
  { when: 'after the storing of the answer on contacts', type: 'contacts', after: 'syncContacts', ...SETTLED },
  { when: 'between contacts and history', type: 'history', after: 'syncContacts', ...NOT_INTENDED },
  { when: 'after the intent for history, before the call', type: 'history', after: 'syncContacts', ...INTENDED },
  { when: 'before the storing of the answer on history', type: 'history', after: 'syncHistory', ...NOT_SETTLED },
  { when: 'after the storing of the answer on history', type: 'history', after: 'syncHistory', ...SETTLED },
];

const owners = new Map<string, Owner>();
const inDark = new Map<string, object[]>();
let unharmed: Owner;

function ownerOf({ when }: Death): Owner {
  const owner = owners.get(when);
  if (!owner) throw new Error(`nobody was invited for ${when}`);
  return owner;
}

async function requestsOf(death: Death): Promise<object[]> {
  const rows = await bench.sql`
    select outcome from sync_requests where number_id = ${ownerOf(death).id} and type = ${death.type}`;
  return [...rows];
}

/** A statement waits 4 s for a lock and no longer: who has the longest way from the call to the lock is let go first. */
const WAVES: ((death: Death) => boolean)[] = [
  ({ after }) => after === 'readNumber',
  ({ after, type }) => after === 'syncContacts' && type === 'history',
  ({ after, type }) => after === 'syncContacts' && type === 'contacts',
  ({ after }) => after === 'syncHistory',
];

type Locks = ReadonlyMap<Death, StoreLock>;

async function letGoInWaves(locks: Locks): Promise<void> {
  for (const isIn of WAVES) {
    const wave = [...locks].filter(([death]) => isIn(death));
    for (const [death] of wave) {
      await bench.world.meta.post('faults/release', { call: death.after, subject: ownerOf(death).wabaId });
    }
    await Promise.all(wave.map(([, lock]) => lock.isAwaited()));
  }
}

async function killAtLocks(locks: Locks): Promise<void> {
  const { world } = bench;
  const stored = [...locks].flatMap(([{ isStored }, lock]) => (isStored ? lock : []));
  const lost = [...locks].flatMap(([{ isStored }, lock]) => (isStored ? [] : lock));
  await world.kill('worker', 'SIGKILL');
  await Promise.all([...locks.values()].map((lock) => lock.isAwaited()));
  await Promise.all(stored.map((lock) => lock.release()));
  await Promise.all(lost.map((lock) => lock.cutOff()));
  for (const death of DEATHS) {
    await eventually(async () => expect(await requestsOf(death), death.when).toEqual(death.inDark));
  }
  for (const death of DEATHS) inDark.set(death.when, await requestsOf(death));
  await world.start('worker');
}

beforeAll(async () => {
  const { world, sql } = bench;
  unharmed = await unharmedOwner(world, '15550700799');
  for (const [index, death] of DEATHS.entries()) {
    owners.set(death.when, await invite(world, `1555070070${index}`, SHARED));
    await planHold(world, ownerOf(death), { call: death.after, isApplied: true });
  }
  await finishDialogs(world, DEATHS.toReversed().map(ownerOf)); // the longest way first: a call is held for 8 s
  for (const death of DEATHS) await isHeld(world, ownerOf(death), { call: death.after, isApplied: true });
  const locks = new Map<Death, StoreLock>();
  await Promise.all(
    DEATHS.map(async (death) => void locks.set(death, await death.lock(sql, ownerOf(death), death.type))),
  );
  await letGoInWaves(locks);
  await killAtLocks(locks);
  await areImported(world, [unharmed, ...owners.values()], 2 * HOUR_MS);
});

test.each(DEATHS)('the worker killed $when: both imports complete, the same end as without a death', async (death) => {
  expect(inDark.get(death.when)).toEqual(death.inDark);
  expect(await endOf(bench, ownerOf(death))).toEqual(await endOf(bench, unharmed));
});

test.each(DEATHS)('the worker killed $when: each once-only call asked and accepted once', async (death) => {
  expect(await countsOf(bench.world, ownerOf(death))).toEqual(onceBut());
});

test.each(DEATHS)('the worker killed $when: the timeline tells what became of the request', async (death) => {
  const { world } = bench;
  const owner = ownerOf(death);
  expect(await toldOf(world, owner, death.type)).toEqual(death.told);
  const other = death.type === 'contacts' ? 'history' : 'contacts';
  expect(await toldOf(world, owner, other)).toEqual(AS_EVER);
  if (death.told === AS_EVER) expect(await wordsOf(world, owner)).toEqual(await wordsOf(world, unharmed));
});

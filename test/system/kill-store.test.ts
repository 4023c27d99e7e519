/** The worker dies around what it writes into our own store on the way to the connection: the claim, and the record that the number is live. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { lockDigits, lockNumber, type StoreLock } from './kill-locks.ts';
import {
  areImported,
  countsOf,
  endOf,
  isHeld,
  onceBut,
  planHold,
  SHARED,
  unharmedOwner,
  useKillWorld,
} from './kill-points.ts';
import { eventually, finishDialog, invite, wordsOf, type Owner } from './people.ts';
import { openWire } from './wire.ts';

const wire = await openWire(inject('temporalAddress'));
const bench = useKillWorld({ env: { TEMPORAL_ADDRESS: wire.address } });
afterAll(() => wire.close());

interface Death {
  /** When the worker is killed. */
  when: string;
  /** The call at Meta in front of it, which is held until the lock is there. */
  after: string;
  lock: typeof lockDigits;
  /** Whether the transaction is committed by then, and Temporal has not heard of it. */
  isCommitted: boolean;
  /** What the store shows before the worker comes back. */
  inDark: string[];
}

const NOT_CLAIMED = ['connecting', '0 claims', 'a candidate'];
const CLAIMED = ['connecting', '2 claims', 'a candidate'];
const LIVE = ['connected', '2 claims', 'a current'];

const CLAIM = { after: 'listNumbers', lock: lockDigits };
const RECORD = { after: 'readNumber', lock: lockNumber };
const WAITING = { isCommitted: false };
const UNHEARD = { isCommitted: true };

const DEATHS: Death[] = [
  { when: 'before the claim', inDark: NOT_CLAIMED, ...CLAIM, ...WAITING },
  { when: 'after the claim, before its answer', inDark: CLAIMED, ...CLAIM, ...UNHEARD },
  { when: "between the gate's answer and the record of the link", inDark: CLAIMED, ...RECORD, ...WAITING },
  { when: 'after the record of the link, before its answer', inDark: LIVE, ...RECORD, ...UNHEARD },
];

const owners = new Map<string, Owner>();
const inDark = new Map<string, string[]>();
let unharmed: Owner;

function ownerOf({ when }: Death): Owner {
  const owner = owners.get(when);
  if (!owner) throw new Error(`nobody was invited for ${when}`);
  return owner;
}

/** What the store shows of the claim and of the link. */
async function stored({ id }: Owner): Promise<string[]> {
  const [row] = await bench.sql`
    select connection, (select count(*)::int from claims where number_id = numbers.number_id) as claims,
           (select state from credentials where number_id = numbers.number_id) as credential
    from numbers where number_id = ${id}`;
  return [String(row?.['connection']), `${String(row?.['claims'])} claims`, `a ${String(row?.['credential'])}`];
}

interface Locked {
  death: Death;
  lock: StoreLock;
}

/** The worker stands at the lock of each; those that are to be committed are let through, and nothing of it reaches Temporal. */
async function killAtLocks(all: readonly Locked[]): Promise<void> {
  const { world } = bench;
  const committed = all.filter(({ death }) => death.isCommitted);
  const waiting = all.filter(({ death }) => !death.isCommitted);
  for (const { lock } of all) await lock.isAwaited();
  wire.hold();
  for (const { death, lock } of committed) {
    await lock.release();
    await eventually(async () => expect(await stored(ownerOf(death))).toEqual(death.inDark));
  }
  for (const { lock } of waiting) await lock.isAwaited();
  await world.kill('worker', 'SIGKILL');
  wire.release();
  for (const { lock } of waiting) await lock.cutOff();
  for (const { death } of all) inDark.set(death.when, await stored(ownerOf(death)));
  await world.start('worker');
}

beforeAll(async () => {
  const { world, sql } = bench;
  unharmed = await unharmedOwner(world, '15550600699');
  for (const [index, death] of DEATHS.entries()) {
    owners.set(death.when, await invite(world, `1555060060${index}`, SHARED));
    await planHold(world, ownerOf(death), { call: death.after, isApplied: true });
  }
  await Promise.all(DEATHS.map((death) => finishDialog(world, ownerOf(death))));
  for (const death of DEATHS) await isHeld(world, ownerOf(death), { call: death.after, isApplied: true });
  const locks: Locked[] = [];
  for (const death of DEATHS) locks.push({ death, lock: await death.lock(sql, ownerOf(death)) });
  await world.meta.post('faults/release', {});
  await killAtLocks(locks);
  await areImported(world, [unharmed, ...owners.values()]);
});

test('the dark shows each death where it was meant', () => {
  for (const { when, inDark: expected } of DEATHS) expect(inDark.get(when), when).toEqual(expected);
});

test.each(DEATHS)('the worker killed $when: the same end as without a death, told alike', async (death) => {
  const { world } = bench;
  const owner = ownerOf(death);
  expect(await endOf(bench, owner)).toEqual(await endOf(bench, unharmed));
  expect(await wordsOf(world, owner)).toEqual(await wordsOf(world, unharmed));
});

test.each(DEATHS)(
  'the worker killed $when: each once-only call accepted once, Meta asked no second time',
  async (death) => {
    expect(await countsOf(bench.world, ownerOf(death))).toEqual(onceBut());
  },
);

test.each(DEATHS)("the worker killed $when: Meta's news that came before the claim is heard once", async (death) => {
  const timeline = await bench.world.backend.readTimeline(ownerOf(death).id);
  const shared = timeline.filter(({ sentence }) => sentence === 'Meta says that the account was shared with us.');
  expect(shared).toHaveLength(1);
});

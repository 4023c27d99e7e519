/** The worker dies around the gate that opens late: within the soft deadline, and past it while the attempt waits. */
import { beforeAll, expect, test } from 'vitest';
import {
  areAsked,
  areImported,
  countsOf,
  endOf,
  HOUR_MS,
  isHeld,
  isUnderWay,
  killInCalls,
  onceBut,
  planHold,
  SHARED,
  snapshotOf,
  useKillWorld,
  type HeldCall,
} from './kill-points.ts';
import { callsOf, eventually, finishDialog, invite, killWorker, reaches, wordsOf, type Owner } from './people.ts';

const bench = useKillWorld();
const MINUTE_MS = 60_000;

const LOOK = { call: 'readNumber', isApplied: false };
const LOOK_ANSWERED = { call: 'readNumber', isApplied: true };
const again = (look: HeldCall): HeldCall => ({ ...look, skip: 1 });

const AGAIN = 'before the gate is read again';
const AGAIN_ANSWERED = 'after the gate is read again';
const BETWEEN = 'while it waits between two looks';
const LATE = 'before a look past the soft deadline';
const LATE_ANSWERED = 'after a look past the soft deadline';
const SOFT = [AGAIN, AGAIN_ANSWERED];
const WAITING = [BETWEEN, LATE, LATE_ANSWERED];

const owners = new Map<string, Owner>();
let prompt: Owner;

function ownerOf(name: string): Owner {
  const owner = owners.get(name);
  if (!owner) throw new Error(`nobody was invited for ${name}`);
  return owner;
}

const shut = (owner: Owner): Promise<void> =>
  bench.world.meta.act(owner.digits, { action: 'setGate', platformType: 'ON_PREMISE' });
const open = (owner: Owner): Promise<void> =>
  bench.world.meta.act(owner.digits, { action: 'setGate', platformType: null });

/** Past the soft deadline at once: Meta asks for more patience than that. */
async function isLate(owner: Owner): Promise<void> {
  const { world } = bench;
  const fault = { kind: 'rate-limited', minutes: 5 };
  await world.meta.post('faults', { call: 'readNumber', subject: owner.wabaId, fault });
  await finishDialog(world, owner);
  await reaches(world, owner, { attempt: { state: 'waiting' } });
}

/** When the last of them has looked again. */
async function nextLookAt(names: readonly string[]): Promise<number> {
  const seen = await Promise.all(names.map((name) => snapshotOf(bench.world, ownerOf(name))));
  return Math.max(...seen.map(({ attempt }) => attempt.wait?.lookAtMs ?? 0));
}

/** The gate opens after the first read, which is told by its being counted. */
async function openAfterFirstRead(owner: Owner): Promise<void> {
  await eventually(async () => expect(await callsOf(bench.world, owner, 'readNumber')).toMatchObject({ accepted: 1 }));
  await open(owner);
}

beforeAll(async () => {
  const { world } = bench;
  prompt = await invite(world, '15550800898', SHARED);
  for (const [index, name] of [...SOFT, ...WAITING].entries()) {
    owners.set(name, await invite(world, `1555080080${index}`, SHARED));
    await shut(ownerOf(name));
  }
  await finishDialog(world, prompt);
  await Promise.all(WAITING.map((name) => isLate(ownerOf(name))));
  await areAsked(world, [prompt]);
  await killWorker(world); // all that are late wait between two looks, and one of them dies of nothing else
  await planHold(world, ownerOf(AGAIN), again(LOOK));
  await planHold(world, ownerOf(AGAIN_ANSWERED), again(LOOK_ANSWERED));
  for (const name of SOFT) await finishDialog(world, ownerOf(name));
  await Promise.all(SOFT.map((name) => openAfterFirstRead(ownerOf(name))));
  await killInCalls(world, [
    [ownerOf(AGAIN), again(LOOK)],
    [ownerOf(AGAIN_ANSWERED), again(LOOK_ANSWERED)],
  ]);
  await areAsked(world, SOFT.map(ownerOf)); // the second death does not meet them

  await open(ownerOf(BETWEEN));
  await world.timeMachine.advanceTo(await nextLookAt(WAITING)); // the others' gates are shut yet
  await areAsked(world, [ownerOf(BETWEEN)]);
  await planHold(world, ownerOf(LATE), LOOK);
  await planHold(world, ownerOf(LATE_ANSWERED), LOOK_ANSWERED);
  for (const name of [LATE, LATE_ANSWERED]) await open(ownerOf(name));
  const journey = world.advance(MINUTE_MS);
  await isHeld(world, ownerOf(LATE), LOOK);
  await isHeld(world, ownerOf(LATE_ANSWERED), LOOK_ANSWERED);
  await world.kill('worker', 'SIGKILL');
  for (const name of [LATE, LATE_ANSWERED]) await isUnderWay(world, ownerOf(name), 'probeNumber');
  await world.meta.post('faults/release', {});
  await world.start('worker');
  await journey;
  await areImported(world, [prompt, ...owners.values()], 2 * HOUR_MS);
});

test.each([...SOFT, ...WAITING])('the worker killed %s: the same end as without a death', async (name) => {
  expect(await endOf(bench, ownerOf(name))).toEqual(await endOf(bench, prompt));
});

test.each([...SOFT, ...WAITING])('the worker killed %s: each once-only call asked and accepted once', async (name) => {
  expect(await countsOf(bench.world, ownerOf(name))).toEqual(onceBut());
});

test.each(SOFT)('the worker killed %s: told as if the gate had been open from the beginning', async (name) => {
  const { world } = bench;
  expect(await wordsOf(world, ownerOf(name))).toEqual(await wordsOf(world, prompt));
});

test.each(WAITING)('the worker killed %s: the wait is told once, and all else as without it', async (name) => {
  const { world } = bench;
  const words = await wordsOf(world, ownerOf(name));
  const ofWait = (sentence: string): boolean => sentence.startsWith('Meta has not finished connecting');
  expect(words.filter(ofWait)).toHaveLength(1);
  expect(words.filter((sentence) => !ofWait(sentence))).toEqual(await wordsOf(world, prompt));
});

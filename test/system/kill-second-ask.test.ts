/** An import's first answer was lost, and the worker dies over it: asked once more at most, accepted once, and complete when the data comes. */
import { beforeAll, expect, test } from 'vitest';
import { silenceEndsAt } from '../../src/domain/syncs.ts';
import {
  areImported,
  countsOf,
  endOf,
  HOUR_MS,
  killHeld,
  onceBut,
  planHold,
  SHARED,
  snapshotOf,
  toldOf,
  unharmedOwner,
  useKillWorld,
  type Counts,
} from './kill-points.ts';
import { callsOf, finishDialogs, invite, killWorker, reaches, type Owner } from './people.ts';

const bench = useKillWorld();

const MINUTE_MS = 60_000;
const ALREADY_REQUESTED = '400, code 2593107';

interface Death {
  /** When the worker is killed. */
  when: string;
  type: 'contacts' | 'history';
  /** Whether Meta has given its second answer by then; null where the second call is not under way. */
  isAnswered: boolean | null;
  told: string[];
}

const NOBODY_KNOWS = ['lost', 'lost', 'complete'];
const ACCEPTED = ['lost', 'accepted again', 'complete'];

const DEATHS: Death[] = [
  { when: 'before the second request for contacts', type: 'contacts', isAnswered: false, told: NOBODY_KNOWS },
  { when: 'after the second request for contacts', type: 'contacts', isAnswered: true, told: NOBODY_KNOWS },
  { when: 'before the second request for history', type: 'history', isAnswered: false, told: NOBODY_KNOWS },
  { when: 'after the second request for history', type: 'history', isAnswered: true, told: NOBODY_KNOWS },
];
const IN_DOUBT: Death[] = [
  { when: 'while nobody knows of contacts', type: 'contacts', isAnswered: null, told: ACCEPTED },
  { when: 'while nobody knows of history', type: 'history', isAnswered: null, told: ACCEPTED },
];

const owners = new Map<string, Owner>();
let unharmed: Owner;

function ownerOf({ when }: Death): Owner {
  const owner = owners.get(when);
  if (!owner) throw new Error(`nobody was invited for ${when}`);
  return owner;
}

const callOf = ({ type }: Death): string => (type === 'contacts' ? 'syncContacts' : 'syncHistory');
const fieldOf = ({ type }: Death): string => (type === 'contacts' ? 'smb_app_state_sync' : 'history');

function secondCall(death: Death) {
  return { call: callOf(death), isApplied: death.isAnswered === true, skip: 1 };
}

async function inviteFor(death: Death, digits: string): Promise<Owner> {
  const { world } = bench;
  const owner = await invite(world, digits, SHARED);
  owners.set(death.when, owner);
  await world.meta.post('webhook-faults', { field: fieldOf(death), subject: owner.wabaId, times: 50, fault: 'hold' });
  await world.meta.post('faults', { call: callOf(death), subject: owner.wabaId, fault: { kind: 'lost-answer' } });
  return owner;
}

/** Meta takes the requests, the answers are lost, the data is on the way for long; all together, so that the silences end so. */
async function loseAnswers(deaths: readonly Death[], digits: string): Promise<void> {
  const { world } = bench;
  const invited = await Promise.all(deaths.map((death, index) => inviteFor(death, `${digits}${index}`)));
  await finishDialogs(world, invited);
  await Promise.all(
    deaths.map((death) => reaches(world, ownerOf(death), { syncs: { [death.type]: { state: 'unknown' } } })),
  );
}

/** When the last of these silences is over. */
async function silenceEndOf(deaths: readonly Death[]): Promise<number> {
  const ends = deaths.map(async (death) => silenceEndsAt(await snapshotOf(bench.world, ownerOf(death)), death.type));
  return Math.max(...(await Promise.all(ends)));
}

/** What the store has of the requests, the first and the second. */
async function outcomesOf(death: Death): Promise<object[]> {
  const rows = await bench.sql`
    select outcome from sync_requests where number_id = ${ownerOf(death).id} and type = ${death.type} order by ask`;
  return [...rows];
}

beforeAll(async () => {
  const { world } = bench;
  unharmed = await unharmedOwner(world, '15550900999');
  await areImported(world, [unharmed]);
  await loseAnswers(IN_DOUBT, '1555090091');
  await killWorker(world);
  await world.advance(5 * MINUTE_MS); // so that their silence is over before that of the others
  await loseAnswers(DEATHS, '1555090090');
  for (const death of DEATHS) await planHold(world, ownerOf(death), { ...secondCall(death), skip: 0 });

  await world.timeMachine.advanceTo((await silenceEndOf(IN_DOUBT)) + MINUTE_MS);
  for (const death of IN_DOUBT) {
    const { state, asks } = (await snapshotOf(world, ownerOf(death)))[death.type];
    expect({ state, asks }, death.when).toEqual({ state: 'requested', asks: 2 });
  }
  const journey = world.timeMachine.advanceTo((await silenceEndOf(DEATHS)) + MINUTE_MS);
  await killHeld(
    world,
    DEATHS.map((death) => [ownerOf(death), secondCall(death)]),
  );
  for (const death of DEATHS) {
    expect(await outcomesOf(death), `${death.when}: given up before the death`).toEqual([
      { outcome: 'unknown' },
      { outcome: null },
    ]);
  }
  await world.meta.post('faults/release', {});
  await world.start('worker');
  await journey;
  await world.meta.post('webhooks/release', {});
  await areImported(world, [...owners.values()], 2 * HOUR_MS);
});

test.each([...IN_DOUBT, ...DEATHS])('the worker killed $when: complete all the same', async (death) => {
  expect(await endOf(bench, ownerOf(death))).toEqual(await endOf(bench, unharmed));
});

test.each([...IN_DOUBT, ...DEATHS])('the worker killed $when: asked twice, accepted once', async (death) => {
  const twice: Partial<Counts> = { [callOf(death)]: { asked: 2, accepted: 1 } };
  expect(await countsOf(bench.world, ownerOf(death))).toEqual(onceBut(twice));
});

test.each([...IN_DOUBT, ...DEATHS])('the worker killed $when: each request is told, and the end', async (death) => {
  expect(await toldOf(bench.world, ownerOf(death), death.type)).toEqual(death.told);
});

test('the second request was answered that it was taken already', async () => {
  const journal = (await bench.world.meta.get('calls/journal')) as { call: string; subject: string; outcome: string }[];
  for (const death of [...IN_DOUBT, ...DEATHS]) {
    const { phoneNumberId } = ownerOf(death);
    const outcomes = journal.filter(({ call, subject }) => call === callOf(death) && subject === phoneNumberId);
    expect(
      outcomes.map(({ outcome }) => outcome),
      death.when,
    ).toEqual(['200, answer lost', ALREADY_REQUESTED]);
  }
});

test('what was asked twice is not asked a third time', async () => {
  const { world } = bench;
  await world.advance(24 * HOUR_MS);
  for (const death of [...IN_DOUBT, ...DEATHS]) {
    expect((await callsOf(world, ownerOf(death), callOf(death))).asked).toBe(2);
    expect((await snapshotOf(world, ownerOf(death)))[death.type]).toMatchObject({ state: 'complete', asks: 2 });
  }
});

/** The worker dies around each of the two once-only imports: Meta accepts each once, is asked at most twice, and both complete. */
import { beforeAll, expect, test } from 'vitest';
import { callsOf, connect, finishDialog, holding, invite, isAsked, killWorker, planFault, unheard } from './people.ts';
import type { Owner } from './people.ts';
import { useWorld } from './world.ts';

const bench = useWorld();

interface Death {
  /** When the worker is killed. */
  when: string;
  /** The call at Meta that is under way then. */
  call: string;
  fault: object;
  contacts: number;
  /** Whether Meta has applied the call by then. */
  applied: number;
  asked: { contacts: number; history: number };
}

const HOLD = holding();
const UNHEARD = unheard();
const NEVER_ARRIVES = { kind: 'hang' };
const ONCE = { contacts: 1, history: 1 };
const CONTACTS_AGAIN = { contacts: 2, history: 1 };
const HISTORY_AGAIN = { contacts: 1, history: 2 };

const at = (when: string, call: string, more: Partial<Death> & Pick<Death, 'fault'>): Death => {
  const applied = more.fault === UNHEARD ? 1 : 0;
  return { when, call, contacts: 150, applied, asked: ONCE, ...more };
};

/** Without data after a lost answer nobody knows, so Meta is asked once more; data settles it without another call. */
const DEATHS: Death[] = [
  at('before either request', 'readNumber', { fault: HOLD }),
  at('during the request for contacts, which Meta applies late', 'syncContacts', { fault: HOLD }),
  at('during the request for contacts, which never arrives', 'syncContacts', {
    fault: NEVER_ARRIVES,
    asked: CONTACTS_AGAIN,
  }),
  at('after the request for contacts, and they come', 'syncContacts', { fault: UNHEARD }),
  at('after the request for contacts, and there are none', 'syncContacts', {
    fault: UNHEARD,
    contacts: 0,
    asked: CONTACTS_AGAIN,
  }),
  at('during the request for history, which Meta applies late', 'syncHistory', { fault: HOLD }),
  at('during the request for history, which never arrives', 'syncHistory', {
    fault: NEVER_ARRIVES,
    asked: HISTORY_AGAIN,
  }),
  at('after the request for history, and it comes', 'syncHistory', { fault: UNHEARD }),
];

const owners = new Map<string, Owner>();
const HISTORY = { chunks: 6, messages: 60 };
const HOUR_MS = 3_600_000;

function ownerOf({ when }: Death): Owner {
  const owner = owners.get(when);
  if (!owner) throw new Error(`nobody was invited for ${when}`);
  return owner;
}

beforeAll(async () => {
  const { world } = bench;
  for (const [index, death] of DEATHS.entries()) {
    const owner = await invite(world, `1555030030${index}`, { contacts: death.contacts, history: HISTORY });
    owners.set(death.when, owner);
    await planFault(world, owner, { call: death.call, fault: death.fault });
  }
  await Promise.all(DEATHS.map((death) => finishDialog(world, ownerOf(death))));
  await Promise.all(
    DEATHS.map((death) => isAsked(world, ownerOf(death), { call: death.call, accepted: death.applied })),
  );

  await killWorker(world);

  const isOver = async (): Promise<boolean> => {
    const numbers = await Promise.all(DEATHS.map((death) => world.backend.readNumber(ownerOf(death).id)));
    return numbers.every(({ syncs }) => syncs.contacts.state === 'complete' && syncs.history.state === 'complete');
  };
  expect(await world.advanceUntil(isOver, 3 * HOUR_MS)).toBe(true);
});

test.each(DEATHS)('case 23: the worker killed $when: both imports complete, each accepted once', async (death) => {
  const { world } = bench;
  const owner = ownerOf(death);
  const { connection, headline, syncs } = await world.backend.readNumber(owner.id);
  expect({ connection, headline, progress: syncs.history.progress }).toEqual({
    connection: 'connected',
    headline: 'connected',
    progress: 100,
  });
  expect(await callsOf(world, owner, 'syncContacts')).toEqual({ asked: death.asked.contacts, accepted: 1 });
  expect(await callsOf(world, owner, 'syncHistory')).toEqual({ asked: death.asked.history, accepted: 1 });
  expect(await callsOf(world, owner, 'exchangeCode')).toEqual({ asked: 1, accepted: 1 });
});

test('case 20: what was imported after the death is what is imported without one', async () => {
  const { world } = bench;
  const unharmed = await invite(world, '15550300399', { contacts: 150, history: HISTORY });
  await connect(world, unharmed);
  const isOver = async (): Promise<boolean> => {
    const { syncs } = await world.backend.readNumber(unharmed.id);
    return syncs.contacts.state === 'complete' && syncs.history.state === 'complete';
  };
  expect(await world.advanceUntil(isOver, HOUR_MS)).toBe(true);
  const { syncs } = await world.backend.readNumber(unharmed.id);
  for (const death of DEATHS.filter(({ contacts }) => contacts > 0)) {
    expect((await world.backend.readNumber(ownerOf(death).id)).syncs, death.when).toEqual(syncs);
  }
});

/** Where a worker stands still for certain, so that it can be killed there, and the end that its numbers must reach all the same. */
import postgres from 'postgres';
import { afterAll, beforeAll, expect } from 'vitest';
import { numberId, workflowIdOf } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { readStatus } from '../../src/launch/read-status.ts';
import type { World } from '../../src/launch/world.ts';
import { callsOf, connect, eventually, invite, type Owner } from './people.ts';
import { useWorld, type Bench } from './world.ts';

export const HOUR_MS = 3_600_000;

/** A phone with something to import, so that the end of both imports can be told from no import. */
export const SHARED = { contacts: 150, history: { chunks: 6, messages: 60 } };

/** A call in which the worker dies: before Meta applies it, or after that and before the answer. */
export interface HeldCall {
  call: string;
  isApplied: boolean;
  /** Calls of the same kind that pass before. */
  skip?: number;
}

export interface KillBench extends Bench {
  readonly sql: postgres.Sql;
}

/** A world with a view into its store. */
export function useKillWorld(options: Parameters<typeof useWorld>[0] = {}): KillBench {
  const bench = useWorld(options);
  let sql: postgres.Sql | undefined;
  beforeAll(() => {
    sql = postgres(bench.world.databaseUrl, { max: 12, onnotice: () => {} });
  });
  afterAll(() => sql?.end({ timeout: 1 }));
  return {
    get world() {
      return bench.world;
    },
    get sql() {
      if (!sql) throw new Error('the store is there only while tests run');
      return sql;
    },
  };
}

export async function planHold(
  world: World,
  { wabaId }: Owner,
  { call, isApplied, skip = 0 }: HeldCall,
): Promise<void> {
  const fault = { kind: isApplied ? 'hold-answer' : 'hold' };
  await world.meta.post('faults', { call, subject: wabaId, skip, fault });
}

interface Held {
  call: string;
  names: string[];
  isApplied: boolean;
}

export async function isHeld(world: World, { wabaId }: Owner, { call, isApplied }: HeldCall): Promise<void> {
  await eventually(async () => {
    const { heldCalls } = (await world.meta.get('faults')) as { heldCalls: Held[] };
    const named = heldCalls.filter(({ names }) => names.includes(wabaId));
    expect(named.map((held) => ({ call: held.call, isApplied: held.isApplied }))).toEqual([{ call, isApplied }]);
  });
}

type Standing = readonly (readonly [Owner, HeldCall])[];

/** Kills while the calls are held, and leaves them so; a call that was given up before would have been repeated. */
export async function killHeld(world: World, held: Standing): Promise<void> {
  for (const [owner, call] of held) await isHeld(world, owner, call);
  await world.kill('worker', 'SIGKILL');
  for (const [owner, { call, skip = 0 }] of held) {
    expect((await callsOf(world, owner, call)).asked, `${call} was asked again before the death`).toBe(skip + 1);
  }
}

/** After the death Meta goes on with the calls, unheard, and the worker comes back. */
export async function killInCalls(world: World, held: Standing): Promise<void> {
  await killHeld(world, held);
  await world.meta.post('faults/release', {});
  await world.start('worker');
}

/** What its worker has in hand at Temporal's end, also after a death: a call that was given up has ended its activity, or begun it anew. */
export async function isUnderWay({ client }: World, { id }: Owner, activity: string): Promise<void> {
  const { raw } = await client.workflow.getHandle(workflowIdOf(numberId(id))).describe();
  const pending = raw.pendingActivities ?? [];
  expect(pending.map(({ activityType, attempt }) => ({ activity: activityType?.name, attempt }))).toEqual([
    { activity, attempt: 1 },
  ]);
}

export function snapshotOf({ client }: World, { id }: Owner): Promise<Snapshot> {
  return readStatus(client, workflowIdOf(numberId(id)));
}

/** Without moving the clock: what the death has interrupted is over, and no clock jumps while it is being tried again. */
export async function areAsked(world: World, owners: readonly Owner[]): Promise<void> {
  for (const owner of owners) {
    await eventually(async () => {
      const { contacts, history } = await snapshotOf(world, owner);
      for (const { state } of [contacts, history]) expect(['off', 'due', 'asking']).not.toContain(state);
    });
  }
}

/** Both imports are over for all of them. */
export async function areImported(world: World, owners: readonly Owner[], withinMs = 3 * HOUR_MS): Promise<void> {
  await areAsked(world, owners);
  const isOver = async (): Promise<boolean> => {
    const numbers = await Promise.all(owners.map(({ id }) => world.backend.readNumber(id)));
    return numbers.every(({ syncs }) => syncs.contacts.state === 'complete' && syncs.history.state === 'complete');
  };
  const isReached = await world.advanceUntil(isOver, withinMs);
  if (isReached) return;
  const seen = await Promise.all(owners.map((owner) => world.backend.readTimeline(owner.id)));
  throw new Error(`not imported: ${JSON.stringify(seen.map((lines) => lines.map(({ sentence }) => sentence)))}`);
}

/** An owner whose story nobody disturbs, to compare with. */
export async function unharmedOwner(world: World, digits: string): Promise<Owner> {
  const owner = await invite(world, digits, SHARED);
  await connect(world, owner);
  return owner;
}

/** What there is of a number in the end, at Meta, in the store and in its workflow; the same after every death. */
export async function endOf({ world, sql }: KillBench, owner: Owner): Promise<object> {
  const number = await world.backend.readNumber(owner.id);
  const phone = await world.meta.readPhone(owner.digits);
  const { attempt, tasks } = await snapshotOf(world, owner);
  const claims = await sql`
    select kind, attempt, is_linked from claims where number_id = ${owner.id} order by kind`;
  const credentials = await sql`
    select attempt, state, token_sealed is not null as is_kept from credentials where number_id = ${owner.id}`;
  const [codes] = await sql`
    select count(*)::int as kept from dialog_runs where number_id = ${owner.id} and code_sealed is not null`;
  return {
    is: [number.connection, number.headline, number.link.state, number.cycle],
    attempt: { state: attempt.state, undo: attempt.undo, wait: attempt.wait, failure: attempt.failure },
    tasks: tasks.map(({ kind, state }) => `${kind} ${state}`),
    syncs: number.syncs,
    atMeta: { subscribed: phone['subscribed'], tokens: phone['tokens'], connected: phone['connected'] },
    unsubscribed: await callsOf(world, owner, 'unsubscribe'),
    claims: [...claims],
    credentials: [...credentials],
    codes: codes?.['kept'],
  };
}

const ONCE_ONLY = ['exchangeCode', 'subscribe', 'syncContacts', 'syncHistory'] as const;
type OnceOnly = (typeof ONCE_ONLY)[number];
export type Counts = Record<OnceOnly, { asked: number; accepted: number }>;

const ONCE = { asked: 1, accepted: 1 };

/** Each once, but for those named. */
export function onceBut(others: Partial<Counts> = {}): Counts {
  return { exchangeCode: ONCE, subscribe: ONCE, syncContacts: ONCE, syncHistory: ONCE, ...others };
}

export async function countsOf(world: World, owner: Owner): Promise<Counts> {
  const counted = onceBut();
  for (const call of ONCE_ONLY) counted[call] = await callsOf(world, owner, call);
  return counted;
}

/** What the timeline tells of one import: what became of each request, and the end. */
export async function toldOf(world: World, { id }: Owner, type: 'contacts' | 'history'): Promise<string[]> {
  const name = type === 'contacts' ? 'Contacts' : 'History';
  const told = new Map([
    [`${name}: the answer was lost.`, 'lost'],
    [`The import of ${name} was asked for, once, and Meta accepted.`, 'accepted'],
    [`The import of ${name} was asked for a second time, and Meta accepted.`, 'accepted again'],
    [`${name}: complete.`, 'complete'],
  ]);
  const timeline = await world.backend.readTimeline(id);
  return timeline.flatMap(({ sentence }) => told.get(sentence) ?? []);
}

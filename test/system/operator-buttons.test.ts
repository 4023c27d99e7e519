/** The operator's buttons of the Temporal UI: cancel leaves nothing behind, terminate and reset lose nothing. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numberId, workflowIdOf } from '../../src/domain/ids.ts';
import { readStatus } from '../../src/launch/read-status.ts';
import { isHeld, planHold, type HeldCall } from './kill-points.ts';
import { callsOf, connect, eventually, finishDialog, invite, reaches, secondOver } from './people.ts';
import type { Owner } from './people.ts';
import { useWorld } from './world.ts';

const MINUTE_MS = 60_000;

const bench = useWorld();
let sql: postgres.Sql;

beforeAll(() => {
  sql = postgres(bench.world.databaseUrl, { max: 2, onnotice: () => {} });
});

afterAll(() => sql.end({ timeout: 1 }));

const workflowId = ({ id }: Owner): string => workflowIdOf(numberId(id));
const runOf = (owner: Owner) => bench.world.client.workflow.getHandle(workflowId(owner));
const runIdOf = async (owner: Owner): Promise<string> => (await runOf(owner).describe()).runId;

/** In the middle of an attempt, until the call is released. */
async function standsIn(owner: Owner, call: HeldCall['call']): Promise<void> {
  const { world } = bench;
  await planHold(world, owner, { call, isApplied: false });
  await finishDialog(world, owner);
  await isHeld(world, owner, { call, isApplied: false });
}

async function leftInStore({ id }: Owner): Promise<object> {
  const [row] = await sql`
    select (select count(*)::int from claims where number_id = ${id}) as claims,
           (select count(*)::int from credentials where number_id = ${id} and token_sealed is not null) as tokens,
           (select count(*)::int from dialog_runs where number_id = ${id} and code_sealed is not null) as codes`;
  return { ...row };
}

test('reset to its first task: connected again, nothing accepted twice, and the projection follows the new run', async () => {
  const { world } = bench;
  const owner = await invite(world, '15550500520');
  await connect(world, owner);
  await eventually(async () => expect((await callsOf(world, owner, 'syncHistory')).accepted).toBe(1));
  const before = await runIdOf(owner);
  const history = await runOf(owner).fetchHistory();
  const firstTask = history.events?.find(
    ({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes,
  );

  const { runId } = await world.client.workflowService.resetWorkflowExecution({
    namespace: world.client.options.namespace,
    workflowExecution: { workflowId: workflowId(owner), runId: before },
    reason: 'by hand',
    requestId: 'reset-by-hand',
    workflowTaskFinishEventId: firstTask?.eventId ?? null,
  });

  await eventually(async () => {
    const [row] = await sql`select run_id from numbers where number_id = ${owner.id}`;
    expect(row).toEqual({ run_id: runId });
    expect((await world.backend.readNumber(owner.id)).connection).toBe('connected');
  });
  await eventually(async () => {
    const { contacts, history: imported } = await readStatus(bench.world.client, workflowId(owner));
    expect([contacts.state, imported.state]).toEqual(['requested', 'requested']);
  });
  for (const call of ['exchangeCode', 'syncContacts', 'syncHistory']) {
    expect(await callsOf(world, owner, call)).toEqual({ asked: 1, accepted: 1 });
  }
  expect(await world.meta.readPhone(owner.digits)).toMatchObject({ subscribed: true, tokens: 1 });
  await secondOver(world); // the new run has proved the link anew
  await world.meta.act(owner.digits, { action: 'replacePhone', reconnect: false });
  await reaches(world, owner, { connection: 'paused' });
});

describe('terminate', () => {
  test('while connected: the number goes on from its stored snapshot, and hears what comes afterwards', async () => {
    const { world } = bench;
    const owner = await invite(world, '15550500510');
    await connect(world, owner);
    const before = await runIdOf(owner);
    await runOf(owner).terminate('by hand');

    await world.meta.act(owner.digits, { action: 'replacePhone', reconnect: false });

    await reaches(world, owner, { connection: 'paused', cycle: 1 });
    expect(await runIdOf(owner)).not.toBe(before);
    for (const call of ['exchangeCode', 'syncContacts', 'syncHistory']) {
      expect(await callsOf(world, owner, call)).toEqual({ asked: 1, accepted: 1 });
    }
  });

  test('in the middle of an attempt: it ends connected, and the code is not exchanged again', async () => {
    const { world } = bench;
    const owner = await invite(world, '15550500511');
    await standsIn(owner, 'listNumbers');
    await runOf(owner).terminate('by hand');
    await world.meta.post('faults/release', {});

    await reaches(world, owner, { connection: 'connected' });
    expect(await callsOf(world, owner, 'exchangeCode')).toEqual({ asked: 1, accepted: 1 });
    expect(await world.meta.readPhone(owner.digits)).toMatchObject({ subscribed: true, tokens: 1 });
  });

  test('with facts told and not recorded: they are told again, in their order', async () => {
    const { world } = bench;
    const owner = await invite(world, '15550500512');
    await connect(world, owner);
    await eventually(async () => expect((await callsOf(world, owner, 'syncHistory')).accepted).toBe(1));
    await world.kill('worker', 'SIGKILL'); // so that the run hears and cannot record
    await world.meta.act(owner.digits, { action: 'replacePhone', reconnect: false });
    await eventually(async () => {
      const posted = await sql`
        select 1 from number_facts
        where number_id = ${owner.id} and outcome = 'posted' and envelope like '%accountOffboarded%'`;
      expect(posted).toHaveLength(1);
    });
    await runOf(owner).terminate('by hand');
    await world.start('worker');

    await reaches(world, owner, { connection: 'paused' });
    const sentences = (await world.backend.readTimeline(owner.id)).map(({ sentence }) => sentence);
    expect(sentences.filter((sentence) => sentence.startsWith('Paused'))).toHaveLength(1);
  });

  test('with a code told and not recorded: it is exchanged by the next run', async () => {
    const { world } = bench;
    const owner = await invite(world, '15550500513');
    await world.kill('worker', 'SIGKILL');
    await finishDialog(world, owner);
    await runOf(owner).terminate('by hand');
    await world.start('worker');

    await reaches(world, owner, { connection: 'connected' });
    expect(await callsOf(world, owner, 'exchangeCode')).toEqual({ asked: 1, accepted: 1 });
  });
});

/** Each state that an operator may find, brought about. */
const STATES: Record<string, (owner: Owner) => Promise<void>> = {
  'while it is invited': async () => {},
  'in the middle of an attempt': (owner) => standsIn(owner, 'subscribe'),
  'while it is connected': (owner) => connect(bench.world, owner),
  'while the owner is leaving': async (owner) => {
    await connect(bench.world, owner);
    await bench.world.backend.command(owner.id, 'disconnect');
    await reaches(bench.world, owner, { connection: 'disconnecting' });
  },
  'while it is paused': async (owner) => {
    await connect(bench.world, owner);
    await bench.world.meta.act(owner.digits, { action: 'replacePhone', reconnect: false });
    await reaches(bench.world, owner, { connection: 'paused' });
  },
  'while it is disconnected and held': async (owner) => {
    await connect(bench.world, owner);
    await bench.world.advance(15 * MINUTE_MS);
    await bench.world.meta.act(owner.digits, { action: 'disconnect', reason: 'ACCOUNT_DISCONNECTED' });
    await reaches(bench.world, owner, { connection: 'disconnected' });
    expect(await leftInStore(owner)).toMatchObject({ tokens: 1 });
  },
};

describe('cancel', () => {
  test.each(Object.keys(STATES))('%s: what stands is undone, the number closes with a sentence', async (state) => {
    const { world } = bench;
    const owner = await invite(world, `1555050060${Object.keys(STATES).indexOf(state)}`);
    await STATES[state]?.(owner);

    await runOf(owner).cancel();
    await world.meta.post('faults/release', {});

    await reaches(world, owner, { connection: 'closed', headline: 'closed' });
    await eventually(async () => expect((await runOf(owner).describe()).status.name).toBe('CANCELLED'));
    expect(await leftInStore(owner)).toEqual({ claims: 0, tokens: 0, codes: 0 });
    expect(await world.meta.readPhone(owner.digits)).toMatchObject({ subscribed: false });
    const timeline = await world.backend.readTimeline(owner.id);
    expect(timeline.at(-1)).toMatchObject({ row: 'LI62', sentence: 'Closed: cancelled.' });
    expect(timeline.filter(({ sentence }) => sentence.startsWith('Could not undo'))).toEqual([]);
  });

  test('is not answered by a new run', async () => {
    const { world } = bench;
    const owner = await invite(world, '15550500590');
    const runId = await runIdOf(owner);
    await runOf(owner).cancel();
    await reaches(world, owner, { connection: 'closed' });
    const other = await invite(world, '15550500591');
    await runOf(other).terminate('to see the watch go round');
    const terminated = await runIdOf(other);
    await eventually(async () => expect(await runIdOf(other)).not.toBe(terminated));
    expect(await runIdOf(owner)).toBe(runId);
  });
});

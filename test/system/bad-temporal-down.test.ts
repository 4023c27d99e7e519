/** Temporal is down: webhooks and invitations are taken as always and arrive later; only the signup's code must come again. */
import { expect, test } from 'vitest';
import { bringUpTemporal } from '../../src/launch/temporal.ts';
import type { WorldOptions } from '../../src/launch/world.ts';
import { connect, eventually, HOUR_MS, idOf, MINUTE_MS, isConnected, isImported } from './bad-day.ts';
import { query, reach, SECRETS, sentencesOf } from './bad-day.ts';
import { readinessOf, useOwnServer } from './own-server.ts';
import { useWorld } from './world.ts';

const options: Partial<WorldOptions> = { secrets: SECRETS, logLevel: 'fatal' };
const temporal = useOwnServer('temporal', {
  bringUp: ({ port, ...place }) => bringUpTemporal({ ...place, ports: { frontend: port } }),
  whenUp: ({ address, namespace }) => {
    options.temporal = { address, namespace };
  },
});
const bench = useWorld(options);
const LEAVING = '15550115001';
const JOINING = '15550115002';
const LATER = '+15550115003';

const readiness = () => readinessOf(bench.world);

const deliveriesOf = async (digits: string): Promise<{ status: number | null; event: string | null }[]> => {
  type Deliveries = { deliveries: { status: number | null; event: string | null; digits: string | null }[] };
  const { deliveries } = (await bench.world.meta.get('webhooks')) as Deliveries;
  return deliveries.filter((one) => one.digits === digits).map(({ status, event }) => ({ status, event }));
};

test('mistake 12: what is told while Temporal is down is taken at once and arrives later, in order', async () => {
  const { world } = bench;
  const { backend, meta } = world;
  const leaving = await connect(world, LEAVING);
  await meta.makePhone({ digits: JOINING });
  const { id: joining } = await backend.invite(`+${JOINING}`);
  const { state } = await backend.openDialog(joining);
  await world.advance(30 * MINUTE_MS);
  await world.settle();
  const { length: before } = await deliveriesOf(LEAVING);

  await temporal.stop();
  await eventually('the engine is seen to be down', isDegraded);
  expect(await readiness()).toEqual([200, { status: 'degraded', store: 'ok', engine: 'down' }]);

  await meta.act(LEAVING, { action: 'replacePhone', reconnect: false });
  await meta.act(LEAVING, { action: 'disconnect', shape: 'full', reason: 'ACCOUNT_DISCONNECTED' });
  await eventually('both webhooks are delivered', async () => (await deliveriesOf(LEAVING)).length >= before + 2);
  expect((await deliveriesOf(LEAVING)).slice(before)).toEqual([
    { status: 200, event: 'ACCOUNT_OFFBOARDED' },
    { status: 200, event: 'PARTNER_REMOVED' },
  ]);

  const { code, message } = await meta.finishSignup(JOINING);
  expect((await backend.sendResult(state, message)).status, 'the result waits in the store').toBe(202);
  const [invited, command, refused] = await Promise.all([
    backend.call('POST', '/v1/onboardings', { body: { phoneNumber: LATER } }),
    backend.command(leaving, 'disconnect'),
    backend.sendCode(state, code ?? ''),
  ]);
  expect(invited.status).toBe(202);
  const later = idOf(invited);
  expect((await backend.readNumber(later)).headline).toBe('awaiting-signup');
  expect((await backend.readNumber(leaving)).connection, 'nothing is guessed meanwhile').toBe('connected');
  for (const answer of [command, refused]) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'ENGINE_UNAVAILABLE', retryable: true } });
  }

  expect((await temporal.bringUp()).address).toBe(options.temporal?.address);
  await eventually(
    'the identical code is taken',
    async () => (await backend.sendCode(state, code ?? '')).status === 202,
  );
  await eventually('the signup goes on', async () => isConnected(await backend.readNumber(joining)));
  await eventually(
    'the removal arrived',
    async () => (await backend.readNumber(leaving)).connection === 'disconnected',
  );
  await eventually('the invitation runs', () => isRunning(later));

  const told = (await sentencesOf(world, leaving)).filter((one) => /^(Paused|Meta removed|Disconnected)/.test(one));
  expect(told.map((one) => one.split(/[ :]/)[0])).toEqual(['Paused', 'Meta', 'Disconnected']);
  expect(await query(world, 'select 1 from number_facts where outcome is null')).toEqual([]);
  expect(await readiness()).toEqual([200, { status: 'ready', store: 'ok', engine: 'ok' }]);
});

test('afterwards the lives go on: deadlines that were set before come, and an import runs through', async () => {
  const { world } = bench;
  const [joining] = await query(world, 'select number_id from numbers where digits = $1', [JOINING]);
  await reach(world, String(joining?.['number_id']), isImported);
  expect(await world.advanceUntil(isCleanedUp, 80 * HOUR_MS)).toBe(true);
});

async function isDegraded(): Promise<boolean> {
  const [, body] = await readiness();
  return JSON.stringify(body).includes('degraded');
}

async function isRunning(id: string): Promise<boolean> {
  const { status } = await bench.world.client.workflow.getHandle(`number/${id}`).describe();
  const [row] = await query(bench.world, 'select started_at_ms from numbers where number_id = $1', [id]);
  return status.name === 'RUNNING' && row?.['started_at_ms'] !== null;
}

async function isCleanedUp(): Promise<boolean> {
  const [leaving] = await query(bench.world, 'select number_id from numbers where digits = $1', [LEAVING]);
  const told = await sentencesOf(bench.world, String(leaving?.['number_id']));
  return told.some((sentence) => sentence.startsWith('Cleaned up after the end'));
}

/** Postgres is down: 503 and never 200, because nothing could be kept; all comes back by itself, and nothing is lost. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createDatabase } from '../../src/launch/database.ts';
import { bringUpPostgres } from '../../src/launch/postgres.ts';
import type { WorldOptions } from '../../src/launch/world.ts';
import { accountEvent, connect, eventually, MINUTE_MS, isConnected, query, reach, SECRETS } from './bad-day.ts';
import { sendWebhook, sentencesOf, signatureOf } from './bad-day.ts';
import { readinessOf, useOwnServer } from './own-server.ts';
import { useWorld } from './world.ts';

const options: Partial<WorldOptions> = { secrets: SECRETS, logLevel: 'fatal' };
const server = useOwnServer('postgres', {
  bringUp: bringUpPostgres,
  whenUp: async ({ url }) => {
    options.databaseUrl = await createDatabase(url, 'tandem');
  },
});
const bench = useWorld(options);
const LEAVING = '15550116001';
const JOINING = '15550116002';

const readiness = () => readinessOf(bench.world);

const event = (ordinal: number): string =>
  accountEvent(String(ordinal), { event: 'ACCOUNT_OFFBOARDED' }, bench.world.nowMs());

const STREAMS = 8;

/** Webhooks without a pause until told to stop; answers each with its status, 0 where there was no answer at all. */
function stream(): { stop(): Promise<Map<string, number>> } {
  const statuses = new Map<string, number>();
  let isStopped = false;
  const run = async (_none: unknown, row: number): Promise<void> => {
    for (let ordinal = row + 1; !isStopped; ordinal += STREAMS) {
      const body = event(ordinal);
      statuses.set(signatureOf(body), await sendWebhook(bench.world, body).catch(() => 0));
    }
  };
  const running = Promise.all(Array.from({ length: STREAMS }, run));
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return statuses;
    },
  };
}

/** Answered 200 or 503 and nothing else; what was answered 200 is in the inbox. */
async function expectKept(statuses: ReadonlyMap<string, number>): Promise<void> {
  const rows = await query(bench.world, 'select delivery_key from webhook_deliveries');
  const kept = new Set(rows.map((row) => String(row['delivery_key'])));
  expect(new Set(statuses.values())).toEqual(new Set([200, 503]));
  const lost = [...statuses].filter(([key, status]) => status === 200 && !kept.has(key));
  expect(lost, 'acknowledged, so kept').toEqual([]);
}

test('while Postgres is down everything is answered 503, and afterwards all goes on without a restart', async () => {
  const { world } = bench;
  const { backend, meta } = world;
  const leaving = await connect(world, LEAVING);
  await meta.makePhone({ digits: JOINING });
  const { id: joining } = await backend.invite(`+${JOINING}`);
  const { state } = await backend.openDialog(joining);
  await world.advance(30 * MINUTE_MS);
  await world.settle();

  const webhooks = stream();
  await eventually('webhooks flow', async () => (await query(world, 'select 1 from unrouted_facts')).length > 5);
  await server.stop();
  const down = [503, { status: 'down', store: 'down', engine: 'ok' }];
  await vi.waitFor(async () => expect(await readiness()).toEqual(down), { timeout: 40_000, interval: 50 });
  const health = await fetch(`${world.apiUrl}/healthz`, { signal: AbortSignal.timeout(10_000) });
  expect(health.status, 'the process itself is well').toBe(200);

  expect(await sendWebhook(world, event(0))).toBe(503);
  expect(await sendWebhook(world, event(0), { 'x-hub-signature-256': 'sha256=00' })).toBe(401);
  expect(await sendWebhook(world, '{')).toBe(400);
  const { code, message } = await meta.finishSignup(JOINING);
  await meta.act(LEAVING, { action: 'disconnect', shape: 'full', reason: 'ACCOUNT_DISCONNECTED' });
  const answers = await Promise.all([
    backend.call('GET', '/v1/numbers'),
    backend.call('GET', `/v1/numbers/${leaving}`),
    backend.call('POST', '/v1/onboardings', { body: { phoneNumber: '+15550116003' } }),
    backend.command(leaving, 'disconnect'),
    backend.sendCode(state, code ?? ''),
    backend.sendResult(state, message),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE', retryable: true } });
  }
  const statuses = await webhooks.stop();

  await server.bringUp();
  await eventually('readyz is well again', async () => (await readiness())[0] === 200);
  await eventually(
    'the identical code is taken',
    async () => (await backend.sendCode(state, code ?? '')).status === 202,
  );
  expect((await backend.sendResult(state, message)).status).toBe(202);
  await eventually('the signup goes on', async () => isConnected(await backend.readNumber(joining)));

  await expectKept(statuses);
  await reach(world, leaving, ({ connection }) => connection === 'disconnected');
  const ends = (await sentencesOf(world, leaving)).filter((sentence) => sentence.startsWith('Disconnected'));
  expect(ends.length).toBe(1);
});

test('connections that are cut again and again under load are replaced: no request hangs, and the process lives on', async () => {
  const { world } = bench;
  const webhooks = stream();
  for (let cut = 0; cut < 20; cut += 1) {
    await query(world, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tandem'`);
    await pause(50);
  }
  await expectKept(await webhooks.stop());
  await eventually('readyz is well', async () => (await readiness())[0] === 200);
  const again = await Promise.all(Array.from({ length: 40 }, (_none, row) => sendWebhook(world, event(row))));
  expect(again.every((status) => status === 200)).toBe(true);
  expect((await world.backend.call('GET', '/v1/numbers')).status).toBe(200);
});

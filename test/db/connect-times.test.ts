/** How long connecting takes, measured on real Postgres: the first of each moment, per attempt and over the fleet (C23). */
import { describe, expect, it } from 'vitest';
import { connectMoments } from '../../src/db/schema-connect-times.ts';
import { CONNECT_MOMENTS, connectStepsOf, type ConnectMoment } from '../../src/domain/connect-times.ts';
import { dialogRunId, type NumberId } from '../../src/domain/ids.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { claimNumber, connectNumber, createNumber, ids, START_MS, type Ids } from './builders.ts';
import { clock, useDatabase } from './database.ts';
import { finishDialog, keyOf, SECOND_MS, signUp, takeSteps } from './signup-life.ts';

const bench = useDatabase();

async function stepsOf(id: Ids) {
  const row = await bench.stores.numbers.read(id.tenantId, id.numberId);
  return connectStepsOf(row?.connectMoments ?? []).map(({ step, atMs, tookMs }) => [
    step,
    (atMs - START_MS) / SECOND_MS,
    tookMs === null ? null : tookMs / SECOND_MS,
  ]);
}

const WHOLE = [
  ['dialog-opened', 0, null],
  ['dialog-finished', 10, 10],
  ['code-exchanged', 11, 1],
  ['permissions-granted', 12, 1],
  ['number-found', 13, 1],
  ['number-claimed', 14, 1],
  ['account-subscribed', 15, 1],
  ['gate-passed', 16, 1],
  ['connected', 17, 1],
];

describe('the steps of an attempt', () => {
  it('are kept as they are taken, and a number shows them', async () => {
    const id = ids('ten_steps');
    await createNumber(bench, id);
    expect(await stepsOf(id)).toEqual([]);
    await finishDialog(bench, id);
    await takeSteps(bench, id);
    expect(await stepsOf(id), 'on its way').toEqual(WHOLE.slice(0, 7));
    expect(await stepsOf(await signUp(bench, 'ten_steps'))).toEqual(WHOLE);
  });

  it('keep their first moment, whatever is repeated later', async () => {
    const id = await signUp(bench, 'ten_steps');
    clock.atMs = START_MS + DAY_MS;
    await bench.stores.connectTimes.noteSubscribed(keyOf(id));
    await bench.stores.credentials.keepGrants(keyOf(id), [], clock.atMs);
    expect(await stepsOf(id)).toEqual(WHOLE);
  });

  it('are those of the latest attempt; one that begins with the run of the attempt before has its dialog too', async () => {
    const id = await signUp(bench, 'ten_steps');
    const second = keyOf(id, 2);
    const run = dialogRunId(`dlg_of_${id.numberId}`);
    await bench.stores.credentials.intendExchange(second, run, START_MS);
    clock.atMs = START_MS + 20 * SECOND_MS;
    await bench.stores.credentials.keepCandidate(second, run, { accessToken: 'EAAG-2', expiresAtMs: null });
    expect(await stepsOf(id)).toEqual([
      ['dialog-opened', 0, null],
      ['dialog-finished', 10, 10],
      ['code-exchanged', 20, 10],
    ]);
  });

  it('go over with the attempt to the number that takes it over (AT37)', async () => {
    const holder = ids('ten_over');
    await connectNumber(bench, holder);
    const { wabaId, phoneNumberId, digits } = holder;
    const newcomer = { ...ids('ten_over'), wabaId, phoneNumberId, digits };
    await createNumber(bench, newcomer);
    await finishDialog(bench, newcomer);
    await bench.stores.credentials.intendExchange(keyOf(newcomer), dialogRunId('dlg_x'), START_MS);
    clock.atMs = START_MS + 11 * SECOND_MS;
    const token = { accessToken: 'EAAG-3', expiresAtMs: null };
    await bench.stores.credentials.keepCandidate(keyOf(newcomer), dialogRunId('dlg_x'), token);
    expect(await claimNumber(bench, newcomer)).toMatchObject({ kind: 'duplicate' });
    expect((await stepsOf(holder)).map(([step]) => step)).toEqual([
      'dialog-opened',
      'dialog-finished',
      'code-exchanged',
      'number-found',
    ]);
    expect(await stepsOf(newcomer)).toEqual([]);
  });
});

/** An attempt whose moments lie so many milliseconds after its first. */
async function measured(startMs: number, after: Partial<Record<ConnectMoment, number>>): Promise<void> {
  const { numberId, tenantId } = ids();
  const entries = Object.entries(after) as [ConnectMoment, number][];
  const key: { numberId: NumberId; cycle: number; attempt: number } = { numberId, cycle: 1, attempt: 1 };
  await bench.store.db
    .insert(connectMoments)
    .values(entries.map(([moment, ms]) => ({ ...key, tenantId, moment, atMs: startMs + ms })));
}

describe('over the fleet', () => {
  const FROM_MS = START_MS + 100 * DAY_MS;

  it('each step has its percentiles since the one before, connecting those since the dialog’s end', async () => {
    for (let tenth = 1; tenth <= 11; tenth += 1) {
      const finished = 60_000;
      const connected = finished + 1_000 + tenth * 10_000;
      await measured(FROM_MS, {
        'dialog-opened': 0,
        'dialog-finished': finished,
        'code-exchanged': finished + 1_000,
        connected,
      });
    }
    await measured(FROM_MS, { 'dialog-opened': 0, 'dialog-finished': 90_000 });
    const { steps, fromDialogEnd } = await bench.stores.connectTimes.readFleet(FROM_MS - 1);
    const byStep = new Map(steps.map(({ step, ...times }) => [step, times]));
    expect(steps.map(({ step }) => step)).toEqual([...CONNECT_MOMENTS]);
    expect(byStep.get('dialog-opened')).toEqual({ count: 12, p50Ms: null, p95Ms: null, p99Ms: null });
    expect(byStep.get('dialog-finished')).toMatchObject({ count: 12, p50Ms: 60_000 });
    expect(byStep.get('code-exchanged')).toEqual({ count: 11, p50Ms: 1_000, p95Ms: 1_000, p99Ms: 1_000 });
    expect(byStep.get('connected')).toEqual({ count: 11, p50Ms: 60_000, p95Ms: 105_000, p99Ms: 109_000 });
    expect(byStep.get('gate-passed')).toEqual({ count: 0, p50Ms: null, p95Ms: null, p99Ms: null });
    expect(fromDialogEnd).toEqual({ count: 11, p50Ms: 61_000, p95Ms: 106_000, p99Ms: 110_000, withinObjective: 4 });
  });

  it('what is exactly as long as the objective is in time; clocks that disagree make no time negative', async () => {
    const sinceMs = FROM_MS + DAY_MS;
    await measured(sinceMs, { 'dialog-finished': 10, connected: 45_010 });
    await measured(sinceMs, { 'dialog-finished': 10, connected: 45_011 });
    await measured(sinceMs, { 'dialog-finished': 10, 'code-exchanged': 5, connected: 8 });
    const { steps, fromDialogEnd } = await bench.stores.connectTimes.readFleet(sinceMs);
    expect(fromDialogEnd).toMatchObject({ count: 3, withinObjective: 2, p50Ms: 45_000 });
    expect(steps.find(({ step }) => step === 'code-exchanged')).toMatchObject({ count: 1, p50Ms: 0 });
  });

  it('a step within the window knows what went before it, also where that lies outside', async () => {
    const sinceMs = FROM_MS + 2 * DAY_MS;
    await measured(sinceMs, { 'dialog-opened': -600_000, 'dialog-finished': 400, connected: 30_400 });
    const { steps } = await bench.stores.connectTimes.readFleet(sinceMs);
    const of = (step: string) => steps.find((one) => one.step === step);
    expect(of('dialog-opened')).toMatchObject({ count: 0 });
    expect(of('dialog-finished')).toMatchObject({ count: 1, p50Ms: 600_400 });
  });
});

/** How long connecting takes, as a backend sees it for a number and an operator over the fleet (C23). */
import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS, type Door } from './door.ts';
import { OPERATOR } from './fleet.ts';

const DAY_MS = 86_400_000;
const iso = (atMs: number): string => new Date(atMs).toISOString();

describe('a number', () => {
  it('shows the steps that its attempt took, with their durations', async () => {
    const door = createDoor();
    const id = await door.onboard();
    expect((await door.get(`/v1/numbers/${id}`)).json.connectSteps).toEqual([]);
    const row = door.state.rows.get(id);
    const connectMoments = [
      { moment: 'code-exchanged', atMs: NOW_MS + 1_250 },
      { moment: 'dialog-finished', atMs: NOW_MS },
    ] as const;
    if (row) door.state.rows.set(id, { ...row, connectMoments });
    const steps = [
      { step: 'dialog-finished', at: iso(NOW_MS), tookMs: null },
      { step: 'code-exchanged', at: iso(NOW_MS + 1_250), tookMs: 1_250 },
    ];
    expect((await door.get(`/v1/numbers/${id}`)).json.connectSteps).toEqual(steps);
    expect((await door.get('/v1/numbers')).json.items[0].connectSteps).toEqual(steps);
  });
});

describe('the fleet', () => {
  const measured = (door: Door, count: number, withinObjective: number): void => {
    const times = { count, p50Ms: 20_000, p95Ms: 44_000, p99Ms: 60_000 };
    const none = { count: 0, p50Ms: null, p95Ms: null, p99Ms: null };
    door.events.fleet = {
      steps: [{ step: 'dialog-opened', ...none }],
      fromDialogEnd: { ...times, withinObjective },
    };
  };

  it.each([
    { count: 20, within: 19, shareWithin: 0.95, isMet: true },
    { count: 100, within: 94, shareWithin: 0.94, isMet: false },
  ])('meets its objective: $within of $count in time, $isMet', async ({ count, within, shareWithin, isMet }) => {
    const door = createDoor();
    measured(door, count, within);
    const { status, json } = await door.get('/v1/operator/connect-times', OPERATOR);
    expect([status, json.since]).toEqual([200, iso(NOW_MS - 30 * DAY_MS)]);
    expect(json.fromDialogEnd).toEqual({ count, p50Ms: 20_000, p95Ms: 44_000, p99Ms: 60_000, shareWithin });
    expect(json.objective).toEqual({ withinMs: 45_000, share: 0.95, source: expect.stringMatching(/\w/), isMet });
    expect(json.steps).toEqual([{ step: 'dialog-opened', count: 0, p50Ms: null, p95Ms: null, p99Ms: null }]);
  });

  it('says nothing of the objective where nothing was measured', async () => {
    const { json } = await createDoor().get('/v1/operator/connect-times', OPERATOR);
    expect([json.fromDialogEnd.shareWithin, json.objective.isMet]).toEqual([null, null]);
  });

  it('is looked at over the days that are asked for, within a year', async () => {
    const door = createDoor();
    await door.get('/v1/operator/connect-times?days=7', OPERATOR);
    expect(door.events.since).toEqual([NOW_MS - 7 * DAY_MS]);
    for (const days of ['0', '366', 'many']) {
      const { status, json } = await door.get(`/v1/operator/connect-times?days=${days}`, OPERATOR);
      expect([days, status, json.code]).toEqual([days, 400, 'REQUEST_INVALID']);
    }
  });

  it('is for operators alone', async () => {
    const { status, json } = await createDoor().get('/v1/operator/connect-times');
    expect([status, json.code]).toEqual([403, 'ROLE_MISSING']);
  });
});

/** The self-test of the provider: what Meta sends for our app, what is stopped by it, and what never is. */
import { describe, expect, it } from 'vitest';
import { createWebhookWatch } from '../../src/api/webhook-watch.ts';
import { NEEDED_FIELDS, READ_AGAIN_AFTER_MS, type AppWebhooks } from '../../src/domain/app-webhooks.ts';
import type { NumberId } from '../../src/domain/ids.ts';
import { GraphError } from '../../src/meta/graph-errors.ts';
import { createDoor, NOW_MS, type Door } from './door.ts';
import { OPERATOR } from './fleet.ts';

const OURS = 'https://tandem.example.com/webhooks/meta';
const GOOD: AppWebhooks = { callbackUrl: OURS, isActive: true, fields: [...NEEDED_FIELDS] };
const NO_HISTORY: AppWebhooks = { ...GOOD, fields: NEEDED_FIELDS.filter((field) => field !== 'history') };
const DOWN = new GraphError({ call: 'readAppWebhooks', failureCode: 'GRAPH_UNAVAILABLE', reach: 'unknown' });

const webhooksOf = async (door: Door): Promise<unknown> =>
  (await door.get('/v1/operator/readiness', OPERATOR)).json.webhooks;

/** A door whose process looks at a Meta that answers as told. */
function watching(first: AppWebhooks | null | Error, door = createDoor()) {
  const meta = { answer: first, asked: 0 };
  Object.assign(door.fleet.provider, { callbackUrl: OURS });
  const graph = {
    appId: 'app-1',
    readAppWebhooks: async () => {
      meta.asked += 1;
      if (meta.answer instanceof Error) throw meta.answer;
      return meta.answer;
    },
  };
  const warned: string[] = [];
  const log = { warn: (_fields: object, message: string) => void warned.push(message) };
  const clock = { nowMs: () => door.state.nowMs };
  const watch = createWebhookWatch({ ...door.ports, graph, provider: door.fleet.provider, clock, log });
  const look = async (): Promise<void> => {
    await watch.look();
    door.fleet.reading = watch.reading();
  };
  const pass = (ms: number): void => void (door.state.nowMs += ms);
  const open = () => door.fleet.alerts.filter(({ closedAtMs }) => closedAtMs === null);
  return { door, meta, watch, look, pass, open, warned };
}

const dialogOf = async (door: Door, id?: NumberId) => door.openDialog(id ?? (await door.onboard()));

describe('the webhooks of our app', () => {
  it('are good: dialogs open, and the self-test says when it was read', async () => {
    const { door, look } = watching(GOOD);
    await look();
    expect(await webhooksOf(door)).toEqual({
      state: 'good',
      faults: [],
      missingFields: [],
      callbackUrl: OURS,
      failure: null,
      checkedAt: new Date(NOW_MS).toISOString(),
    });
    expect((await dialogOf(door)).status).toBe(201);
  });

  it.each([
    ['a field that is missing', NO_HISTORY, ['fields-missing'], ['history']],
    ['a subscription that rests', { ...GOOD, isActive: false }, ['inactive'], [...NEEDED_FIELDS]],
    ['no subscription', null, ['not-subscribed'], [...NEEDED_FIELDS]],
    ['another address', { ...GOOD, callbackUrl: 'https://old.example.com' }, ['other-callback'], []],
  ])('%s stops new dialogs alone, and operators are told what it is', async (...[, told, faults, missing]) => {
    const { door, look } = watching(told);
    const before = await door.onboard();
    const running = await door.onboard();
    expect((await dialogOf(door, running)).status).toBe(201);
    await look();
    const refused = await dialogOf(door, before);
    expect([refused.status, refused.json.code, refused.json.remedy.length]).toEqual([503, 'PROVIDER_NOT_READY', 2]);
    expect(refused.text).not.toMatch(/history|example/);
    const { json } = await door.get('/v1/operator/readiness', OPERATOR);
    expect([json.newSignups, json.failure, json.missing]).toEqual(['blocked', 'PROVIDER_NOT_READY', []]);
    expect(json.webhooks).toMatchObject({ state: 'bad', faults, missingFields: missing });
    expect((await door.get(`/v1/numbers/${running}`)).json.attempt.state).toBe('open');
    expect((await door.post(`/v1/numbers/${running}/cancel-attempt`)).status).not.toBe(503);
  });

  it.each([
    ['never looked', null],
    ['Meta does not answer', DOWN],
  ])('%s: unknown, and nobody is stopped', async (_why, failing) => {
    const { door, look, open } = watching(failing ?? GOOD);
    if (failing) await look();
    expect(await webhooksOf(door)).toMatchObject({ state: 'unknown', failure: failing?.failureCode ?? null });
    expect((await dialogOf(door)).status).toBe(201);
    expect(open()).toEqual([]);
  });

  it('that are at an address which nobody told us to expect are shown, not judged', async () => {
    const { door, look } = watching({ ...GOOD, callbackUrl: 'https://old.example.com' });
    Object.assign(door.fleet.provider, { callbackUrl: undefined });
    await look();
    expect(await webhooksOf(door)).toMatchObject({ state: 'good', callbackUrl: 'https://old.example.com' });
  });
});

describe('the watch over them', () => {
  it('asks Meta once in five minutes, however often it looks and however many dialogs open', async () => {
    const { door, meta, look, pass } = watching(GOOD);
    await Promise.all([look(), look(), look()]);
    await dialogOf(door);
    pass(READ_AGAIN_AFTER_MS - 1);
    await look();
    expect(meta.asked).toBe(1);
    pass(1);
    await look();
    expect(meta.asked).toBe(2);
  });

  it('of another process is taken over: one asks for all', async () => {
    const first = watching(NO_HISTORY);
    await first.look();
    const second = watching(GOOD, first.door);
    await second.look();
    expect([second.meta.asked, second.watch.reading()]).toEqual([0, first.watch.reading()]);
  });

  it('raises one alert while it is red, keeps it while nothing is known, and settles it when all is well', async () => {
    const { meta, look, pass, open } = watching(NO_HISTORY);
    await look();
    expect(open()).toMatchObject([{ kind: 'provider-not-ready', subject: 'app-1', count: 1 }]);
    expect(open()[0]?.detail).toContain('fields-missing, history');
    meta.answer = DOWN;
    pass(READ_AGAIN_AFTER_MS);
    await look();
    expect(open()).toMatchObject([{ count: 1 }]);
    meta.answer = NO_HISTORY;
    pass(READ_AGAIN_AFTER_MS);
    await look();
    expect(open()).toMatchObject([{ count: 2 }]);
    meta.answer = GOOD;
    pass(READ_AGAIN_AFTER_MS);
    await look();
    expect(open()).toEqual([]);
  });

  it('tells also of settings that are missing, whatever Meta says', async () => {
    const { door, look, open } = watching(DOWN);
    Object.assign(door.fleet.provider, { configId: undefined });
    await look();
    expect(open()[0]?.detail).toContain('META_CONFIG_ID');
  });

  it('never fails: a store that is down is logged, and the next look reads', async () => {
    const { door, meta, look, watch, warned } = watching(GOOD);
    door.state.isStoreDown = true;
    await look();
    expect([warned.length, watch.reading(), meta.asked]).toEqual([1, null, 0]);
    door.state.isStoreDown = false;
    await look();
    expect(watch.reading()?.told).toEqual(GOOD);
  });

  it('looks at once when it is started, and no more when it was stopped', async () => {
    const { meta, watch } = watching(GOOD);
    watch.start();
    await watch.stop();
    expect([meta.asked, watch.reading()?.told]).toEqual([1, GOOD]);
  });
});

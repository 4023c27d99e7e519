import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createAlerts } from '../../src/db/alerts.ts';
import { createStores } from '../../src/db/stores.ts';
import { checkId, numberId, tenantId } from '../../src/domain/ids.ts';
import { eligible, NOW_MS } from '../domain/eligible.ts';
import { START_MS, signed } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const alert = (over: object = {}) => ({
  kind: 'quota-late' as const,
  subject: 'num_1',
  detail: 'promised',
  atMs: START_MS,
  ...over,
});

describe('an alert', () => {
  it('case 45: has one open row a kind and subject, however many raise it at once', async () => {
    const times = [5, 1, 4, 2, 3];
    const raised = await Promise.all(
      times.map((ms) => bench.stores.alerts.raise(alert({ atMs: START_MS + ms, detail: 'again' }))),
    );
    expect(raised.filter((one) => one === 'opened')).toHaveLength(1);
    await bench.stores.alerts.raise(alert({ kind: 'rule-stale' }));
    await bench.stores.alerts.raise(alert({ subject: 'num_2' }));
    const open = await bench.stores.alerts.list({ isOpen: true, after: null, limit: 10 });
    expect(open.map(({ kind, subject, count }) => [kind, subject, count])).toEqual([
      ['quota-late', 'num_1', 5],
      ['rule-stale', 'num_1', 1],
      ['quota-late', 'num_2', 1],
    ]);
    expect(open[0]).toMatchObject({ lastAtMs: START_MS + 5, closedAtMs: null, detail: 'again' });
  });

  it('that is closed stays so; raised again, it opens a new row', async () => {
    const mine = alert({ subject: 'num_again' });
    await bench.stores.alerts.raise(mine);
    const opened = (await bench.stores.alerts.list({ isOpen: true, after: null, limit: 10 })).at(-1);
    const id = opened?.alertId ?? '';
    expect((await bench.stores.alerts.close(id, signed({ atMs: START_MS + 7 })))?.closedAtMs).toBe(START_MS + 7);
    expect((await bench.stores.alerts.close(id, signed({ atMs: START_MS + 9 })))?.closedAtMs).toBe(START_MS + 7);
    expect(await bench.stores.alerts.raise(mine)).toBe('opened');
    const all = await bench.stores.alerts.list({ isOpen: false, after: null, limit: 2 });
    expect(all.map(({ subject, closedAtMs }) => [subject, closedAtMs])).toEqual([
      ['num_again', null],
      ['num_again', START_MS + 7],
    ]);
  });

  it.each(['alt_999999', 'alt_', 'alt_1x', '1'])('%s is no alert that could be closed', async (id) => {
    expect(await bench.stores.alerts.close(id, signed())).toBeNull();
  });
});

describe('the pages of alerts', () => {
  it('go on after the last place: open ones oldest first, all of them newest first, with no gap and no repeat', async () => {
    const { alerts } = bench.stores;
    for (const subject of ['page_1', 'page_2', 'page_3', 'page_4', 'page_5']) await alerts.raise(alert({ subject }));
    const start = (await alerts.list({ isOpen: false, after: null, limit: 6 })).at(-1)?.position ?? 0;
    const first = await alerts.list({ isOpen: true, after: start, limit: 3 });
    await alerts.close(first[1]?.alertId ?? '', signed());
    const second = await alerts.list({ isOpen: true, after: first.at(-1)?.position ?? null, limit: 3 });
    const subjects = [...first, ...second].map(({ subject }) => subject);
    expect(subjects).toEqual(['page_1', 'page_2', 'page_3', 'page_4', 'page_5']);
    const newest = await alerts.list({ isOpen: false, after: null, limit: 2 });
    const next = await alerts.list({ isOpen: false, after: newest.at(-1)?.position ?? null, limit: 2 });
    expect([...newest, ...next].map(({ subject }) => subject)).toEqual(['page_5', 'page_4', 'page_3', 'page_2']);
  });

  it('of open ones have an index of their own, which closed ones do not fill', async () => {
    const rows = await bench.store.db.execute(sql`select indexdef from pg_indexes where indexname = 'alerts_open'`);
    expect(rows[0]?.['indexdef']).toMatch(/\("?position"?\) WHERE \(closed_at_ms IS NULL\)/);
  });
});

describe('who is told of an alert', () => {
  it('hears of each kind once, when it opens, and again when it opens anew', async () => {
    const opened: unknown[] = [];
    const alerts = createAlerts(bench.store, (one) => void opened.push(one));
    const mine = { kind: 'mode-drift' as const, subject: 'told', detail: 'drifted', atMs: START_MS };
    for (const one of [mine, mine, { ...mine, kind: 'rule-stale' as const }]) await alerts.raise(one);
    const told = [
      { kind: 'mode-drift', subject: 'told' },
      { kind: 'rule-stale', subject: 'told' },
    ];
    expect(opened).toEqual(told);
    const [row] = (await alerts.list({ isOpen: true, after: null, limit: 99 })).filter((one) => one.subject === 'told');
    await alerts.close(row?.alertId ?? '', signed());
    await alerts.raise(mine);
    expect(opened).toEqual([...told, told[0]]);
  });

  it('also where a rule has become stale: the stores of a process share one ear', async () => {
    const opened: unknown[] = [];
    const onAlertOpened = (one: unknown): void => void opened.push(one);
    const stores = createStores(bench.store, {
      clock: { nowMs: () => START_MS },
      evidenceDebounceMs: 1,
      onAlertOpened,
    });
    for (const ordinal of [1, 2]) {
      const key = { tenantId: tenantId('ten_a'), checkId: checkId(`chk_ear${ordinal}`) };
      const number = numberId(`num_ear${ordinal}`);
      await stores.eligibility.check({ ...key, phoneNumber: null, answers: eligible(), atMs: NOW_MS });
      await stores.eligibility.eligibilityForOnboarding({ ...key, numberId: number, atMs: NOW_MS });
      await stores.eligibility.countRefusal(number, 'REGION_NOT_SUPPORTED', NOW_MS + ordinal);
    }
    expect(opened).toEqual([{ kind: 'rule-stale', subject: 'region' }]);
  });

  it('and where a delivery cannot be taken apart', async () => {
    const opened: unknown[] = [];
    const clock = { nowMs: () => START_MS };
    const onAlertOpened = (one: unknown): void => void opened.push(one);
    const { inbox } = createStores(bench.store, { clock, evidenceDebounceMs: 1, onAlertOpened });
    await inbox.accept({ key: 'stuck', body: '{}', receivedAtMs: START_MS });
    const [delivery] = await inbox.listUnprocessed(START_MS, 1);
    const id = delivery?.deliveryId ?? '';
    for (let postponed = 0; postponed < 20; postponed += 1) await inbox.postpone(id, 'cannot be read', START_MS);
    expect(opened).toEqual([{ kind: 'delivery-stuck', subject: `delivery/${id}` }]);
  });
});

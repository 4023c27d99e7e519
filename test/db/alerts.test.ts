import { describe, expect, it } from 'vitest';
import { START_MS } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const alert = (over: object = {}) => ({
  kind: 'quota-late',
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
    await bench.stores.alerts.raise(alert({ kind: 'other' }));
    await bench.stores.alerts.raise(alert({ subject: 'num_2' }));
    const open = await bench.stores.alerts.list({ isOpen: true, limit: 10 });
    expect(open.map(({ kind, subject, count }) => [kind, subject, count])).toEqual([
      ['quota-late', 'num_1', 5],
      ['other', 'num_1', 1],
      ['quota-late', 'num_2', 1],
    ]);
    expect(open[0]).toMatchObject({ lastAtMs: START_MS + 5, closedAtMs: null, detail: 'again' });
  });

  it('that is closed stays so; raised again, it opens a new row', async () => {
    const mine = alert({ subject: 'num_again' });
    await bench.stores.alerts.raise(mine);
    const opened = (await bench.stores.alerts.list({ isOpen: true, limit: 10 })).at(-1);
    const id = opened?.alertId ?? '';
    expect((await bench.stores.alerts.close(id, START_MS + 7))?.closedAtMs).toBe(START_MS + 7);
    expect((await bench.stores.alerts.close(id, START_MS + 9))?.closedAtMs).toBe(START_MS + 7);
    expect(await bench.stores.alerts.raise(mine)).toBe('opened');
    const all = await bench.stores.alerts.list({ isOpen: false, limit: 2 });
    expect(all.map(({ subject, closedAtMs }) => [subject, closedAtMs])).toEqual([
      ['num_again', null],
      ['num_again', START_MS + 7],
    ]);
  });

  it.each(['alt_999999', 'alt_', 'alt_1x', '1'])('%s is no alert that could be closed', async (id) => {
    expect(await bench.stores.alerts.close(id, START_MS)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import type { Snapshot, Sync } from '../../src/domain/snapshot.ts';
import { afterAlert, dueAlertOf } from '../../src/domain/sync-alerts.ts';
import { afterAsk, nextSyncStep } from '../../src/domain/syncs.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import { hours, live, minutes, T0 } from './builders.ts';
import { Life } from './life.ts';

const DUE: Sync = { ...SYNC_OFF, state: 'due' };
const WINDOW_END = T0 + hours(23.5);
const postponed = (over: Partial<Sync> = {}): Snapshot =>
  live({}, { contacts: { ...DUE, notBeforeMs: T0 + hours(30), ...over }, history: SYNC_OFF });

/** A Meta that never takes the request. */
function refusingLife(policy: Partial<Snapshot['policy']> = {}): Life {
  const s = live({}, { contacts: DUE, history: DUE });
  const requestSync = () => ({ outcome: 'due' as const, waitMs: null });
  return new Life({ state: { ...s, policy: { ...s.policy, ...policy } }, nowMs: T0, meta: { requestSync } });
}
const alertsOf = (life: Life): string[] => life.sentences.filter((line) => line.includes('not asked for yet'));

describe('SY13 warnings of the window', () => {
  it('come at 1, 12 and 20 hours, once for each import, and then it ends with its remedy', () => {
    const life = refusingLife();
    life.runTo(T0 + hours(30));
    const told = alertsOf(life).map((line) => line.replace(/;.*/, ''));
    expect(told).toEqual(
      [1, 12, 20].flatMap((hour) =>
        ['Contacts', 'History'].map((name) => `SY13 ${name}: not asked for yet after ${hour} h`),
      ),
    );
    const { contacts, history } = life.state;
    expect([contacts, history]).toMatchObject([
      { state: 'expired', failure: 'SYNC_WINDOW_MISSED' },
      { state: 'expired', failure: 'SYNC_WINDOW_MISSED' },
    ]);
    expect(isTaskOpen(life.state, 'op-sync')).toBe(false);
  });

  it('come at the hours of the tenant', () => {
    const life = refusingLife({ syncAlertHours: [3] });
    life.runTo(T0 + hours(30));
    expect(alertsOf(life)).toHaveLength(2);
  });

  it('case 17: open a task of the owner and one of operators, which go when Meta has taken the request', () => {
    const s = afterAlert(postponed(), { type: 'contacts', hours: 1 }, T0 + hours(1));
    expect(s.tasks.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['keep-app-open open', 'op-sync open']);
    const asked = afterAsk(s, { type: 'contacts', outcome: 'requested', waitMs: null }, T0 + hours(2));
    expect(asked.tasks.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['keep-app-open open', 'op-sync void']);
  });

  it('tell the highest hour alone after an outage', () => {
    const at = T0 + hours(13);
    expect(nextSyncStep(postponed(), at)).toEqual({ kind: 'alert', type: 'contacts', hours: 12 });
    const told = afterAlert(postponed(), { type: 'contacts', hours: 12 }, at);
    expect([told.contacts.alertedHours, dueAlertOf(told, at)]).toEqual([[1, 12], null]);
    expect(nextSyncStep(told, at)).toEqual({ kind: 'wait', untilMs: T0 + hours(20) });
  });

  it('come exactly at their hour, before the wait that Meta asked for', () => {
    expect(nextSyncStep(postponed(), T0 + hours(1) - 1)).toEqual({ kind: 'wait', untilMs: T0 + hours(1) });
    expect(nextSyncStep(postponed(), T0 + hours(1))).toEqual({ kind: 'alert', type: 'contacts', hours: 1 });
    expect(nextSyncStep(postponed(), WINDOW_END)).toEqual({ kind: 'expire', type: 'contacts' });
  });

  it.each(['off', 'requested', 'unknown', 'receiving', 'complete', 'refused'] as const)(
    'never speak of an import that is %s',
    (state) => {
      expect(dueAlertOf(postponed({ state }), T0 + hours(21))).toBeNull();
    },
  );

  it('give the happy path no timer: what can be asked for is asked for', () => {
    const life = new Life({ state: live({}, { contacts: DUE, history: DUE }), nowMs: T0 });
    life.runTo(T0);
    expect(nextDueOf(life.state, T0)).toMatchObject({ kind: 'sync-look', atMs: T0 + minutes(30) });
    life.runTo(T0 + hours(30));
    expect(alertsOf(life)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { DOOR_POLICY } from '../../src/domain/door-policy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, POLICY as ROWS, SECOND_MS, standardPolicy } from '../../src/domain/policy.ts';

const p = standardPolicy();

describe('the policies fit each other', () => {
  it.each([
    ['a result is joined before patience ends', p.joinSeconds * SECOND_MS, p.extendedMinutes * MINUTE_MS],
    [
      'the soft deadline is shorter than the extended wait',
      p.softDeadlineSeconds * SECOND_MS,
      p.extendedMinutes * MINUTE_MS,
    ],
    ['a code is retried while it lives', p.codeRetrySeconds, p.codeLifeSeconds],
    ['contacts: quiet before silence', p.contactsQuietMinutes, p.contactsSilenceMinutes],
    ['history: quiet before stall', p.historyQuietMinutes, p.historyStallMinutes],
    ['history: stall before the hard end', p.historyStallMinutes * MINUTE_MS, p.historyHardHours * HOUR_MS],
    ['the margin is shorter than the window', p.syncMarginMinutes * MINUTE_MS, p.syncWindowHours * HOUR_MS],
    [
      'an unknown import is asked again inside the window',
      p.historyStallMinutes * MINUTE_MS,
      p.syncWindowHours * HOUR_MS,
    ],
    ['the boundary is shorter than settling', p.boundaryMinutes, p.settleMinutes],
    ['the wait after a disconnect is shorter than the hold', p.platformWaitMinutes * MINUTE_MS, p.undoHours * HOUR_MS],
    ['the gate is looked at often inside its patience', p.gateAgainSeconds * SECOND_MS, p.extendedMinutes * MINUTE_MS],
    ['own cooling rises', p.attemptCoolMinutes, p.attemptCoolMaxMinutes],
    ['own cooling begins before the last attempt', p.attemptFailuresMax, p.attemptsMax],
  ] as const)('%s', (_name, less, more) => {
    expect(less).toBeLessThan(more);
  });

  it('the confirming distance is at most the settling time', () => {
    expect(p.probeConfirmMinutes).toBeLessThanOrEqual(p.settleMinutes);
  });

  it('the rungs rise, and the last with the debounce lies before the limit', () => {
    expect([...p.reminderDays].toSorted((a, b) => a - b)).toEqual(p.reminderDays);
    expect(new Set(p.reminderDays).size).toBe(p.reminderDays.length);
    const lastMs = Math.max(...p.reminderDays) * DAY_MS + p.evidenceDebounceHours * HOUR_MS;
    expect(lastMs).toBeLessThan(p.appLimitDays * DAY_MS);
  });
});

describe('each policy', () => {
  it.each(Object.entries({ ...ROWS, ...DOOR_POLICY }))(
    '%s says its unit or is a count, its meaning and its source',
    (name, row) => {
      expect(name).toMatch(/(Seconds|Minutes|Hours|Days|Max|Reminders)$/);
      expect(row.meaning.length).toBeGreaterThan(10);
      expect(row.source).toMatch(/2026-11/);
    },
  );

  it('that the door alone reads travels in no snapshot', () => {
    expect(Object.keys(DOOR_POLICY).filter((name) => name in p)).toEqual([]);
    expect(Object.keys(DOOR_POLICY)).toContain('runCallsMax');
  });

  it('an override replaces its row alone', () => {
    expect(standardPolicy({ inviteDays: 3 })).toEqual({ ...p, inviteDays: 3 });
  });
});

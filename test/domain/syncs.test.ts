import { describe, expect, it } from 'vitest';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import type { Snapshot, Sync } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { afterAnswer } from '../../src/domain/sync-answer.ts';
import {
  afterAsk,
  areSyncsOver,
  beforeAsk,
  expireSync,
  nextSyncStep,
  ordinalOfAsk,
  settleSync,
  syncsAtGoLive,
  type SyncOutcome,
} from '../../src/domain/syncs.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { hours, lastLine, live, minutes, suspended, T0 } from './builders.ts';
import { Life } from './life.ts';

const DUE: Sync = { ...SYNC_OFF, state: 'due' };
const WINDOW_END = T0 + hours(23.5);

function importing(contacts: Partial<Sync>, history: Partial<Sync> = {}): Snapshot {
  return live({}, { contacts: { ...DUE, ...contacts }, history: { ...DUE, ...history } });
}

const asked = (state: Sync['state'], over: Partial<Sync> = {}): Partial<Sync> => ({
  state,
  asks: 1,
  askedAtMs: T0,
  ...over,
});

describe('asking', () => {
  it('case 21: SY02 asks for contacts first, and for history once contacts were asked for', () => {
    expect(nextSyncStep(importing({}), T0)).toEqual({ kind: 'ask', type: 'contacts' });
    for (const state of ['requested', 'unknown', 'receiving', 'complete', 'expired'] as const) {
      expect(nextSyncStep(importing(asked(state)), T0)).toEqual({ kind: 'ask', type: 'history' });
    }
  });

  it('SY02 asks for nothing while the link is not live or the credential is not valid', () => {
    expect(nextSyncStep({ ...suspended(), contacts: DUE }, T0)).toEqual({ kind: 'none' });
    const withoutCredential = { ...importing({}), credential: 'held' } as const;
    expect(nextSyncStep(withoutCredential, T0)).toEqual({ kind: 'wait', untilMs: T0 + hours(1) });
    expect(nextSyncStep(withoutCredential, WINDOW_END)).toEqual({ kind: 'expire', type: 'contacts' });
    expect(nextSyncStep({ ...live(), credential: 'held' }, T0)).toEqual({ kind: 'none' });
  });

  it('SY04 an intent that a crash left is asked under its own key, and history waits for it', () => {
    const s = beforeAsk(importing({}), 'contacts');
    expect(nextSyncStep(s, T0)).toEqual({ kind: 'ask', type: 'contacts' });
    expect(s.contacts.asks).toBe(0);
  });

  it('SY08 a timer for the first of some chunks that overtake each other finds a look due for the last of them', () => {
    const heard = (lastDataAtMs: number): Snapshot =>
      importing(asked('complete'), asked('receiving', { hasSeenFull: true, lastDataAtMs }));
    const first = nextSyncStep(heard(T0), T0);
    expect(first).toEqual({ kind: 'wait', untilMs: T0 + minutes(6) });
    expect(nextSyncStep(heard(T0 + minutes(1)), T0 + minutes(6))).toEqual({ kind: 'look' });
    expect(nextSyncStep(heard(T0 + minutes(1) + 1), T0 + minutes(6))).toEqual({
      kind: 'wait',
      untilMs: T0 + minutes(7) + 1,
    });
    expect(nextSyncStep(heard(T0), T0 + minutes(5) - 1)).toMatchObject({ kind: 'wait' });
  });

  it('SY08 a look that is due is shown at the time of the timer that stands for it, for only other news makes it earlier', () => {
    const s = importing(asked('complete'), asked('receiving', { hasSeenFull: true, lastDataAtMs: T0 }));
    for (const [nowMs, atMs] of [
      [T0 + minutes(5), T0 + minutes(6)],
      [T0 + minutes(7), T0 + minutes(7)],
    ] as const) {
      expect(nextSyncStep(s, nowMs)).toEqual({ kind: 'look' });
      expect(nextDueOf(s, nowMs)).toMatchObject({ kind: 'sync-look', atMs });
    }
  });

  it('case 39: SY13 only what was never asked expires, at the end of the window less the margin', () => {
    expect(nextSyncStep(importing({}), WINDOW_END - 1)).toEqual({ kind: 'ask', type: 'contacts' });
    expect(nextSyncStep(importing({}), WINDOW_END)).toEqual({ kind: 'expire', type: 'contacts' });
    expect(nextSyncStep(importing(asked('requested'), asked('requested')), WINDOW_END)).toEqual({ kind: 'look' });
    expect(expireSync(importing({}), 'contacts', WINDOW_END).contacts).toMatchObject({
      state: 'expired',
      failure: 'SYNC_WINDOW_MISSED',
    });
  });

  it('SY13 a postponed call expires at the end of the window, not after its wait', () => {
    const alertedHours = [1, 12, 20];
    const s = importing({ notBeforeMs: WINDOW_END + hours(2), alertedHours }, { alertedHours });
    expect(nextSyncStep(s, T0 + hours(20))).toEqual({ kind: 'wait', untilMs: WINDOW_END });
    expect(nextSyncStep(s, WINDOW_END)).toEqual({ kind: 'expire', type: 'contacts' });
  });
});

describe('the outcome of a call', () => {
  const ROWS: readonly [SyncOutcome, Pick<Sync, 'state' | 'failure' | 'asks'>][] = [
    ['requested', { state: 'requested', failure: null, asks: 1 }],
    ['unknown', { state: 'unknown', failure: null, asks: 1 }],
    ['expired', { state: 'expired', failure: 'SYNC_WINDOW_MISSED', asks: 1 }],
    ['declined', { state: 'declined', failure: null, asks: 1 }],
    ['refused', { state: 'refused', failure: 'HISTORY_SYNC_REFUSED', asks: 1 }],
    ['due', { state: 'due', failure: null, asks: 0 }],
  ];

  it.each(ROWS)('SY03 SY04 SY11 %s: %j', (outcome, expected) => {
    const s = beforeAsk(importing(asked('complete')), 'history');
    const next = afterAsk(s, { type: 'history', outcome, waitMs: null }, T0);
    expect(next.history).toMatchObject(expected);
  });

  it('SY16 contacts that are refused take history with them', () => {
    const next = afterAsk(
      beforeAsk(importing({}), 'contacts'),
      { type: 'contacts', outcome: 'refused', waitMs: null },
      T0,
    );
    expect([next.contacts.state, next.history.state]).toEqual(['refused', 'refused']);
    const off = afterAsk(importing({}, { state: 'off' }), { type: 'contacts', outcome: 'refused', waitMs: null }, T0);
    expect(off.history.state).toBe('off');
  });

  it("SY04 a call that was surely not sent waits for Meta's time, or a minute", () => {
    const told = afterAsk(importing({}), { type: 'contacts', outcome: 'due', waitMs: hours(1) }, T0);
    expect(nextSyncStep(told, T0)).toEqual({ kind: 'wait', untilMs: T0 + hours(1) });
    expect(nextSyncStep(told, T0 + hours(1))).toEqual({ kind: 'ask', type: 'contacts' });
    expect(afterAsk(importing({}), { type: 'contacts', outcome: 'due', waitMs: null }, T0).contacts.notBeforeMs).toBe(
      T0 + minutes(1),
    );
  });
});

describe('SY04 a call that is not sent again and again', () => {
  it('is repeated ever more rarely, up to once an hour', () => {
    const waitAt = (atMs: number): number =>
      (afterAsk(importing({}), { type: 'contacts', outcome: 'due', waitMs: null }, atMs).contacts.notBeforeMs ?? 0) -
      atMs;
    expect([0, 20, 60, 600].map((age) => waitAt(T0 + minutes(age)))).toEqual([1, 5, 15, 60].map(minutes));
  });

  it('puts the link in doubt where Meta named the credential or the number', () => {
    const s = beforeAsk(importing({}), 'contacts');
    const answer = { outcome: 'due', waitMs: null, isLinkInDoubt: true } as const;
    const next = afterAnswer(s, { type: 'contacts', answer }, T0);
    expect([next.contacts.state, next.link.suspect?.lookAtMs, lastLine(next)]).toEqual([
      'due',
      T0,
      'SY04 linkSuspected',
    ]);
    const busy = afterAnswer(s, { type: 'contacts', answer: { outcome: 'due', waitMs: null } }, T0);
    expect(busy.link.suspect).toBeNull();
  });
});

describe('Y20 the owner', () => {
  const keepOpen = (s: Snapshot): string | undefined => s.tasks.find(({ kind }) => kind === 'keep-app-open')?.state;

  it('is asked to keep the app open from the first request until both imports are over', () => {
    const asking = (s: Snapshot, type: 'contacts' | 'history'): Snapshot =>
      afterAsk(beforeAsk(s, type), { type, outcome: 'requested', waitMs: null }, T0);
    const both = asking(asking(importing({}), 'contacts'), 'history');
    expect(both.tasks).toMatchObject([{ kind: 'keep-app-open', state: 'open' }]);
    const one = settleSync(both, { type: 'contacts', row: 'SY06', state: 'complete', failure: null }, T0);
    expect(keepOpen(one)).toBe('open');
    const over = settleSync(one, { type: 'history', row: 'SY08', state: 'complete', failure: null }, T0);
    expect(keepOpen(over)).toBe('done');
  });

  it('hears of it without a record of its own', () => {
    const s = afterAsk(
      beforeAsk(importing({}), 'contacts'),
      { type: 'contacts', outcome: 'requested', waitMs: null },
      T0,
    );
    expect(mustRecord(s)).toBe(false);
  });
});

describe('SY10a an unknown answer', () => {
  const unknown = importing(asked('unknown'), { state: 'off' });

  it.each([
    [0, 'The import of Contacts was asked for, once, and Meta accepted.'],
    [1, 'The import of Contacts was asked for a second time, and Meta accepted.'],
    [2, 'The import of Contacts was asked for, now 3 times, and Meta accepted.'],
  ])('that is followed by a yes, after %i requests before, is told as what it is', (asks, sentence) => {
    const s = beforeAsk(importing(asked('unknown', { asks }), { state: 'off' }), 'contacts');
    const { unsaid } = afterAsk(s, { type: 'contacts', outcome: 'requested', waitMs: null }, T0 + minutes(30));
    expect(unsaid.filter(({ key }) => key === 'syncRequested').map(sentenceOf)).toEqual([sentence]);
  });

  it('case 22: is asked once more after the silence of its kind, and never a third time', () => {
    expect(nextSyncStep(unknown, T0 + minutes(30) - 1)).toEqual({ kind: 'wait', untilMs: T0 + minutes(30) });
    expect(nextSyncStep(unknown, T0 + minutes(30))).toEqual({ kind: 'ask', type: 'contacts' });
    const again = afterAsk(
      beforeAsk(unknown, 'contacts'),
      { type: 'contacts', outcome: 'unknown', waitMs: null },
      T0 + minutes(30),
    );
    expect(again.contacts.asks).toBe(2);
    expect(nextSyncStep(again, T0 + hours(2))).toEqual({ kind: 'wait', untilMs: T0 + minutes(30) + hours(24) });
  });

  it('is not asked again after the window has closed', () => {
    const late = importing(asked('unknown', { askedAtMs: WINDOW_END - minutes(10) }), { state: 'off' });
    expect(nextSyncStep(late, WINDOW_END)).toEqual({ kind: 'wait', untilMs: WINDOW_END - minutes(10) + hours(24) });
  });

  it('SY04 a postponed second call leaves it unknown, and is not counted', () => {
    const back = afterAsk(
      beforeAsk(unknown, 'contacts'),
      { type: 'contacts', outcome: 'due', waitMs: hours(1) },
      T0 + minutes(30),
    );
    expect(back.contacts).toMatchObject({ state: 'unknown', asks: 1 });
    expect(nextSyncStep(back, T0 + minutes(31))).toEqual({ kind: 'wait', untilMs: T0 + minutes(90) });
  });

  it('"already requested" at the second call means accepted', () => {
    let calls = 0;
    const requestSync = (): { outcome: SyncOutcome; waitMs: null } => ({
      outcome: calls++ === 0 ? 'unknown' : 'requested',
      waitMs: null,
    });
    const life = new Life({ state: importing({}, { state: 'off' }), nowMs: T0, meta: { requestSync } });
    life.runTo(T0 + hours(2));
    expect([calls, life.state.contacts.state]).toEqual([2, 'complete']);
  });
});

describe('SY00 at goLive', () => {
  const before = live(
    { sinceMs: T0 - hours(100) },
    { contacts: { ...SYNC_OFF, state: 'complete' }, history: { ...SYNC_OFF, state: 'cut' } },
  );
  const atGoLive = (onboardedAtMs: number | null, nowMs = T0): Snapshot =>
    syncsAtGoLive(before, { finishedAtMs: T0, onboardedAtMs, before: before.link.sinceMs }, nowMs);

  it('a newer last onboarded time brings a fresh budget', () => {
    expect([atGoLive(T0).contacts.state, atGoLive(T0).history.state]).toEqual(['due', 'due']);
    expect(atGoLive(null).contacts.state).toBe('due');
  });

  it('the same last onboarded time keeps what was', () => {
    const kept = atGoLive(T0 - hours(100));
    expect([kept.contacts.state, kept.history.state]).toEqual(['complete', 'cut']);
  });

  it('over a link that stood, calls of the same cycle are not named again', () => {
    const asked = { ...before, contacts: { ...before.contacts, asks: 2 } };
    const at = { finishedAtMs: T0, onboardedAtMs: T0, before: before.link.sinceMs };
    const over = syncsAtGoLive(asked, { ...at, isOverStanding: true }, T0);
    expect([ordinalOfAsk(over.contacts), ordinalOfAsk(over.history), over.contacts.asks]).toEqual([3, 1, 0]);
    expect(ordinalOfAsk(syncsAtGoLive(asked, at, T0).contacts)).toBe(1);
    const again = syncsAtGoLive(
      { ...over, contacts: { ...over.contacts, asks: 1 } },
      { ...at, isOverStanding: true },
      T0,
    );
    expect(ordinalOfAsk(again.contacts)).toBe(4);
  });

  it('the window runs from the earlier of finish and last onboarded time', () => {
    expect(atGoLive(T0 - hours(2)).syncWindowEndsAtMs).toBe(T0 - hours(2) + hours(23.5));
    expect(atGoLive(T0 + hours(2)).syncWindowEndsAtMs).toBe(WINDOW_END);
  });

  it('what was not chosen, or comes after the window, is off', () => {
    const chosen = { ...before, imports: { contacts: true, history: false } };
    const next = syncsAtGoLive(chosen, { finishedAtMs: T0, onboardedAtMs: T0, before: null }, T0);
    expect([next.contacts.state, next.history.state]).toEqual(['due', 'off']);
    expect(atGoLive(T0, WINDOW_END).contacts.state).toBe('off');
  });
});

it('the imports are over when nothing can happen to either by itself', () => {
  expect(areSyncsOver(importing(asked('complete'), asked('requested')))).toBe(false);
  expect(areSyncsOver(importing(asked('complete'), asked('stalled')))).toBe(false);
  expect(areSyncsOver(importing(asked('complete'), asked('stalled', { failure: 'HISTORY_SILENT' })))).toBe(true);
  expect(areSyncsOver(importing(asked('declined'), asked('cut')))).toBe(true);
});

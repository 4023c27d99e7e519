import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { linkAfterLook } from '../../src/domain/link-looks.ts';
import { takeFact } from '../../src/domain/react.ts';
import { SYNC_STATES, type Snapshot, type Sync } from '../../src/domain/snapshot.ts';
import { afterLook, type SyncArrivals } from '../../src/domain/sync-arrivals.ts';
import { nextSyncStep } from '../../src/domain/syncs.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import {
  envelope,
  gone,
  hours,
  ignoredAs,
  live,
  minutes,
  offboarded,
  probe,
  reconnected,
  suspended,
  T0,
} from './builders.ts';
import { Life } from './life.ts';
import { NOTHING_ARRIVED } from './scripted-meta.ts';

const REQUESTED: Sync = { ...SYNC_OFF, state: 'requested', asks: 1, askedAtMs: T0 };
const importing = (contacts: Partial<Sync>, history: Partial<Sync>): Snapshot =>
  live({}, { contacts: { ...REQUESTED, ...contacts }, history: { ...REQUESTED, ...history } });
const chunk = (progress: number): Fact => ({ kind: 'historyChunkArrived', phase: 1, chunkOrder: 1, progress });
const NONE = { contacts: NOTHING_ARRIVED, history: NOTHING_ARRIVED };
const arrivedAt = (lastAtMs: number, progress = 0): SyncArrivals => ({
  lastAtMs,
  progress,
  hasSeenFull: progress >= 100,
});

describe('data that arrives', () => {
  const MOVED = ['due', 'requested', 'unknown', 'receiving', 'stalled', 'declined'];

  it.each(SYNC_STATES)('SY05 SY15 SY17 while history is %s', (state) => {
    const s = importing({}, { state, asks: 0, askedAtMs: null });
    const next = takeFact(s, envelope(chunk(40), T0 + 5), T0 + 5);
    if (!MOVED.includes(state)) {
      expect(next.history).toEqual(s.history);
      return expect(ignoredAs(next)).toBe(state === 'off' ? 'SY17 s' : 'SY15 d');
    }
    expect(next.history).toMatchObject({
      state: 'receiving',
      lastDataAtMs: T0 + 5,
      progress: 40,
      asks: 1,
      failure: null,
    });
  });

  it('SY05 SY09 contacts that arrive after a lost answer are told as contacts, not as a phase of the history', () => {
    const next = takeFact(importing({ state: 'unknown' }, {}), envelope({ kind: 'contactsArrived' }, T0 + 5), T0 + 5);
    expect(next.contacts.state).toBe('receiving');
    expect(next.unsaid.map(sentenceOf)).toEqual(['Contacts: they have arrived, so Meta had accepted.']);
  });

  it('SY05 never moves progress, the end mark or the last time backwards', () => {
    const full = takeFact(importing({}, {}), envelope(chunk(100), T0 + 9), T0 + 9);
    const late = takeFact(full, envelope(chunk(20), T0 + 4), T0 + 9);
    expect(late.history).toMatchObject({ progress: 100, hasSeenFull: true, lastDataAtMs: T0 + 9 });
  });

  it('SY05 resolves a due import: it was asked already, no call', () => {
    const s = takeFact(importing({}, { state: 'due', asks: 0 }), envelope(chunk(10), T0), T0);
    expect(nextSyncStep(s, T0 + 1).kind).toBe('wait');
  });

  it('SY12 while the link is suspended or gone it is counted in the ledger alone', () => {
    for (const s of [suspended(T0, { history: REQUESTED }), gone({}, { history: REQUESTED })]) {
      const next = takeFact(s, envelope(chunk(40), T0 + 5), T0 + 5);
      expect([next.history, ignoredAs(next)]).toEqual([REQUESTED, 'SY12 n']);
    }
  });

  it('SY15 of another cycle is stale', () => {
    const next = takeFact(importing({}, {}), envelope(chunk(40), T0, { cycle: 7 }), T0);
    expect([next.history.state, ignoredAs(next)]).toEqual(['requested', 'SY15 s']);
  });
});

describe('SY11 a decline', () => {
  it.each(SYNC_STATES)('while history is %s', (state) => {
    const next = takeFact(importing({}, { state }), envelope({ kind: 'historyDeclined' }, T0), T0);
    const isOpen = ['due', 'asking', 'requested', 'unknown', 'receiving', 'stalled'].includes(state);
    expect(next.history.state).toBe(isOpen ? 'declined' : state);
  });

  it('counts in a pause too, and never for another cycle', () => {
    const s = suspended(T0, { history: REQUESTED });
    expect(takeFact(s, envelope({ kind: 'historyDeclined' }, T0), T0).history.state).toBe('declined');
    expect(takeFact(s, envelope({ kind: 'historyDeclined' }, T0, { cycle: 3 }), T0).history.state).toBe('requested');
  });
});

describe('a look into the ledger', () => {
  const look = (s: Snapshot, ledger: Partial<typeof NONE>, atMs: number): Snapshot =>
    afterLook(s, { ...NONE, ...ledger }, atMs);
  const HALF_HOUR = T0 + minutes(30);

  it('SY07 contacts that stay silent are assumed empty; before that nothing changes', () => {
    expect(look(importing({}, { state: 'off' }), {}, HALF_HOUR - 1).contacts.state).toBe('requested');
    expect(look(importing({}, { state: 'off' }), {}, HALF_HOUR).contacts).toMatchObject({
      state: 'complete',
      failure: null,
    });
  });

  it('SY06 contacts are complete after five quiet minutes', () => {
    const s = importing({}, { state: 'off' });
    expect(look(s, { contacts: arrivedAt(T0 + 1) }, T0 + minutes(5)).contacts.state).toBe('receiving');
    expect(look(s, { contacts: arrivedAt(T0 + 1) }, T0 + minutes(5) + 1).contacts.state).toBe('complete');
  });

  it('SY08 history is complete once 100 was seen and five minutes were quiet', () => {
    const s = importing({}, {});
    expect(look(s, { history: arrivedAt(T0, 100) }, T0 + minutes(5) - 1).history.state).toBe('receiving');
    expect(look(s, { history: arrivedAt(T0, 100) }, T0 + minutes(5)).history.state).toBe('complete');
    expect(look(s, { history: arrivedAt(T0, 99) }, T0 + minutes(5)).history.state).toBe('receiving');
  });

  it('SY09 SY10 silent history stalls after half an hour and is final after a day', () => {
    const silent = look(importing({}, {}), {}, HALF_HOUR);
    expect(silent.history).toMatchObject({ state: 'stalled', failure: null });
    expect(look(silent, {}, T0 + hours(24) - 1).history.failure).toBeNull();
    expect(look(silent, {}, T0 + hours(24)).history).toMatchObject({ state: 'stalled', failure: 'HISTORY_SILENT' });
    const begun = look(importing({}, {}), { history: arrivedAt(T0 + 1, 30) }, T0 + hours(24));
    expect(begun.history).toMatchObject({ state: 'stalled', failure: 'HISTORY_INCOMPLETE' });
  });

  it('SY10 an unknown one is final after a day', () => {
    const s = importing({ state: 'unknown', asks: 2 }, { state: 'unknown', asks: 2 });
    expect(look(s, {}, T0 + hours(24) - 1).history.failure).toBeNull();
    const final = look(s, {}, T0 + hours(24));
    expect([final.contacts.failure, final.history.failure]).toEqual(['SYNC_UNCONFIRMED', 'SYNC_UNCONFIRMED']);
  });

  it('the ledger and the facts may come in either order', () => {
    const at = T0 + minutes(40);
    const fact = envelope(chunk(100), T0 + minutes(39));
    const lucky = look(takeFact(importing({}, {}), fact, at), { history: arrivedAt(T0 + minutes(39), 100) }, at);
    const unlucky = takeFact(look(importing({}, {}), { history: arrivedAt(T0 + minutes(38), 90) }, at), fact, at);
    expect(lucky.history).toEqual(unlucky.history);
    const behind = look(takeFact(importing({}, {}), fact, at), { history: arrivedAt(T0 + minutes(20), 60) }, at);
    expect(behind.history).toMatchObject({ state: 'receiving', lastDataAtMs: T0 + minutes(39), progress: 100 });
  });

  it('one look tells of contacts and history while history is under way', () => {
    const looks: number[] = [];
    const ledger = (nowMs: number): typeof NONE => {
      looks.push(nowMs - T0);
      return { contacts: arrivedAt(T0 + minutes(1)), history: arrivedAt(T0 + minutes(20), 100) };
    };
    const life = new Life({ state: importing({}, {}), nowMs: T0, meta: { ledger } });
    life.deliver(envelope(chunk(100), T0 + minutes(20)), T0 + minutes(20));
    life.runTo(T0 + hours(3));
    expect(looks).toEqual([minutes(26)]);
    expect([life.state.contacts.state, life.state.history.state]).toEqual(['complete', 'complete']);
  });

  it('contacts do not wait a day for a history that has stalled', () => {
    const life = new Life({
      state: importing({ state: 'receiving', lastDataAtMs: T0 }, { state: 'stalled' }),
      nowMs: T0,
    });
    life.runTo(T0 + minutes(6));
    expect([life.state.contacts.state, life.state.history.state]).toEqual(['complete', 'stalled']);
  });
});

describe('SY12 a pause', () => {
  it('is not taken for silence: the anchors rest', () => {
    const back = T0 + hours(50);
    const paused = takeFact(
      importing({ state: 'complete' }, { lastDataAtMs: T0 + minutes(9) }),
      envelope(offboarded(), T0 + minutes(10)),
      T0 + minutes(10),
    );
    const told = takeFact(paused, envelope(reconnected(), back), back);
    const resumed = linkAfterLook(told, { purpose: 'return', probe: probe('alive', back) }, back);
    expect(nextSyncStep(resumed, back)).toEqual({ kind: 'wait', untilMs: back + minutes(29) });
  });
});

describe('the watchdog (SY09, Y16)', () => {
  const open = (s: Snapshot): string[] => s.tasks.flatMap(({ kind, state }) => (state === 'open' ? [kind] : []));

  it('calls the owner once more and operators, until data comes again', () => {
    const life = new Life({ state: importing({ state: 'complete' }, {}), nowMs: T0 });
    life.runTo(T0 + minutes(30));
    expect([life.state.history.state, open(life.state)]).toEqual(['stalled', ['keep-app-open', 'op-sync']]);
    expect(life.state.tasks[0]?.sinceMs).toBe(T0 + minutes(30));
    life.hear(chunk(40));
    life.runTo(T0 + minutes(31));
    expect([life.state.history.state, open(life.state)]).toEqual(['receiving', ['keep-app-open']]);
  });

  it('leaves what is final to operators alone', () => {
    const life = new Life({ state: importing({ state: 'complete' }, {}), nowMs: T0 });
    life.runTo(T0 + hours(25));
    expect([life.state.history.failure, open(life.state)]).toEqual(['HISTORY_SILENT', ['op-sync']]);
  });
});

describe('data in any order', () => {
  const PROGRESS = [10, 40, 70, 100];

  it('late, twice, reversed or with gaps ends alike, once 100 is among it', () => {
    const order = fc.shuffledSubarray([...PROGRESS, ...PROGRESS], { minLength: 1 });
    fc.assert(
      fc.property(order, (progresses) => {
        const facts = progresses.map((progress, index) => envelope(chunk(progress), T0 + minutes(1 + index)));
        const life = new Life({
          state: importing({ state: 'complete' }, {}),
          nowMs: T0,
          meta: {
            ledger: () => ({ ...NONE, history: arrivedAt(T0 + minutes(progresses.length), Math.max(...progresses)) }),
          },
        });
        for (const fact of facts) life.deliver(fact, fact.occurredAtMs);
        life.runTo(T0 + hours(30));
        const isWhole = progresses.includes(100);
        expect(life.state.history).toMatchObject({
          state: isWhole ? 'complete' : 'stalled',
          failure: isWhole ? null : 'HISTORY_INCOMPLETE',
          progress: Math.max(...progresses),
        });
      }),
      { numRuns: 200 },
    );
  });
});

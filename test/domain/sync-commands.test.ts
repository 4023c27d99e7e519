import { describe, expect, it } from 'vitest';
import type { Answered } from '../../src/domain/answers.ts';
import { SYNC_RESOLUTIONS, type Asker, type Command } from '../../src/domain/commands.ts';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import { takeCommand } from '../../src/domain/react.ts';
import { SYNC_STATES, type Snapshot, type Sync, type SyncState } from '../../src/domain/snapshot.ts';
import { afterAsk, beforeAsk, nextSyncStep } from '../../src/domain/syncs.ts';
import { gone, hours, invited, live, minutes, suspended, T0 } from './builders.ts';
import { Life } from './life.ts';

const NOW = T0 + hours(2);
const LATE = T0 + hours(24);
const R = 'COMMAND_OUT_OF_STATE';
const LOST = 'SYNC_WINDOW_MISSED';
const NO = 'HISTORY_SYNC_REFUSED';

const FAILURES: Partial<Record<SyncState, Sync['failure']>> = { expired: LOST, refused: NO };

function withHistory(state: SyncState, over: Partial<Sync> = {}): Snapshot {
  const isAsked = !['off', 'due'].includes(state);
  const history: Sync = { ...SYNC_OFF, state, failure: FAILURES[state] ?? null, askedAtMs: isAsked ? T0 : null };
  return live(
    {},
    { history: { ...history, asks: isAsked ? 1 : 0, ...over }, imports: { contacts: true, history: false } },
  );
}
interface Asking {
  by?: Asker;
  nowMs?: number;
}
const ask = (s: Snapshot, command: Command, { by = 'tenant', nowMs = NOW }: Asking = {}): Answered =>
  takeCommand(s, { command, by }, nowMs);
const OPERATOR = { by: 'operator' } as const;
const wordOf = ({ answer }: Answered): string => answer.failure ?? answer.outcome;
const choose = (isWanted: boolean): Command => ({ kind: 'changeSyncChoice', type: 'history', isWanted });
const REQUEST: Command = { kind: 'requestSync', type: 'history' };
const resolve = (as: (typeof SYNC_RESOLUTIONS)[number]): Command => ({ kind: 'resolveSync', type: 'history', as });

/** Per state: CM08 wanted, CM08 not wanted, CM09 of a tenant, CM09 of an operator, and any of the two too late. */
const TABLE: Record<SyncState, readonly [string, string, string, string, string]> = {
  off: ['accepted', 'already', 'accepted', 'accepted', LOST],
  due: ['already', 'accepted', 'accepted', 'accepted', LOST],
  asking: [R, R, 'already', 'already', 'already'],
  requested: [R, R, 'already', 'already', 'already'],
  unknown: [R, R, 'already', 'already', 'already'],
  receiving: [R, R, 'already', 'already', 'already'],
  complete: [R, R, 'already', 'already', 'already'],
  expired: [R, R, LOST, LOST, LOST],
  refused: [R, R, NO, 'accepted', NO],
  cut: [R, R, R, R, R],
  declined: [R, R, 'HISTORY_DECLINED', 'HISTORY_DECLINED', 'HISTORY_DECLINED'],
  stalled: [R, R, R, R, R],
};

describe('CM08 CM09 SY01', () => {
  it.each(SYNC_STATES)('case 38: history that is %s', (state) => {
    const s = withHistory(state);
    const answers = [
      ask(s, choose(true)),
      ask(s, choose(false)),
      ask(s, REQUEST),
      ask(s, REQUEST, OPERATOR),
      ask(s, REQUEST, { nowMs: LATE }),
    ];
    expect(answers.map(wordOf)).toEqual(TABLE[state]);
    for (const { answer, next } of answers) if (answer.outcome !== 'accepted') expect(next).toBe(s);
  });

  it('a wish inside the window makes it due and answers with its end; outside it is missed', () => {
    const { answer, next } = ask(withHistory('off'), choose(true));
    expect([next.history.state, next.imports.history, answer.atMs]).toEqual(['due', true, T0 + hours(23.5)]);
    expect(wordOf(ask(withHistory('off'), choose(true), { by: 'owner', nowMs: T0 + hours(23.5) }))).toBe(LOST);
    expect(nextSyncStep(next, NOW)).toEqual({ kind: 'ask', type: 'history' });
  });

  it('a wish taken back before Meta was asked leaves nothing to do, and forgets nothing', () => {
    const known = { notBeforeMs: NOW + 1, alertedHours: [1], asks: 1 };
    const { next } = ask(withHistory('due', known), choose(false));
    expect([next.history, next.imports.history]).toEqual([{ ...SYNC_OFF, ...known }, false]);
    expect(nextSyncStep(next, NOW).kind).toBe('none');
  });

  it.each([
    ['CM08', choose(true)],
    ['CM09', REQUEST],
  ] as const)('%s a wish that comes back waits as long as Meta asked for, and is not warned of again', (_row, wish) => {
    const notBeforeMs = T0 + hours(14);
    const nowMs = T0 + hours(13);
    const off = ask(withHistory('due', { notBeforeMs, alertedHours: [1, 12] }), choose(false), { nowMs }).next;
    const { next } = ask(off, wish, { nowMs });
    expect(next.history).toMatchObject({ state: 'due', notBeforeMs, alertedHours: [1, 12] });
    expect(nextSyncStep(next, nowMs)).toEqual({ kind: 'wait', untilMs: notBeforeMs });
    expect(nextSyncStep(next, notBeforeMs)).toEqual({ kind: 'ask', type: 'history' });
  });

  it('SY16 a call that an operator wished for keeps a key of its own, though the wish was taken back in between', () => {
    const wished = ask(withHistory('refused'), REQUEST, OPERATOR).next;
    const { next } = ask(ask(wished, choose(false)).next, choose(true));
    expect(next.history).toMatchObject({ state: 'due', asks: 1 });
  });

  it("SY16 an operator's wish waits as long as Meta asked for", () => {
    const notBeforeMs = NOW + minutes(40);
    const { next } = ask(withHistory('refused', { notBeforeMs, alertedHours: [1] }), REQUEST, OPERATOR);
    expect(nextSyncStep(next, NOW)).toEqual({ kind: 'wait', untilMs: notBeforeMs });
  });

  it.each([
    ['invited', invited()],
    ['gone, its next cycle to come', gone({}, { history: { ...SYNC_OFF, state: 'complete' } })],
  ])('before a link stands (%s) it is the choice for the coming one', (_name, s) => {
    const { answer, next } = ask(s, choose(false));
    expect([answer.outcome, next.imports, next.history]).toEqual([
      'accepted',
      { contacts: true, history: false },
      s.history,
    ]);
    expect(wordOf(ask(next, choose(false)))).toBe('already');
    expect(wordOf(ask(s, choose(true)))).toBe('already');
  });

  it('in a pause the choice may change, and nothing can be asked for', () => {
    const s = suspended(T0, { history: SYNC_OFF });
    expect(wordOf(ask(s, choose(true)))).toBe('accepted');
    expect(wordOf(ask(s, REQUEST))).toBe(R);
  });

  it("Meta's wait stays: a click answers from when it is asked", () => {
    const s = withHistory('due', { notBeforeMs: NOW + minutes(9) });
    const { answer, next } = ask(s, REQUEST);
    expect([answer.outcome, answer.atMs, next]).toEqual(['accepted', NOW + minutes(9), s]);
  });

  it('SY16 only an operator asks again after a no: under a key of its own, as at the first time', () => {
    const { next } = ask(withHistory('refused'), REQUEST, OPERATOR);
    expect(next.history).toMatchObject({ state: 'due', asks: 1, askedAtMs: null, failure: null });
    const back = afterAsk(beforeAsk(next, 'history'), { type: 'history', outcome: 'due', waitMs: null }, NOW);
    expect(back.history.state).toBe('due');
  });

  it('case 36: history is not asked for where contacts were refused', () => {
    const s = { ...withHistory('off'), contacts: { ...SYNC_OFF, state: 'refused' } as const };
    expect([wordOf(ask(s, choose(true))), wordOf(ask(s, REQUEST))]).toEqual([NO, NO]);
  });

  it('case 38: two clicks make one call', () => {
    const life = new Life({ state: withHistory('off'), nowMs: NOW });
    expect(life.command(REQUEST).outcome).toBe('accepted');
    expect(life.command(REQUEST).outcome).toBe('accepted');
    life.runTo(NOW);
    expect(life.command(REQUEST).outcome).toBe('already');
    life.runTo(NOW + minutes(1));
    expect(life.asks).toHaveLength(1);
  });
});

describe('CM10 SY14', () => {
  const stalled = withHistory('stalled', { lastDataAtMs: T0 + minutes(3) });
  const unknown = withHistory('unknown');

  it.each(SYNC_STATES)('settles nothing that is %s, unless it is unknown or stalled', (state) => {
    const mayBeSettled = state === 'unknown' || state === 'stalled';
    for (const as of SYNC_RESOLUTIONS) {
      expect(wordOf(ask(withHistory(state), resolve(as), OPERATOR))).toBe(mayBeSettled ? 'accepted' : R);
      expect(wordOf(ask(withHistory(state), resolve(as)))).toBe(R);
      expect(wordOf(ask(withHistory(state), resolve(as), { by: 'owner' }))).toBe(R);
    }
  });

  it('accepted: it is awaited anew, also where it was given up', () => {
    for (const s of [unknown, stalled, withHistory('unknown', { failure: 'SYNC_UNCONFIRMED' })]) {
      const { next } = ask(s, resolve('accepted'), OPERATOR);
      expect(next.history).toMatchObject({ state: 'requested', askedAtMs: NOW, failure: null });
      expect(nextSyncStep(next, NOW)).toEqual({ kind: 'wait', untilMs: NOW + minutes(30) });
    }
  });

  it('complete: it is over, and so are its tasks', () => {
    const task = { kind: 'op-sync', state: 'open', sinceMs: T0 } as const;
    const { next } = ask({ ...stalled, tasks: [task] }, resolve('complete'), OPERATOR);
    expect([next.history.state, next.history.failure, next.tasks[0]?.state]).toEqual(['complete', null, 'void']);
  });

  it.each([
    ['unknown', unknown, 'SYNC_UNCONFIRMED'],
    ['silent', withHistory('stalled'), 'HISTORY_SILENT'],
    ['begun', stalled, 'HISTORY_INCOMPLETE'],
  ] as const)('give up: %s is final with its failure, once', (_name, s, failure) => {
    const { next } = ask(s, resolve('give-up'), OPERATOR);
    expect([next.history.state, next.history.failure]).toEqual([s.history.state, failure]);
    expect(wordOf(ask(next, resolve('give-up'), OPERATOR))).toBe('already');
  });

  it('ask again: one more call under a new key, once, while the link is live and the window open', () => {
    const { next } = ask(unknown, resolve('ask-again'), OPERATOR);
    expect(nextSyncStep(next, NOW)).toEqual({ kind: 'ask', type: 'history' });
    const lost = afterAsk(beforeAsk(next, 'history'), { type: 'history', outcome: 'unknown', waitMs: null }, NOW);
    expect([lost.history.asks, wordOf(ask(lost, resolve('ask-again'), OPERATOR))]).toEqual([2, R]);
    expect(wordOf(ask(unknown, resolve('ask-again'), { ...OPERATOR, nowMs: LATE }))).toBe(LOST);
    expect(wordOf(ask(suspended(T0, { history: unknown.history }), resolve('ask-again'), OPERATOR))).toBe(R);
  });

  it.each([
    ['unknown', unknown],
    ['stalled', stalled],
  ] as const)('ask again: a call that was surely not sent leaves it %s, and may be repeated', (state, s) => {
    const asking = beforeAsk(ask(s, resolve('ask-again'), OPERATOR).next, 'history');
    const back = afterAsk(asking, { type: 'history', outcome: 'due', waitMs: null }, NOW);
    expect(back.history).toMatchObject({ state, asks: 1 });
    expect(wordOf(ask(back, resolve('ask-again'), OPERATOR))).toBe('accepted');
  });

  it.each([
    ['unknown', withHistory('unknown', { notBeforeMs: NOW + minutes(40), asks: 2 })],
    ['stalled', withHistory('stalled', { notBeforeMs: NOW + minutes(40), lastDataAtMs: T0 + minutes(3) })],
  ] as const)('ask again: what is %s waits as long as Meta asked for, and is then asked once', (state, s) => {
    const untilMs = NOW + minutes(40);
    const { answer, next } = ask(s, resolve('ask-again'), OPERATOR);
    expect([answer.outcome, answer.atMs, next.history.state]).toEqual(['accepted', untilMs, state]);
    expect(nextSyncStep(next, NOW)).toEqual({ kind: 'wait', untilMs });
    expect(nextSyncStep(next, untilMs)).toEqual({ kind: 'ask', type: 'history' });
    expect(wordOf(ask(next, resolve('ask-again'), OPERATOR))).toBe(R);
    const lost = { type: 'history', outcome: 'unknown', waitMs: null } as const;
    expect(nextSyncStep(afterAsk(beforeAsk(next, 'history'), lost, untilMs), untilMs).kind).toBe('wait');
  });

  it('ask again: a wait that outlasts the window leaves nothing to ask for', () => {
    const s = withHistory('unknown', { notBeforeMs: T0 + hours(24) });
    expect(wordOf(ask(s, resolve('ask-again'), { ...OPERATOR, nowMs: T0 + hours(23) }))).toBe(LOST);
  });

  it.each([
    ['requested', 'requested', null],
    ['expired', 'expired', LOST],
    ['declined', 'declined', null],
  ] as const)('ask again: the answer %s ends as %s', (outcome, state, failure) => {
    const asking = beforeAsk(ask(stalled, resolve('ask-again'), OPERATOR).next, 'history');
    expect(afterAsk(asking, { type: 'history', outcome, waitMs: null }, NOW).history).toMatchObject({ state, failure });
  });
});

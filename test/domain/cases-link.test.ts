/** Links, pauses and ends as other systems test them: cases and mistakes by the numbers of docs/coverage.md. */
import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../src/domain/connection.ts';
import { SYNC_OFF } from '../../src/domain/fresh-snapshot.ts';
import { headlineOf } from '../../src/domain/headline.ts';
import { lookDueAt } from '../../src/domain/link-looks.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import { takeCommand, takeFact } from '../../src/domain/react.ts';
import { sendGateOf } from '../../src/domain/send-gate.ts';
import { cancelLink } from '../../src/domain/settle.ts';
import { ATTEMPT_STATES, END_REASONS, SYNC_STATES, type Snapshot } from '../../src/domain/snapshot.ts';
import { nextSyncStep } from '../../src/domain/syncs.ts';
import {
  codeReceived,
  days,
  envelope,
  gone,
  hours,
  ignoredAs,
  live,
  minutes,
  offboarded,
  reconnected,
  removed,
  suspended,
  T0,
  withAttempt,
} from './builders.ts';
import { Life } from './life.ts';

const NOW = T0 + days(1);
const DUE = { ...SYNC_OFF, state: 'due' } as const;
const heard = (s: Snapshot, fact: Parameters<typeof envelope>[0], atMs: number): Snapshot =>
  takeFact(s, envelope(fact, atMs), atMs);

/** A life from NOW on in which every read of Meta and every undo is counted. */
function watched(state: Snapshot, seen: (nowMs: number) => ProbeClass = () => 'alive') {
  const counted = { looks: 0, undone: [] as string[] };
  const meta = {
    probe: (nowMs: number): ProbeClass => {
      counted.looks += 1;
      return seen(nowMs);
    },
    undo: (step: string) => {
      counted.undone.push(step);
      return 'done' as const;
    },
  };
  return { life: new Life({ state, nowMs: NOW, meta }), counted };
}

describe('a number that reads dead', () => {
  it('case 31, mistake 10: is disconnected by the second look, keeps its imports, and is not looked at again', () => {
    const { life, counted } = watched(live(), () => 'not-visible');
    life.hear(removed({ isOnlyNumber: false }));
    life.runTo(NOW + minutes(4));
    expect([life.connection, counted.looks]).toEqual(['connected', 1]);
    life.runTo(NOW + minutes(5));
    expect([life.connection, counted.looks, life.state.history.state]).toEqual(['disconnected', 2, 'complete']);
    life.runTo(NOW + days(2));
    expect([counted.looks, lookDueAt(life.state.link)]).toEqual([2, null]);
  });

  it('case 32: says nothing while Meta says nothing, however often it is asked', () => {
    const { life, counted } = watched(live(), () => 'no-word');
    life.hear(removed({ isOnlyNumber: false }));
    life.runTo(NOW + days(8));
    expect([life.connection, counted.undone, life.state.credential]).toEqual(['connected', [], 'valid']);
    expect(counted.looks).toBeGreaterThan(2);
  });

  it('case 45: a doubt is told once, however often it is raised', () => {
    const first = heard(live(), removed({ isOnlyNumber: false }), NOW);
    const again = heard({ ...first, unsaid: [] }, removed({ isOnlyNumber: false }), NOW + minutes(1));
    expect(first.unsaid.map(({ key }) => key)).toContain('linkSuspected');
    expect(again.unsaid.map(({ key }) => key)).not.toContain('linkSuspected');
  });
});

describe('what a person may do to a number that is connected', () => {
  it('case 34: asking for a disconnect takes nothing away here: the phone ends the link', () => {
    const { life, counted } = watched(live());
    expect(life.command({ kind: 'requestDisconnect' }).outcome).toBe('accepted');
    life.runTo(NOW + hours(1));
    expect([life.state.link.state, life.state.credential, counted.undone]).toEqual(['live', 'valid', []]);
    expect(sendGateOf(life.state)).toMatchObject({ replies: true, warnings: ['leaving'] });
  });

  it('case 34: a new signup does not replace it', () => {
    const { answer, next } = takeCommand(live(), { command: { kind: 'startReonboarding' }, by: 'tenant' }, NOW);
    expect([answer.outcome, next]).toEqual(['refused', live()]);
  });
});

describe('an offboard', () => {
  it('mistake 1: keeps the credential and all that stands at Meta, until the end of the pause', () => {
    const { life, counted } = watched(live(), () => 'not-visible');
    life.hear(offboarded());
    life.runTo(NOW + hours(72) - 1);
    expect([life.connection, life.state.credential, life.state.compensation]).toEqual(['paused', 'valid', []]);
    expect([counted.looks, counted.undone]).toEqual([0, []]);
  });

  it('case 48: of the same time is a replay, of a later one a new pause, of an earlier one none', () => {
    const paused = heard(live(), offboarded(), NOW);
    const replay = heard(paused, offboarded(), NOW);
    expect([replay.link.pause, ignoredAs(replay)]).toEqual([paused.link.pause, 'LI32 d']);
    expect(heard(paused, offboarded(), NOW + hours(1)).link.pause).toEqual({
      sinceMs: NOW + hours(1),
      untilMs: NOW + hours(73),
    });
    expect(heard(paused, offboarded(), NOW - 1).link.pause).toEqual(paused.link.pause);
  });

  it('case 50: shuts sending and imports until a return is announced and read', () => {
    const { life } = watched({ ...suspended(NOW), history: DUE, syncWindowEndsAtMs: NOW + hours(20) }, (nowMs) =>
      nowMs < NOW + hours(2) ? 'off-app' : 'alive',
    );
    const isShut = (): boolean =>
      !sendGateOf(life.state).replies && nextSyncStep(life.state, life.nowMs).kind === 'none';
    expect([isShut(), sendGateOf(life.state)]).toEqual([
      true,
      expect.objectContaining({ reason: 'paused', untilMs: NOW + hours(72) }),
    ]);
    life.hear(reconnected(), { occurredAtMs: NOW - 1 });
    life.runTo(NOW + minutes(30));
    expect([life.connection, isShut()]).toEqual(['paused', true]);
    life.hear(reconnected());
    life.runTo(NOW + hours(1));
    expect([life.connection, isShut()]).toEqual(['paused', true]);
    life.runTo(NOW + hours(2));
    life.hear(reconnected());
    life.runTo(NOW + hours(2));
    expect([life.connection, isShut(), life.asks.map(({ type }) => type)]).toEqual(['connected', false, ['history']]);
  });

  it('case 50: a new grant ends it as well', () => {
    const { life } = watched(withAttempt(suspended(NOW), { state: 'open', expiresAtMs: NOW + days(7) }));
    life.hear(codeReceived(), { cycle: 1 });
    life.runTo(NOW + minutes(1));
    expect([life.connection, sendGateOf(life.state).replies]).toEqual(['connected', true]);
  });

  it('case 51: an operator can stop the return that is awaited', () => {
    const returning = heard(suspended(NOW), reconnected(), NOW + minutes(1));
    expect(lookDueAt(returning.link)).toEqual({ atMs: NOW + minutes(1), purpose: 'return' });
    const stopped = cancelLink(returning, NOW + minutes(2));
    expect([stopped.link.state, lookDueAt(stopped.link), sendGateOf(stopped).replies]).toEqual(['gone', null, false]);
  });
});

describe('a return', () => {
  it('mistake 2: is found by itself, with no word of a person', () => {
    const { life, counted } = watched(live());
    life.hear(offboarded());
    life.hear(reconnected(), { occurredAtMs: NOW + minutes(5), deliveredAtMs: NOW + minutes(5) });
    life.runTo(NOW + minutes(5));
    expect([life.connection, counted.looks, life.state.credential]).toEqual(['connected', 1, 'valid']);
    expect(life.trail).toEqual(['paused', 'connected']);
  });

  it.each(END_REASONS)('mistake 2: a link that ended %s can be opened again', (reason) => {
    const end = { reason, initiator: null, atMs: NOW, phoneStillLinked: 'unknown' } as const;
    const { answer, next } = takeCommand(
      gone({ end }, { credential: 'forgotten' }),
      { command: { kind: 'startReonboarding' }, by: 'tenant' },
      NOW + hours(1),
    );
    expect([answer.outcome, next.cycle, next.attempt.state]).toEqual(['accepted', 2, 'open']);
  });

  it('case 52: without a credential that is known to be held nothing is taken for connected', () => {
    for (const credential of ['forgotten', 'none'] as const) {
      const next = heard(gone({}, { credential }), reconnected(), NOW + hours(1));
      expect([ignoredAs(next), connectionOf(next), lookDueAt(next.link)]).toEqual(['LI51 n', 'disconnected', null]);
    }
  });
});

describe('what is kept apart', () => {
  it('case 53: a link that is suspended, gone or closed is shut, whatever else still reads as enabled', () => {
    const stale = {
      credential: 'valid',
      contacts: { ...SYNC_OFF, state: 'complete' },
      activity: live().activity,
    } as const;
    for (const s of [
      suspended(NOW, stale),
      gone({ provedAtMs: NOW }, stale),
      { ...live({}, stale), closed: 'retired' as const },
    ])
      expect(sendGateOf(s)).toMatchObject({ replies: false, templates: false, utility: false });
  });

  it('mistake 11: no state of an import or an attempt, and no silence of the app, changes whether a live link may send', () => {
    for (const state of SYNC_STATES)
      for (const attempt of ATTEMPT_STATES) {
        const activity = { ...live().activity, overdueSinceMs: NOW };
        const s = withAttempt(live({}, { history: { ...SYNC_OFF, state }, activity }), { state: attempt });
        expect([state, attempt, sendGateOf(s).replies, s.link.state]).toEqual([state, attempt, true, 'live']);
      }
  });

  it('mistake 11: the end of a link leaves what an import and an attempt came to, and one word is derived from all', () => {
    const declined = { ...SYNC_OFF, state: 'declined' } as const;
    const ended = heard(live({}, { history: declined }), removed(), NOW);
    expect([ended.link.state, ended.history, headlineOf(ended)]).toEqual(['gone', declined, 'disconnected']);
    for (const stored of ['status', 'headline', 'connection', 'sendGate']) expect(ended).not.toHaveProperty(stored);
  });

  it('mistake 14: the reason of an end stands in the record and in the story', () => {
    const { life } = watched(live());
    life.hear(removed({ reason: 'PRIMARY_INACTIVITY', initiatedBy: 'SYSTEM' }));
    life.runTo(NOW);
    expect(life.state.link.end).toMatchObject({ reason: 'inactivity', initiator: 'SYSTEM' });
    expect(life.sentences.join('\n')).toContain('PRIMARY_INACTIVITY');
    expect(life.state.story.join('\n')).toContain('inactivity');
  });
});

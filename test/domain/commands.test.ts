import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import type { Answered } from '../../src/domain/answers.ts';
import { takeCommand, takeCommandOnce } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import {
  connecting,
  days,
  gone,
  hours,
  invited,
  lastLine,
  live,
  minutes,
  suspended,
  T0,
  withAttempt,
} from './builders.ts';

const NOW = T0 + days(2);
const ask = (s: Snapshot, command: Command, nowMs = NOW): Answered => takeCommand(s, { command, by: 'tenant' }, nowMs);
const leaving = live({}, { leave: { state: 'asked', untilMs: NOW + days(9) } });
const stuck = live({}, { leave: { state: 'stuck', untilMs: null } });
const closed: Snapshot = { ...gone(), closed: 'retired' };
const reinvited: Snapshot = { ...gone(), attempt: invited().attempt };
const undoing = connecting({ state: 'undoing' });

const FROM = {
  invited: invited(),
  connecting: connecting(),
  undoing,
  live: live(),
  suspended: suspended(),
  leaving,
  stuck,
  gone: gone(),
  reinvited,
  closed,
};
type From = keyof typeof FROM;
type Answer = 'accepted' | 'already' | 'COMMAND_OUT_OF_STATE' | 'ALREADY_DISCONNECTED';
const R = 'COMMAND_OUT_OF_STATE';
const GONE = 'ALREADY_DISCONNECTED';
const OK = 'accepted';

type Plain = 'startReonboarding' | 'cancelOnboarding' | 'requestDisconnect' | 'withdrawDisconnect';
const TABLE: Record<Plain, Record<From, Answer>> = {
  startReonboarding: {
    invited: 'already',
    connecting: 'already',
    undoing: 'already',
    live: R,
    suspended: R,
    leaving: R,
    stuck: R,
    gone: OK,
    reinvited: 'already',
    closed: R,
  },
  cancelOnboarding: {
    invited: OK,
    connecting: OK,
    undoing: OK,
    live: R,
    suspended: R,
    leaving: R,
    stuck: R,
    gone: R,
    reinvited: OK,
    closed: R,
  },
  requestDisconnect: {
    invited: R,
    connecting: R,
    undoing: R,
    live: OK,
    suspended: OK,
    leaving: 'already',
    stuck: 'already',
    gone: GONE,
    reinvited: GONE,
    closed: R,
  },
  withdrawDisconnect: {
    invited: R,
    connecting: R,
    undoing: R,
    live: 'already',
    suspended: 'already',
    leaving: OK,
    stuck: OK,
    gone: GONE,
    reinvited: GONE,
    closed: R,
  },
};

const CELLS = Object.entries(TABLE).flatMap(([kind, row]) =>
  Object.entries(row).map(([from, answer]) => ({ kind: kind as keyof typeof TABLE, from: from as From, answer })),
);

describe('a command', () => {
  it.each(CELLS)('$kind finds $from: $answer', ({ kind, from, answer: expected }) => {
    const s = FROM[from];
    const { answer, next } = ask(s, { kind });
    expect(answer.failure ?? answer.outcome).toBe(expected);
    if (answer.outcome === 'accepted') return expect(next).not.toBe(s);
    expect(next).toBe(s);
  });

  it('CM03 AT03 opens the next cycle at once when the wait after a disconnect has passed', () => {
    const { answer, next } = ask(gone(), { kind: 'startReonboarding' }, T0 + days(1) + minutes(15));
    expect([answer.atMs, next.cycle, next.attempt.state, next.attempt.ordinal]).toEqual([null, 2, 'open', 1]);
    expect(next.attempt.expiresAtMs).toBe(T0 + days(8) + minutes(15));
  });

  it('CM03 AT04 queues it until the wait has passed', () => {
    const opensAtMs = T0 + days(1) + minutes(15);
    const { answer, next } = ask(gone(), { kind: 'startReonboarding' }, opensAtMs - 1);
    expect([answer.atMs, next.attempt.state, next.attempt.opensAtMs]).toEqual([opensAtMs, 'queued', opensAtMs]);
    expect(ask(next, { kind: 'startReonboarding' }).answer.atMs).toBe(opensAtMs);
  });

  it('CM05 AT07 before the code ends at once; AT33 after it is heard at the next edge', () => {
    expect(ask(invited(), { kind: 'cancelOnboarding' }).next.closed).toBe('withdrawn');
    const back = ask(reinvited, { kind: 'cancelOnboarding' }).next;
    expect([back.closed, connectionOf(back)]).toEqual(['no', 'disconnected']);
    const running = ask(connecting(), { kind: 'cancelOnboarding' }).next;
    expect([running.attempt.state, running.attempt.isCancelled]).toEqual(['running', true]);
    expect(ask(running, { kind: 'cancelOnboarding' }).answer.outcome).toBe('already');
  });

  it('CM11 the word of the owner is evidence; the answer is the next due date', () => {
    const { answer, next } = ask(live(), { kind: 'confirmAppOpened', openedAtMs: NOW - hours(1) });
    expect(next.activity.anyAtMs).toBe(NOW - hours(1));
    expect(answer.atMs).toBe(NOW - hours(1) + days(7) + hours(6));
  });

  it.each([
    [NOW + minutes(5), OK],
    [NOW + minutes(5) + 1, R],
    [NOW - days(14), OK],
    [NOW - days(14) - 1, R],
  ] as const)('CM11 opened at %i: %s', (openedAtMs, expected) => {
    const { answer, next } = ask(live(), { kind: 'confirmAppOpened', openedAtMs });
    expect(answer.failure ?? answer.outcome).toBe(expected);
    expect(next.activity.anyAtMs).toBeLessThanOrEqual(NOW);
  });

  it('CM11 needs a live link', () => {
    expect(ask(suspended(), { kind: 'confirmAppOpened', openedAtMs: NOW }).answer.failure).toBe(R);
  });

  it('CM15 LE01 takes an open invitation with it', () => {
    const { next } = ask({ ...live(), attempt: invited().attempt }, { kind: 'requestDisconnect' });
    expect([next.leave, next.attempt.state, connectionOf(next)]).toEqual([
      { state: 'asked', untilMs: NOW + days(14) },
      'none',
      'disconnecting',
    ]);
    expect(ask(withAttempt(live(), { state: 'running' }), { kind: 'requestDisconnect' }).answer.failure).toBe(R);
  });

  it('CM18 LE05 leaves the link as it is', () => {
    const paused = { ...suspended(), leave: leaving.leave };
    const { next } = ask(paused, { kind: 'withdrawDisconnect' });
    expect([next.leave.state, connectionOf(next), lastLine(next)]).toEqual([
      'none',
      'paused',
      'LE05 disconnectWithdrawn',
    ]);
  });
});

describe('a command that is asked again', () => {
  it('gets the first answer and changes nothing, also when the state has moved on', () => {
    const asked = { commandId: 'leave-1', by: 'tenant', command: { kind: 'requestDisconnect' } } as const;
    const first = takeCommandOnce(live(), asked, NOW);
    const withdrawn = takeCommandOnce(
      first.next,
      { ...asked, commandId: 'stay-1', command: { kind: 'withdrawDisconnect' } },
      NOW,
    );
    const again = takeCommandOnce(withdrawn.next, asked, NOW + 1);
    expect(again).toEqual({ answer: first.answer, next: withdrawn.next, isRepeat: true });
    expect(again.next.leave.state).toBe('none');
  });
});

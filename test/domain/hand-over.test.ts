/** A number that takes over the attempt of another row of its tenant: AT37, AT38, ST5. */
import { describe, expect, it } from 'vitest';
import { failAttempt } from '../../src/domain/attempt.ts';
import { afterUndo, attemptUndone, nextConnectStep } from '../../src/domain/connect-steps.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { goLive } from '../../src/domain/go-live.ts';
import { closeAsDuplicate, targetOfHandOver } from '../../src/domain/hand-over.ts';
import { numberId, wabaId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Attempt, Snapshot, UndoStep } from '../../src/domain/snapshot.ts';
import { ordinalOfAsk } from '../../src/domain/syncs.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import {
  connecting,
  days,
  envelope,
  gone,
  ignoredAs,
  invited,
  live,
  PHONE,
  probe,
  suspended,
  T0,
  WABA,
  withAttempt,
} from './builders.ts';

const END = { reason: 'unknown', initiator: null, phoneStillLinked: 'unknown' } as const;
const FROM = numberId('num_2');
const NOW = T0 + days(3);
const takeOver = (cycle: number, attempt = 1): Extract<Fact, { kind: 'attemptHandedOver' }> => ({
  kind: 'attemptHandedOver',
  from: FROM,
  cycle,
  attempt,
  wabaId: WABA,
  phoneNumberId: PHONE,
  onboardedAtMs: NOW,
  finishedAtMs: NOW - 1,
  grants: [{ scope: 'business_management', count: 1 }],
});
const hear = (s: Snapshot, fact: Fact): Snapshot => takeFact(s, envelope(fact, NOW), NOW);

describe('AT37 taking over', () => {
  it.each([
    ['live', live()],
    ['suspended', suspended()],
    ['gone', gone()],
    ['leaving', live({}, { leave: { state: 'asked', untilMs: NOW } })],
  ] as const)('%s: the next cycle begins at ST6, and a wish to leave is over', (_name, s) => {
    const next = hear(s, takeOver(2));
    expect([next.cycle, next.leave.state, connectionOf(next), next.link.state]).toEqual([
      2,
      'none',
      'connecting',
      s.link.state,
    ]);
    expect(next.attempt).toMatchObject({
      ordinal: 1,
      finishedAtMs: NOW - 1,
      found: { wabaId: WABA, phoneNumberId: PHONE },
      undo: ['forgetCredential', 'releaseClaim'],
    });
    expect(nextConnectStep(next, NOW)).toEqual({ kind: 'step', step: 'subscribe' });
  });

  it.each(['open', 'queued', 'cooling'] as const)('%s: the open cycle goes on with it', (state: Attempt['state']) => {
    const s = withAttempt(invited(), { state, ordinal: 3, opensAtMs: NOW + 1 });
    expect(targetOfHandOver(s)).toEqual({ cycle: 1, attempt: 3 });
    expect(hear(s, takeOver(1, 3)).attempt).toMatchObject({
      state: 'running',
      step: 'subscribe',
      ordinal: 3,
      opensAtMs: null,
    });
  });
});

describe('8.4 a hand-over that fails', () => {
  const ALL: readonly UndoStep[] = ['forgetCredential', 'releaseClaim', 'unsubscribeIfLast'];
  /** Failed at the gate: the subscription of the account had been made again. */
  const failed = (s: Snapshot, how: Partial<Attempt> = {}): Snapshot => {
    const taken = hear(s, takeOver(2));
    const subscribed = withAttempt(taken, { step: 'gate', undo: ALL, hasLooked: true, ...how });
    return failAttempt(subscribed, { row: 'AT23', code: 'CONNECTION_TIMED_OUT' }, NOW);
  };
  const undoneBy = (s: Snapshot): UndoStep[] => {
    const step = nextConnectStep(s, NOW);
    if (step.kind !== 'undo') return [];
    return [step.step, ...undoneBy(afterUndo(s, { step: step.step, result: 'done' }, NOW))];
  };
  const OURS = ['releaseClaim', 'forgetCredential'];

  it.each([
    ['live', live(), OURS],
    ['suspended', suspended(), OURS],
    ['gone', gone(), ['unsubscribeIfLast', ...OURS]],
    ['live on another account', live({}, { wabaId: wabaId('1') }), ['unsubscribeIfLast', ...OURS]],
  ] as const)('over a link that is %s undoes nothing that the link needs', (_name, s, expected) => {
    expect(undoneBy(failed(s))).toEqual(expected);
  });

  it('whose link ended or returned meanwhile goes by what stands when it is undone', () => {
    expect(undoneBy({ ...failed(live()), link: gone().link })).toContain('unsubscribeIfLast');
    expect(undoneBy({ ...failed(gone()), link: live().link })).toEqual(OURS);
  });

  it.each([
    ['failed', {}],
    ['cancelled', { isCancelled: true }],
  ] as const)('%s, asks nobody to disconnect the phone of a link that stands', (_name, how) => {
    const isAsked = (s: Snapshot): boolean => isTaskOpen(attemptUndone(failed(s, how), NOW), 'disconnect-on-phone');
    expect([live(), suspended(), gone()].map(isAsked)).toEqual([false, false, true]);
    expect(attemptUndone(failed(live(), how), NOW)).toMatchObject({ closed: 'no', link: { state: 'live' } });
  });
});

describe('SY00 a hand-over that connects', () => {
  it('names no call for an import again that was made in its cycle for the link that stood till then', () => {
    const taken = hear(live({}, { contacts: { ...live().contacts, asks: 1 } }), takeOver(2));
    const read = probe('alive', NOW);
    const onboarded = { ...read, reading: read.reading && { ...read.reading, onboardedAtMs: NOW } };
    const pass = (s: Snapshot): number => ordinalOfAsk(goLive(s, onboarded, NOW).contacts);
    expect(pass(taken)).toBe(2);
    expect(pass({ ...taken, link: gone({ end: { ...END, atMs: NOW + 1 } }).link })).toBe(2);
    expect(pass({ ...taken, link: gone().link })).toBe(1);
  });
});

describe('P13 what is not as expected of an attempt that is taken over', () => {
  const OWN = { fields: ['portfolio-id'], portfolioIds: { expected: '5009', told: '5001' } } as const;
  const GIVEN = { fields: ['waba-name'], portfolioIds: null } as const;
  const accountOf = (over: Partial<Extract<Fact, { kind: 'attemptHandedOver' }>>) => {
    const next = hear({ ...live(), unsaid: [] }, { ...takeOver(2), ...over });
    const said = next.unsaid.filter(({ key }) => key === 'accountUnexpected').map(({ params }) => params['fields']);
    return { said, tasks: next.attempt.found.accountTasks };
  };

  it('is told for the receiver and for the giver, each in its own words, and is a task once', () => {
    expect(accountOf({ unexpected: [OWN, GIVEN], accountTasks: ['confirm-names', 'choose-time-zone'] })).toEqual({
      said: ['portfolio-id', 'waba-name'],
      tasks: ['confirm-names', 'choose-time-zone', 'op-owner-changed'],
    });
  });

  it('is a task also where the giver expected nothing', () => {
    expect(accountOf({ unexpected: [OWN] }).tasks).toEqual(['confirm-names', 'op-owner-changed']);
    expect(accountOf({})).toEqual({ said: [], tasks: undefined });
  });
});

describe('AT38 refusing', () => {
  it.each(['running', 'waiting', 'undoing'] as const)('%s: it is busy with its own', (state) => {
    const s = connecting({ state });
    expect(targetOfHandOver(s)).toBeNull();
    expect(ignoredAs(hear(s, takeOver(1)))).toBe('AT38 s');
  });

  it('what was meant for another cycle or attempt is stale', () => {
    expect(ignoredAs(hear(live(), takeOver(1)))).toBe('AT38 s');
    expect(ignoredAs(hear(invited(), takeOver(1, 2)))).toBe('AT38 s');
  });
});

describe('ST5 giving', () => {
  it('the giver closes with a pointer to the number that has it', () => {
    const next = closeAsDuplicate(connecting({ step: 'claim' }), FROM, NOW);
    expect([next.closed, next.duplicateOf, next.attempt.state, connectionOf(next)]).toEqual([
      'duplicate',
      FROM,
      'none',
      'closed',
    ]);
  });
});

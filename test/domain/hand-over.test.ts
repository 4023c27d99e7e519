/** A number that takes over the attempt of another row of its tenant: AT37, AT38, ST5. */
import { describe, expect, it } from 'vitest';
import { nextConnectStep } from '../../src/domain/connect-steps.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { closeAsDuplicate, targetOfHandOver } from '../../src/domain/hand-over.ts';
import { numberId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Attempt, Snapshot } from '../../src/domain/snapshot.ts';
import {
  connecting,
  days,
  envelope,
  gone,
  ignoredAs,
  invited,
  live,
  PHONE,
  suspended,
  T0,
  WABA,
  withAttempt,
} from './builders.ts';

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

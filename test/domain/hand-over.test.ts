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
const over = (cycle: number, attempt = 1): Fact => ({
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
    const next = hear(s, over(2));
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
    expect(hear(s, over(1, 3)).attempt).toMatchObject({
      state: 'running',
      step: 'subscribe',
      ordinal: 3,
      opensAtMs: null,
    });
  });
});

describe('AT38 refusing', () => {
  it.each(['running', 'waiting', 'undoing'] as const)('%s: it is busy with its own', (state) => {
    const s = connecting({ state });
    expect(targetOfHandOver(s)).toBeNull();
    expect(ignoredAs(hear(s, over(1)))).toBe('AT38 s');
  });

  it('what was meant for another cycle or attempt is stale', () => {
    expect(ignoredAs(hear(live(), over(1)))).toBe('AT38 s');
    expect(ignoredAs(hear(invited(), over(1, 2)))).toBe('AT38 s');
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

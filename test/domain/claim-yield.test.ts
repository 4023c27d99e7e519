import { describe, expect, it } from 'vitest';
import { lookDueAt } from '../../src/domain/link-looks.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { connecting, days, envelope, gone, hours, invited, live, reconnected, suspended, T0 } from './builders.ts';
import { Life } from './life.ts';

const END = T0 + days(1);
const YIELDED: Fact = { kind: 'claimYielded' };

describe('a number that is proved elsewhere (LI56)', () => {
  it('after its end holds nothing, is cleaned up at once, and closes', () => {
    const undone: string[] = [];
    const undo = (step: string): 'done' => {
      undone.push(step);
      return 'done';
    };
    const life = new Life({ state: gone(), nowMs: END, meta: { undo } });
    life.hear(YIELDED, { deliveredAtMs: END + hours(1), occurredAtMs: END + hours(1) });
    life.runTo(END + hours(1));
    expect(undone).toEqual(['unsubscribeIfLast', 'forgetCredential']);
    expect([life.state.closed, life.connection, life.state.credential]).toEqual([
      'claimed-elsewhere',
      'closed',
      'forgotten',
    ]);
    expect(life.state.link.end).toMatchObject({ reason: 'claimed-elsewhere', atMs: END });
  });

  it('does not return, also when a return was being verified', () => {
    const verified = takeFact(gone(), envelope(reconnected(), END + hours(1)), END + hours(1));
    expect(verified.link.verify).not.toBeNull();
    const next = takeFact(verified, envelope(YIELDED, END + hours(1)), END + hours(1));
    expect([next.link.verify, lookDueAt(next.link)]).toEqual([null, null]);
  });

  it('takes its open invitation along', () => {
    const open = { ...gone(), attempt: { ...invited().attempt, expiresAtMs: END + days(7) } };
    const life = new Life({ state: open, nowMs: END });
    life.hear(YIELDED);
    life.runTo(END + hours(1));
    expect([life.state.attempt.state, life.state.closed]).toEqual(['none', 'claimed-elsewhere']);
  });

  it('ends without a hold where it was still paused', () => {
    const next = takeFact(suspended(), envelope(YIELDED, END + hours(1)), END + hours(2));
    expect([next.link.state, next.link.end?.reason, next.link.hold?.untilMs]).toEqual([
      'gone',
      'claimed-elsewhere',
      END + hours(2),
    ]);
  });

  it.each([
    ['a live link (LI21)', live()],
    ['an attempt under way (LI21)', { ...gone(), attempt: connecting().attempt }],
    ['a number that never had a link', invited()],
  ])('moves nothing for %s', (_name, before) => {
    const next = takeFact(before, envelope(YIELDED, END), END);
    expect([next.link, next.attempt, next.closed]).toEqual([before.link, before.attempt, 'no']);
    expect(next.unsaid.map(({ key }) => key)).toContain('ignored');
    expect(next.unsaid.map(({ key }) => key)).not.toContain('claimYielded');
  });
});

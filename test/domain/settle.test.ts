import { describe, expect, it } from 'vitest';
import { afterClock } from '../../src/domain/clock-tick.ts';
import { afterCompensation, cancelLink, close, nextSettleStep } from '../../src/domain/settle.ts';
import { days, envelope, gone, hours, invited, live, reconnected, suspended, T0 } from './builders.ts';
import { takeFact } from '../../src/domain/react.ts';
import { Life } from './life.ts';

const END = T0 + days(1);
const HOLD_END = END + hours(72);
const changed = { reason: 'number-changed', initiator: null, atMs: END, phoneStillLinked: 'no' } as const;

describe('LI57 after a link has ended', () => {
  it('nothing is cleaned up before the hold is over, then unsubscribe before the credential goes', () => {
    const undone: string[] = [];
    const undo = (step: string): 'done' => {
      undone.push(step);
      return 'done';
    };
    const life = new Life({ state: gone(), nowMs: END, meta: { undo } });
    life.runTo(HOLD_END - 1);
    expect([undone, life.state.credential]).toEqual([[], 'held']);
    life.runTo(HOLD_END);
    expect(undone).toEqual(['unsubscribeIfLast', 'forgetCredential']);
    expect([life.state.credential, life.state.link.hold, life.connection]).toEqual(['forgotten', null, 'disconnected']);
  });

  it('8.3 an undo that fails is listed, told, and holds nothing up', () => {
    const life = new Life({ state: gone(), nowMs: HOLD_END, meta: { undo: () => 'GRAPH_UNAVAILABLE' } });
    life.runTo(HOLD_END);
    expect([...life.state.incompleteUndo].toSorted()).toEqual(['forgetCredential', 'unsubscribeIfLast']);
    expect(life.state.link.hold).toBeNull();
    expect(life.sentences.at(-1)).toContain('left undone');
  });

  it('8.3 what was not needed is done', () => {
    const next = afterCompensation(gone(), { step: 'unsubscribeIfLast', result: 'not-needed' }, HOLD_END);
    expect([next.compensation, next.incompleteUndo]).toEqual([['forgetCredential'], []]);
  });

  it('a number that was changed closes after its hold, unless it is invited again', () => {
    const life = new Life({ state: gone({ end: changed }), nowMs: END });
    life.runTo(HOLD_END - 1);
    expect(life.state.closed).toBe('no');
    life.runTo(HOLD_END);
    expect(life.state.closed).toBe('number-changed');
    const again = new Life({
      state: { ...gone({ end: changed }), attempt: { ...invited().attempt, expiresAtMs: HOLD_END + days(1) } },
      nowMs: END,
    });
    again.runTo(HOLD_END);
    expect([again.state.closed, again.headline]).toEqual(['no', 'awaiting-signup']);
    again.runTo(HOLD_END + days(1));
    expect(again.state.closed).toBe('number-changed');
  });

  it('LI59 any other retires a year after its end', () => {
    const settled = gone({ hold: null }, { compensation: [], credential: 'forgotten' });
    expect(nextSettleStep(settled, END + days(365) - 1)).toMatchObject({ kind: 'wait', untilMs: END + days(365) });
    expect(afterClock(settled, END + days(365) - 1)).toBeNull();
    expect(afterClock(settled, END + days(365))?.closed).toBe('retired');
  });
});

describe('LI62 an operator cancels', () => {
  it.each([live(), suspended()])('a link that stands ends without a hold', (s) => {
    const next = cancelLink(s, END);
    expect(next.link).toMatchObject({
      state: 'gone',
      end: { reason: 'cancelled', phoneStillLinked: 'likely' },
      hold: { untilMs: END },
    });
    expect(nextSettleStep(next, END)).toEqual({ kind: 'compensate', step: 'unsubscribeIfLast' });
  });

  it('a link that is gone is cleaned up at once, and no return is looked for', () => {
    const returning = takeFact(gone(), envelope(reconnected(), END + 1), END + 1);
    const next = cancelLink(returning, END + 2);
    expect([next.link.hold, next.link.verify]).toEqual([{ untilMs: END + 2 }, null]);
    expect(cancelLink(invited(), END).link).toEqual(invited().link);
  });

  it('closing takes an open invitation with it', () => {
    const next = close(invited(), { row: 'LI62', why: 'cancelled' }, END);
    expect([next.closed, next.attempt.state]).toEqual(['cancelled', 'none']);
  });
});

it('LE06 a wish that the phone did not fulfil in time is stuck', () => {
  const leaving = live({}, { leave: { state: 'asked', untilMs: END } });
  expect(afterClock(leaving, END - 1)).toBeNull();
  expect(afterClock(leaving, END)?.leave).toEqual({ state: 'stuck', untilMs: null });
});

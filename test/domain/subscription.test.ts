import { describe, expect, it } from 'vitest';
import { ASKERS } from '../../src/domain/commands.ts';
import { needsAttention } from '../../src/domain/headline.ts';
import { takeCommand } from '../../src/domain/react.ts';
import { sendGateOf } from '../../src/domain/send-gate.ts';
import type { Snapshot, SubscriptionDoubt, SubscriptionRead } from '../../src/domain/snapshot.ts';
import { afterSubscriptionRead, nextSubscriptionStep, subscriptionDoubt } from '../../src/domain/subscription.ts';
import { isTaskOpen, openTask } from '../../src/domain/tasks.ts';
import { days, gone, hours, invited, lastLine, live, minutes, suspended, T0, WABA, withAttempt } from './builders.ts';

const doubted = (step: SubscriptionDoubt['step'], over: Partial<SubscriptionDoubt> = {}): Snapshot =>
  live({}, { subscription: { ...subscriptionDoubt(step, T0), ...over } });
/** What the step that is due reads. */
const read = (s: Snapshot, said: SubscriptionRead, atMs: number): Snapshot => {
  const step = s.subscription?.step ?? 'look';
  return afterSubscriptionRead(s, { step, answer: { read: said } }, atMs);
};
const stepAt = (s: Snapshot, atMs: number): unknown => nextSubscriptionStep(s, atMs);
const isForOperators = (s: Snapshot): boolean => isTaskOpen(s, 'op-subscription');

describe('a look at the subscription (FA42)', () => {
  it('active: the doubt is gone, and carried no further', () => {
    const next = read(doubted('look'), 'active', T0);
    expect(next).not.toHaveProperty('subscription');
    expect([lastLine(next), stepAt(next, T0)]).toEqual(['SU02 subscriptionActive', { kind: 'rest' }]);
  });

  it.each(['missing', 'misdirected'] as const)(
    'SU02 %s: repaired at once, and replies may be lost till then',
    (said) => {
      const next = read(doubted('look'), said, T0);
      expect(lastLine(next)).toBe('SU02 subscriptionLost');
      expect(stepAt(next, T0)).toEqual({ kind: 'repair', wabaId: WABA });
      expect(sendGateOf(next)).toMatchObject({ replies: true, warnings: ['replies-may-be-lost'] });
    },
  );

  it('without a word: asked again at growing distances, at most an hour', () => {
    let s = doubted('look');
    const waits: number[] = [];
    for (let atMs = T0, time = 0; time < 6; time += 1) {
      s = read(s, 'no-word', atMs);
      const dueAtMs = s.subscription?.dueAtMs ?? 0;
      waits.push((dueAtMs - atMs) / minutes(1));
      expect(stepAt(s, dueAtMs - 1)).toMatchObject({ kind: 'wait', untilMs: dueAtMs });
      expect(stepAt(s, dueAtMs)).toMatchObject({ kind: 'look' });
      atMs = dueAtMs;
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
    expect(sendGateOf(s).warnings).toEqual([]);
  });

  it('without a word for a week: the doubt is for operators', () => {
    const before = read(doubted('look'), 'no-word', T0 + days(7) - 1);
    expect(isForOperators(before)).toBe(false);
    const next = read(doubted('look'), 'no-word', T0 + days(7));
    expect([isForOperators(next), next.subscription]).toEqual([true, undefined]);
  });

  it('refused for the credential: the link is looked at', () => {
    const answer = { read: 'no-word', isLinkInDoubt: true } as const;
    const next = afterSubscriptionRead(doubted('look'), { step: 'look', answer }, T0);
    expect(next.link.suspect).toMatchObject({ lookAtMs: T0, removal: null });
    const paused = { ...doubted('look'), link: suspended().link };
    expect(afterSubscriptionRead(paused, { step: 'look', answer }, T0).link.suspect).toBeNull();
  });

  it('that ends after the doubt has gone changes nothing', () => {
    expect(read(live(), 'missing', T0)).toEqual(live());
  });
});

describe('SU02: a repair', () => {
  const lost = doubted('repair', { found: 'missing' });

  it('case 42: that reads active heals, and ends the task of the operators', () => {
    const told = openTask(lost, 'op-subscription', { row: 'SU02', atMs: T0 });
    const next = read(told, 'active', T0);
    expect(next).not.toHaveProperty('subscription');
    expect(next.unsaid.map(({ key }) => key).slice(-2)).toEqual(['subscriptionRepaired', 'taskClosed']);
    expect([isForOperators(next), sendGateOf(next).warnings]).toEqual([false, []]);
  });

  it('that does not hold is made again every hour, three times a day; then operators are told', () => {
    let s = lost;
    for (const [atMs, isTold] of [
      [T0, false],
      [T0 + hours(1), false],
      [T0 + hours(2), true],
    ] as const) {
      expect(stepAt(s, atMs)).toMatchObject({ kind: 'repair' });
      s = read(s, 'misdirected', atMs);
      expect([isForOperators(s), needsAttention(s)]).toEqual([isTold, isTold]);
    }
    expect(s.subscription).toMatchObject({ found: 'misdirected', dueAtMs: T0 + days(1) });
    expect(s.link.state).toBe('live');
    expect(stepAt(s, T0 + days(1) - 1)).toMatchObject({ kind: 'wait' });
  });

  it('the next day begins with all its repairs', () => {
    const used = doubted('repair', { found: 'missing', repairs: 3, dayFromMs: T0, dueAtMs: T0 + days(1) });
    const next = read(used, 'missing', T0 + days(1));
    expect(next.subscription).toMatchObject({ repairs: 1, dayFromMs: T0 + days(1), dueAtMs: T0 + days(1) + hours(1) });
  });

  it('to which Meta does not answer takes none of the day, is told once, and comes again at growing distances', () => {
    let s: Snapshot = { ...lost, unsaid: [] };
    const waits: number[] = [];
    for (let atMs = T0, time = 0; time < 6; time += 1) {
      s = read(s, 'no-word', atMs);
      expect(s.subscription).toMatchObject({ step: 'repair', found: 'missing', repairs: 0 });
      const dueAtMs = s.subscription?.dueAtMs ?? 0;
      waits.push((dueAtMs - atMs) / minutes(1));
      atMs = dueAtMs;
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
    expect([s.unsaid.map(({ key }) => key), isForOperators(s)]).toEqual([['subscriptionUnheard'], false]);
    expect(sendGateOf(s).warnings).toEqual(['replies-may-be-lost']);
  });

  it('keeps what is used of the day over a silence, which a word ends', () => {
    const used = doubted('repair', { found: 'missing', repairs: 2, silences: 3 });
    expect(read(used, 'no-word', T0).subscription).toMatchObject({ repairs: 2, silences: 4 });
    expect(read(used, 'missing', T0).subscription).toMatchObject({ repairs: 3, silences: 0 });
  });

  it('to which Meta does not answer for a week is for operators, and is tried once a day', () => {
    expect(isForOperators(read(lost, 'no-word', T0 + days(7) - 1))).toBe(false);
    const next = read(lost, 'no-word', T0 + days(7));
    expect([isForOperators(next), next.subscription?.dueAtMs]).toEqual([true, T0 + days(8)]);
  });
});

describe('CM25: an operator has it repaired', () => {
  const ask = (s: Snapshot, by: (typeof ASKERS)[number] = 'operator') =>
    takeCommand(s, { command: { kind: 'repairSubscription' }, by }, T0 + hours(3));

  it.each([
    ['of a number that is fine', live()],
    ['of a paused one', suspended()],
    ['whose day is used up', doubted('repair', { repairs: 3, dueAtMs: T0 + days(1) })],
    ['that could not be read', doubted('look', { dueAtMs: T0 + days(1) })],
  ] as const)('at once, %s', (_name, s) => {
    const { answer, next } = ask(s);
    expect(answer).toMatchObject({ outcome: 'accepted', failure: null });
    expect(next.subscription).toMatchObject({ step: 'repair', dueAtMs: T0 + hours(3), repairs: 0 });
    expect(lastLine(next)).toBe('CM25 subscriptionRepairAsked');
  });

  it('keeps what was found, so that the warning stays till it is mended', () => {
    const used = doubted('repair', { found: 'misdirected', repairs: 3, dueAtMs: T0 + days(1) });
    expect(ask(used).next.subscription?.found).toBe('misdirected');
  });

  it('at once also while a look is under way that finds nothing out', () => {
    const asked = ask(doubted('look')).next;
    const answer = { read: 'no-word' } as const;
    const next = afterSubscriptionRead(asked, { step: 'look', answer }, T0 + hours(3));
    expect(next.subscription).toEqual(asked.subscription);
    expect(stepAt(next, T0 + hours(3))).toMatchObject({ kind: 'repair' });
  });

  it('already so while a repair is due', () => {
    const due = doubted('repair');
    expect(ask(due)).toMatchObject({ answer: { outcome: 'already' }, next: due });
  });

  it.each(ASKERS.filter((by) => by !== 'operator'))('is refused to the %s', (by) => {
    expect(ask(live(), by)).toEqual({
      answer: { outcome: 'refused', failure: 'COMMAND_OUT_OF_STATE', atMs: null },
      next: live(),
    });
  });

  it.each([
    ['never connected', invited()],
    ['disconnected', gone()],
    ['invited again without a credential', withAttempt(gone({}, { credential: 'forgotten' }), { state: 'open' })],
    ['closed', live({}, { closed: 'retired' })],
  ] as const)('is refused where there is no valid credential: %s', (_name, s) => {
    expect(ask(s).answer).toMatchObject({ outcome: 'refused', failure: 'COMMAND_OUT_OF_STATE' });
  });
});

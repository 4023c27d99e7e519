/** Meta's words while an attempt is at work, and the same words over a link: AT28 to AT32, LI15, LI16, LI55. */
import { describe, expect, it } from 'vitest';
import { afterAccessRead } from '../../src/domain/attempt-news.ts';
import { afterClock } from '../../src/domain/clock-tick.ts';
import { afterGateLook, afterStep, nextConnectStep } from '../../src/domain/connect-steps.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { wabaId } from '../../src/domain/ids.ts';
import { linkAfterAccessRead } from '../../src/domain/link-account.ts';
import { lookDueAt } from '../../src/domain/link-looks.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import {
  connecting,
  days,
  envelope,
  gone,
  hours,
  ignoredAs,
  live,
  minutes,
  offboarded,
  probe,
  reconnected,
  removed,
  suspended,
  T0,
  WABA,
  waiting,
} from './builders.ts';

const NOW = T0 + minutes(5);
const hear = (s: Snapshot, fact: Fact, atMs = NOW): Snapshot => takeFact(s, envelope(fact, atMs), Math.max(NOW, atMs));
const found = { wabaId: WABA, phoneNumberId: null, onboardedAtMs: null, grants: [] };
const running = connecting({ step: 'subscribe', found });
const banned: Fact = { kind: 'accountBanned', wabaId: WABA };
const deleted: Fact = { kind: 'accountDeleted', wabaId: WABA };
const uninstalled: Fact = { kind: 'appUninstalled', wabaId: WABA };
const reviewed = (decision: 'APPROVED' | 'REJECTED'): Fact => ({ kind: 'accountReviewed', wabaId: WABA, decision });

describe('AT28 the phone is changed while connecting', () => {
  it.each([
    ['running', running, 'subscribe'],
    ['waiting for the gate', waiting(), 'gate'],
    ['waiting for a choice', waiting({ for: 'choice', step: 'resolve', lookAtMs: null }), 'resolve'],
  ] as const)('%s: waits for the phone at its step', (_name, s, step) => {
    const next = hear(s, offboarded());
    expect(next.attempt).toMatchObject({ state: 'waiting', wait: { for: 'device', step, lookAtMs: null } });
    expect(next.attempt.wait?.untilMs).toBe(NOW + hours(72));
    expect(nextConnectStep(next, NOW + hours(72))).toEqual({ kind: 'give-up' });
  });

  it('AT22 goes on when Meta says that it is back', () => {
    const back = hear(hear(running, offboarded()), reconnected(), NOW + minutes(3));
    expect(back.attempt).toMatchObject({ state: 'running', step: 'subscribe', wait: null });
  });

  it('a return from before the change, or a change that was over already, decides nothing', () => {
    const stays = hear(hear(running, offboarded()), reconnected(), NOW - 1);
    expect(stays.attempt.wait?.for).toBe('device');
    const over = hear(hear(running, reconnected(), NOW + 1), offboarded());
    expect([over.attempt.state, ignoredAs(over)]).toEqual(['running', 'AT28 l']);
  });

  it('from before the finish it belongs to the link before', () => {
    expect(hear(running, offboarded(), T0).attempt.state).toBe('running');
  });

  it('AT26 a removal ends the wait: the gate tells', () => {
    const next = hear(hear(running, offboarded()), removed(), NOW + 1);
    expect(next.attempt).toMatchObject({ state: 'running', step: 'subscribe', wait: null });
  });

  it('a gate that passes meanwhile does not pass for it', () => {
    const s = hear(connecting({ step: 'gate', found }), offboarded());
    expect(afterStep(s, { step: 'gate', probe: probe('alive', NOW) }, NOW)).toBe(s);
  });
});

describe('AT29, AT32 the account is closed while connecting', () => {
  it.each([
    ['AT29', banned, 'ACCOUNT_BANNED'],
    ['AT32', deleted, 'ACCOUNT_DELETED'],
  ] as const)('%s ends it', (_row, fact, code) => {
    for (const s of [running, waiting()]) {
      expect(hear(s, fact).attempt).toMatchObject({ state: 'undoing', failure: { code } });
    }
  });

  it('another account, an account not known yet, or news from before the invitation is none of its own', () => {
    const other = connecting({ step: 'subscribe', found: { ...found, wabaId: wabaId('1') } });
    for (const s of [other, connecting()]) expect(hear(s, banned).attempt.state).toBe('running');
    expect(hear(running, banned, running.attempt.openedAtMs - minutes(2) - 1).attempt.state).toBe('running');
  });
});

describe('AT31 our app is removed while connecting', () => {
  const doubted = hear(running, uninstalled);

  it('the token is read before the next step', () => {
    expect(nextConnectStep(doubted, NOW)).toEqual({ kind: 'check-access' });
    expect(nextConnectStep(hear(waiting(), uninstalled), NOW)).toEqual({ kind: 'check-access' });
  });

  it('a gate that reads token-dead asks the token too', () => {
    const next = afterGateLook(waiting({ lookAtMs: NOW }), probe('token-dead', NOW), NOW);
    expect(nextConnectStep(next, NOW)).toEqual({ kind: 'check-access' });
  });

  it.each([
    ['dead', 'undoing', 'ACCESS_WITHDRAWN'],
    ['valid', 'running', null],
    ['no-word', 'running', null],
  ] as const)('%s: %s', (read, state, code) => {
    const next = afterAccessRead(doubted, read, NOW);
    expect([next.attempt.state, next.attempt.failure?.code ?? null]).toEqual([state, code]);
    expect(next.attempt.isAccessDoubted).toBe(false);
  });
});

describe('AT39 a signup that no dialog of ours had opened', () => {
  const added: Fact = { kind: 'partnerAdded', wabaId: WABA };
  const opened = (s: Snapshot): boolean => isTaskOpen(s, 'op-unclaimed-signup');

  it('is an operator’s task; a link that stands is looked at', () => {
    const over = hear(live(), added, T0 + days(1));
    expect([opened(over), lookDueAt(over.link)]).toEqual([true, { atMs: T0 + days(1), purpose: 'doubt' }]);
    expect(over.unsaid.at(-1)).toMatchObject({ row: 'AT39', params: { why: 'a signup was finished past our page' } });
    const after = hear(gone(), added, T0 + days(2));
    expect([opened(after), after.attempt.state]).toEqual([true, 'none']);
  });

  it('told of the link itself, or of one before its end, it changes nothing', () => {
    expect(ignoredAs(hear(live(), added, T0 + minutes(2)))).toBe('AT25 d');
    expect(ignoredAs(hear(gone(), added, T0 + days(1)))).toBe('AT25 s');
  });
});

describe('FA20 a review is over', () => {
  const review = waiting({ for: 'review', lookAtMs: NOW + minutes(50) });

  it('AT22 approved: it looks at once; any other decision changes nothing', () => {
    expect(hear(review, reviewed('APPROVED')).attempt.wait?.lookAtMs).toBe(NOW);
    expect(hear(review, reviewed('REJECTED')).attempt.wait?.lookAtMs).toBe(NOW + minutes(50));
    expect(hear(waiting(), reviewed('APPROVED')).attempt.wait?.lookAtMs).toBe(waiting().attempt.wait?.lookAtMs);
  });
});

describe('the account behind a link', () => {
  const LATE = T0 + days(2);

  it.each([
    ['live', live()],
    ['suspended', suspended()],
  ] as const)('LI16 deleted while %s: ended without a hold, and closed after the clean-up', (_name, s) => {
    const next = hear(s, deleted, LATE);
    expect(next.link).toMatchObject({ state: 'gone', end: { reason: 'waba-deleted' }, hold: { untilMs: LATE } });
    const settled = { ...next, compensation: [], link: { ...next.link, hold: null } };
    expect(afterClock(settled, LATE)?.closed).toBe('waba-deleted');
  });

  it('LI55 deleted after another end: the reason is filled in, and the hold ends', () => {
    const next = hear(gone(), deleted, LATE);
    expect(next.link).toMatchObject({ end: { reason: 'waba-deleted' }, hold: { untilMs: LATE } });
    expect(ignoredAs(hear(next, deleted, LATE + 1))).toBe('LI55 d');
  });

  it('LI60 the deletion of a former account ends nothing', () => {
    const moved = live({}, { wabaId: wabaId('1'), formerIds: [WABA] });
    expect([hear(moved, deleted, LATE).link.state, ignoredAs(hear(moved, deleted, LATE))]).toEqual(['live', 'LI60 w']);
  });

  it.each([
    ['LI15', live()],
    ['LI38', suspended()],
  ] as const)('%s our app is removed: the token decides', (row, s) => {
    const doubted = hear(s, uninstalled, LATE);
    expect(lookDueAt(doubted.link)).toEqual({ atMs: LATE, purpose: 'access' });
    const dead = linkAfterAccessRead(doubted, 'dead', LATE);
    expect(dead.link).toMatchObject({ state: 'gone', end: { reason: 'app-removed', phoneStillLinked: 'likely' } });
    expect(dead.link.hold?.untilMs).toBe(LATE);
    const valid = linkAfterAccessRead(doubted, 'valid', LATE);
    expect([valid.link.state, valid.link.access, valid.unsaid.at(-1)?.row]).toEqual([s.link.state, null, row]);
    const later = linkAfterAccessRead(doubted, 'no-word', LATE);
    expect(later.link.access?.lookAtMs).toBe(LATE + minutes(5));
    expect(linkAfterAccessRead(later, 'no-word', LATE + days(7)).link.access).toBeNull();
  });

  it('LI58 our app is removed after the end: nothing stands', () => {
    expect(ignoredAs(hear(gone(), uninstalled, LATE))).toBe('LI58 n');
  });

  it('LI17 a ban or a review is no cut', () => {
    for (const fact of [banned, reviewed('APPROVED')]) {
      const next = hear(live(), fact, LATE);
      expect([next.link.state, ignoredAs(next)]).toEqual(['live', 'LI17 n']);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { linkAfterLook, lookDueAt } from '../../src/domain/link-looks.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import { takeFact } from '../../src/domain/react.ts';
import { sendGateOf } from '../../src/domain/send-gate.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { nextSubscriptionStep } from '../../src/domain/subscription.ts';
import {
  days,
  envelope,
  gone,
  hours,
  lastLine,
  live,
  minutes,
  offboarded,
  probe,
  reconnected,
  removed,
  suspended,
  T0,
  WABA,
} from './builders.ts';
import { Life } from './life.ts';

const NOW = T0 + days(2);
const DOUBTED = takeFact(live(), envelope(removed({ isOnlyNumber: false, reason: 'CHANGE_NUMBER' }), NOW), NOW);
const RETURN_TOLD = takeFact(live(), envelope(reconnected(), NOW), NOW);

/** Looks at the given minutes after NOW, each with what it shows. */
function afterLooks(s: Snapshot, looks: readonly (readonly [number, ProbeClass])[]): Snapshot {
  return looks.reduce((state, [minute, seen]) => {
    const atMs = NOW + minutes(minute);
    return linkAfterLook(state, { purpose: 'doubt', probe: probe(seen, atMs) }, atMs);
  }, s);
}

describe('a doubt about a live link', () => {
  it('LI03 asks for a look at once', () => {
    expect(lookDueAt(DOUBTED.link)).toEqual({ atMs: NOW, purpose: 'doubt' });
  });

  it('mistake 10: LI05 one bad look asks for a second, the confirming distance later', () => {
    const next = afterLooks(DOUBTED, [[0, 'not-visible']]);
    expect([next.link.state, lookDueAt(next.link)?.atMs]).toEqual(['live', NOW + minutes(5)]);
  });

  it.each([
    ['not-visible', 'not-visible', 'gone'],
    ['off-app', 'off-app', 'gone'],
    ['not-visible', 'off-app', 'live'],
    ['off-app', 'not-visible', 'live'],
    ['not-visible', 'no-word', 'live'],
    ['not-visible', 'pending', 'live'],
    ['no-permission', 'no-permission', 'live'],
    ['token-dead', 'token-dead', 'live'],
  ] as const)('case 31: LI06 LI08 %s, then %s five minutes later: %s', (first, second, link) => {
    expect(
      afterLooks(DOUBTED, [
        [0, first],
        [5, second],
      ]).link.state,
    ).toBe(link);
  });

  it('LI06 two looks closer than the confirming distance do not agree yet', () => {
    const next = afterLooks(DOUBTED, [
      [0, 'off-app'],
      [4, 'off-app'],
    ]);
    expect([next.link.state, lookDueAt(next.link)?.atMs]).toEqual(['live', NOW + minutes(5)]);
  });

  it('case 32: GR9 a look that says nothing neither counts nor resets', () => {
    expect(
      afterLooks(DOUBTED, [
        [0, 'off-app'],
        [1, 'no-word'],
        [5, 'off-app'],
      ]).link.state,
    ).toBe('gone');
  });

  it("LI06 the reason is Meta's if it gave one, else what the reads showed", () => {
    const reasonAfter = (s: Snapshot, seen: ProbeClass): string | undefined =>
      afterLooks(s, [
        [0, seen],
        [5, seen],
      ]).link.end?.reason;
    const unexplained = takeFact(live(), envelope(removed({ isOnlyNumber: false }), NOW), NOW);
    expect(reasonAfter(DOUBTED, 'off-app')).toBe('number-changed');
    expect(reasonAfter(unexplained, 'off-app')).toBe('left-the-app');
    expect(reasonAfter(unexplained, 'not-visible')).toBe('confirmed-dead');
  });

  it('LI07 one alive look clears it, without moving the evidence', () => {
    const next = afterLooks(DOUBTED, [
      [0, 'off-app'],
      [1, 'alive'],
    ]);
    expect([next.link.suspect, next.link.state, next.activity.anyAtMs]).toEqual([null, 'live', T0]);
    expect(next.link.aliveReadAtMs).toBe(NOW + minutes(1));
  });

  it('LI14 an alive look after an announced return proves it, and is evidence of the phone', () => {
    const next = afterLooks(RETURN_TOLD, [[0, 'alive']]);
    expect([next.link.provedAtMs, next.activity.anyAtMs]).toEqual([NOW, NOW]);
  });

  it('LI14 the return of siblings is no evidence of this phone', () => {
    const told = takeFact(live(), envelope(reconnected(false), NOW), NOW);
    expect(afterLooks(told, [[0, 'alive']]).activity.anyAtMs).toBe(T0);
  });

  it('mistake 6: GR10 while settling a bad look does not count, unless Meta reported a removal', () => {
    const young = { provedAtMs: NOW - minutes(5), aliveReadAtMs: NOW - minutes(5) };
    const told = takeFact(live(young), envelope(reconnected(), NOW), NOW);
    expect(
      afterLooks(told, [
        [0, 'off-app'],
        [4, 'off-app'],
      ]).link.suspect?.firstAtMs,
    ).toBeNull();
    const removedToo = takeFact(live(young), envelope(removed({ isOnlyNumber: false }), NOW), NOW);
    expect(afterLooks(removedToo, [[0, 'off-app']]).link.suspect?.firstAtMs).toBe(NOW);
  });

  it('case 33, case 45: GR8 a look that began before the last proof does not count', () => {
    const next = linkAfterLook(DOUBTED, { purpose: 'doubt', probe: probe('off-app', T0 - 1) }, NOW);
    expect([next.link.state, next.link.suspect?.firstAtMs]).toEqual(['live', null]);
  });

  it('LI08 looks that say nothing grow apart to an hour, and the doubt is dropped after seven days', () => {
    const life = new Life({ state: live(), nowMs: NOW, meta: { probe: () => 'no-word' } });
    life.hear(removed({ isOnlyNumber: false }));
    life.runTo(NOW + days(7) - 1);
    expect(life.state.link.suspect?.looks).toBeGreaterThan(100);
    expect(life.state.link.suspect?.looks).toBeLessThan(200);
    life.runTo(NOW + days(7) + hours(1));
    expect([life.state.link.suspect, life.connection]).toEqual([null, 'connected']);
    expect(life.sentences.at(-1)).toContain('no read settled it in 7 days');
  });
});

describe('a return', () => {
  it('LI30 is looked for at once, then after 1, 5 and 15 minutes, and then the pause goes on', () => {
    const looks: number[] = [];
    const probed = (nowMs: number): ProbeClass => {
      looks.push(nowMs - NOW);
      return 'off-app';
    };
    const life = new Life({ state: suspended(NOW - hours(1)), nowMs: NOW, meta: { probe: probed } });
    life.hear(reconnected());
    life.runTo(NOW + hours(2));
    expect(looks).toEqual([0, minutes(1), minutes(5), minutes(15)]);
    expect([life.connection, life.state.link.verify]).toEqual(['paused', null]);
  });

  it('LI30 that is verified resumes the same cycle, moves the anchors of the imports by the pause, and is evidence', () => {
    const asked = { ...live().history, state: 'requested' as const, askedAtMs: NOW - hours(2), lastDataAtMs: null };
    const s = suspended(NOW - hours(1), { history: asked });
    const told = takeFact(s, envelope(reconnected(), NOW), NOW);
    const next = linkAfterLook(told, { purpose: 'return', probe: probe('alive', NOW) }, NOW);
    expect([next.link.state, next.link.pause, next.cycle, lastLine(next)]).toEqual(['live', null, 1, 'LI30 resumed']);
    expect(next.history.askedAtMs).toBe(NOW - hours(1));
    expect([next.link.provedAtMs, next.activity.anyAtMs]).toEqual([NOW, NOW]);
  });

  it('LI50 after an end needs the credential that is still held, and stops the clean-up', () => {
    const told = takeFact(gone(), envelope(reconnected(), NOW), NOW);
    const next = linkAfterLook(told, { purpose: 'return', probe: probe('alive', NOW) }, NOW);
    expect([next.link.state, next.credential, next.compensation, next.link.end]).toEqual(['live', 'valid', [], null]);
    expect(lastLine(next)).toBe('LI50 resumed');
  });

  it('SU03 after an end our app is subscribed again, for nobody knows whether the old subscription stands; not after a pause', () => {
    const back = (s: Snapshot): Snapshot => {
      const told = takeFact(s, envelope(reconnected(), NOW), NOW);
      return linkAfterLook(told, { purpose: 'return', probe: probe('alive', NOW) }, NOW);
    };
    expect(nextSubscriptionStep(back(gone()), NOW)).toEqual({ kind: 'repair', wabaId: WABA });
    expect(sendGateOf(back(gone())).warnings).toEqual([]);
    expect(nextSubscriptionStep(back(suspended(NOW - hours(1))), NOW)).toEqual({ kind: 'rest' });
  });
});

describe('the end of a pause', () => {
  const s = suspended(NOW - hours(72));
  const look = (seen: ProbeClass): Snapshot => linkAfterLook(s, { purpose: 'pause-end', probe: probe(seen, NOW) }, NOW);

  it.each([
    ['alive', 'live', null],
    ['no-word', 'suspended', null],
    ['off-app', 'gone', 'no-return'],
    ['not-visible', 'gone', 'no-return'],
    ['no-permission', 'gone', 'no-return'],
    ['token-dead', 'gone', 'no-return'],
    ['pending', 'gone', 'no-return'],
  ] as const)('LI36 %s: %s', (seen, link, reason) => {
    const next = look(seen);
    expect([next.link.state, next.link.end?.reason ?? null]).toEqual([link, reason]);
  });

  it('LI36 asks by the hour while Meta does not answer', () => {
    expect(lookDueAt(look('no-word').link)?.atMs).toBe(NOW + hours(1));
    expect(lastLine(look('alive'))).toBe('LI36 resumed');
  });

  it('LI34 LI35 no look is asked for before it, doubted or not', () => {
    const doubted = takeFact(suspended(NOW), envelope(removed({ isOnlyNumber: false }), NOW), NOW);
    expect(lookDueAt(doubted.link)).toEqual({ atMs: NOW + hours(72), purpose: 'pause-end' });
  });

  it('LI36 a removal noted before or during the pause gives the reason, in either order', () => {
    const sibling = envelope(removed({ isOnlyNumber: false, reason: 'USER_RE_REGISTERED' }), NOW);
    const pausing = envelope(offboarded(), NOW);
    for (const order of [
      [sibling, pausing],
      [pausing, sibling],
    ]) {
      const paused = order.reduce((state, one) => takeFact(state, one, NOW), live());
      expect(paused.link.state).toBe('suspended');
      const ended = linkAfterLook(paused, { purpose: 'pause-end', probe: probe('off-app', NOW) }, NOW + hours(72));
      expect(ended.link.end?.reason).toBe('re-registered');
    }
  });
});

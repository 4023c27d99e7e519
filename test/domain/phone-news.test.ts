/** What Meta says of the phone and of removals while an attempt is at work: AT22, AT26, AT28, GR6, AT13. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryNow } from '../../src/domain/attempt-commands.ts';
import { afterGateLook, afterStep, nextConnectStep, stepFailed } from '../../src/domain/connect-steps.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { wabaId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import {
  connecting,
  envelope,
  hours,
  minutes,
  offboarded,
  PHONE,
  probe,
  reconnected,
  removed,
  T0,
  WABA,
  waiting,
} from './builders.ts';

const NOW = T0 + minutes(30);
const OTHER = wabaId('310000000000018');
const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: [] };
const running = connecting({ step: 'gate', found });
/** At minutes after the finish. */
const heard = (s: Snapshot, ...news: readonly (readonly [Fact, number])[]): Snapshot =>
  news.reduce((state, [fact, at]) => takeFact(state, envelope(fact, T0 + minutes(at)), NOW), s);
const waitsFor = ({ attempt }: Snapshot): string | undefined => attempt.wait?.for ?? attempt.state;
const gateFails = (s: Snapshot, seen: Parameters<typeof probe>[0] | null = 'off-app'): Snapshot =>
  stepFailed(s, { step: 'gate', code: 'NUMBER_NOT_ON_APP', probe: seen && probe(seen, NOW) }, NOW);

describe('news of another account than the one that the attempt has found', () => {
  const elsewhere = { ...found, wabaId: OTHER };

  it('neither makes it wait for the phone nor strikes it; it is kept for the link before', () => {
    const s = heard(connecting({ step: 'gate', found: elsewhere }), [offboarded(), 3], [removed(), 5]);
    expect([waitsFor(s), s.attempt.deferred.length]).toEqual(['running', 2]);
    expect(waitsFor(gateFails(s))).toBe('gate');
    const looked = afterGateLook(heard(waiting({}, { found: elsewhere }), [removed(), 5]), probe('off-app', NOW), NOW);
    expect(waitsFor(looked)).toBe('gate');
  });

  it.each([
    ['an attempt that has found none yet', connecting({ step: 'check-token' }), removed()],
    ['news that names none', running, removed({ wabaId: null })],
  ])('is not what %s hears', (_name, s, fact) => {
    expect(gateFails(heard(s, [fact, 5])).attempt.failure?.code).toBe('REMOVED_WHILE_CONNECTING');
  });
});

describe('AT28 a phone that is awaited', () => {
  const away = heard(running, [offboarded(), 3]);

  it.each([
    ['a removal from before the change', [removed(), 2], 'device'],
    ['a removal of the same moment', [removed(), 3], 'running'],
    ['a later removal', [removed(), 4], 'running'],
    ['a later removal that may mean a sibling', [removed({ isOnlyNumber: false }), 4], 'device'],
    ['a return from before the change', [reconnected(), 2], 'device'],
    ['a later return', [reconnected(), 4], 'running'],
  ] as const)('after %s: in either order', (_name, news, expected) => {
    expect(waitsFor(heard(away, news))).toBe(expected);
    expect(waitsFor(heard(running, news, [offboarded(), 3]))).toBe(expected);
  });

  it('CM07 the gate is asked once more; where it does not pass, the phone is awaited on', () => {
    const asked = retryNow(away, 'owner', NOW).next;
    expect(nextConnectStep(asked, NOW)).toEqual({ kind: 'step', step: 'gate' });
    expect(gateFails(asked).attempt.wait).toEqual(away.attempt.wait);
    const passed = afterStep(asked, { step: 'gate', probe: probe('alive', NOW) }, NOW);
    expect(passed.link.state).toBe('live');
  });

  it('a look that was under way when the change was heard does not end the wait', () => {
    expect(afterGateLook(away, probe('off-app', NOW), NOW)).toBe(away);
  });
});

describe('AT26 a removal', () => {
  it('is over where a later return is known', () => {
    const back = heard(waiting(), [removed(), 5], [reconnected(), 6]);
    expect(waitsFor(afterGateLook(back, probe('off-app', NOW), NOW))).toBe('gate');
    const again = heard(waiting(), [reconnected(), 6], [removed(), 7]);
    expect(afterGateLook(again, probe('off-app', NOW), NOW).attempt.state).toBe('undoing');
  });

  it('is not decided by a look that got no word', () => {
    const struck = heard(waiting(), [removed(), 5]);
    expect(waitsFor(afterGateLook(struck, probe('no-word', NOW), NOW))).toBe('gate');
    expect(waitsFor(gateFails(heard(running, [removed(), 5]), null))).toBe('gate');
    expect(afterGateLook(struck, probe('not-visible', NOW), NOW).attempt.state).toBe('undoing');
  });
});

describe('AT13 while the code is exchanged', () => {
  const exchanging = heard(connecting({ step: 'exchange' }), [offboarded(), 3]);

  it('nothing comes before the exchange: the change is only kept', () => {
    expect(nextConnectStep(exchanging, NOW)).toEqual({ kind: 'step', step: 'exchange' });
  });

  it('the change acts after it, unless it is over by then', () => {
    const away = afterStep(exchanging, { step: 'exchange' }, NOW);
    expect(away.attempt.wait).toMatchObject({
      for: 'device',
      step: 'check-token',
      untilMs: T0 + minutes(3) + hours(72),
    });
    const back = afterStep(heard(exchanging, [reconnected(), 4]), { step: 'exchange' }, NOW);
    expect(waitsFor(back)).toBe('running');
  });
});

describe('AT31 a gate that passes', () => {
  const doubt = (s: Snapshot): Snapshot => heard(s, [{ kind: 'appUninstalled', wabaId: WABA }, 5]);

  it('does not let it pass while the removal of our app is not settled', () => {
    const asked = doubt(running);
    expect(afterStep(asked, { step: 'gate', probe: probe('alive', NOW) }, NOW)).toBe(asked);
    const looked = doubt(waiting({ lookAtMs: NOW }));
    expect(afterGateLook(looked, probe('alive', NOW), NOW)).toBe(looked);
    expect(nextConnectStep(looked, NOW)).toEqual({ kind: 'check-access' });
  });
});

describe('what is kept of the news', () => {
  const news: fc.Arbitrary<Fact> = fc.constantFrom(
    offboarded(),
    reconnected(),
    removed(),
    removed({ reason: 'PRIMARY_INACTIVITY' }),
    removed({ isOnlyNumber: false }),
  );

  it('stays under 20 KB, however often Meta repeats itself in turns', () => {
    fc.assert(
      fc.property(fc.array(news, { minLength: 150, maxLength: 150 }), (all) => {
        const dated = all.map((fact, index) => [fact, 1 + index / 10] as const);
        const s = heard(waiting({ for: 'review', untilMs: T0 + hours(72) }), ...dated);
        expect(JSON.stringify({ ...s, unsaid: [] }).length).toBeLessThan(20_000);
        expect(s.attempt.deferred.length).toBeLessThanOrEqual(7);
      }),
      { numRuns: 30 },
    );
  });

  it('is the newest of each kind, and the newest removal that gives a reason', () => {
    const told = removed({ reason: 'PRIMARY_INACTIVITY' });
    const { deferred } = heard(waiting(), [offboarded(), 9], [offboarded(), 8], [told, 2], [removed(), 3]).attempt;
    expect(deferred.map(({ fact, occurredAtMs }) => [fact, (occurredAtMs - T0) / minutes(1)])).toEqual([
      [offboarded(), 9],
      [told, 2],
      [removed(), 3],
    ]);
  });
});

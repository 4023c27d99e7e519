/** A wait that Meta asks for at the gate: nobody asks within it, and it costs no patience (ST7, AT19, AT23). */
import { describe, expect, it } from 'vitest';
import { retryNow } from '../../src/domain/attempt-commands.ts';
import { afterGateLook, nextConnectStep, stepFailed } from '../../src/domain/connect-steps.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { connecting, hours, minutes, probe, T0, waiting } from './builders.ts';

const seconds = (count: number): number => count * 1000;

/** The gate's own retries ended; Meta may ask for a wait. */
const late = (waitMs: number | null, s = connecting({ step: 'gate', finishedAtMs: T0 })): Snapshot =>
  stepFailed(s, { step: 'gate', code: 'CONNECTION_TIMED_OUT', probe: probe('no-word', T0), waitMs }, T0);

const looked = (s: Snapshot, [seen, waitMs]: readonly [ProbeClass, number?], nowMs: number): Snapshot =>
  afterGateLook(s, waitMs === undefined ? probe(seen, nowMs) : { ...probe(seen, nowMs), waitMs }, nowMs);

describe('ST7 a wait that Meta asks for', () => {
  it('AT19 is waited out before the next look, and our own patience begins after it', () => {
    const s = late(hours(1));
    expect(nextConnectStep(s, T0 + hours(1) - 1)).toMatchObject({ kind: 'wait', untilMs: T0 + hours(1) });
    expect(nextConnectStep(s, T0 + hours(1))).toEqual({ kind: 'look-at-gate' });
    const shut = looked(s, ['off-app'], T0 + hours(1));
    expect(shut.attempt.wait).toMatchObject({ lookAtMs: T0 + hours(1) + seconds(30), notBeforeMs: null });
    const over = looked(shut, ['off-app'], T0 + hours(1) + minutes(10));
    expect(over.attempt).toMatchObject({ state: 'undoing', failure: { code: 'NUMBER_NOT_ON_APP' } });
    expect(looked(shut, ['off-app'], T0 + hours(1) + minutes(10) - 1).attempt.state).toBe('waiting');
  });

  it('AT19 without one it is looked at every half minute, for ten minutes', () => {
    expect(late(null).attempt.wait).toMatchObject({
      lookAtMs: T0 + seconds(30),
      untilMs: T0 + minutes(10),
      notBeforeMs: null,
    });
  });

  it.each([
    ['the gate', waiting({ untilMs: T0 + minutes(10) }, { finishedAtMs: T0 }), minutes(10)],
    ['a review', waiting({ for: 'review', untilMs: T0 + hours(20) }, { finishedAtMs: T0 }), hours(20)],
  ] as const)('AT19 is heard by a later look of %s too, also by its last', (_name, s, patienceMs) => {
    const nowMs = T0 + patienceMs;
    const next = looked(s, ['no-word', hours(2)], nowMs);
    expect(next.attempt).toMatchObject({
      state: 'waiting',
      wait: { lookAtMs: nowMs + hours(2), notBeforeMs: nowMs + hours(2), untilMs: nowMs + hours(2) },
    });
    expect(looked(next, ['alive'], nowMs + hours(2)).link.state).toBe('live');
  });

  it('CM07 nobody may look within it', () => {
    const s = late(hours(1));
    expect(retryNow(s, 'operator', T0 + minutes(59)).answer).toMatchObject({ outcome: 'refused', atMs: T0 + hours(1) });
    expect(retryNow(s, 'operator', T0 + hours(1)).answer.outcome).toBe('accepted');
  });

  it('AT23 waits upon waits end a day after the dialog', () => {
    let s = late(hours(1));
    let nowMs = T0;
    while (s.attempt.state === 'waiting' && nowMs < T0 + hours(48)) {
      nowMs = s.attempt.wait?.lookAtMs ?? Infinity;
      s = looked(s, ['no-word', hours(1)], nowMs);
    }
    expect([s.attempt.state, s.attempt.failure?.code]).toEqual(['undoing', 'CONNECTION_TIMED_OUT']);
    expect(nowMs).toBe(T0 + hours(24));
  });
});

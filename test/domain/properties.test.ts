import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failAttempt } from '../../src/domain/attempt.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { dialogRunId } from '../../src/domain/ids.ts';
import { takeFact } from '../../src/domain/react.ts';
import { ATTEMPT_STEPS, type Snapshot } from '../../src/domain/snapshot.ts';
import {
  codeReceived,
  connecting,
  days,
  envelope,
  gone,
  hours,
  live,
  offboarded,
  PHONE,
  reconnected,
  removed,
  suspended,
  T0,
  WABA,
} from './builders.ts';
import { cancelled } from './cancelled-life.ts';
import { Life } from './life.ts';
import { actions, play } from './random-life.ts';

const NOW = T0 + days(2);
const RUNS = { numRuns: 400 };

/** `Life` itself fails on a spin, on a move outside the table, and on a broken invariant. */
describe('in any life', () => {
  it('no turn spins, no move leaves the table, and the facets agree', () => {
    fc.assert(
      fc.property(actions, (sequence) => {
        play(sequence);
      }),
      { numRuns: 1_500 },
    );
  });

  it('no reminder goes out twice for one cycle, evidence and rung', () => {
    fc.assert(
      fc.property(actions, (sequence) => {
        const keys = play(sequence).reminders.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      RUNS,
    );
  });

  it('overdue is never told before the limit', () => {
    fc.assert(
      fc.property(actions, (sequence) => {
        for (const { toldAtMs, evidenceAtMs } of play(sequence).overdueAtMs) {
          expect(toldAtMs - evidenceAtMs).toBeGreaterThanOrEqual(days(14));
        }
      }),
      RUNS,
    );
  });

  it('each import is asked for at most twice a cycle', () => {
    fc.assert(
      fc.property(actions, (sequence) => {
        const asked = play(sequence).asks.filter(({ outcome }) => outcome !== 'due');
        for (const { cycle, type } of asked) {
          expect(asked.filter((one) => one.cycle === cycle && one.type === type).length).toBeLessThanOrEqual(2);
        }
      }),
      RUNS,
    );
  });

  it("an operator's cancel leaves it closed, with nothing held and nothing left to undo (LI62)", () => {
    fc.assert(
      fc.property(actions, (sequence) => {
        const { state } = cancelled(play(sequence));
        expect(state.closed).not.toBe('no');
        expect([state.attempt.state, state.compensation, state.link.verify]).toEqual(['none', [], null]);
        expect(state.credential).toMatch(/none|forgotten/);
      }),
      RUNS,
    );
  });

  it("an operator's cancel outranks a code that comes before or after it (LI62, AT14)", () => {
    const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: [] };
    const code = envelope(codeReceived(1, dialogRunId('dlg_2')), T0, { cycle: 1 });
    const anyStep = fc.constantFrom(...ATTEMPT_STEPS);
    fc.assert(
      fc.property(anyStep, fc.boolean(), fc.boolean(), (step, isUndoing, isBefore) => {
        const s = connecting({ step, found, undo: ['forgetCredential'] });
        const failed = isUndoing ? failAttempt(s, { row: 'AT21', code: 'GRAPH_UNAVAILABLE' }, T0) : s;
        const life = new Life({ state: isBefore ? takeFact(failed, code, T0) : failed, nowMs: T0 });
        const { state } = cancelled(life, code);
        expect([state.closed, state.attempt.failure?.code]).toEqual(['cancelled', 'CANCELLED_BY_OPERATOR']);
        expect([state.lastSignup, state.attempt.undo]).toEqual([null, []]);
      }),
    );
  });

  it('the snapshot is plain JSON and stays under 20 KB', () => {
    fc.assert(
      fc.property(actions, (sequence) => {
        const { state } = play(sequence);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        expect(JSON.stringify(state).length).toBeLessThan(20_000);
      }),
      RUNS,
    );
  });
});

const STATES: Record<string, Snapshot> = {
  live: live(),
  suspended: suspended(),
  gone: gone(),
  connecting: connecting({
    finishedAtMs: T0,
    found: { wabaId: WABA, phoneNumberId: null, onboardedAtMs: null, grants: [] },
  }),
};
const FACTS: readonly Fact[] = [
  removed(),
  removed({ isOnlyNumber: false }),
  offboarded(),
  reconnected(),
  { kind: 'partnerAdded', wabaId: WABA },
  { kind: 'appUninstalled', wabaId: WABA },
  { kind: 'accountDeleted', wabaId: WABA },
  { kind: 'accountBanned', wabaId: WABA },
  { kind: 'accountReviewed', wabaId: WABA, decision: 'APPROVED' },
  { kind: 'contactsArrived' },
  { kind: 'historyDeclined' },
  { kind: 'historyChunkArrived', phase: 0, chunkOrder: 1, progress: 30 },
  { kind: 'activitySeen', evidence: 'echo', evidenceAtMs: T0 + days(1.5) },
];
const fact = fc.constantFrom(...FACTS);
const state = fc.constantFrom(...Object.values(STATES));
const age = fc.nat(days(3));

describe('any fact', () => {
  it('that comes a second time changes nothing', () => {
    fc.assert(
      fc.property(state, fact, age, (s, one, ageMs) => {
        const heard = envelope(one, NOW - ageMs);
        const once = takeFact(s, heard, NOW);
        expect(takeFact(once, heard, NOW + hours(1))).toBe(once);
      }),
    );
  });

  it('is either told in the timeline or waits for the attempt', () => {
    fc.assert(
      fc.property(state, fact, age, (s, one, ageMs) => {
        const next = takeFact(s, envelope(one, NOW - ageMs), NOW);
        const isDeferred = next.attempt.deferred.length > s.attempt.deferred.length;
        const isQuietEvidence = one.kind === 'activitySeen' && next.activity !== s.activity;
        expect(isDeferred || isQuietEvidence || next.unsaid.length > s.unsaid.length).toBe(true);
      }),
    );
  });

  it('of one dimension does not care about the order of a fact of another', () => {
    const independent: readonly Fact[] = FACTS.filter(
      ({ kind }) => kind === 'activitySeen' || kind.includes('rrived') || kind === 'partnerAdded',
    );
    const dimension = ({ kind }: Fact): string => kind;
    fc.assert(
      fc.property(state, fc.constantFrom(...FACTS), fc.constantFrom(...independent), (s, one, other) => {
        const isLinkAndImport = other.kind.includes('rrived') && !independent.includes(one); // an end cuts what is open
        const isLinkAndSignup = other.kind === 'partnerAdded' && !independent.includes(one); // AT39 compares it with the end
        fc.pre(dimension(one) !== dimension(other) && !isLinkAndImport && !isLinkAndSignup);
        const [a, b] = [envelope(one, NOW - hours(1)), envelope(other, NOW - hours(2))];
        const both = takeFact(takeFact(s, a, NOW), b, NOW);
        const reverse = takeFact(takeFact(s, b, NOW), a, NOW);
        expect(dimensions(both)).toEqual(dimensions(reverse));
      }),
    );
  });
});

function dimensions({ unsaid: _unsaid, story: _story, factIds: _factIds, ...rest }: Snapshot): unknown {
  return rest;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDueOf } from '../../src/domain/deadlines.ts';
import type { Fact, FactEnvelope } from '../../src/domain/facts.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { connecting, hours, minutes, offboarded, PHONE, reconnected, removed, T0, waiting, WABA } from './builders.ts';

const RUNS = { numRuns: 300, seed: 20_261_124 };
const NOW = T0 + hours(60);
const PAUSE_MS = hours(72);
const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: [] };

const AT_WORK = {
  running: connecting({ step: 'gate', found }),
  gate: waiting({ untilMs: NOW + hours(1), lookAtMs: NOW + minutes(1) }),
  review: waiting({ for: 'review', code: 'REVIEW_TIMED_OUT', untilMs: T0 + hours(72), lookAtMs: NOW + hours(1) }),
  choice: waiting({
    for: 'choice',
    step: 'resolve',
    code: 'NUMBER_AMBIGUOUS',
    untilMs: T0 + hours(72),
    lookAtMs: null,
    choices: { kind: 'number', ids: [PHONE] },
  }),
  resume: waiting({ for: 'resume', step: 'subscribe', code: 'GRAPH_UNAVAILABLE', untilMs: T0 + hours(72) }),
} as const satisfies Record<string, Snapshot>;
type AtWork = keyof typeof AT_WORK;
const atWork = fc.constantFrom(...(Object.keys(AT_WORK) as AtWork[]));

const NEWS = { change: offboarded(), return: reconnected(), removal: removed() } as const;
const kindOfNews = fc.constantFrom<keyof typeof NEWS>('change', 'change', 'return', 'removal');

/** Changes of phone, returns and removals after the finish, each at a time of its own. */
const phoneNews = fc
  .uniqueArray(fc.integer({ min: 1, max: 55 }), { minLength: 1, maxLength: 5 })
  .chain((atHours) => fc.tuple(...atHours.map((one) => fc.tuple(fc.constant(one), kindOfNews))))
  .map((news) => news.map(([one, kind]) => told(NEWS[kind], T0 + hours(one))));

function told(fact: Fact, occurredAtMs: number): FactEnvelope {
  return { factId: `${fact.kind}/${occurredAtMs}`, occurredAtMs, fact };
}

function inOrder(news: readonly FactEnvelope[]): readonly FactEnvelope[] {
  return news.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs);
}

function heard(from: AtWork, news: readonly FactEnvelope[]): Snapshot {
  return news.reduce((state: Snapshot, one) => takeFact(state, one, NOW), AT_WORK[from]);
}

function newestOfEach(news: readonly FactEnvelope[]): readonly FactEnvelope[] {
  const newest = new Map(inOrder(news).map((one) => [one.fact.kind, one]));
  return inOrder([...newest.values()]);
}

/** Whether the phone is waited for, and until when. */
function deviceWait({ attempt }: Snapshot): number | null {
  return attempt.wait?.for === 'device' ? attempt.wait.untilMs : null;
}

/** In an order of their own, and each twice. */
const arrivals = phoneNews.chain((news) =>
  fc.record({
    news: fc.constant(news),
    arrived: fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2, maxLength: news.length * 2 }),
  }),
);

/** The end of the patience with the phone: from the latest word on, if that is a change. */
function patienceAfter(news: readonly FactEnvelope[]): number | null {
  const last = inOrder(news).at(-1);
  return last?.fact.kind === 'accountOffboarded' ? last.occurredAtMs + PAUSE_MS : null;
}

describe('an attempt at work that hears of changes of phone', () => {
  it('waits for it while the latest word is a change, from that change on (AT22, AT26, AT28)', () => {
    fc.assert(
      fc.property(atWork, arrivals, (from, { news, arrived }) => {
        expect(deviceWait(heard(from, arrived))).toBe(patienceAfter(news));
      }),
      RUNS,
    );
  });

  it('goes on waiting when a removal may mean a sibling (GR6)', () => {
    fc.assert(
      fc.property(atWork, fc.boolean(), fc.boolean(), (from, isRemovalFirst, isRemovalLater) => {
        const atMs = T0 + hours(isRemovalLater ? 5 : 1);
        const news = [told(offboarded(), T0 + hours(3)), told(removed({ isOnlyNumber: false }), atMs)];
        expect(deviceWait(heard(from, isRemovalFirst ? news.toReversed() : news))).not.toBeNull();
      }),
      RUNS,
    );
  });

  it('keeps the newest of each kind once, for the link that the attempt will leave', () => {
    fc.assert(
      fc.property(atWork, arrivals, (from, { news, arrived }) => {
        const { deferred } = heard(from, arrived).attempt;
        expect(inOrder(deferred)).toEqual(newestOfEach(news));
      }),
      RUNS,
    );
  });

  it('always knows what it waits for next', () => {
    fc.assert(
      fc.property(atWork, arrivals, (from, { arrived }) => {
        for (let count = 1; count <= arrived.length; count += 1) {
          expect(nextDueOf(heard(from, arrived.slice(0, count)), NOW)).not.toBeNull();
        }
      }),
      RUNS,
    );
  });

  it('and of a later removal asks the gate next, whichever is heard first (AT26)', () => {
    fc.assert(
      fc.property(fc.constantFrom('gate', 'review'), fc.boolean(), (from, isRemovalFirst) => {
        const news = [told(offboarded(), T0 + hours(3)), told(removed(), T0 + hours(5))];
        const { attempt } = heard(from, isRemovalFirst ? news.toReversed() : news);
        const isAsked = attempt.wait === null ? attempt.step === 'gate' : (attempt.wait.lookAtMs ?? Infinity) <= NOW;
        expect(isAsked).toBe(true);
      }),
      RUNS,
    );
  });
});

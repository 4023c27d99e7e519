import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQueuedForFix } from '../../src/domain/attempt.ts';
import { areSyncsOver } from '../../src/domain/syncs.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import { days, hours, minutes, T0 } from './builders.ts';
import { allowedImports, ENDS, endOf, heldFor, heldOf, isCodeDead, type End } from './onboarding-ends.ts';
import {
  commands,
  lostAnswers,
  losslessStory,
  lossyStory,
  storyOfTwoRuns,
  trouble,
  withLivingCode,
  type Asked,
} from './onboarding-random.ts';
import {
  begin,
  FACT_NAMES,
  liveOn,
  NO_TROUBLE,
  type FactName,
  type Parcel,
  type Played,
  type Story,
  type Trouble,
} from './onboarding-story.ts';

const RUNS = { numRuns: 200, seed: 20_261_124 };

/** As Meta told it: each fact once, at its time. */
function sequential(story: Story): Story {
  return { ...story, parcels: { ...story.parcels, ...each(FACT_NAMES, { delayMs: 0, copies: [], isLost: false }) } };
}

function each(names: readonly FactName[], parcel: Parcel): Record<string, Parcel> {
  return Object.fromEntries(names.map((name) => [name, parcel]));
}

/** `OnboardingLife` itself fails on a spin, a move outside the table, a broken invariant, and a refusal that acts. */
function played(story: Story, given: Trouble = NO_TROUBLE, asked: readonly Asked[] = []): Played {
  const one = begin(story, given);
  for (const { command, by, atMs } of asked) one.life.askAt(command, by, atMs);
  const atRest = (now: Played): void => {
    expectRest(now);
    expectReturned(story, now);
  };
  return liveOn(
    one,
    atRest,
    asked.map(({ atMs }) => atMs),
  );
}

/** What holds whenever a life rests. */
function expectRest({ life, meta }: Played): void {
  expect(life.isStuck).toBe(false);
  if (life.connection !== 'connecting') expect(life.state.attempt.undo).toEqual([]);
  expectWholeInvitation(life.state.attempt);
  for (const [key, undone] of meta.undone) expect([key, undone]).toEqual([key, life.registered.get(key)?.toReversed()]);
  expect(JSON.parse(JSON.stringify(life.state))).toEqual(life.state);
  expect(JSON.stringify(life.state).length).toBeLessThan(20_000);
}

/** AT34: what failed after its code is shown for the time of a whole invitation; only then may the record say that it expired. */
function expectWholeInvitation({ failure, state, expiresAtMs }: Played['life']['state']['attempt']): void {
  const isShown = failure !== null && failure.step !== null && ['open', 'cooling', 'queued'].includes(state);
  if (isShown) expect(expiresAtMs).toBeGreaterThanOrEqual(failure.atMs + days(7));
}

/** LI13, LI30, AT28: whichever is heard first, a return of which we were told is not waited for. */
function expectReturned(story: Story, { life }: Played): void {
  const { hasPause, hasRemoval, parcels } = story;
  const toldAtMs = T0 + hours(4) + parcels.reconnected.delayMs + minutes(30);
  const isBack = hasPause && !hasRemoval && !parcels.reconnected.isLost; // a removed one is never seen back: it stays
  if (!isBack || life.nowMs < toldAtMs) return;
  expect(life.connection).not.toBe('paused');
  expect(life.state.attempt.wait?.for).not.toBe('device');
}

function expectAllowed(story: Story, one: Played): void {
  const end = endOf(one);
  const fitting = ENDS.filter((row) => row.when(story) && matches(end, row.end));
  expect(fitting, JSON.stringify(end)).not.toHaveLength(0);
  expectNothingLeft(one);
  const imports = allowedImports(story, end);
  expect(imports.contacts).toContain(end.contacts);
  expect(imports.history).toContain(end.history);
}

function matches(end: End, wanted: Partial<End>): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.is(end[name as keyof End], value));
}

/** At rest for good: no attempt but one that waits for our fix, no import under way, and nothing held but what the end needs. */
function expectNothingLeft(one: Played): void {
  const end = endOf(one);
  const isFixAwaited = isQueuedForFix(one.life.state.attempt);
  expect(isFixAwaited ? ['awaiting-signup'] : ['connected', 'disconnected', 'closed']).toContain(end.connection);
  expect([end.attempt, end.undo, heldOf(one)]).toEqual([isFixAwaited ? 'queued' : 'none', [], heldFor(end)]);
  expect(['due', 'asking', 'requested', 'receiving']).not.toContain(end.contacts);
  expect(['due', 'asking', 'requested', 'receiving']).not.toContain(end.history);
}

/** Accepted at most once, asked for at most twice, and besides once for each time that an operator had it asked again. */
function expectOnce({ meta, life }: Played): void {
  for (const calls of [...meta.codes.values(), ...meta.syncs.values()]) expect(calls.accepted).toBeLessThanOrEqual(1);
  for (const { asked } of meta.codes.values()) expect(asked).toBeLessThanOrEqual(2);
  for (const [key, { asked }] of meta.syncs) expect(asked).toBeLessThanOrEqual(2 + askedByHand(life, key));
}

function askedByHand({ answers }: Played['life'], key: string): number {
  return answers.filter(({ command, by, answer }) => {
    if (!('type' in command) || !key.endsWith(command.type) || by !== 'operator') return false;
    const isAsk = command.kind === 'requestSync' || (command.kind === 'resolveSync' && command.as === 'ask-again');
    return isAsk && answer.outcome === 'accepted';
  }).length;
}

describe('the facts of one onboarding', () => {
  it('in any order and any number of copies end as the sequential story', () => {
    fc.assert(
      fc.property(losslessStory.map(withLivingCode), (story) => {
        fc.pre(!isCodeDead(story));
        const { contacts, history, tasks, ...same } = endOf(played(sequential(story)));
        const one = played(story);
        const end = endOf(one);
        expectAllowed(story, one);
        expect(end).toMatchObject(same);
        const isUncut = !story.hasRemoval && story.gate !== 'review'; // else late data may find an import cut, or none
        if (isUncut) expect(end).toMatchObject({ contacts, history, tasks });
      }),
      RUNS,
    );
  });

  it('with the code later than its life end in one of the ends that the tables allow', () => {
    fc.assert(
      fc.property(losslessStory, (story) => {
        expectAllowed(story, played(story));
      }),
      RUNS,
    );
  });

  it('whichever of them are lost, end in one of the ends that the tables allow, and never wait for ever', () => {
    fc.assert(
      fc.property(lossyStory.map(withLivingCode), (story) => {
        expectAllowed(story, played(story));
      }),
      RUNS,
    );
  });

  it('with nothing but the code connect the number', () => {
    fc.assert(
      fc.property(lossyStory.map(withLivingCode), (story) => {
        const others = FACT_NAMES.filter((name) => name !== 'code');
        const lost = each(others, { delayMs: 0, copies: [], isLost: true });
        const alone = { ...story, hasRemoval: false, parcels: { ...story.parcels, ...lost } };
        expect(endOf(played(alone)).connection).toBe('connected');
      }),
      { ...RUNS, numRuns: 50 },
    );
  });
});

describe('each once-only call', () => {
  it('is accepted once and asked for at most twice, wherever answers are lost and processes die', () => {
    let crashes = 0;
    fc.assert(
      fc.property(storyOfTwoRuns.map(withLivingCode), trouble, (story, given) => {
        const one = played(story, given);
        expectOnce(one);
        crashes += one.life.crashes;
      }),
      RUNS,
    );
    expect(crashes).toBeGreaterThan(50);
  });

  it('whose answer was lost is made once more, and what it brings comes', () => {
    fc.assert(
      fc.property(losslessStory.map(withLivingCode), lostAnswers, (story, given) => {
        fc.pre(!isCodeDead(story));
        const plain: Story = { ...sequential(story), gate: 'at-once', hasPause: false, hasRemoval: false };
        const one = played({ ...plain, history: 'shared' }, given);
        const { contacts, history } = endOf(one);
        expect([contacts, history]).toEqual(['complete', 'complete']);
        for (const calls of [...one.meta.codes.values(), ...one.meta.syncs.values()]) expect(calls.accepted).toBe(1);
      }),
      { ...RUNS, numRuns: 50 },
    );
  });

  it('of one code is made for one attempt alone in a cycle', () => {
    fc.assert(
      fc.property(lossyStory.map(withLivingCode), trouble, (story, given) => {
        const { meta } = played(story, given);
        expect(meta.codes.size).toBeLessThanOrEqual(1);
      }),
      { ...RUNS, numRuns: 100 },
    );
  });
});

describe('an attempt that fails', () => {
  it('is undone in reverse, and leaves nothing of ours at Meta or with us', () => {
    fc.assert(
      fc.property(storyOfTwoRuns, trouble, (story, given) => {
        expectNothingLeft(played(story, given));
      }),
      RUNS,
    );
  });
});

describe('a task', () => {
  const cases = {
    'to choose is open only while somebody can choose, or the phone is awaited': ({ life: { state } }: Played) =>
      isTaskOpen(state, 'choose-number') && !['choice', 'device'].includes(state.attempt.wait?.for ?? 'nothing'),
    'to keep the app open is open only while an import can still come': ({ life: { state } }: Played) =>
      isTaskOpen(state, 'keep-app-open') && areSyncsOver(state),
    'for operators is not left open by a record that has closed': ({ life: { state, connection } }: Played) =>
      connection === 'closed' && state.tasks.some(({ kind, state: is }) => is === 'open' && kind.startsWith('op-')),
  };

  it.each(Object.entries(cases))('%s', (_name, isMoot) => {
    fc.assert(
      fc.property(storyOfTwoRuns.map(withLivingCode), trouble, (story, given) => {
        liveOn(begin(story, given), (one) => expect(isMoot(one)).toBe(false));
      }),
      { ...RUNS, numRuns: 150 },
    );
  });
});

describe('people who ask at any moment', () => {
  it('break nothing of it', () => {
    fc.assert(
      fc.property(storyOfTwoRuns.map(withLivingCode), trouble, commands, (story, given, asked) => {
        const one = played(story, given, asked);
        expectOnce(one);
        expectNothingLeft(one);
      }),
      { ...RUNS, numRuns: 400 },
    );
  });
});

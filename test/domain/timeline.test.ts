import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ignore, mustRecord, say } from '../../src/domain/story.ts';
import { IGNORED_BECAUSE, isoMinute, SENTENCE_KEYS, sentenceOf, type SentenceKey } from '../../src/domain/timeline.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { envelope, invited, removed, T0 } from './builders.ts';

/** Every value that a sentence may ask for. */
const PARAMS = {
  cycle: 1,
  attempt: 2,
  task: 'keep-app-open',
  who: 'owner',
  as: 'done',
  untilMs: T0,
  retryAtMs: T0,
  heldUntilMs: T0,
  evidenceAtMs: T0,
  sinceMs: T0,
  days: 7,
  hours: 12,
  ordinal: 1,
  phase: 1,
  progress: 40,
  why: 'withdrawn',
  code: 'GRAPH_UNAVAILABLE',
  step: 'releaseClaim',
  shows: 'still linked',

  reason: 'inactivity',
  class: 'alive',
  type: 'Contacts',
  outcome: 'declined',
  countMax: 3,
  found: 'missing',
  state: 'complete',
  failure: 'HISTORY_SILENT',
  evidence: 'echo',
  steps: 'nothing is left',
  fact: 'partnerRemoved',
  ending: 'malformed',
  metaCode: '3441045',
  choice: 'wanted',
  what: 'the number',
  count: 2,
  scopes: 'business_management',
  fields: 'portfolio-id waba-name',
  expectedId: '5001',
  toldId: '5002',
  to: 'num_1',
  from: 'num_2',
};

describe('the timeline', () => {
  it.each(SENTENCE_KEYS)('%s is a whole sentence, with all its values', (key) => {
    const sentence = sentenceOf({ atMs: T0, row: 'AT01', key, params: PARAMS });
    expect(sentence).toMatch(/^[A-Za-z].*[.]$/);
    expect(sentence).not.toMatch(/undefined|null|NaN|\[object|an unknown time/);
  });

  it('tells of reminders and of a new look as what they are: nobody is told by us', () => {
    const told = (key: SentenceKey): string => sentenceOf({ atMs: T0, row: 'AC02', key, params: PARAMS });
    for (const key of ['reminded', 'overdueReminded'] as const)
      expect(told(key)).toContain('is due: recorded as an event for the backend to fetch.');
    expect(told('comeBackInvited')).toContain('the invitation is open until');
    expect(told('timeZoneMissing')).toBe('The WhatsApp account has no time zone.');
  });

  it('says so where a date is not known', () => {
    expect(sentenceOf({ atMs: T0, row: 'AC05', key: 'overdue', params: {} })).toContain('an unknown time');
  });

  it('a failed import names its failure, a finished one does not', () => {
    const settled = (failure: string | null): string =>
      sentenceOf({ atMs: T0, row: 'SY10', key: 'syncSettled', params: { type: 'History', state: 'stalled', failure } });
    expect([settled('HISTORY_SILENT'), settled(null)]).toEqual([
      'History: stalled (HISTORY_SILENT).',
      'History: stalled.',
    ]);
  });

  it('a request of an older record, which counts no asks, was the first', () => {
    const line = { atMs: T0, row: 'SY03', key: 'syncRequested', params: { type: 'History' } } as const;
    expect(sentenceOf(line)).toBe('The import of History was asked for, once, and Meta accepted.');
  });

  it('writes ISO 8601 to the minute, for any time that a number can live in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (atMs) => {
        expect(isoMinute(atMs)).toBe(new Date(atMs).toISOString().slice(0, 16).replace('T', ' ') + 'Z');
      }),
      { numRuns: 2_000 },
    );
    expect(isoMinute(Date.UTC(2028, 1, 29, 23, 59))).toBe('2028-02-29 23:59Z');
  });
});

describe('telling', () => {
  it('keeps every line for the record, and the last ten sentences for the operator', () => {
    const s = Array.from({ length: 14 }, (_, index) => index).reduce<Snapshot>(
      (state, index) => say(state, 'compensated', { row: 'LI57', atMs: T0, steps: `part ${index}` }),
      { ...invited(), story: [] },
    );
    expect(s.unsaid).toHaveLength(14);
    expect([s.story.length, s.story[0], s.story[9]]).toEqual([
      10,
      `${isoMinute(T0)} Cleaned up after the end: part 4.`,
      `${isoMinute(T0)} Cleaned up after the end: part 13.`,
    ]);
  });

  it.each(Object.entries(IGNORED_BECAUSE))('a fact that changes nothing says why: %s', (letter, why) => {
    const [line] = ignore(invited(), envelope(removed(), T0), {
      row: 'LI01',
      why: letter as keyof typeof IGNORED_BECAUSE,
    }).unsaid;
    expect(line).toMatchObject({ row: 'LI01', key: 'ignored', params: { letter, why, fact: 'partnerRemoved' } });
  });

  it.each([
    ['a fact that changed nothing', 'ignored'],
    ['a task', 'taskOpened'],
    ['a task that is over', 'taskClosed'],
    ['the progress of an import', 'syncProgress'],
  ] as const)('%s is told, and is not why the number is where it is', (_name, key) => {
    const overdue = say(invited(), 'overdue', { row: 'AC05', atMs: T0, evidenceAtMs: T0 });
    const after = Array.from({ length: 12 }).reduce<Snapshot>(
      (state) => say(state, key, { ...PARAMS, row: 'AC05', atMs: T0 }),
      overdue,
    );
    expect(after.because).toBe(overdue.story.at(-1));
    expect(after.story).not.toContain(after.because);
  });

  it('a line that decides nothing waits for the next record, any other asks for one', () => {
    const progress = say(invited(), 'syncProgress', { row: 'SY05', atMs: T0, phase: 1, progress: 5 });
    expect([mustRecord(invited()), mustRecord(progress)]).toEqual([false, false]);
    expect(mustRecord(say(progress, 'overdue', { row: 'AC05', atMs: T0, evidenceAtMs: T0 }))).toBe(true);
  });
});

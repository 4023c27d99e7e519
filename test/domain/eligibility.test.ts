import { describe, expect, it } from 'vitest';
import {
  NO_ANSWERS,
  UNREACHABLE,
  mergeAnswers,
  type EligibilityAnswers,
} from '../../src/domain/eligibility-answers.ts';
import { FACT_RULES, PLAIN_RULES, type RuleId } from '../../src/domain/eligibility-rule.ts';
import { rulesAt } from '../../src/domain/eligibility-rules.ts';
import { eligibilityOf, type Verdict } from '../../src/domain/eligibility.ts';
import { bad, DAY, eligible, judged, NOW_MS, reasonOf } from './eligible.ts';

/** What the verdict becomes where one rule alone is not met. */
const BY_WEIGHT = { hard: 'no', doubt: 'unclear', soft: 'likely' } as const;
/** … and where its answer alone is not known. */
const UNKNOWN_BY_WEIGHT = { hard: 'unclear', doubt: 'unclear', soft: 'likely' } as const;

const weightOf = (id: RuleId) => rulesAt(NOW_MS).find((rule) => rule.id === id)?.weight ?? 'soft';

describe('a verdict', () => {
  it('is likely where all rules are met, unclear where nothing is known', () => {
    expect(judged({})).toMatchObject({ verdict: 'likely', comeBackAtMs: null });
    expect(eligibilityOf(NO_ANSWERS, rulesAt(NOW_MS), NOW_MS)).toMatchObject({
      verdict: 'unclear',
      comeBackAtMs: null,
    });
  });

  it('says of each rule its outcome, remedy, version, source and the day on which it was checked', () => {
    const { reasons } = eligibilityOf(NO_ANSWERS, rulesAt(NOW_MS), NOW_MS);
    expect(reasons).toHaveLength(rulesAt(NOW_MS).length);
    for (const reason of reasons) {
      const ruleVersion = reason.ruleId === 'website' ? 2 : 1; // what is looked up was said later
      expect(reason).toMatchObject({ ruleVersion, checkedOn: '2026-11-22' });
      expect(reason.source.length).toBeGreaterThan(3);
      expect(reason.message).not.toMatch(/\{\w+\}/);
      expect(reason.remedy.length, reason.ruleId).toBeGreaterThan(0);
    }
  });

  it.each(UNREACHABLE)(
    'P11: a website of which we say %s is in doubt, and never a no, however the rule weighs',
    (why) => {
      const website = {
        value: 'x.example',
        source: 'stated',
        checkedAtMs: NOW_MS,
        reach: { kind: 'unreachable', why },
      } as const;
      const answers = eligible({ facts: { ...eligible().facts, website } });
      const { verdict, reasons } = eligibilityOf(answers, rulesAt(NOW_MS), NOW_MS);
      expect([verdict, reasonOf(reasons, 'website').outcome]).toEqual(['unclear', 'unknown']);
      expect(reasonOf(reasons, 'website').message).toMatch(/^It could not be reached from here: .+\.$/);
      const hard = rulesAt(NOW_MS).map((rule) => ({ ...rule, weight: 'hard' as const }));
      expect(eligibilityOf(answers, hard, NOW_MS).verdict).toBe('unclear');
    },
  );

  it('promises nothing', () => {
    const texts = JSON.stringify([judged({}), eligibilityOf(NO_ANSWERS, rulesAt(NOW_MS), NOW_MS), rulesAt(NOW_MS)]);
    expect(texts).not.toMatch(/guarantee|certain|definitely|for sure/i);
  });

  it.each(PLAIN_RULES)('%s: met, not met and unknown weigh as the rule says', (id) => {
    const weight = weightOf(id);
    expect(reasonOf(judged({}).reasons, id)).toMatchObject({ outcome: 'met', remedy: [] });
    const not = judged({ plain: { ...eligible().plain, [id]: bad(id) } });
    expect([not.verdict, reasonOf(not.reasons, id).outcome]).toEqual([BY_WEIGHT[weight], 'unmet']);
    const unknown = judged({ plain: { ...eligible().plain, [id]: 'unknown' } });
    expect([unknown.verdict, reasonOf(unknown.reasons, id).outcome]).toEqual([UNKNOWN_BY_WEIGHT[weight], 'unknown']);
  });

  it.each(FACT_RULES)('%s: stated, empty, not told', (id) => {
    const fact = { source: 'stated', checkedAtMs: NOW_MS };
    const empty = judged({ facts: { ...eligible().facts, [id]: { ...fact, value: '  ' } } });
    expect([empty.verdict, reasonOf(empty.reasons, id).outcome]).toEqual(['unclear', 'unmet']);
    const { [id]: _left, ...others } = eligible().facts;
    expect(reasonOf(judged({ facts: others }).reasons, id).outcome).toBe('unknown');
    expect(reasonOf(judged({}).reasons, id).outcome).toBe('met');
  });

  const ONE: readonly [string, RuleId, Partial<EligibilityAnswers>, Verdict, string][] = [
    ['an unknown first day', 'active-days', { activeSinceMs: null }, 'unclear', 'unknown'],
    ['an unknown version', 'app-version', { appVersion: null }, 'unclear', 'unknown'],
    ['the oldest version', 'app-version', { appVersion: '2.24.17' }, 'likely', 'met'],
    ['a version just below', 'app-version', { appVersion: '2.24.16.99' }, 'no', 'unmet'],
    ['2.9, which is older than 2.24', 'app-version', { appVersion: '2.9' }, 'no', 'unmet'],
    ['a longer version', 'app-version', { appVersion: '2.24.17.1' }, 'likely', 'met'],
    ['an unknown region', 'region', { countries: [] }, 'unclear', 'unknown'],
    ['nobody asked of partners', 'other-partner', { sharing: null }, 'unclear', 'unknown'],
    ['no names', 'names-right', { names: null }, 'unclear', 'unknown'],
    [
      'unconfirmed names',
      'names-right',
      { names: { inApp: 'A', inManager: 'B', confirmed: null } },
      'unclear',
      'unmet',
    ],
    ['an unconfirmed final name', 'name-final', { nameFinal: null }, 'likely', 'unknown'],
    ['no word on the disclosure', 'disclosure', { disclosure: null }, 'unclear', 'unknown'],
  ];
  it.each(ONE)('%s (%s)', (...[, id, over, verdict, outcome]) => {
    const { verdict: given, reasons } = judged(over);
    expect([given, reasonOf(reasons, id).outcome]).toEqual([verdict, outcome]);
  });

  it('shows both names side by side', () => {
    const { reasons } = judged({ names: { inApp: 'Lotus', inManager: 'Lotos', confirmed: null } });
    expect(reasonOf(reasons, 'names-right').message).toContain('"Lotus" in the app, "Lotos" in the manager');
  });

  it('a declined disclosure is a no, an outdated one leaves it open', () => {
    const disclosure = { version: 1, isAccepted: false, person: 'Ada Owner', atMs: NOW_MS };
    expect(judged({ disclosure })).toMatchObject({ verdict: 'no', comeBackAtMs: null });
    expect(judged({ disclosure: { ...disclosure, isAccepted: true, version: 2 } }).verdict).toBe('unclear');
  });
});

describe('a date to come back on', () => {
  const untilMs = NOW_MS + 2 * DAY;
  const young = { activeSinceMs: untilMs - 7 * DAY };

  it('is the end of the seventh day of use, and in that moment the verdict turns', () => {
    expect(judged(young)).toMatchObject({ verdict: 'no', comeBackAtMs: untilMs });
    expect(judged(young, untilMs - 1).verdict).toBe('no');
    expect(judged(young, untilMs)).toMatchObject({ verdict: 'likely', comeBackAtMs: null });
  });

  it('is the later of two', () => {
    const sharing = { isConnected: 'no' as const, doneSteps: [], disconnectedAtMs: NOW_MS };
    expect(judged({ ...young, sharing }).comeBackAtMs).toBe(untilMs);
    expect(judged({ sharing }).comeBackAtMs).toBe(NOW_MS + 15 * 60_000);
  });

  it('is none where another no has no date', () => {
    expect(judged({ ...young, appVersion: '2.1' })).toMatchObject({ verdict: 'no', comeBackAtMs: null });
    expect(judged({ appVersion: '2.1' })).toMatchObject({ verdict: 'no', comeBackAtMs: null });
  });

  it('says that what is not known may still refuse: it is a no all the same', () => {
    expect(judged({ ...young, appVersion: null })).toMatchObject({ verdict: 'no', comeBackAtMs: untilMs });
  });
});

describe('leaving another provider', () => {
  it('is led through in steps, and is over a quarter of an hour after the disconnect', () => {
    const connected = judged({ sharing: { isConnected: 'yes', doneSteps: ['back-up'], disconnectedAtMs: null } });
    expect(connected).toMatchObject({ verdict: 'no', comeBackAtMs: null });
    const { steps } = reasonOf(connected.reasons, 'other-partner');
    expect(steps.map(({ isDone }) => isDone)).toEqual([true, false, false, false, false]);

    const sharing = { isConnected: 'no', doneSteps: ['back-up', 'disconnect'], disconnectedAtMs: NOW_MS } as const;
    expect(judged({ sharing })).toMatchObject({ verdict: 'no', comeBackAtMs: NOW_MS + 15 * 60_000 });
    const after = judged({ sharing }, NOW_MS + 15 * 60_000);
    expect([after.verdict, reasonOf(after.reasons, 'other-partner').steps]).toEqual(['likely', []]);
  });
});

it('what is answered anew replaces its answer alone', () => {
  const old = eligible();
  const merged = mergeAnswers(old, { plain: { backup: 'no' }, appVersion: '2.25.0' });
  expect(merged).toEqual({ ...old, plain: { ...old.plain, backup: 'no' }, appVersion: '2.25.0' });
});

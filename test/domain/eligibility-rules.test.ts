import { describe, expect, it } from 'vitest';
import { disclosureAt } from '../../src/domain/disclosures.ts';
import { startOfDay } from '../../src/domain/eligibility-outcomes.ts';
import { RULE_IDS, type RuleOverride } from '../../src/domain/eligibility-rule.ts';
import { ELIGIBILITY_RULES, isFitting, isInForce, ruleOfRefusal, rulesAt } from '../../src/domain/eligibility-rules.ts';
import { eligibilityOf } from '../../src/domain/eligibility.ts';
import { isFailureCode } from '../../src/domain/failures.ts';
import { eligible, judged, NOW_MS, reasonOf } from './eligible.ts';

describe('the rules', () => {
  it('have one question each, with texts, a source and a day on which it was read', () => {
    expect(
      rulesAt(NOW_MS)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([...RULE_IDS].toSorted());
    for (const rule of ELIGIBILITY_RULES) {
      expect(rule.question, rule.id).toMatch(/[?.]$/);
      expect(rule.remedy.length).toBeGreaterThan(0);
      expect(rule.source.length).toBeGreaterThan(3);
      expect([rule.validFrom, rule.checkedOn].join()).toMatch(/^\d{4}-\d{2}-\d{2},\d{4}-\d{2}-\d{2}$/);
    }
  });

  it('hold from their first day, and no longer on the day that ends them', () => {
    const dated = { validFrom: '2026-03-01', validUntil: '2026-04-15' };
    const at = (iso: string): boolean => isInForce(dated, Date.parse(iso));
    expect(at('2026-02-28T23:59:59.999Z')).toBe(false);
    expect(at('2026-03-01T00:00:00Z')).toBe(true);
    expect(at('2026-04-14T23:59:59.999Z')).toBe(true);
    expect(at('2026-04-15T00:00:00Z')).toBe(false);
    expect(rulesAt(Date.parse('2025-02-10T23:59:59Z'))).toEqual([]);
  });

  it('know the days of ISO dates', () => {
    for (const day of ['1970-01-01', '2024-02-29', '2026-04-15', '2027-12-31', '2100-03-01'])
      expect(startOfDay(day)).toBe(Date.parse(`${day}T00:00:00Z`));
  });
});

describe('regions', () => {
  const at = (country: string, iso: string) => {
    const atMs = Date.parse(iso);
    const { reasons, comeBackAtMs } = judged({ countries: [country], activeSinceMs: atMs - 30 * 86_400_000 }, atMs);
    return [reasonOf(reasons, 'region').outcome, comeBackAtMs];
  };

  it.each(['NG', 'ZA'])(
    '%s is shut until 2026-04-15, with that day to come back on, and open from then on',
    (country) => {
      expect(at(country, '2026-04-14T23:59:00Z')).toEqual(['unmet', Date.parse('2026-04-15T00:00:00Z')]);
      expect(at(country, '2026-04-15T00:00:00Z')).toEqual(['met', null]);
      expect(at(country, '2026-11-24T09:00:00Z')).toEqual(['met', null]);
    },
  );

  it.each([
    ['DE', '2025-10-22T12:00:00Z', 'unmet'],
    ['DE', '2025-10-23T12:00:00Z', 'met'],
    ['IN', '2025-05-04T12:00:00Z', 'unmet'],
    ['IN', '2025-05-05T12:00:00Z', 'met'],
    ['BR', '2025-02-11T12:00:00Z', 'met'],
  ])('%s on %s is %s', (country, iso, outcome) => {
    expect(at(country, iso)[0]).toBe(outcome);
  });

  it('a calling code of several countries is in doubt where some are shut, refused where all are', () => {
    const atMs = Date.parse('2026-04-01T00:00:00Z');
    const of = (countries: string[]) => reasonOf(judged({ countries }, atMs).reasons, 'region').outcome;
    expect([of(['NG', 'US']), of(['NG', 'ZA']), of(['CA', 'US'])]).toEqual(['unknown', 'unmet', 'met']);
  });
});

describe('an override', () => {
  const version2: RuleOverride = {
    id: 'app-version',
    version: 2,
    validFrom: '2026-11-24',
    validUntil: '2026-12-01',
    source: 'Meta: a notice of November',
    checkedOn: '2026-11-24',
    test: { kind: 'app-version', minimum: '2.26.2' },
  };

  it('takes the place of what it names, with its own version and source, while it holds', () => {
    const judge = (atMs: number) =>
      reasonOf(eligibilityOf(eligible(), rulesAt(atMs, { forAll: [version2], own: [] }), atMs).reasons, 'app-version');
    expect(judge(NOW_MS)).toMatchObject({
      outcome: 'unmet',
      ruleVersion: 2,
      source: 'Meta: a notice of November',
      message: 'The app is older than version 2.26.2.',
    });
    expect(judge(Date.parse('2026-11-23T23:59:00Z'))).toMatchObject({ outcome: 'met', ruleVersion: 1 });
    expect(judge(Date.parse('2026-12-01T00:00:00Z'))).toMatchObject({ outcome: 'met', ruleVersion: 1 });
  });

  it('may only warn from now on', () => {
    const { test: _values, ...rest } = version2;
    const rules = rulesAt(NOW_MS, { forAll: [{ ...rest, weight: 'soft' }], own: [] });
    expect(eligibilityOf(eligible({ appVersion: '2.1' }), rules, NOW_MS).verdict).toBe('likely');
  });

  it('that would make another rule of it changes nothing', () => {
    const misfit: RuleOverride = { ...version2, test: { kind: 'fact' } };
    expect([isFitting(version2), isFitting(misfit)]).toEqual([true, false]);
    expect(rulesAt(NOW_MS, { forAll: [misfit], own: [] })).toEqual(rulesAt(NOW_MS));
  });
});

describe("Meta's refusals", () => {
  it.each([
    ['REGION_NOT_SUPPORTED', 'region'],
    ['NUMBER_NOT_ACTIVE_ENOUGH', 'active-days'],
    ['APP_TOO_OLD', 'app-version'],
    ['PLATFORM_STILL_CONNECTED', 'other-partner'],
    ['NUMBER_LINKED_TO_PAGE', 'page-link'],
    ['CONNECTION_TIMED_OUT', null],
  ])('%s speaks against %s', (code, id) => {
    expect(ruleOfRefusal(code)).toBe(id);
  });

  it('are codes of the catalogue, each of one rule', () => {
    const codes = ELIGIBILITY_RULES.flatMap(({ refusals }) => refusals);
    expect(codes.filter((code) => !isFailureCode(code))).toEqual([]);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

it('the disclosure names all six permissions, and what changes in the app', () => {
  const disclosure = disclosureAt(NOW_MS);
  expect(disclosure?.permissions).toHaveLength(6);
  expect(disclosure?.changes.length).toBeGreaterThan(3);
  expect(disclosureAt(Date.parse('2025-02-10T00:00:00Z'))).toBeNull();
});

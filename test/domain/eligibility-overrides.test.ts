import { describe, expect, it } from 'vitest';
import type { RegionRow, RuleOverride } from '../../src/domain/eligibility-rule.ts';
import { everHolds, highestVersion, rulesAt, type RuleOverrides } from '../../src/domain/eligibility-rules.ts';
import { eligibilityOf } from '../../src/domain/eligibility.ts';
import { eligible, NOW_MS, reasonOf } from './eligible.ts';

const dated = { validFrom: '2026-11-01', validUntil: null, checkedOn: '2026-11-24', source: 'a notice' };
const shut: RegionRow = { regions: ['FR'], from: '2026-11-01', until: null, source: 'a notice' };
/** Shuts a region, and says nothing of the remedy. */
const version2: RuleOverride = { ...dated, id: 'region', version: 2, test: { kind: 'region', excluded: [shut] } };
/** Changes the remedy, and says nothing of regions. */
const version3: RuleOverride = { ...dated, id: 'region', version: 3, source: 'support', remedy: ['Wait for Meta.'] };

const rule = (overrides: Partial<RuleOverrides>, id = 'region', atMs = NOW_MS) =>
  rulesAt(atMs, { forAll: [], own: [], ...overrides }).find((one) => one.id === id);

describe('overrides of one rule', () => {
  it('add up: a newer one that changes the remedy alone leaves the region shut', () => {
    for (const forAll of [
      [version2, version3],
      [version3, version2],
    ]) {
      expect(rule({ forAll })).toMatchObject({ version: 3, source: 'support', test: version2.test });
      const rules = rulesAt(NOW_MS, { forAll, own: [] });
      const { reasons, verdict } = eligibilityOf(eligible({ countries: ['FR'] }), rules, NOW_MS);
      expect([verdict, reasonOf(reasons, 'region').remedy]).toEqual(['no', ['Wait for Meta.']]);
    }
  });

  it('that name the same part: the higher version has the last word', () => {
    const version4: RuleOverride = { ...version2, version: 4, test: { kind: 'region', excluded: [] } };
    expect(rule({ forAll: [version4, version2] })).toMatchObject({ version: 4, test: version4.test });
  });

  it('count only while they hold', () => {
    const ended = { ...version3, validUntil: '2026-11-24' };
    const ahead = { ...version3, validFrom: '2026-11-25' };
    for (const later of [ended, ahead]) expect(rule({ forAll: [version2, later] })).toMatchObject({ version: 2 });
  });

  it("for all tenants do not hide a tenant's own, whatever its version", () => {
    const own: RuleOverride = { ...version2, test: { kind: 'region', excluded: [] }, source: 'agreed' };
    const forAll = [
      { ...version2, version: 8 },
      { ...version3, version: 9 },
    ];
    expect(rule({ forAll, own: [own] })).toMatchObject({ version: 2, source: 'agreed', test: own.test });
    expect(rule({ forAll, own: [own] })?.remedy, 'what it does not name stays').toEqual(['Wait for Meta.']);
  });

  it('leave the other rules alone', () => {
    expect(rule({ forAll: [version2, version3] }, 'backup')).toEqual(rule({}, 'backup'));
  });
});

describe('a new version', () => {
  it('must be higher than ours and than each that is kept, in force or not', () => {
    const ours = rule({})?.version ?? 0;
    expect(highestVersion('region', [])).toBe(ours);
    const ended = { ...version3, version: 7, validUntil: '2026-11-02' };
    expect(highestVersion('region', [ended, version2])).toBe(7);
    expect(highestVersion('backup', [ended])).toBe(rule({}, 'backup')?.version);
  });

  it.each([
    ['2026-11-02', null, true],
    ['2026-11-02', '2026-11-03', true],
    ['2026-11-02', '2026-11-02', false],
    ['2026-11-02', '2026-11-01', false],
  ])('from %s until %s: it ever holds: %s', (validFrom, validUntil, holds) => {
    expect(everHolds({ validFrom, validUntil })).toBe(holds);
  });
});

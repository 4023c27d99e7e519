import { asc, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createEligibility } from '../../src/db/eligibility.ts';
import { eligibilityRefusals, eligibilityVerdicts } from '../../src/db/schema-eligibility.ts';
import type { EligibilityAnswers } from '../../src/domain/eligibility-answers.ts';
import type { RuleOverride } from '../../src/domain/eligibility-rule.ts';
import { checkId, numberId, phoneNumber, tenantId } from '../../src/domain/ids.ts';
import { DAY, eligible, NOW_MS } from '../domain/eligible.ts';
import { signed } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const TENANT = tenantId('ten_a');
let made = 0;

/** A check of its own, with the store that made it and the alerts that it raised. */
async function checked(over: Partial<EligibilityAnswers> = {}) {
  made += 1;
  const key = { tenantId: TENANT, checkId: checkId(`chk_${made}`) };
  const alerts: { kind: string; subject: string; detail: string; atMs: number }[] = [];
  const raise = async (alert: (typeof alerts)[number]) => void alerts.push(alert);
  const store = createEligibility(bench.store, { raise });
  const given = { ...key, phoneNumber: phoneNumber('+4915112345678'), answers: eligible(over), atMs: NOW_MS };
  const check = await store.check(given);
  return { store, key, given, check, alerts, number: numberId(`num_e${made}`) };
}

function verdictsOf(id: ReturnType<typeof checkId>) {
  const isOf = eq(eligibilityVerdicts.checkId, id);
  return bench.store.db.select().from(eligibilityVerdicts).where(isOf).orderBy(asc(eligibilityVerdicts.ordinal));
}

describe('a check', () => {
  it('is stored with answers, verdict, reasons and the versions of the rules, and is its tenant’s alone', async () => {
    const { store, key, check } = await checked();
    expect(check).toMatchObject({ eligibility: { verdict: 'likely' }, createdAtMs: NOW_MS, checkedAtMs: NOW_MS });
    expect(await store.read(TENANT, key.checkId)).toEqual(check);
    expect(await store.read(tenantId('ten_b'), key.checkId)).toBeNull();
    const [row] = await verdictsOf(key.checkId);
    expect(row?.reasons.find(({ ruleId }) => ruleId === 'region')).toMatchObject({ ruleVersion: 1, outcome: 'met' });
    expect(row?.answers).toEqual(eligible());
  });

  it('made twice under one id at the same time is one check with one verdict', async () => {
    const { store, given } = await checked();
    const id = checkId('chk_twice');
    const both = await Promise.all([1, 2].map(() => store.check({ ...given, checkId: id })));
    expect(both[0]).toEqual(both[1]);
    expect(await verdictsOf(id)).toHaveLength(1);
  });

  it('P11: a look at its website counts only where the website is still the one that was looked at', async () => {
    const fact = (value: string) => ({ value, source: 'stated', checkedAtMs: NOW_MS });
    const { store, key } = await checked({ facts: { ...eligible().facts, website: fact('old.example') } });
    const reach = { kind: 'unreachable', why: 'too-slow' } as const;
    const lookedAt = { value: 'old.example', reach };
    const still = await store.checkAgain({ ...key, answers: {}, lookedAt, atMs: NOW_MS + 1 });
    expect(still?.answers.facts.website).toEqual({ ...fact('old.example'), reach });
    await store.checkAgain({ ...key, answers: { facts: { website: fact('new.example') } }, atMs: NOW_MS + 2 });
    const late = await store.checkAgain({ ...key, answers: {}, lookedAt, atMs: NOW_MS + 3 });
    expect(late?.answers.facts.website).toEqual(fact('new.example'));
  });

  it('checked again keeps the old verdict, and the answers that nobody changed', async () => {
    const { store, key } = await checked({ appVersion: '2.1' });
    const again = await store.checkAgain({ ...key, answers: { appVersion: '2.26' }, atMs: NOW_MS + 1 });
    expect(again).toMatchObject({ eligibility: { verdict: 'likely' }, createdAtMs: NOW_MS, checkedAtMs: NOW_MS + 1 });
    expect(again?.answers).toEqual(eligible({ appVersion: '2.26' }));
    expect((await verdictsOf(key.checkId)).map(({ ordinal, verdict }) => [ordinal, verdict])).toEqual([
      [1, 'no'],
      [2, 'likely'],
    ]);
    const foreign = { ...key, tenantId: tenantId('ten_b'), answers: {}, atMs: NOW_MS };
    expect(await store.checkAgain(foreign)).toBeNull();
  });

  it('checked again by two at once loses neither answer', async () => {
    const { store, key } = await checked({ appVersion: '2.1', activeSinceMs: NOW_MS });
    const changes = [{ appVersion: '2.26' }, { activeSinceMs: NOW_MS - 9 * DAY }];
    await Promise.all(changes.map((answers) => store.checkAgain({ ...key, answers, atMs: NOW_MS + 1 })));
    expect((await store.read(TENANT, key.checkId))?.eligibility.verdict).toBe('likely');
    expect(await verdictsOf(key.checkId)).toHaveLength(3);
  });
});

describe('an onboarding', () => {
  it('is judged by the rules of its own moment, and its number looks again by the same answers', async () => {
    const { store, key, number } = await checked({ activeSinceMs: NOW_MS - 5 * DAY });
    const untilMs = NOW_MS + 2 * DAY;
    const asked = { ...key, numberId: number, atMs: NOW_MS + DAY };
    expect(await store.eligibilityForOnboarding(asked)).toEqual({ verdict: 'no', comeBackAtMs: untilMs });
    expect(await store.recheckNumber(number, untilMs - 1)).toEqual({ verdict: 'no', comeBackAtMs: untilMs });
    expect(await store.recheckNumber(number, untilMs)).toEqual({ verdict: 'likely', comeBackAtMs: null });
    expect((await verdictsOf(key.checkId)).map(({ cause }) => cause)).toEqual([
      'asked',
      'onboarding',
      'come-back',
      'come-back',
    ]);
  });

  it('that is refused for good leaves no trace at the number, which Meta then decides on', async () => {
    const { store, key, number } = await checked({ appVersion: '2.1' });
    const refused = await store.eligibilityForOnboarding({ ...key, numberId: number, atMs: NOW_MS });
    expect(refused).toEqual({ verdict: 'no', comeBackAtMs: null });
    expect(await store.recheckNumber(number, NOW_MS)).toEqual({ verdict: 'unclear', comeBackAtMs: null });
  });

  it('knows no check of another tenant', async () => {
    const { store, key, number } = await checked();
    const foreign = { ...key, tenantId: tenantId('ten_b'), numberId: number, atMs: NOW_MS };
    expect(await store.eligibilityForOnboarding(foreign)).toBeNull();
  });
});

describe('consents', () => {
  it('in the answers are kept as evidence: the whole text, the person, the time', async () => {
    const { store, key } = await checked();
    const kept = await store.readConsents(TENANT, key.checkId);
    expect(kept.map(({ kind, version, person, atMs }) => [kind, version, person, atMs])).toEqual([
      ['names-right', 1, 'Ada Owner', NOW_MS],
      ['name-final', 1, 'Ada Owner', NOW_MS],
      ['disclosure', 1, 'Ada Owner', NOW_MS],
    ]);
    expect(kept[2]?.text.split('\n').length).toBeGreaterThan(12);
    expect(await store.readConsents(tenantId('ten_b'), key.checkId)).toEqual([]);
  });

  it('that are declined are none', async () => {
    const { store, key } = await checked({
      nameFinal: null,
      names: null,
      disclosure: { version: 1, isAccepted: false, person: 'Ada Owner', atMs: NOW_MS },
    });
    expect(await store.readConsents(TENANT, key.checkId)).toEqual([]);
  });
});

describe('an override', () => {
  const dated = { validFrom: '2026-11-01', validUntil: null, checkedOn: '2026-11-24', source: 'a notice' };
  const stricter: RuleOverride = {
    ...dated,
    id: 'active-days',
    version: 2,
    test: { kind: 'active-days', minimumDays: 90 },
  };
  const keep = (store: Awaited<ReturnType<typeof checked>>['store'], override: RuleOverride, of = 'ten_strict') =>
    store.overrideRule({ override, tenantId: tenantId(of), by: 'olga', signed: signed({ atMs: NOW_MS }) });

  it('holds for its tenant alone, and its version is written once', async () => {
    const { store } = await checked();
    expect(await keep(store, stricter)).toBe('kept');
    expect(await keep(store, stricter)).toBe('outdated');
    expect(await keep(store, { ...stricter, version: 1 })).toBe('outdated');
    expect(await keep(store, { ...stricter, version: 3, test: { kind: 'fact' } })).toBe('misfit');
    const versionFor = async (tenant: string) =>
      (await store.readRules(tenantId(tenant), NOW_MS)).find(({ id }) => id === 'active-days')?.version;
    expect([await versionFor('ten_strict'), await versionFor('ten_a')]).toEqual([2, 1]);
  });

  it('for all tenants is stored once, too', async () => {
    const { store } = await checked();
    const override: RuleOverride = { ...dated, id: 'backup', version: 2, question: 'Is there a backup of today?' };
    const forAll = { override, tenantId: null, by: 'olga', signed: signed({ atMs: NOW_MS }) };
    expect([await store.overrideRule(forAll), await store.overrideRule(forAll)]).toEqual(['kept', 'outdated']);
    const rules = await store.readRules(tenantId('ten_any'), NOW_MS);
    expect(rules.find(({ id }) => id === 'backup')?.question).toBe('Is there a backup of today?');
  });
});

describe("Meta's refusals", () => {
  async function letIn(over: Partial<EligibilityAnswers> = {}) {
    const one = await checked(over);
    await one.store.eligibilityForOnboarding({ ...one.key, numberId: one.number, atMs: NOW_MS });
    return one;
  }
  const counted = (number: ReturnType<typeof numberId>) =>
    bench.store.db.select().from(eligibilityRefusals).where(eq(eligibilityRefusals.numberId, number));

  it('count against the rule of the check that had said yes; the second number of late makes it stale', async () => {
    const first = await letIn();
    await first.store.countRefusal(first.number, 'REGION_NOT_SUPPORTED', NOW_MS + 1);
    await first.store.countRefusal(first.number, 'REGION_NOT_SUPPORTED', NOW_MS + 2);
    expect(await counted(first.number)).toMatchObject([
      { ruleId: 'region', ruleVersion: 1, checkId: first.key.checkId, refusals: 2, lastAtMs: NOW_MS + 2 },
    ]);
    expect(first.alerts).toEqual([]);

    const second = await letIn();
    const longAfter = NOW_MS + 2 + 30 * DAY;
    await second.store.countRefusal(second.number, 'REGION_NOT_SUPPORTED', longAfter);
    expect(second.alerts, 'the first is too long ago').toEqual([]);
    await second.store.countRefusal(second.number, 'REGION_NOT_SUPPORTED', longAfter - 1);
    await first.store.countRefusal(first.number, 'REGION_NOT_SUPPORTED', longAfter);
    expect(first.alerts).toMatchObject([{ kind: 'rule-stale', subject: 'region', atMs: longAfter }]);
    expect(first.alerts[0]?.detail).toContain('2 numbers in 30 days');
  });

  it('count nothing where the rule had not said yes, no rule foresees them, or there was no check', async () => {
    const unknown = await letIn({ countries: [] });
    await unknown.store.countRefusal(unknown.number, 'REGION_NOT_SUPPORTED', NOW_MS + 1);
    await unknown.store.countRefusal(unknown.number, 'LOGIN_SECURITY_NEEDED', NOW_MS + 1);
    expect(await counted(unknown.number)).toEqual([]);
    const none = numberId('num_without_check');
    await unknown.store.countRefusal(none, 'REGION_NOT_SUPPORTED', NOW_MS + 1);
    expect(await counted(none)).toEqual([]);
  });
});

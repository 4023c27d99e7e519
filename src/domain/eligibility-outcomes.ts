/** What one rule says of the answers: met, unmet or unknown, until when, and the values for its sentence. */
import { disclosureAt } from './disclosures.ts';
import type {
  BusinessFact,
  Confirmation,
  EligibilityAnswers,
  SharingAnswer,
  Unreachable,
} from './eligibility-answers.ts';
import type { EligibilityRule, RegionRow, RuleTest } from './eligibility-rule.ts';
import { isInForce } from './eligibility-rules.ts';
import { DAY_MS, MINUTE_MS } from './policy.ts';

export const OUTCOMES = ['met', 'unmet', 'unknown'] as const;
export type RuleOutcome = (typeof OUTCOMES)[number];

export interface Found {
  outcome: RuleOutcome;
  /** When an unmet rule will be met by the passing of time alone, epoch ms. */
  untilMs: number | null;
  /** For the placeholders of the sentence. */
  values: Readonly<Record<string, string | number>>;
  /** Why it is unknown although it was answered, as a sentence. */
  because?: string;
}

type TestOf<Kind extends RuleTest['kind']> = Extract<RuleTest, { kind: Kind }>;

function found(outcome: RuleOutcome, values: Found['values'] = {}, untilMs: number | null = null): Found {
  return { outcome, values, untilMs };
}

/** The answer to one rule at a time. */
export function outcomeOf({ id, test }: EligibilityRule, answers: EligibilityAnswers, atMs: number): Found {
  switch (test.kind) {
    case 'plain':
      return plain(answers.plain[id], test);
    case 'fact':
      return fact(answers.facts[id]);
    case 'active-days':
      return activeDays(test, answers.activeSinceMs, atMs);
    case 'app-version':
      return appVersion(test, answers.appVersion);
    case 'region':
      return region(test.excluded, answers.countries, atMs);
    case 'other-partner':
      return otherPartner(test, answers.sharing, atMs);
    case 'names':
      return names(answers.names);
    case 'confirmation':
      return confirmation(answers.nameFinal);
    case 'disclosure':
      return disclosure(answers.disclosure, atMs);
  }
}

function plain(answer: string | undefined, { wants }: TestOf<'plain'>): Found {
  if (answer === undefined || answer === 'unknown') return found('unknown');
  return found(answer === wants ? 'met' : 'unmet');
}

const UNREACHABLE_WORDS: Record<Unreachable, string> = {
  'no-address': 'it is no address of a website',
  'name-unknown': 'its name is not known',
  'not-public': 'it does not lie at a public address',
  'no-connection': 'nothing answers there',
  certificate: 'its certificate is not valid',
  'too-slow': 'it took too long to answer',
  'too-many-redirects': 'it leads from page to page',
  'no-page': 'there is no such page',
  'site-broken': 'it answers with a fault',
};

/** What we could not reach may be there for others: it is never a no, whatever the weight of the rule. */
function fact(given: BusinessFact | undefined): Found {
  if (given === undefined) return found('unknown');
  if (given.value.trim() === '') return found('unmet');
  if (given.reach?.kind !== 'unreachable') return found('met');
  return { ...found('unknown'), because: `It could not be reached from here: ${UNREACHABLE_WORDS[given.reach.why]}.` };
}

/** Met in the very moment in which the days are over. */
function activeDays({ minimumDays }: TestOf<'active-days'>, sinceMs: number | null, atMs: number): Found {
  if (sinceMs === null) return found('unknown', { minimumDays });
  const untilMs = sinceMs + minimumDays * DAY_MS;
  return atMs >= untilMs ? found('met', { minimumDays }) : found('unmet', { minimumDays }, untilMs);
}

/** Compares part by part as numbers: 2.9 is older than 2.24. A missing part counts as zero. */
function appVersion({ minimum }: TestOf<'app-version'>, version: string | null): Found {
  if (version === null) return found('unknown', { minimum });
  return found(compareVersions(version, minimum) >= 0 ? 'met' : 'unmet', { minimum });
}

function compareVersions(left: string, right: string): number {
  const [lefts, rights] = [partsOf(left), partsOf(right)];
  const places = lefts.length > rights.length ? lefts : rights;
  const differences = places.map((_part, index) => (lefts[index] ?? 0) - (rights[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

function partsOf(version: string): readonly number[] {
  return version.split('.').map(Number);
}

/** A calling code may belong to several countries: refused only if all of them are, in doubt if some are. */
function region(excluded: readonly RegionRow[], countries: readonly string[], atMs: number): Found {
  if (countries.length === 0) return found('unknown', { countries: 'an unknown country' });
  const values = { countries: countries.slice(0, 3).join(', ') };
  const rows = countries.map((country) => exclusionOf(excluded, country, atMs));
  const shut = rows.filter((row) => row !== null);
  if (shut.length === 0) return found('met', values);
  if (shut.length < countries.length) return found('unknown', values);
  const ends = shut.map(({ until }) => (until === null ? Infinity : startOfDay(until)));
  const latest = Math.max(...ends);
  return found('unmet', values, Number.isFinite(latest) ? latest : null);
}

function exclusionOf(excluded: readonly RegionRow[], country: string, atMs: number): RegionRow | null {
  const isShut = ({ regions, from, until }: RegionRow): boolean =>
    regions.includes(country) && isInForce({ validFrom: from, validUntil: until }, atMs);
  return excluded.find(isShut) ?? null;
}

/** Midnight UTC of an ISO date, epoch ms, by arithmetic alone. Source: days-from-civil, H. Hinnant. */
export function startOfDay(isoDate: string): number {
  const [year = 1970, month = 1, day = 1] = isoDate.split('-').map(Number);
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY_MS;
}

/** A fresh disconnect counts from the end of Meta's wait on. */
function otherPartner({ waitMinutes }: TestOf<'other-partner'>, sharing: SharingAnswer | null, atMs: number): Found {
  if (sharing === null || sharing.isConnected === 'unknown') return found('unknown');
  if (sharing.isConnected === 'yes') return found('unmet');
  const freeAtMs = sharing.disconnectedAtMs === null ? atMs : sharing.disconnectedAtMs + waitMinutes * MINUTE_MS;
  return atMs >= freeAtMs ? found('met') : found('unmet', {}, freeAtMs);
}

function names(given: { inApp: string; inManager: string; confirmed: Confirmation | null } | null): Found {
  if (given === null) return found('unknown', { inApp: 'not told', inManager: 'not told' });
  const { inApp, inManager, confirmed } = given;
  return found(confirmed ? 'met' : 'unmet', { inApp, inManager });
}

function confirmation(given: Confirmation | null): Found {
  return found(given === null ? 'unknown' : 'met');
}

/** An acceptance of another version than the present one says nothing about it; a refusal of any is one. */
function disclosure(given: EligibilityAnswers['disclosure'], atMs: number): Found {
  const version = disclosureAt(atMs)?.version ?? 0;
  if (given === null) return found('unknown', { version });
  if (!given.isAccepted) return found('unmet', { version });
  return found(given.version === version ? 'met' : 'unknown', { version });
}

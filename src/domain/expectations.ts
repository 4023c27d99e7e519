/**
 * Whose account a backend expects to be connected, compared with what Meta tells of it (P13, C01, C03, C04).
 * Nothing of it stops an onboarding: a person confirms what differs.
 */
import type { BusinessPortfolioId } from './ids.ts';
import type { TaskKind } from './task-kinds.ts';

/** What was said when the onboarding was started; null where nothing was. */
export interface ExpectedAccount {
  portfolioId: BusinessPortfolioId | null;
  portfolioName: string | null;
  wabaName: string | null;
}

/** What Meta tells of the account; null where it tells nothing. */
interface ToldAccount {
  portfolioId: BusinessPortfolioId | null;
  portfolioName: string | null;
  name: string | null;
}

export const EXPECTED_FIELDS = ['portfolio-id', 'portfolio-name', 'waba-name'] as const;
export type ExpectedField = (typeof EXPECTED_FIELDS)[number];

export const COMPARISON_VERDICTS = ['same', 'different', 'not-told'] as const;

/** One thing that was expected, beside what came. */
interface Comparison {
  of: ExpectedField;
  expected: string;
  told: string | null;
  verdict: (typeof COMPARISON_VERDICTS)[number];
}

/**
 * In the order of `EXPECTED_FIELDS`; what nobody expected is left out. Names are equal whatever their case and white space,
 * ids to the letter.
 */
export function compareAccount(expected: ExpectedAccount, told: ToldAccount): readonly Comparison[] {
  return [
    ...compared('portfolio-id', { expected: expected.portfolioId, told: told.portfolioId }),
    ...compared('portfolio-name', { expected: expected.portfolioName, told: told.portfolioName }),
    ...compared('waba-name', { expected: expected.wabaName, told: told.name }),
  ];
}

function compared(of: ExpectedField, pair: { expected: string | null; told: string | null }): readonly Comparison[] {
  const { expected, told } = pair;
  if (expected === null) return [];
  if (told === null || told.trim() === '') return [{ of, expected, told: null, verdict: 'not-told' }];
  const isSame = of === 'portfolio-id' ? expected === told : folded(expected) === folded(told);
  return [{ of, expected, told, verdict: isSame ? 'same' : 'different' }];
}

/** Upper case first: it makes one of the German sharp s and its two letters. `Cf` are signs that nobody sees. */
function folded(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[\s\p{Cf}]+/gu, '')
    .toUpperCase()
    .toLowerCase();
}

/** What differs, as the workflow may know it: the names stay in the store. */
export interface UnexpectedAccount {
  fields: readonly ExpectedField[];
  /** Set where the account belongs to another business portfolio. */
  portfolioIds: { expected: string; told: string } | null;
}

/** Null where nothing that was expected is told otherwise. */
export function unexpectedOf(expected: ExpectedAccount | null, told: ToldAccount): UnexpectedAccount | null {
  const different = (expected ? compareAccount(expected, told) : []).filter(({ verdict }) => verdict === 'different');
  if (different.length === 0) return null;
  const owner = different.find(({ of }) => of === 'portfolio-id');
  const portfolioIds = owner && owner.told !== null ? { expected: owner.expected, told: owner.told } : null;
  return { fields: different.map(({ of }) => of), portfolioIds };
}

/** What differs from each of several expectations, in their order; those that say the same are one. */
export function allUnexpectedOf(expected: readonly ExpectedAccount[], told: ToldAccount): readonly UnexpectedAccount[] {
  const found = expected.map((one) => unexpectedOf(one, told)).filter((one) => one !== null);
  const textOf = (one: UnexpectedAccount): string => JSON.stringify(one);
  return found.filter((one, place) => found.findIndex((other) => textOf(other) === textOf(one)) === place);
}

/** P13: somebody else's business is for an operator too; whatever differs, the owner confirms. */
export function tasksOfUnexpected({ portfolioIds }: UnexpectedAccount): readonly TaskKind[] {
  return portfolioIds === null ? ['confirm-names'] : ['confirm-names', 'op-owner-changed'];
}

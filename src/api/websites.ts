/** Whether the website that somebody stated can be reached: the port, and its place in the answers of a check (P11). */
import type { EligibilityAnswers, LookedAt, WebsiteReach } from '../domain/eligibility-answers.ts';

export interface Websites {
  /** Bounded, and never fails. `not-looked-up`: we could not look, which says nothing about the site. */
  look(stated: string): Promise<WebsiteReach | { kind: 'not-looked-up' }>;
}

/** Where nothing may be looked up. */
export const NO_WEBSITES: Websites = { look: async () => ({ kind: 'not-looked-up' }) };

/** Looks at the website of the answers, at one that was stated before too. Null: none is stated, or we could not look. */
export async function lookAtWebsite(
  websites: Websites,
  given: Partial<EligibilityAnswers>,
  before: EligibilityAnswers | null,
): Promise<LookedAt | null> {
  const value = (given.facts?.website ?? before?.facts.website)?.value ?? '';
  if (value.trim() === '') return null;
  const reach = await websites.look(value);
  return reach.kind === 'not-looked-up' ? null : { value, reach };
}

/** Whether the website that somebody stated can be reached: the port, and its place in the answers of a check (P11). */
import type { EligibilityAnswers, WebsiteReach } from '../domain/eligibility-answers.ts';

export interface Websites {
  /** Bounded, and never fails. `not-looked-up`: we could not look, which says nothing about the site. */
  look(stated: string): Promise<WebsiteReach | { kind: 'not-looked-up' }>;
}

/** Where nothing may be looked up. */
export const NO_WEBSITES: Websites = { look: async () => ({ kind: 'not-looked-up' }) };

/** The answers with what the look at the website found; one that was stated before is looked at again. */
export async function withReach(
  websites: Websites,
  given: Partial<EligibilityAnswers>,
  before: EligibilityAnswers | null,
): Promise<Partial<EligibilityAnswers>> {
  const website = given.facts?.website ?? before?.facts.website;
  if (website === undefined || website.value.trim() === '') return given;
  const reach = await websites.look(website.value);
  if (reach.kind === 'not-looked-up') return given;
  return { ...given, facts: { ...given.facts, website: { ...website, reach } } };
}

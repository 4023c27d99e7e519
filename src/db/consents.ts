/** What people accepted or confirmed, as evidence: the text that they saw, who they are, and when it was. */
import { createHash } from 'node:crypto';
import type { Disclosure } from '../domain/disclosures.ts';
import { DISCLOSURES } from '../domain/disclosures.ts';
import type { EligibilityAnswers } from '../domain/eligibility-answers.ts';
import type { EligibilityRule, RuleId } from '../domain/eligibility-rule.ts';
import type { CheckId, NumberId, TenantId } from '../domain/ids.ts';
import { storable } from './columns.ts';
import type { Executor } from './connect.ts';
import { consents } from './schema-eligibility.ts';

export interface Consent {
  kind: 'disclosure' | 'names-right' | 'name-final';
  version: number;
  text: string;
  person: string;
  atMs: number;
}

/** The whole text, so that the evidence stands without the version of our code that showed it. */
function disclosureText({ text, permissions, changes, limits }: Disclosure): string {
  return [text, ...permissions, ...changes, ...limits].join('\n');
}

/** Those that lie in new answers. A disclosure that we do not know, or that was declined, is none. */
export function consentsIn(
  { names, nameFinal, disclosure }: Partial<EligibilityAnswers>,
  rules: readonly EligibilityRule[],
): readonly Consent[] {
  const versionOf = (id: RuleId): number => rules.find((rule) => rule.id === id)?.version ?? 0;
  const shown = disclosure?.isAccepted ? DISCLOSURES.find(({ version }) => version === disclosure.version) : undefined;
  return [
    ...(names?.confirmed
      ? [{ kind: 'names-right' as const, version: versionOf('names-right'), ...names.confirmed }]
      : []),
    ...(nameFinal ? [{ kind: 'name-final' as const, version: versionOf('name-final'), ...nameFinal }] : []),
    ...(disclosure && shown ? [consentTo(shown, disclosure)] : []),
  ];
}

/** That with which a run of the dialog is opened. */
export function acceptanceOf({ version, by }: { version: number; by: string }, atMs: number): readonly Consent[] {
  const shown = DISCLOSURES.find((one) => one.version === version);
  return shown === undefined ? [] : [consentTo(shown, { person: by, atMs })];
}

function consentTo(shown: Disclosure, { person, atMs }: { person: string; atMs: number }): Consent {
  return { kind: 'disclosure', version: shown.version, text: disclosureText(shown), person, atMs };
}

/** The first acceptance of a text by a person stands: a repeat changes nothing. */
export async function keepConsents(
  db: Executor,
  of: { tenantId: TenantId; subject: CheckId | NumberId },
  given: readonly Consent[],
): Promise<void> {
  if (given.length === 0) return;
  const rows = given.map(({ text, person, ...rest }) => ({
    ...of,
    ...rest,
    text: storable(text),
    textDigest: createHash('sha256').update(text).digest('hex'),
    person: storable(person),
  }));
  await db.insert(consents).values(rows).onConflictDoNothing();
}

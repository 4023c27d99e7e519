/** ST4: which of the numbers of an account the signup was about. */
import { digitsOf, type PhoneNumberId } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/policy.ts';
import type { ListedNumber } from './ports.ts';

interface Question {
  listed: readonly ListedNumber[];
  /** The digits that the invitation named; null where it named none. */
  expectedDigits: string | null;
  /** Ids that sibling rows hold live. */
  heldIds: readonly PhoneNumberId[];
  /** When this attempt opened, epoch ms: what was onboarded since then is what the dialog did. */
  openedAtMs: number;
  /** What a person has chosen of the candidates. */
  chosenId?: PhoneNumberId | null;
}

export type NumberChoice =
  | { kind: 'chosen'; number: ListedNumber }
  | { kind: 'none' }
  /** A person must choose one of the candidates. */
  | { kind: 'ambiguous' | 'not-expected'; candidates: readonly ListedNumber[] };

/**
 * Answers with exactly one number, or why not. A row with the expected digits is taken even where it is not on the app yet:
 * the gate decides that later, with a better remedy than "not found"; so is the only row of an account.
 */
export function chooseNumber(asked: Question): NumberChoice {
  const question = { ...asked, openedAtMs: asked.openedAtMs - (asked.openedAtMs % SECOND_MS) }; // Meta's times are whole seconds
  const free = question.listed.filter((row) => isFree(row, question));
  const onApp = free.filter((row) => row.isOnBizApp);
  const { expectedDigits, chosenId = null } = question;
  if (chosenId !== null) return single(free.filter((row) => row.phoneNumberId === chosenId)) ?? { kind: 'none' };
  if (expectedDigits !== null) return chooseExpected(free, onApp, expectedDigits);
  const candidates = onApp.length > 0 ? onApp : free;
  return narrow(candidates, question.openedAtMs, onApp.length > 0);
}

function isFree({ phoneNumberId, onboardedAtMs }: ListedNumber, { heldIds, openedAtMs }: Question): boolean {
  return !heldIds.includes(phoneNumberId) || (onboardedAtMs !== null && onboardedAtMs >= openedAtMs);
}

function chooseExpected(
  free: readonly ListedNumber[],
  onApp: readonly ListedNumber[],
  expectedDigits: string,
): NumberChoice {
  const expected = digitsOf(expectedDigits);
  const matching = free.filter((row) => digitsOf(row.digits) === expected);
  if (matching.length > 0) return single(matching) ?? { kind: 'ambiguous', candidates: matching };
  return onApp.length > 0 ? { kind: 'not-expected', candidates: onApp } : { kind: 'none' };
}

/** Several: those also on Cloud API, then the single newest that was onboarded since the attempt opened. */
function narrow(candidates: readonly ListedNumber[], openedAtMs: number, isOnApp: boolean): NumberChoice {
  if (candidates.length === 0) return { kind: 'none' };
  if (candidates.length > 1 && !isOnApp) return { kind: 'none' };
  const onCloud = candidates.filter((row) => row.platformType === 'CLOUD_API');
  const rest = onCloud.length > 0 ? onCloud : candidates;
  const ambiguous = { kind: 'ambiguous', candidates: rest } as const;
  return single(candidates) ?? single(rest) ?? single(newest(rest, openedAtMs)) ?? ambiguous;
}

function single(rows: readonly ListedNumber[]): NumberChoice | null {
  const [only, ...others] = rows;
  return only !== undefined && others.length === 0 ? { kind: 'chosen', number: only } : null;
}

/** The newest rows since a time: more than one where two share the same second. */
function newest(rows: readonly ListedNumber[], sinceMs: number): readonly ListedNumber[] {
  const latestMs = Math.max(...rows.map((row) => row.onboardedAtMs ?? 0));
  return latestMs >= sinceMs ? rows.filter((row) => row.onboardedAtMs === latestMs) : [];
}

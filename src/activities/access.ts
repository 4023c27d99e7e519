/** Finds the token that a call to Meta is made with. Tokens stay inside the activities. */
import type { CredentialChoice } from './contract.ts';
import { failureOf } from './failures.ts';
import type { AttemptKey, Credentials } from './ports.ts';
import type { NumberId } from '../domain/ids.ts';

/** Null once forgotten. */
export function tokenOf(
  credentials: Credentials,
  numberId: NumberId,
  choice: CredentialChoice,
): Promise<string | null> {
  return choice.kind === 'candidate' ? credentials.readCandidate(choice.key) : credentials.readCurrent(numberId);
}

/** A step that needs the candidate cannot go on without it: it was forgotten meanwhile. */
export async function candidateOf(credentials: Credentials, key: AttemptKey): Promise<string> {
  const token = await credentials.readCandidate(key);
  if (token === null) throw failureOf('SIGNUP_TOKEN_INVALID', 'this attempt holds no candidate');
  return token;
}

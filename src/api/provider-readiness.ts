/** Whether new signups may be opened at all: what Meta's dialog needs of our own settings. What is connected is not asked. */
import type { FailureCode } from '../domain/failures.ts';

export interface ProviderSettings {
  /** The login configuration of Facebook Login for Business. */
  configId: string | undefined;
  /** The version of embedded signup for which it was made. */
  signupVersion: string | undefined;
}

/** The names of the settings without which Meta's dialog would only say that something went wrong. Source: meta.md 1.2. */
export function missingOf({ configId, signupVersion }: ProviderSettings): readonly string[] {
  return [
    ...(configId === undefined ? ['META_CONFIG_ID'] : []),
    ...(signupVersion === undefined ? ['META_SIGNUP_VERSION'] : []),
  ];
}

/** Why no new dialog may be opened now; null: it may. */
export function providerProblem(provider: ProviderSettings): FailureCode | null {
  return missingOf(provider).length === 0 ? null : 'PROVIDER_NOT_READY';
}

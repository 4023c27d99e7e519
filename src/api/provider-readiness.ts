/**
 * Whether new signups may be opened at all: what Meta's dialog needs of our own settings, and which webhooks Meta sends for our
 * app. What is connected is not asked.
 */
import { webhookFaults, type WebhookFault, type WebhookReading } from '../domain/app-webhooks.ts';
import type { FailureCode } from '../domain/failures.ts';

export interface ProviderSettings {
  /** The login configuration of Facebook Login for Business. */
  configId: string | undefined;
  /** The version of embedded signup for which it was made. */
  signupVersion: string | undefined;
  /** Where the world reaches our webhooks; undefined: we do not know, and judge no address. */
  callbackUrl?: string | undefined;
}

/** The names of the settings without which Meta's dialog would only say that something went wrong. Source: M4. */
export function missingOf({ configId, signupVersion }: ProviderSettings): readonly string[] {
  return [
    ...(configId === undefined ? ['META_CONFIG_ID'] : []),
    ...(signupVersion === undefined ? ['META_SIGNUP_VERSION'] : []),
  ];
}

/** What is wrong with the webhooks of our app; null: nothing is known, which stops nobody. */
export function faultsOf(
  { callbackUrl }: ProviderSettings,
  reading: WebhookReading | null,
  nowMs: number,
): readonly WebhookFault[] | null {
  return webhookFaults(reading, { ourCallback: callbackUrl ?? null, nowMs });
}

/** Why no new dialog may be opened now; null: it may. */
export function providerProblem(
  provider: ProviderSettings,
  reading: WebhookReading | null,
  nowMs: number,
): FailureCode | null {
  const isGood = missingOf(provider).length === 0 && (faultsOf(provider, reading, nowMs) ?? []).length === 0;
  return isGood ? null : 'PROVIDER_NOT_READY';
}

/** Which in-flow error a phone's own state leads to. Source: Meta, Embedded Signup flow errors, 2026-02. */
import type { DialogRun } from './dialog-run.ts';
import type { Phone } from './phone-state.ts';

/** How long a number refuses a new platform after a disconnect. Source: Meta, Embedded Signup flow errors. */
const COOLDOWN_MS = 15 * 60_000;
/** Source: Meta, onboarding WhatsApp Business app users. */
const APP_VERSION_MIN = '2.24.17';

interface Refusal {
  readonly code: string;
  readonly sentence: string;
  readonly applies: (phone: Phone, at: { nowMs: number; run: DialogRun }) => boolean;
}

/** In the order in which the dialog's screens would notice. */
const REFUSALS: readonly Refusal[] = [
  {
    code: '3441041',
    sentence: 'This phone number belongs to a different business than the one you selected.',
    applies: (phone, { run }) =>
      phone.onboardedAtMs !== null && run.businessId !== undefined && run.businessId !== phone.businessId,
  },
  {
    code: '2655095',
    sentence: 'This number is not registered with the WhatsApp Business app.',
    applies: ({ condition }) => condition.app === 'personal',
  },
  {
    code: '4563015',
    sentence: 'Update the WhatsApp Business app and try again.',
    applies: ({ condition }) => isOlder(condition.appVersion, APP_VERSION_MIN),
  },
  {
    code: '3441042',
    sentence: "Phone numbers of this region aren't supported.",
    applies: ({ condition }) => !condition.isRegionSupported,
  },
  {
    code: '3441045',
    sentence: "Your phone number isn't eligible to connect to the WhatsApp Business Platform.",
    applies: ({ condition }) => !condition.isActiveEnough,
  },
  {
    code: '2655082',
    sentence: 'This number is linked to a Facebook Page.',
    applies: ({ condition }) => condition.isLinkedToPage,
  },
  {
    code: '2655093',
    sentence: 'This account is already shared with another partner.',
    applies: ({ condition }) => condition.hasOtherPartner,
  },
  {
    code: '3441047',
    sentence: 'Accounts that use marketing messages cannot be connected.',
    applies: ({ condition }) => condition.usesMarketingMessages,
  },
  {
    code: '3441049',
    sentence: 'This phone number is already registered with this product.',
    applies: (phone) => phone.connected === 'coexistence',
  },
  {
    code: '2655094',
    sentence: 'A business platform is still connected. Disconnect it and try again in 15 minutes.',
    applies: (phone, { nowMs }) => phone.disconnectedAtMs !== null && nowMs < phone.disconnectedAtMs + COOLDOWN_MS,
  },
];

export function refusalOf(phone: Phone, at: { nowMs: number; run: DialogRun }): string | null {
  return REFUSALS.find((refusal) => refusal.applies(phone, at))?.code ?? null;
}

export function sentenceOfError(code: string): string {
  const known = REFUSALS.find((refusal) => refusal.code === code);
  return known?.sentence ?? 'Something went wrong. Please try again later.';
}

/** By parts and as numbers: 2.9 is older than 2.24. */
function isOlder(version: string, minimum: string): boolean {
  const [parts, least] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const [place, wanted] of (least ?? []).entries()) {
    const part = parts?.[place] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}

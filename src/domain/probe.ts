/** How Meta's answer to a read of the number is classed (GR8). */
import type { FailureCode } from './failures.ts';

export const PROBE_CLASSES = [
  'alive',
  'off-app',
  'pending',
  'not-visible',
  'no-permission',
  'token-dead',
  'no-word',
] as const;
export type ProbeClass = (typeof PROBE_CLASSES)[number];

/** Meta's fields of a phone number, as far as the gate needs them; unknown values stay text. */
export interface NumberReading {
  isOnBizApp: boolean;
  platformType: string;
  status: string;
  /** Meta's `last_onboarded_time`, epoch ms. */
  onboardedAtMs: number | null;
}

/** One look at the number at Meta. */
export interface Probe {
  class: ProbeClass;
  /** Start of the read: the newer start wins (GR8). */
  startedAtMs: number;
  /** Null where Meta gave no reading. */
  reading: NumberReading | null;
}

/** A look with the wait that Meta asks for before the next one, ms; absent where it asks for none. */
export interface Look extends Probe {
  waitMs?: number;
}

const PENDING_STATUSES = ['PENDING', 'UNVERIFIED', 'UNKNOWN'];
const LEFT_STATUSES = ['DISCONNECTED', 'MIGRATED', 'DELETED'];

/** Classes a reading. `pending` beats `off-app`: a number under way is not one that has left. */
export function classOfReading(reading: NumberReading): ProbeClass {
  if (reading.platformType === 'NOT_APPLICABLE' || PENDING_STATUSES.includes(reading.status)) return 'pending';
  if (!reading.isOnBizApp || reading.platformType === 'ON_PREMISE') return 'off-app';
  if (LEFT_STATUSES.includes(reading.status)) return 'off-app';
  return reading.platformType === 'CLOUD_API' ? 'alive' : 'pending';
}

/** Classes the failure of a read. Everything that says nothing about the number is `no-word`. */
export function classOfFailure(code: FailureCode): ProbeClass {
  switch (code) {
    case 'NUMBER_NOT_VISIBLE':
    case 'NUMBER_DELETED':
      return 'not-visible';
    case 'ACCESS_WITHDRAWN':
      return 'no-permission';
    case 'TOKEN_REVOKED':
    case 'TOKEN_EXPIRED':
    case 'LOGIN_CHECKPOINT':
      return 'token-dead';
    default:
      return 'no-word';
  }
}

/** A banned account is alive as a link, yet no gate opens for it (ST7). */
export function isBanned({ reading }: Probe): boolean {
  return reading?.status === 'BANNED';
}

/** Names what the gate missed, once its patience is over. */
export function gateFailureOf(probe: Probe): FailureCode {
  if (probe.class === 'token-dead' || probe.class === 'no-permission') return 'ACCESS_WITHDRAWN';
  if (probe.class === 'pending') return 'REVIEW_TIMED_OUT';
  if (probe.class !== 'off-app' || !probe.reading) return 'CONNECTION_TIMED_OUT';
  return probe.reading.isOnBizApp ? 'NUMBER_NOT_ON_CLOUD_API' : 'NUMBER_NOT_ON_APP';
}

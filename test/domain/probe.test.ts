import { describe, expect, it } from 'vitest';
import {
  classOfFailure,
  classOfReading,
  gateFailureOf,
  type NumberReading,
  type ProbeClass,
} from '../../src/domain/probe.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { T0 } from './builders.ts';

const ALIVE: NumberReading = { isOnBizApp: true, platformType: 'CLOUD_API', status: 'CONNECTED', onboardedAtMs: T0 };

describe('GR8 a reading', () => {
  const ROWS: readonly [Partial<NumberReading>, ProbeClass][] = [
    ...['CONNECTED', 'FLAGGED', 'RATE_LIMITED', 'RESTRICTED', 'BANNED'].map(
      (status): [Partial<NumberReading>, ProbeClass] => [{ status }, 'alive'],
    ),
    ...['DISCONNECTED', 'MIGRATED', 'DELETED'].map((status): [Partial<NumberReading>, ProbeClass] => [
      { status },
      'off-app',
    ]),
    ...['PENDING', 'UNVERIFIED', 'UNKNOWN'].map((status): [Partial<NumberReading>, ProbeClass] => [
      { status },
      'pending',
    ]),
    [{ isOnBizApp: false }, 'off-app'],
    [{ platformType: 'ON_PREMISE' }, 'off-app'],
    [{ platformType: 'NOT_APPLICABLE' }, 'pending'],
    [{ platformType: 'SOMETHING_NEW' }, 'pending'],
    [{ isOnBizApp: false, platformType: 'NOT_APPLICABLE' }, 'pending'],
    [{ isOnBizApp: false, status: 'PENDING' }, 'pending'],
  ];

  it.each(ROWS)('case 43: %o is %s', (over, expected) => {
    expect(classOfReading({ ...ALIVE, ...over })).toBe(expected);
  });
});

describe('GR8 a failed read', () => {
  const ROWS: readonly [FailureCode, ProbeClass][] = [
    ['NUMBER_NOT_VISIBLE', 'not-visible'],
    ['NUMBER_DELETED', 'not-visible'],
    ['ACCESS_WITHDRAWN', 'no-permission'],
    ['TOKEN_REVOKED', 'token-dead'],
    ['TOKEN_EXPIRED', 'token-dead'],
    ['LOGIN_CHECKPOINT', 'token-dead'],
    ['GRAPH_UNAVAILABLE', 'no-word'],
    ['GRAPH_RATE_LIMITED', 'no-word'],
    ['ACCOUNT_LOCKED', 'no-word'],
    ['GRAPH_ERROR_UNKNOWN', 'no-word'],
  ];

  it.each(ROWS)('%s is %s', (code, expected) => {
    expect(classOfFailure(code)).toBe(expected);
  });
});

describe('ST7 what the gate missed', () => {
  it.each([
    ['pending', ALIVE, 'REVIEW_TIMED_OUT'],
    ['off-app', { ...ALIVE, isOnBizApp: false }, 'NUMBER_NOT_ON_APP'],
    ['off-app', { ...ALIVE, platformType: 'ON_PREMISE' }, 'NUMBER_NOT_ON_CLOUD_API'],
    ['not-visible', null, 'CONNECTION_TIMED_OUT'],
    ['no-word', null, 'CONNECTION_TIMED_OUT'],
  ] as const)('%s %o: %s', (probeClass, reading, code) => {
    expect(gateFailureOf({ class: probeClass, startedAtMs: T0, reading })).toBe(code);
  });
});

import { describe, expect, it } from 'vitest';
import { chooseNumber } from '../../src/activities/choose-number.ts';
import type { ListedNumber } from '../../src/activities/ports.ts';
import { phoneNumberId } from '../../src/domain/ids.ts';
import { listed, NOW_MS } from './world.ts';

const BEFORE_MS = NOW_MS - 60_000;

function choose(
  rows: readonly ListedNumber[],
  more: { expectedDigits?: string; heldIds?: readonly string[]; openedAtMs?: number } = {},
): string {
  const { expectedDigits = null, heldIds = [], openedAtMs = NOW_MS } = more;
  const choice = chooseNumber({ listed: rows, expectedDigits, heldIds: heldIds.map(phoneNumberId), openedAtMs });
  return choice.kind === 'chosen' ? choice.number.phoneNumberId : choice.kind;
}

describe('ST4: which number it was', () => {
  it('takes the one on the app', () => {
    expect(choose([listed('1'), listed('2', { isOnBizApp: false })])).toBe('1');
  });

  it('finds none in an empty account', () => {
    expect(choose([])).toBe('none');
  });

  it('leaves one that a sibling holds, unless it was onboarded since the attempt opened', () => {
    const held = listed('1', { onboardedAtMs: BEFORE_MS });
    expect(choose([held], { heldIds: ['1'] })).toBe('none');
    expect(choose([held, listed('2')], { heldIds: ['1'] })).toBe('2');
    expect(choose([listed('1')], { heldIds: ['1'] })).toBe('1');
  });

  it("takes Meta's time, in whole seconds, as later than an opening within that second", () => {
    expect(choose([listed('1')], { heldIds: ['1'], openedAtMs: NOW_MS + 400 })).toBe('1');
    expect(choose([listed('1')], { heldIds: ['1'], openedAtMs: NOW_MS + 1_000 })).toBe('none');
  });

  it('prefers among several the one that is also on Cloud API', () => {
    expect(choose([listed('1', { platformType: 'NOT_APPLICABLE' }), listed('2')])).toBe('2');
  });

  it('takes the digits of the invitation, however they are written', () => {
    expect(choose([listed('1'), listed('2', { digits: '+1 555-010-0002' })], { expectedDigits: '15550100002' })).toBe(
      '2',
    );
  });

  it('refuses other digits than the invited ones', () => {
    expect(choose([listed('1')], { expectedDigits: '999' })).toBe('not-expected');
  });

  it('takes a row with the expected digits that is not on the app yet: the gate decides', () => {
    const pending = listed('2', { isOnBizApp: false, digits: '777' });
    expect(choose([listed('1'), pending], { expectedDigits: '777' })).toBe('2');
  });

  it('takes the only row of an account though it is not on the app yet, but never one of several', () => {
    const off = { isOnBizApp: false };
    expect(choose([listed('1', off)])).toBe('1');
    expect(choose([listed('1', off), listed('2', off)])).toBe('none');
  });

  it('takes the single newest since the attempt opened', () => {
    const older = listed('1', { onboardedAtMs: NOW_MS + 1_000 });
    expect(choose([older, listed('2', { onboardedAtMs: NOW_MS + 2_000 })])).toBe('2');
  });

  it('asks where two are alike, or none was onboarded since', () => {
    expect(choose([listed('1'), listed('2')])).toBe('ambiguous');
    const old = [listed('1', { onboardedAtMs: BEFORE_MS }), listed('2', { onboardedAtMs: BEFORE_MS - 1 })];
    expect(choose(old)).toBe('ambiguous');
  });
});

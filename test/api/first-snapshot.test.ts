import { describe, expect, it } from 'vitest';
import { firstSnapshot } from '../../src/api/first-snapshot.ts';
import { numberResource } from '../../src/api/number-resource.ts';
import type { Tenant } from '../../src/api/fleet-ports.ts';
import { checkId, numberId, phoneNumber, tenantId, type PhoneNumber } from '../../src/domain/ids.ts';
import type { Reservation } from '../../src/domain/quota.ts';
import { takeCommand } from '../../src/domain/react.ts';
import { createDoor, NOW_MS } from './door.ts';

const DAY_MS = 86_400_000;
const PAGES = { pageOrigins: [], pageUrl: null };
const TENANT: Tenant = { tenantId: tenantId('ten_1'), name: 'One', isEntitled: true, mayImport: true, ...PAGES };

type Found = { verdict: 'likely' | 'unclear' | 'no'; comeBackAtMs: number | null };
const CHECK_ID = checkId('chk_1');
const PHONE = phoneNumber('+4915112345678');

async function begin(
  tenant: Tenant | null,
  reservation: Reservation = { kind: 'granted' },
  checked: { found: Found | null; askedFor?: PhoneNumber | null } | null = null,
) {
  const reserved: string[] = [];
  const ports = {
    tenants: { read: async () => tenant },
    quota: {
      reserve: async ({ numberId: id }: { numberId: string }) => {
        reserved.push(id);
        return reservation;
      },
    },
    eligibility: {
      read: async () => (checked?.found ? { phoneNumber: PHONE } : null),
      eligibilityForOnboarding: async () => checked?.found ?? null,
    },
  };
  const wanted = {
    tenantId: tenantId('ten_1'),
    numberId: numberId('num_1'),
    imports: { contacts: true, history: true },
    nowMs: NOW_MS,
    check: checked && { checkId: CHECK_ID, phoneNumber: checked.askedFor === undefined ? PHONE : checked.askedFor },
  };
  const answer = await firstSnapshot(ports, wanted).catch((error: { code: string }) => error.code);
  return { answer, reserved };
}

async function begun(tenant: Tenant, reservation?: Reservation) {
  const { answer } = await begin(tenant, reservation);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

describe('a new onboarding', () => {
  it.each([
    ['is not entitled', { ...TENANT, isEntitled: false }],
    ['is not known to be entitled', { ...TENANT, isEntitled: null }],
    ['is not known', null],
  ])('case 19: of a tenant that %s is refused, and takes no slot', async (_name, tenant) => {
    expect(await begin(tenant)).toEqual({ answer: 'ENTITLEMENT_MISSING', reserved: [] });
  });

  it.each([
    ['likely', { found: { verdict: 'likely', comeBackAtMs: null } }, 'open'],
    ['unclear', { found: { verdict: 'unclear', comeBackAtMs: null } }, 'open'],
    ['no, for good', { found: { verdict: 'no', comeBackAtMs: null } }, 'ELIGIBILITY_REFUSED'],
    ['of somebody else', { found: null }, 'CHECK_UNKNOWN'],
    [
      'of another number',
      { found: { verdict: 'likely', comeBackAtMs: null }, askedFor: null },
      'CHECK_OF_ANOTHER_NUMBER',
    ],
  ] as const)('CM01 with a check that is %s', async (_name, checked, expected) => {
    const { answer, reserved } = await begin(TENANT, { kind: 'granted' }, checked);
    expect(typeof answer === 'string' ? answer : answer.attempt.state).toBe(expected);
    expect(reserved).toEqual(expected === 'open' ? ['num_1'] : []);
  });

  it('AT02 with a date to come back is queued until then, and takes no slot before', async () => {
    const found = { verdict: 'no', comeBackAtMs: NOW_MS + 3 * DAY_MS } as const;
    const { answer, reserved } = await begin(TENANT, { kind: 'granted' }, { found });
    expect(answer).toMatchObject({
      attempt: { state: 'queued', queuedFor: 'come-back', opensAtMs: NOW_MS + 3 * DAY_MS },
    });
    expect(reserved).toEqual([]);
  });

  it('AT01 is open where a slot is free', async () => {
    const { attempt, imports } = await begun(TENANT);
    expect([attempt.state, attempt.expiresAtMs, imports]).toEqual([
      'open',
      NOW_MS + 7 * DAY_MS,
      { contacts: true, history: true },
    ]);
  });

  it('AT02 is queued with the promised date where none is', async () => {
    const promisedAtMs = NOW_MS + 3 * DAY_MS;
    const { attempt } = await begun(TENANT, { kind: 'queued', position: 2, promisedAtMs });
    expect(attempt).toMatchObject({ state: 'queued', queuedFor: 'quota', opensAtMs: promisedAtMs });
  });

  it('of a tenant without imports has none, says why, and nobody may ask for them (Y06)', async () => {
    const snapshot = await begun({ ...TENANT, mayImport: false });
    expect(snapshot.imports).toEqual({ contacts: false, history: false, isForbidden: true });

    const { state, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, () => ({ imports: snapshot.imports }));
    const row = state.rows.get(id);
    if (!row) throw new Error('no row');
    const { contacts, history } = numberResource(row).syncs;
    expect([contacts.failure?.code, history.failure?.code]).toEqual(['IMPORT_NOT_ALLOWED', 'IMPORT_NOT_ALLOWED']);

    for (const command of [
      { kind: 'changeSyncChoice', type: 'contacts', isWanted: true } as const,
      { kind: 'requestSync', type: 'history' } as const,
    ]) {
      const { answer, next } = takeCommand(snapshot, { command, by: 'operator' }, NOW_MS);
      expect([answer.failure, next]).toEqual(['IMPORT_NOT_ALLOWED', snapshot]);
    }
  });
});

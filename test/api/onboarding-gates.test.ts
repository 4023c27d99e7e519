/** What stands before an onboarding and before its dialog: the check, the quota, the provider's settings. */
import { describe, expect, it } from 'vitest';
import { numberId } from '../../src/domain/ids.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import { createDoor, NOW_MS, OTHER_KEY, TENANT, type Door } from './door.ts';
import { OPERATOR } from './fleet.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();
const PHONE = '+4915112345678';

async function checked(door: Door, answers: object, headers = {}): Promise<string> {
  const { json } = await door.post('/v1/eligibility-checks', { phoneNumber: PHONE, answers }, headers);
  return String(json.id);
}
const begin = (door: Door, eligibilityCheckId: string, whose: object = { phoneNumber: PHONE }) =>
  door.post('/v1/onboardings', { eligibilityCheckId, ...whose });

describe('an onboarding that rests on a check', () => {
  it('is refused where the rules say no for good: no row, no workflow', async () => {
    const door = createDoor();
    const { status, json } = await begin(door, await checked(door, { plain: { 'business-app': 'no' } }));
    expect([status, json.code]).toEqual([409, 'ELIGIBILITY_REFUSED']);
    expect([door.state.rows.size, door.state.started, door.fleet.reserved.size]).toEqual([0, [], 0]);
  });

  it('is queued until the date to come back, which is its next deadline', async () => {
    const door = createDoor();
    const activeSince = iso(NOW_MS - 5 * DAY_MS).slice(0, 10);
    const id = await checked(door, { activeSince });
    const comeBackAt = String((await door.get(`/v1/eligibility-checks/${id}`)).json.comeBackAt);
    const { status, json } = await begin(door, id);
    expect([status, json.headline, json.attempt.state]).toEqual([202, 'queued', 'queued']);
    expect(json.nextDeadline.at).toBe(comeBackAt);
    expect(Date.parse(comeBackAt)).toBeGreaterThan(NOW_MS);
    expect([door.state.started, door.fleet.reserved.size]).toEqual([[json.id], 0]);
    const dialog = await door.openDialog(numberId(String(json.id)));
    expect([dialog.status, dialog.json.code, dialog.json.retryAt]).toEqual([409, 'ATTEMPT_RESTING', comeBackAt]);
  });

  it('goes its way where they do not', async () => {
    const door = createDoor();
    const { status, json } = await begin(door, await checked(door, {}));
    expect([status, json.attempt.state, door.state.started]).toEqual([202, 'open', [json.id]]);
  });

  it.each([{ phoneNumber: '+4915112345679' }, {}])('is refused for another number, or none: %j', async (whose) => {
    const door = createDoor();
    const { status, json } = await begin(door, await checked(door, {}), whose);
    expect([status, json.code]).toEqual([409, 'CHECK_OF_ANOTHER_NUMBER']);
    expect([door.state.rows.size, door.fleet.reserved.size]).toEqual([0, 0]);
  });

  it('finds neither an unknown check nor one of another tenant, with one answer', async () => {
    const door = createDoor();
    const foreign = await checked(door, {}, { authorization: `Bearer ${OTHER_KEY}` });
    for (const id of [foreign, 'chk_of-nobody'])
      expect(await begin(door, id)).toMatchObject({ status: 404, json: { code: 'CHECK_UNKNOWN' } });
    expect(await begin(door, 'no check')).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } });
  });
});

describe('an onboarding that waits for a slot', () => {
  async function waiting() {
    const door = createDoor();
    const promisedAtMs = NOW_MS + 3 * DAY_MS;
    door.fleet.quota = {
      limit: 1,
      tenants: 2,
      taken: [{ tenantId: TENANT, grantedAtMs: NOW_MS, usedAtMs: NOW_MS - 5 * DAY_MS }],
      waiting: [],
    };
    const { json } = await door.post('/v1/onboardings', {});
    return { door, json, promisedAtMs };
  }

  it('is accepted, and promised the day after the slot is free at the latest', async () => {
    const { json, promisedAtMs, door } = await waiting();
    expect(json).toMatchObject({
      headline: 'queued',
      attempt: { state: 'queued', retryAt: iso(promisedAtMs) },
      nextDeadline: { at: iso(promisedAtMs) },
    });
    expect(door.state.started).toEqual([json.id]);
  });

  it('opens no dialog before, and says from when', async () => {
    const { door, json, promisedAtMs } = await waiting();
    const dialog = await door.openDialog(numberId(String(json.id)));
    expect([dialog.status, dialog.json.code, dialog.json.retryable, dialog.json.retryAt]).toEqual([
      409,
      'ONBOARDING_QUOTA_REACHED',
      true,
      iso(promisedAtMs),
    ]);
    expect(door.dialogs.runs.size).toBe(0);
  });

  it('is told of its place once: the repeat of a request takes no second one', async () => {
    const door = createDoor();
    for (let time = 0; time < 2; time += 1) await door.post('/v1/onboardings', {}, { 'idempotency-key': 'same' });
    expect([door.state.rows.size, door.fleet.reserved.size]).toEqual([1, 1]);
  });
});

describe('the dialog', () => {
  it('is given the login configuration of the provider', async () => {
    const door = createDoor();
    const { json } = await door.openDialog(await door.onboard());
    expect(json.facebookLogin.configId).toBe(door.fleet.provider.configId);
  });

  it('is not opened where several settings are missing, which operators alone are told, and no run counts', async () => {
    const door = createDoor();
    const id = await door.onboard();
    Object.assign(door.fleet.provider, { configId: undefined, signupVersion: undefined });
    const { status, json } = await door.openDialog(id);
    expect([status, json.code]).toEqual([503, 'PROVIDER_NOT_READY']);
    expect(JSON.stringify(json)).not.toContain('META_');
    const { missing } = (await door.get('/v1/operator/readiness', OPERATOR)).json;
    expect(missing).toEqual(['META_CONFIG_ID', 'META_SIGNUP_VERSION']);
    expect(door.dialogs.runs.size).toBe(0);
  });
});

/** An onboarding that comes a few days too early: nobody needs to remember it. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { queuedForComeBack } from '../../src/domain/come-back-queue.ts';
import { freshSnapshot } from '../../src/domain/fresh-snapshot.ts';
import { dialogRunId, numberId, phoneNumberId, tenantId, wabaId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { DAY_MS, HOUR_MS, movesOf, told, useStage } from './stage.ts';

const stage = useStage();
/** A timer of the server fires within it. */
const PUNCTUAL_MS = 5_000;

/** A number that was invited just now. */
function early(): Snapshot {
  const id = numberId(`num_${randomBytes(6).toString('hex')}`);
  const imports = { contacts: false, history: false };
  return freshSnapshot({ numberId: id, tenantId: tenantId('ten_test'), nowMs: Date.now(), imports });
}

/** A number whose check says no until a week from now. */
function tooEarly(): { saved: Snapshot; dueAtMs: number } {
  const fresh = early();
  const dueAtMs = fresh.attempt.openedAtMs + 7 * DAY_MS;
  return { saved: queuedForComeBack(fresh, dueAtMs), dueAtMs };
}

test('waits for the week by itself, looks at the rules again once, and invites; the signup then goes its way', async () => {
  const { saved, dueAtMs } = tooEarly();
  const number = await stage.play({ saved, keptAs: 'come-back' });
  await number.moveTo(dueAtMs - HOUR_MS);
  expect(number.fakes.ran).not.toContain('recheckEligibility');
  expect((await number.status()).attempt.state).toBe('queued');

  await number.moveTo(dueAtMs);
  await number.until('invited', async () => (await number.status()).attempt.state === 'open');
  await number.settle();
  const { attempt, policy } = await number.status();
  expect(number.fakes.ran.filter((name) => name === 'recheckEligibility')).toHaveLength(1);
  expect(attempt.openedAtMs - dueAtMs).toBeGreaterThanOrEqual(0);
  expect(attempt.openedAtMs - dueAtMs).toBeLessThan(PUNCTUAL_MS);
  expect(attempt.expiresAtMs).toBe(attempt.openedAtMs + policy.inviteDays * DAY_MS);
  expect(told(number.fakes)).toContain('comeBackInvited');

  await number.connect();
  expect((await number.status()).link.state).toBe('live');
});

test('is put off where the rules still say no, and refused where they say it for good', async () => {
  const { saved, dueAtMs } = tooEarly();
  const answers = [
    { verdict: 'no', comeBackAtMs: dueAtMs + 2 * DAY_MS, slotPromisedAtMs: null },
    { verdict: 'no', comeBackAtMs: null, slotPromisedAtMs: null },
  ] as const;
  let asked = 0;
  const recheckEligibility = async () => answers[asked++] ?? answers[1];
  const number = await stage.play({ saved, over: { recheckEligibility } });
  await number.moveTo(dueAtMs);
  await number.until('put off', async () => (await number.status()).attempt.opensAtMs === dueAtMs + 2 * DAY_MS);

  await number.moveTo(dueAtMs + 2 * DAY_MS);
  await number.until('refused', async () => (await number.status()).closed === 'refused');
  expect(asked).toBe(2);
  expect(movesOf(number.fakes)).toEqual(['closed']);
  expect((await number.status()).attempt.failure?.code).toBe('ELIGIBILITY_REFUSED');
});

test('a slot that is granted while the rules are looked at is not lost', async () => {
  const { saved, dueAtMs } = tooEarly();
  const look: { answer: () => void } = { answer: () => {} };
  const answered = new Promise<void>((resolve) => {
    look.answer = resolve;
  });
  const recheckEligibility = async () => {
    await answered;
    return { verdict: 'likely', comeBackAtMs: null, slotPromisedAtMs: dueAtMs + 3 * DAY_MS } as const;
  };
  const number = await stage.play({ saved, over: { recheckEligibility } });
  const moved = number.moveTo(dueAtMs);
  await number.until('looking', () => number.fakes.ran.includes('recheckEligibility'));
  await number.send({ kind: 'slotGranted' }, { cycle: 1 });
  look.answer();
  await moved;
  await number.until('invited', async () => (await number.status()).attempt.state === 'open');
  expect(told(number.fakes)).toEqual(expect.arrayContaining(['slotPromised', 'slotGranted']));
});

test("Meta's own refusal for too little use of the app is waited for by itself too, then the rules are looked at", async () => {
  const saved = early();
  const number = await stage.play({ saved });
  const refusal = { kind: 'signupErrorReported', attempt: 1, dialogRunId: dialogRunId('dlg_1') } as const;
  const told = { failure: 'NUMBER_NOT_ACTIVE_ENOUGH', metaCode: '3441045', supportReference: null } as const;
  await number.send({ ...refusal, ...told }, { cycle: 1 });
  await number.until('queued', async () => (await number.status()).attempt.queuedFor === 'come-back');
  const dueAtMs = (await number.status()).attempt.opensAtMs ?? 0;
  await number.moveTo(dueAtMs - HOUR_MS);
  expect(number.fakes.ran).not.toContain('recheckEligibility');

  await number.moveTo(dueAtMs);
  await number.until('invited', async () => (await number.status()).attempt.state === 'open');
  expect(number.fakes.ran.filter((name) => name === 'recheckEligibility')).toHaveLength(1);
  expect((await number.status()).attempt).toMatchObject({ ordinal: 2, failure: { code: told.failure } });
});

test.each(['live', 'suspended'] as const)(
  'the date of an attempt is kept also over a link that is %s again',
  async (state) => {
    const fresh = early();
    const nowMs = fresh.attempt.openedAtMs;
    const proved = { sinceMs: nowMs, provedAtMs: nowMs, aliveReadAtMs: nowMs };
    const pause = state === 'live' ? null : { sinceMs: nowMs, untilMs: nowMs + 3 * DAY_MS };
    const dueAtMs = nowMs + DAY_MS;
    const saved: Snapshot = {
      ...queuedForComeBack(fresh, dueAtMs),
      link: { ...fresh.link, ...proved, state, pause },
      credential: 'valid',
      wabaId: wabaId('310000000000017'),
      phoneNumberId: phoneNumberId('410000000000023'),
      activity: { ...fresh.activity, anyAtMs: nowMs },
    };
    const number = await stage.play({ saved });
    await number.moveTo(dueAtMs);
    await number.until('invited', async () => (await number.status()).attempt.state === 'open');
    expect(number.fakes.ran.filter((name) => name === 'recheckEligibility')).toHaveLength(1);
    expect((await number.status()).link.state).toBe(state);
  },
);

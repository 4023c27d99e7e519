/** Attempts over a link that stands: what they leave alone when they fail, and what of the link goes on while they wait. */
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { Activities } from '../../src/activities/contract.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { numberId } from '../../src/domain/ids.ts';
import type { Probe } from '../../src/domain/probe.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import { PHONE, probe, WABA } from './fake-activities.ts';
import { reconnected, removed, yielded } from './news.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, useStage, type PlayedNumber } from './stage.ts';

const stage = useStage();

/** The dialog of another invitation has ended on this number, which takes its attempt over. */
function takenOver(nowMs: number): Fact {
  const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: null, grants: [] };
  return {
    kind: 'attemptHandedOver',
    from: numberId('num_second'),
    cycle: 2,
    attempt: 1,
    finishedAtMs: nowMs,
    ...found,
  };
}

/** A gate that passes for the first signup alone; later looks with its candidate read `seen`, those of the link `alive`. */
function gateOf(seen: Probe['class']): Pick<Activities, 'readGate' | 'probeNumber'> {
  const look = (): Probe => probe(Date.now(), { class: seen, reading: null });
  return {
    readGate: async ({ key }) => {
      if (key.cycle === 1) return probe(Date.now());
      throw ApplicationFailure.create({ type: 'CONNECTION_TIMED_OUT', nonRetryable: true, details: [look()] });
    },
    probeNumber: async ({ credential }) => (credential.kind === 'candidate' ? look() : probe(Date.now())),
  };
}

async function takeOver(number: PlayedNumber): Promise<void> {
  await number.send(takenOver(number.nowMs));
  await number.until('waiting', async () => (await number.status()).attempt.state === 'waiting');
  await number.settle();
}

function expectUntouched(s: Snapshot, { fakes }: PlayedNumber): void {
  expect([s.link.state, isTaskOpen(s, 'disconnect-on-phone')]).toEqual(['live', false]);
  const undone = fakes.ran.filter((name) => ['unsubscribeIfLast', 'releaseClaim', 'forgetCredential'].includes(name));
  expect(undone).toEqual(['releaseClaim', 'forgetCredential']);
}

test('a hand-over whose gate stays shut fails, and the link goes on as it was: subscribed, and nothing to do on the phone', async () => {
  const number = await stage.play({ policy: { gateAgainSeconds: 150 }, over: gateOf('not-visible') });
  await number.connect();
  await takeOver(number);
  await number.liveUntil(number.nowMs + 12 * MINUTE_MS);
  const after = await number.status();
  expect(after.attempt.failure?.code).toBe('CONNECTION_TIMED_OUT');
  expectUntouched(after, number);
});

test('a hand-over that is cancelled while it waits leaves the link as it was', async () => {
  const number = await stage.play({ over: gateOf('pending') });
  await number.connect();
  await takeOver(number);
  expect((await number.ask({ kind: 'cancelOnboarding' })).outcome).toBe('accepted');
  await number.until('over', async () => (await number.status()).attempt.state === 'none');
  await number.settle();
  expectUntouched(await number.status(), number);
});

test('an import that was put off is asked for in its window, while a hand-over waits for a review', async () => {
  let asks = 0;
  const number = await stage.play({
    imports: { contacts: true, history: false },
    over: {
      ...gateOf('pending'),
      requestSync: async () =>
        asks++ === 0 ? { outcome: 'due', waitMs: HOUR_MS } : { outcome: 'requested', waitMs: null },
    },
  });
  await number.connect();
  await takeOver(number);
  await number.liveUntil(number.nowMs + 2 * HOUR_MS);
  const { attempt, contacts } = await number.status();
  expect([attempt.wait?.for, contacts.asks]).toEqual(['review', 1]);
});

test('the reminder of day 7 goes out while a hand-over waits for a review', async () => {
  const number = await stage.play({ over: gateOf('pending') });
  const evidenceAtMs = await number.connect();
  const rungAtMs = evidenceAtMs + 7 * DAY_MS + 6 * HOUR_MS;
  await number.liveUntil(rungAtMs - 2 * HOUR_MS);
  await takeOver(number);
  await number.liveUntil(rungAtMs + HOUR_MS);
  expect((await number.status()).attempt.wait?.for).toBe('review');
  expect(number.fakes.reminders.map(({ rung }) => rung)).toEqual(['7']);
});

test('a return after an end has our app subscribed again, once', async () => {
  const number = await stage.play();
  await number.connect();
  await number.send(removed, { occurredAtMs: number.nowMs + 5 * MINUTE_MS });
  await number.until('gone', async () => (await number.status()).link.state === 'gone');
  await number.send(reconnected, { occurredAtMs: number.nowMs + 6 * MINUTE_MS });
  await number.until('back', async () => (await number.status()).link.state === 'live');
  await number.settle();
  expect((await number.status()).subscription).toBeUndefined();
  expect(number.fakes.ran.filter((name) => name === 'repairSubscription')).toHaveLength(1);
});

test('a number that was proved elsewhere after its end is cleaned up at once, and its record closes', async () => {
  const number = await stage.play();
  await number.connect();
  await number.send(removed, { occurredAtMs: number.nowMs + 5 * MINUTE_MS });
  await number.until('gone', async () => (await number.status()).link.state === 'gone');
  await number.send(yielded, { occurredAtMs: number.nowMs + 6 * MINUTE_MS });
  await number.until('closed', async () => (await number.status()).closed !== 'no');
  const { closed, credential } = await number.status();
  expect([closed, credential]).toEqual(['claimed-elsewhere', 'forgotten']);
  const undone = number.fakes.ran.filter((name) => name === 'unsubscribeIfLast' || name === 'forgetCredential');
  expect(undone).toEqual(['unsubscribeIfLast', 'forgetCredential']);
});

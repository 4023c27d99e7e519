/** Signups that do not go well: Meta is late, the owner's phone never appears, the undo itself fails. */
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import type { Probe } from '../../src/domain/probe.ts';
import { connectionOf } from '../../src/domain/connection.ts';
import { probe } from './fake-activities.ts';
import { MINUTE_MS, told, useStage, type PlayedNumber } from './stage.ts';

const stage = useStage();
const SOFT_DEADLINE_MS = 45_000;

function offApp(): Probe {
  const reading = { isOnBizApp: false, platformType: 'CLOUD_API', status: 'CONNECTED', onboardedAtMs: null };
  return probe(Date.now(), { class: 'off-app', reading });
}

/** As the product's own gate: a retryable failure that carries the last look. */
function gateStaysShut(): Promise<Probe> {
  const type = 'NUMBER_NOT_ON_APP';
  throw ApplicationFailure.create({ type, message: 'the gate reads off-app', details: [offApp()] });
}

/** From the code to just past the soft deadline of the gate. */
async function waitPastSoftDeadline(number: PlayedNumber): Promise<number> {
  await number.sendCode();
  await number.until('the gate is asked', () => number.fakes.ran.includes('readGate'));
  const askedAtMs = number.nowMs;
  await number.moveTo(askedAtMs + SOFT_DEADLINE_MS + 5_000);
  return askedAtMs;
}

test('a gate that opens late, in the extended patience, still ends connected', async () => {
  const look = { answer: offApp };
  const number = await stage.play({ over: { readGate: gateStaysShut, probeNumber: async () => look.answer() } });
  const askedAtMs = await waitPastSoftDeadline(number);
  expect((await number.status()).attempt.state).toBe('waiting');
  look.answer = () => probe(number.nowMs);
  await number.moveTo(askedAtMs + 3 * MINUTE_MS);
  expect(connectionOf(await number.status())).toBe('connected');
  expect(told(number.fakes)).toContain('gateWaiting');
});

test('a gate that Meta asks us to leave alone for an hour is left alone for the hour, and still ends connected', async () => {
  const nextRetryDelay = 60 * MINUTE_MS;
  const readGate = (): Promise<Probe> => {
    const look = { ...probe(Date.now(), { class: 'no-word', reading: null }), waitMs: nextRetryDelay };
    const type = 'CONNECTION_TIMED_OUT';
    throw ApplicationFailure.create({ type, message: 'the gate reads no-word', details: [look], nextRetryDelay });
  };
  const number = await stage.play({ over: { readGate } });
  const askedAtMs = await waitPastSoftDeadline(number);
  expect((await number.status()).attempt.state).toBe('waiting');
  await number.moveTo(askedAtMs + 59 * MINUTE_MS);
  expect(number.fakes.ran.filter((name) => name === 'readGate' || name === 'probeNumber')).toEqual(['readGate']);
  await number.moveTo(askedAtMs + 62 * MINUTE_MS);
  await number.until('connected', async () => connectionOf(await number.status()) === 'connected');
});

test('a gate that never opens fails after the extended patience, and what was done is undone in reverse', async () => {
  const number = await stage.play({
    policy: { gateAgainSeconds: 150 },
    over: { readGate: gateStaysShut, probeNumber: async () => offApp() },
    keptAs: 'gate-shut',
  });
  const askedAtMs = await waitPastSoftDeadline(number);
  await number.moveTo(askedAtMs + 9 * MINUTE_MS);
  expect((await number.status()).attempt.state, 'still within the patience').toBe('waiting');
  await number.moveTo(askedAtMs + 12 * MINUTE_MS);

  const after = await number.status();
  expect(connectionOf(after)).toBe('awaiting-signup');
  expect(after.attempt.failure?.code).toBe('NUMBER_NOT_ON_APP');
  expect(undone(number)).toEqual(['unsubscribeIfLast', 'releaseClaim', 'forgetCredential']);
  expect(after.incompleteUndo).toEqual([]);
});

test('an undo step that fails for good is recorded as incomplete, the others are done, and the number moves on', async () => {
  const number = await stage.play({
    over: {
      subscribeApp: () => refuse('ACCESS_WITHDRAWN'),
      releaseClaim: () => refuse('COMPENSATION_INCOMPLETE'),
    },
    keptAs: 'undo-incomplete',
  });
  await number.sendCode();
  await number.until('undone', async () => connectionOf(await number.status()) !== 'connecting');
  await number.until('out of the attempt', async () => (await number.status()).attempt.failure !== null);
  await number.settle();

  const after = await number.status();
  expect(undone(number)).toEqual(['unsubscribeIfLast', 'releaseClaim', 'forgetCredential']);
  expect(after.incompleteUndo).toEqual(['releaseClaim']);
  expect(told(number.fakes)).toContain('undoIncomplete');
  expect(connectionOf(after)).toBe('awaiting-signup');
});

function refuse(type: string): never {
  throw ApplicationFailure.nonRetryable('no, for good', type);
}

function undone({ fakes }: PlayedNumber): string[] {
  return fakes.ran.filter((name) => ['unsubscribeIfLast', 'releaseClaim', 'forgetCredential'].includes(name));
}

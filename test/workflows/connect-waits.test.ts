/** Signups that wait: for a person's choice, for Meta to be there again, for a phone that was changed. */
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { connectionOf } from '../../src/domain/connection.ts';
import { headlineOf } from '../../src/domain/headline.ts';
import { dialogRunId, numberId, phoneNumberId } from '../../src/domain/ids.ts';
import { PHONE, probe, WABA } from './fake-activities.ts';
import { offboarded, reconnected } from './news.ts';
import { HOUR_MS, MINUTE_MS, told, useStage, type PlayedNumber } from './stage.ts';

const stage = useStage();
const SUBSCRIBED = { missingFields: [] };
const OTHER = phoneNumberId('410000000000024');

async function untilWaiting(number: PlayedNumber, what: string): Promise<void> {
  await number.until(`waiting for ${what}`, async () => (await number.status()).attempt.wait?.for === what);
  await number.settle();
}

async function untilConnected(number: PlayedNumber): Promise<void> {
  await number.until('connected', async () => connectionOf(await number.status()) === 'connected');
}

test('several numbers: a person chooses, and the saga goes on at the step that asked', async () => {
  const chosen: (string | null)[] = [];
  const number = await stage.play({
    over: {
      resolveNumber: async ({ chosenId }) => {
        chosen.push(chosenId);
        if (chosenId === null) return { kind: 'undecided', code: 'NUMBER_AMBIGUOUS', phoneNumberIds: [PHONE, OTHER] };
        return { kind: 'found', phoneNumberId: chosenId, onboardedAtMs: null, hasTimeZone: true };
      },
    },
  });
  await number.sendCode();
  await untilWaiting(number, 'choice');
  expect(headlineOf(await number.status())).toBe('needs-action');
  expect((await number.ask({ kind: 'chooseNumber', choiceId: '1' })).failure).toBe('CHOICE_NOT_OFFERED');

  expect((await number.ask({ kind: 'chooseNumber', choiceId: OTHER })).outcome).toBe('accepted');
  await untilConnected(number);
  expect(chosen).toEqual([null, OTHER]);
  expect((await number.status()).phoneNumberId).toBe(OTHER);
  expect(number.fakes.ran.filter((name) => name === 'checkToken')).toHaveLength(1);
});

test('several accounts: the result is given a minute, then a person has a day, then it fails and is undone', async () => {
  const number = await stage.play({
    over: { checkToken: async () => ({ kind: 'undecided', wabaIds: [WABA], grants: [] }) },
  });
  await number.sendCode();
  await untilWaiting(number, 'resume');
  await number.liveUntil(number.nowMs + 2 * MINUTE_MS);
  await untilWaiting(number, 'choice');
  await number.liveUntil(number.nowMs + 25 * HOUR_MS);
  const { attempt } = await number.status();
  expect([attempt.state, attempt.failure?.code]).toEqual(['open', 'SIGNUP_RESULT_MISSING']);
  expect(number.fakes.ran).toContain('forgetCredential');
});

test('a fault of Meta past the retries is waited out, and a person may shorten the wait', async () => {
  let isDown = true;
  const number = await stage.play({
    over: {
      subscribeApp: async () => {
        if (isDown) throw ApplicationFailure.nonRetryable('Meta is down', 'GRAPH_UNAVAILABLE');
        return SUBSCRIBED;
      },
    },
  });
  await number.sendCode();
  await untilWaiting(number, 'resume');
  await number.liveUntil(number.nowMs + 4 * MINUTE_MS);
  expect((await number.status()).attempt.wait?.looks).toBeGreaterThan(1);
  isDown = false;
  expect((await number.ask({ kind: 'retryNow' })).outcome).toBe('accepted');
  await untilConnected(number);
  expect(told(number.fakes).filter((key) => key === 'stepAwaited')).toHaveLength(1);
});

test('a phone that is changed while connecting is waited for, and the saga goes on when it is back', async () => {
  const gate: { open: () => void } = { open: () => {} };
  const asked = new Promise<void>((resolve) => {
    gate.open = resolve;
  });
  const number = await stage.play({
    over: {
      subscribeApp: () => asked.then(() => SUBSCRIBED),
      readGate: async () => probe(number.nowMs),
    },
  });
  await number.sendCode();
  await number.until('subscribing', () => number.fakes.ran.includes('subscribeApp'));
  await number.send(offboarded, { occurredAtMs: number.nowMs + 1_000 });
  gate.open();
  await untilWaiting(number, 'device');
  await number.send(reconnected, { occurredAtMs: number.nowMs + 2_000 });
  await untilConnected(number);
  expect(told(number.fakes)).toEqual(expect.arrayContaining(['deviceAwaited', 'wentOn']));
});

test('a phone that does not come back in three days ends the attempt, undone', async () => {
  const number = await stage.play({
    over: { subscribeApp: () => new Promise((done) => setTimeout(done, 300, SUBSCRIBED)) },
  });
  await number.sendCode();
  await number.until('subscribing', () => number.fakes.ran.includes('subscribeApp'));
  await number.send(offboarded, { occurredAtMs: number.nowMs + 1_000 });
  await untilWaiting(number, 'device');
  await number.liveUntil(number.nowMs + 73 * HOUR_MS);
  const { attempt } = await number.status();
  expect(attempt.failure?.code).toBe('DEVICE_CHANGED_WHILE_CONNECTING');
  expect(number.fakes.ran).toContain('unsubscribeIfLast');
});

test('a code that comes while undoing outlives the undo, and begins the next attempt', async () => {
  const undo: { go: () => void } = { go: () => {} };
  const released = new Promise<'done'>((resolve) => {
    undo.go = () => resolve('done');
  });
  const exchanged: [number, string][] = [];
  const spared: unknown[] = [];
  const number = await stage.play({
    over: {
      exchangeCode: async ({ key, dialogRunId: run }) => {
        exchanged.push([key.attempt, run]);
      },
      forgetCredential: async ({ keptRun }) => {
        spared.push(keptRun);
        return 'done';
      },
      subscribeApp: async ({ key }) => {
        if (key.attempt === 1) throw ApplicationFailure.nonRetryable('no', 'ACCESS_WITHDRAWN');
        return SUBSCRIBED;
      },
      unsubscribeIfLast: () => released,
    },
  });
  await number.sendCode();
  await number.until('undoing', () => number.fakes.ran.includes('unsubscribeIfLast'));
  const second = { kind: 'signupCodeReceived', attempt: 1, dialogRunId: dialogRunId('dlg_second') } as const;
  await number.send(second, { cycle: 1 });
  undo.go();
  await untilConnected(number);
  expect(exchanged).toEqual([
    [1, 'dlg_test'],
    [2, 'dlg_second'],
  ]);
  expect(spared).toEqual(['dlg_second']);
});

test('a signup that ends on a number of the same tenant closes with a pointer, and undoes nothing', async () => {
  const of = numberId('num_first');
  const number = await stage.play({ over: { claimNumber: async () => ({ kind: 'duplicate', of }) } });
  await number.sendCode();
  await number.until('closed', async () => (await number.status()).closed !== 'no');
  const { closed, duplicateOf } = await number.status();
  expect([closed, duplicateOf]).toEqual(['duplicate', of]);
  expect(number.fakes.ran).not.toContain('subscribeApp');
});

test('our app is removed: over a link the token decides, and a dead one ends it without a hold', async () => {
  const number = await stage.play({ over: { checkCredential: async () => 'dead' } });
  await number.connect();
  await number.send({ kind: 'appUninstalled', wabaId: WABA });
  await number.until('ended', async () => (await number.status()).link.state === 'gone');
  await number.settle();
  const { link, credential } = await number.status();
  expect([link.end?.reason, link.hold, credential]).toEqual(['app-removed', null, 'forgotten']);
});

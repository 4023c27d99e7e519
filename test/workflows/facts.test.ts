/** News that comes twice, too late or before its cause, and questions that come while a step is on its way. */
import { expect, test } from 'vitest';
import { connectionOf } from '../../src/domain/connection.ts';
import { offboarded, reconnected, removed } from './news.ts';
import { HOUR_MS, MINUTE_MS, movesOf, told, useStage } from './stage.ts';

const stage = useStage();

test('a fact that comes twice changes nothing the second time', async () => {
  const number = await stage.play();
  await number.connect();
  await number.moveTo(number.nowMs + HOUR_MS);
  const envelope = await number.send(removed);
  await number.until('disconnected', async () => (await number.status()).link.state === 'gone');
  await number.settle();
  const before = await number.status();
  const ran = number.fakes.ran.length;

  await number.send(envelope.fact, envelope);
  await number.settle();
  expect(await number.status()).toEqual(before);
  expect(number.fakes.ran).toHaveLength(ran);
});

test('a reconnect that overtakes its offboard leaves the number connected, and it is never paused', async () => {
  const number = await stage.play();
  await number.connect();
  await number.moveTo(number.nowMs + HOUR_MS);
  const offboardedAtMs = number.nowMs;
  await number.send(reconnected, { occurredAtMs: offboardedAtMs + MINUTE_MS });
  await number.settle();
  await number.send(offboarded, { occurredAtMs: offboardedAtMs });
  await number.settle();

  expect(connectionOf(await number.status())).toBe('connected');
  expect(movesOf(number.fakes)).not.toContain('paused');
  expect(number.fakes.ran).toContain('probeNumber');
});

test('an offboard and its reconnect in order pause the number, and a look at Meta brings it back', async () => {
  const number = await stage.play({ keptAs: 'new-phone' });
  await number.connect();
  await number.moveTo(number.nowMs + HOUR_MS);
  const offboardedAtMs = number.nowMs;
  await number.send(offboarded, { occurredAtMs: offboardedAtMs });
  await number.settle();
  expect(connectionOf(await number.status())).toBe('paused');
  await number.send(reconnected, { occurredAtMs: offboardedAtMs + MINUTE_MS });
  await number.until('connected again', async () => connectionOf(await number.status()) === 'connected');
  await number.settle();
  expect(movesOf(number.fakes).slice(-2)).toEqual(['paused', 'connected']);
  expect(told(number.fakes)).toContain('resumed');
});

test('a question that comes while a step is on its way is answered at its edge, before the next step', async () => {
  let release = (): void => {};
  const stepIsLetGo = new Promise<void>((resolve) => (release = resolve));
  const number = await stage.play({ over: { exchangeCode: () => stepIsLetGo }, keptAs: 'withdrawn' });
  await number.sendCode();
  await number.until('the step is on its way', () => number.fakes.ran.includes('exchangeCode'));
  let isAnswered = false;
  const asking = number.ask({ kind: 'cancelOnboarding' }).finally(() => (isAnswered = true));
  await number.until('the question is in', async () => (await number.readEvents()).includes('UPDATE_ACCEPTED'));
  expect(isAnswered).toBe(false);

  release();
  await expect(asking).resolves.toMatchObject({ outcome: 'accepted', failure: null });
  await number.until('withdrawn', async () => (await number.status()).closed === 'withdrawn');
  expect(number.fakes.ran).not.toContain('checkToken');
  expect(number.fakes.ran).toContain('forgetCredential');
});

/** A number of which Meta tells nothing: its subscription is read, repaired a few times a day, then handed to people. */
import { expect, test } from 'vitest';
import type { SubscriptionAnswer } from '../../src/domain/subscription.ts';
import { sendGateOf } from '../../src/domain/send-gate.ts';
import { isTaskOpen } from '../../src/domain/tasks.ts';
import type { TaskKind } from '../../src/domain/task-kinds.ts';
import { DAY_MS, HOUR_MS, told, useStage } from './stage.ts';

const stage = useStage();
type Played = Awaited<ReturnType<typeof stage.play>>;
type Read = SubscriptionAnswer['read'];

/** What each read and each repair finds, in order; the last goes on. */
function script(...reads: Read[]): () => Promise<SubscriptionAnswer> {
  return async () => ({ read: (reads.length > 1 ? reads.shift() : reads[0]) ?? 'active' });
}

/** Connected a day ago, and quiet since. */
async function quiet(looks: Read[], repairs: Read[] = ['active']): Promise<Played> {
  const over = { readSubscription: script(...looks), repairSubscription: script(...repairs) };
  const number = await stage.play({ over });
  await number.connect();
  await number.moveTo(number.nowMs + DAY_MS);
  await number.send(await factOf(number, 'trafficMissed'));
  await number.settle();
  return number;
}

async function factOf(number: Played, kind: 'trafficMissed' | 'trafficSeen') {
  return { kind, connectedAtMs: (await number.status()).lastSignup?.connectedAtMs ?? 0 };
}

const asked = ({ fakes }: Played): string[] => fakes.ran.filter((name) => name.endsWith('Subscription'));
const isOpen = async (number: Played, kind: TaskKind): Promise<boolean> => isTaskOpen(await number.status(), kind);

test('quiet, and subscribed: the owner tests both ways, and the first message is the test', async () => {
  const number = await quiet(['active']);
  expect(asked(number)).toEqual(['readSubscription']);
  expect(await number.status()).not.toHaveProperty('subscription');
  expect(await isOpen(number, 'test-both-ways')).toBe(true);
  expect(told(number.fakes).slice(-2)).toEqual(['trafficMissed', 'subscriptionActive']);
  await number.send(await factOf(number, 'trafficSeen'));
  await number.settle();
  expect(await isOpen(number, 'test-both-ways')).toBe(false);
});

test.each(['missing', 'misdirected'] as const)('quiet, and the subscription %s: it is made again', async (read) => {
  const number = await quiet([read]);
  expect(asked(number)).toEqual(['readSubscription', 'repairSubscription']);
  expect(told(number.fakes).slice(-3)).toEqual(['trafficMissed', 'subscriptionLost', 'subscriptionRepaired']);
  const s = await number.status();
  expect([s.subscription, sendGateOf(s).warnings, s.link.state]).toEqual([undefined, [], 'live']);
  expect([await isOpen(number, 'op-subscription'), await isOpen(number, 'test-both-ways')]).toEqual([false, true]);
});

test('a repair that does not hold: three a day, then an operator has it made at once', async () => {
  const number = await quiet(['missing'], ['missing', 'missing', 'missing', 'active']);
  await number.liveUntil(number.nowMs + 3 * HOUR_MS);
  const repairs = (): number => asked(number).filter((name) => name === 'repairSubscription').length;
  expect(repairs()).toBe(3);
  expect(await isOpen(number, 'op-subscription')).toBe(true);
  expect(sendGateOf(await number.status()).warnings).toEqual(['replies-may-be-lost']);

  expect(await number.ask({ kind: 'repairSubscription' }, 'tenant')).toMatchObject({ outcome: 'refused' });
  expect(await number.ask({ kind: 'repairSubscription' }, 'operator')).toMatchObject({ outcome: 'accepted' });
  await number.until('made again', async () => (await number.status()).subscription === undefined);
  await number.settle();
  expect(repairs()).toBe(4);
  expect(await isOpen(number, 'op-subscription')).toBe(false);
});

test('a number that has traffic is asked nothing', async () => {
  const number = await stage.play();
  await number.connect();
  const { length } = await number.readEvents();
  await number.moveTo(number.nowMs + 2 * DAY_MS);
  expect(asked(number)).toEqual([]);
  const since = (await number.readEvents()).slice(length);
  expect(since.filter((kind) => /SIGNALED|ACTIVITY|TIMER/.test(kind))).toEqual([]);
});

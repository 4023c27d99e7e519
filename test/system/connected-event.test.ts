/** A signup on the real servers: its backend reads one completion event, and everybody sees how long each step took. */
import { expect, test } from 'vitest';
import { CONNECT_MOMENTS } from '../../src/domain/connect-times.ts';
import { connect, invite } from './people.ts';
import { useWorld } from './world.ts';

const bench = useWorld();

test('a number that was connected is told to its backend once, with every step timed', async () => {
  const { world } = bench;
  const owner = await invite(world, '15550100801');
  await connect(world, owner);

  const feed = await world.backend.call('GET', '/v1/events');
  expect(feed).toMatchObject({ status: 200, body: { items: [{ type: 'number.connected', numberId: owner.id }] } });
  const { items } = feed.body as { items: { payload: string }[] };
  expect(items).toHaveLength(1);
  expect(JSON.parse(items[0]?.payload ?? '')).toMatchObject({
    data: {
      phoneNumberId: owner.phoneNumberId,
      wabaId: owner.wabaId,
      subscription: { readBackAt: expect.any(String) },
      gate: { isOnBizApp: true },
      evidence: expect.arrayContaining([expect.objectContaining({ proves: 'dialog' })]),
    },
  });
  expect((await world.second.call('GET', '/v1/events')).body).toEqual({ items: [], next: '0', hasMore: false });

  const { body } = await world.backend.call('GET', `/v1/numbers/${owner.id}`);
  const { connectSteps } = body as { connectSteps: { step: string }[] };
  expect(connectSteps.map(({ step }) => step)).toEqual([...CONNECT_MOMENTS]);
  const times = await world.operator.call('GET', '/v1/operator/connect-times?days=1');
  expect(times.body).toMatchObject({ fromDialogEnd: { count: 1, shareWithin: 1 }, objective: { isMet: true } });
});

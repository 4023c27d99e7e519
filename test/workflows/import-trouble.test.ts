/** Imports in trouble: calls that Meta does not take, answers that are lost, an operator who settles them. */
import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/domain/policy.ts';
import { told, useStage } from './stage.ts';

const stage = useStage();
const IMPORTS = { contacts: true, history: false };

test('an import that Meta does not take is warned of before its day is over, and then ends', async () => {
  const number = await stage.play({
    imports: IMPORTS,
    over: { requestSync: async () => ({ outcome: 'due', waitMs: 40 * HOUR_MS }) },
  });
  await number.connect();
  await number.liveUntil(number.nowMs + 21 * HOUR_MS);
  expect(told(number.fakes).filter((key) => key === 'syncAlert')).toHaveLength(3);
  expect((await number.status()).contacts).toMatchObject({ state: 'due', alertedHours: [1, 12, 20] });
  await number.liveUntil(number.nowMs + 4 * HOUR_MS);
  expect((await number.status()).contacts).toMatchObject({ state: 'expired', failure: 'SYNC_WINDOW_MISSED' });
});

test('an answer that was lost is asked for once more by an operator at once, under a key of its own', async () => {
  const asks: number[] = [];
  const number = await stage.play({
    imports: IMPORTS,
    over: {
      requestSync: async ({ key }) => {
        asks.push(key.ask);
        return { outcome: asks.length === 1 ? 'unknown' : 'requested', waitMs: null };
      },
    },
  });
  await number.connect();
  expect((await number.status()).contacts.state).toBe('unknown');
  const again = { kind: 'resolveSync', type: 'contacts', as: 'ask-again' } as const;
  expect(await number.ask(again, 'tenant')).toMatchObject({ outcome: 'refused' });
  expect(await number.ask(again, 'operator')).toMatchObject({ outcome: 'accepted' });
  await number.settle();
  expect([asks, (await number.status()).contacts.state]).toEqual([[1, 2], 'requested']);
});

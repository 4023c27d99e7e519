import { describe, expect, it } from 'vitest';
import type { NumberView } from '../../src/launch/backend.ts';
import { useWorld } from './world.ts';

const DAY_MS = 86_400_000;
const bench = useWorld({ onboardingLimit: 2 });

function codeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
}

describe('two tenants', () => {
  it('learn nothing of each other, and share the quota of new customers by turns', async () => {
    const { world } = bench;
    const { backend, second, operator } = world;
    const read = (number: NumberView): Promise<NumberView> => backend.readNumber(number.id);
    const open = [await backend.invite('+15550107101'), await backend.invite('+15550107102')];
    const queued = [await backend.invite('+15550107103'), await backend.invite('+15550107104')];
    const late = await second.invite('+15550107105');

    expect([...open, ...queued, late].map(({ headline }) => headline)).toEqual([
      'awaiting-signup',
      'awaiting-signup',
      'queued',
      'queued',
      'queued',
    ]);
    const [first] = queued;
    if (!first) throw new Error('nobody waits');
    expect(first.nextDeadline?.kind).toBe('attempt-opens');
    const promisedAtMs = Date.parse(first.attempt.retryAt ?? '');
    expect(promisedAtMs).toBeGreaterThan(world.nowMs() + 14 * DAY_MS);
    expect(promisedAtMs).toBeLessThanOrEqual(world.nowMs() + 15 * DAY_MS);

    const foreign = await second.call('GET', `/v1/numbers/${first.id}`);
    expect([foreign.status, codeOf(foreign.body)]).toEqual([404, 'NUMBER_UNKNOWN']);
    expect(codeOf((await second.command(first.id, 'cancel-onboarding')).body)).toBe('NUMBER_UNKNOWN');

    // a slot that comes back goes to the tenant that has none, though it came last
    expect((await backend.command(open[0]?.id ?? '', 'cancel-onboarding')).status).toBe(200);
    const isOpen = async (): Promise<boolean> => (await second.readNumber(late.id)).headline === 'awaiting-signup';
    expect(await world.advanceUntil(isOpen, DAY_MS)).toBe(true);
    expect(await Promise.all(queued.map(async (number) => (await read(number)).headline))).toEqual([
      'queued',
      'queued',
    ]);

    // the others expire: whoever waits is served in time, and lives as long as any other
    expect(await world.advanceUntil(async () => (await read(first)).headline === 'awaiting-signup', 15 * DAY_MS)).toBe(
      true,
    );
    expect(world.nowMs()).toBeLessThanOrEqual(promisedAtMs);
    const { attempt } = await read(first);
    expect(Date.parse(attempt.expiresAt) - world.nowMs()).toBeGreaterThan(6 * DAY_MS);

    const { status, body } = await operator.call('GET', '/v1/operator/readiness');
    expect([status, body]).toMatchObject([200, { newSignups: 'open', quota: { limit: 2, left: 0 } }]);
    expect((await operator.call('GET', '/v1/operator/alerts')).body).toEqual({ items: [], next: null });
  });
});

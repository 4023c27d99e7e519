import { describe, expect, it } from 'vitest';
import type { WebhookReading } from '../../src/domain/app-webhooks.ts';
import { START_MS } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const reading = (atMs: number, fields: readonly string[] = ['messages']): WebhookReading => ({
  checkedAtMs: START_MS + atMs,
  told: { callbackUrl: 'https://tandem.example.com/\u0000', isActive: true, fields },
  failure: null,
});

describe("the look at our app's webhooks (P27, C07)", () => {
  it('is kept for each app, as it was read', async () => {
    const { webhookReadings } = bench.stores;
    expect(await webhookReadings.read('app-kept')).toBeNull();
    await webhookReadings.keep('app-kept', reading(1));
    const failed: WebhookReading = { checkedAtMs: START_MS, told: null, failure: 'GRAPH_UNAVAILABLE' };
    await webhookReadings.keep('app-other', failed);
    expect([await webhookReadings.read('app-kept'), await webhookReadings.read('app-other')]).toEqual([
      reading(1),
      failed,
    ]);
  });

  it('never goes back to an older one, in whatever order they come', async () => {
    const { webhookReadings } = bench.stores;
    await Promise.all([3, 1, 5, 2, 4].map((atMs) => webhookReadings.keep('app-race', reading(atMs, [`f${atMs}`]))));
    expect(await webhookReadings.read('app-race')).toEqual(reading(5, ['f5']));
  });
});

describe('an alert that settles by itself', () => {
  const alert = { kind: 'provider-not-ready' as const, subject: 'app-1', detail: 'history', atMs: START_MS };
  const rows = async () => {
    const all = await bench.stores.alerts.list({ isOpen: false, after: null, limit: 9 });
    return all.map(({ subject, closedAtMs }) => [subject, closedAtMs]);
  };

  it('is closed with its time and without an act of anybody, alone of its kind and subject', async () => {
    const { alerts, audit } = bench.stores;
    await alerts.raise(alert);
    await alerts.raise({ ...alert, subject: 'app-2' });
    await alerts.settle({ ...alert, atMs: START_MS + 5 });
    await alerts.settle({ ...alert, atMs: START_MS + 9 });
    await alerts.settle({ ...alert, subject: 'app-none' });
    expect(await rows()).toEqual([
      ['app-2', null],
      ['app-1', START_MS + 5],
    ]);
    expect(await audit.list({ tenantId: null, after: null, limit: 1 })).toEqual([]);
    expect(await alerts.raise(alert)).toBe('opened');
  });
});

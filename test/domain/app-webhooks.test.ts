import { describe, expect, it } from 'vitest';
import {
  isFresh,
  missingFields,
  NEEDED_FIELDS,
  READ_AGAIN_AFTER_MS,
  webhookFaults,
  type AppWebhooks,
  type WebhookReading,
} from '../../src/domain/app-webhooks.ts';
import { T0 } from './builders.ts';

const OURS = 'https://tandem.example.com/webhooks/meta';
const GOOD: AppWebhooks = { callbackUrl: OURS, isActive: true, fields: [...NEEDED_FIELDS, 'security'] };
const read = (told: Partial<AppWebhooks> | null, more: Partial<WebhookReading> = {}): WebhookReading => ({
  checkedAtMs: T0,
  told: told && { ...GOOD, ...told },
  failure: null,
  ...more,
});
const faults = (reading: WebhookReading | null, ourCallback: string | null = OURS, nowMs = T0) =>
  webhookFaults(reading, { ourCallback, nowMs });
const without = (field: string) => NEEDED_FIELDS.filter((one) => one !== field);

describe('the webhooks of our app at Meta (P27, C07)', () => {
  it('are good with every needed field, active, at our address', () => {
    expect(faults(read({}))).toEqual([]);
    expect(missingFields(read({}), T0)).toEqual([]);
  });

  it.each(NEEDED_FIELDS)('without %s they are not, and it is named', (field) => {
    expect(faults(read({ fields: without(field) }))).toEqual(['fields-missing']);
    expect(missingFields(read({ fields: without(field) }), T0)).toEqual([field]);
  });

  it('bring nothing where the subscription rests, or there is none', () => {
    expect([faults(read({ isActive: false })), faults(read(null))]).toEqual([['inactive'], ['not-subscribed']]);
    expect(missingFields(read({ isActive: false }), T0)).toEqual(NEEDED_FIELDS);
    expect(missingFields(read(null), T0)).toEqual(NEEDED_FIELDS);
  });

  it('go elsewhere where the address is another: judged only by who knows ours', () => {
    const elsewhere = read({ callbackUrl: 'https://old.example.com/webhooks/meta' });
    expect([faults(elsewhere), faults(elsewhere, null)]).toEqual([['other-callback'], []]);
    expect(faults(read({ callbackUrl: null }))).toEqual(['other-callback']);
    expect(faults(read({ callbackUrl: `${OURS.replace('tandem', 'Tandem')}/` }))).toEqual([]);
  });

  it('all that is wrong is told together', () => {
    expect(faults(read({ fields: [], callbackUrl: 'https://x.example' }))).toEqual([
      'fields-missing',
      'other-callback',
    ]);
  });

  it.each([
    ['never read', null, T0],
    ['Meta did not answer', read(null, { failure: 'GRAPH_UNAVAILABLE' }), T0],
    ['read 15 minutes ago', read({ fields: [] }), T0 + 3 * READ_AGAIN_AFTER_MS],
    ['read ahead of us', read({ fields: [] }), T0 - 1],
  ])('%s: nothing is known, which is no fault', (_when, reading, nowMs) => {
    expect([faults(reading, OURS, nowMs), missingFields(reading, nowMs)]).toEqual([null, null]);
  });

  it('a reading stands in for a new one for five minutes, and says something for fifteen', () => {
    const reading = read({ fields: [] });
    const ages = [-1, 0, READ_AGAIN_AFTER_MS - 1, READ_AGAIN_AFTER_MS];
    expect(ages.map((ms) => isFresh(reading, T0 + ms))).toEqual([false, true, true, false]);
    expect([isFresh(null, T0), faults(reading, OURS, T0 + 3 * READ_AGAIN_AFTER_MS - 1)]).toEqual([
      false,
      ['fields-missing'],
    ]);
  });
});

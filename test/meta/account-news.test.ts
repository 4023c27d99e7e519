/** What account webhooks tell. Golden payloads after M2 and M13. */
import { describe, expect, it } from 'vitest';
import { readNews } from '../../src/meta/webhook-facts.ts';
import {
  accountUpdate,
  bodyOf,
  DIGITS,
  golden,
  PARTNER_PORTFOLIO,
  PHONE,
  RECEIVED_AT_MS,
  WABA,
  OUR_APP,
} from './webhook-builders.ts';

const ofWaba = { phoneNumberId: null, wabaId: WABA, digits: null };
const read = (body: string, receivedAtMs = RECEIVED_AT_MS) => readNews(body, receivedAtMs, OUR_APP);
const keyOf = (body: string, receivedAtMs = RECEIVED_AT_MS): string => {
  const [item] = read(body, receivedAtMs);
  return item?.kind === 'account' ? item.key : 'no account news';
};

describe('account news', () => {
  it('case 58: PARTNER_ADDED names the WABA of waba_info, never the portfolio of the envelope', () => {
    expect(read(golden('partner-added'))).toEqual([
      {
        kind: 'account',
        key: `PARTNER_ADDED:${WABA}:1795305599`,
        scope: ofWaba,
        occurredAtMs: 1_795_305_599_000,
        isUntimed: false,
        news: { kind: 'partnerAdded', wabaId: WABA },
      },
    ]);
  });

  it.each([
    ['partner-removed', ofWaba, 'PRIMARY_INACTIVITY', 'SYSTEM'],
    ['partner-removed-without-reason', ofWaba, null, null],
    ['partner-removed-short', { ...ofWaba, digits: DIGITS }, null, null],
  ])('PARTNER_REMOVED in the shape %s', (...[name, scope, reason, initiatedBy]) => {
    expect(read(golden(name))).toMatchObject([
      {
        kind: 'account',
        scope,
        occurredAtMs: 1_796_515_200_000,
        news: { kind: 'partnerRemoved', wabaId: WABA, reason, initiatedBy },
      },
    ]);
  });

  it.each([
    ['account-offboarded', 'accountOffboarded', 1_795_305_600_000],
    ['account-reconnected', 'accountReconnected', 1_795_305_900_000],
  ])('case 40, mistake 3: %s names the WABA in the envelope', (name, kind, occurredAtMs) => {
    expect(read(golden(name))).toMatchObject([
      { kind: 'account', scope: ofWaba, occurredAtMs, news: { kind, wabaId: WABA } },
    ]);
  });

  it.each([
    ['account_offboarded', 'accountOffboarded', { reason: 'DEVICE' }, null],
    ['account_reconnected', 'accountReconnected', { phone_number_id: PHONE }, PHONE],
  ])('the field %s is another spelling of the event', (...[field, kind, extra, phoneNumberId]) => {
    const body = bodyOf(field, { waba_id: WABA, timestamp: '1795305600', ...extra }, { id: '1' });
    expect(read(body)).toMatchObject([
      {
        kind: 'account',
        scope: { ...ofWaba, phoneNumberId },
        occurredAtMs: 1_795_305_600_000,
        news: { kind, wabaId: WABA },
      },
    ]);
  });

  it('case 30, mistake 3: the nested WABA decides against another one in the envelope', () => {
    const body = accountUpdate({ event: 'ACCOUNT_OFFBOARDED', waba_info: { waba_id: '99' } });
    expect(read(body)).toMatchObject([{ scope: { wabaId: '99' }, news: { wabaId: '99' } }]);
  });

  it.each([
    ['PARTNER_ADDED', {}],
    ['PARTNER_ADDED', { waba_info: { owner_business_id: '5' } }],
    ['PARTNER_REMOVED', {}],
    ['PARTNER_REMOVED', { waba_info: {} }],
  ])('case 58: %s that names no WABA is unknown: the portfolio never stands in for it', (event, extra) => {
    expect(read(accountUpdate({ event, ...extra }, { id: PARTNER_PORTFOLIO }))).toEqual([
      { kind: 'unknown', field: 'account_update', name: event },
    ]);
  });

  it('a removal with waba_info but without its id is told by the digits alone', () => {
    const body = accountUpdate(
      { event: 'PARTNER_REMOVED', waba_info: {}, phone_number: '+1 555-010-0123' },
      { id: PARTNER_PORTFOLIO },
    );
    expect(read(body)).toMatchObject([{ scope: { wabaId: null, digits: DIGITS }, news: { wabaId: null } }]);
  });

  it.each([
    'PRIMARY_INACTIVITY',
    'COMPANION_INACTIVITY',
    'ACCOUNT_DISCONNECTED',
    'BUSINESS_DOWNGRADE',
    'CHANGE_NUMBER',
    'USER_RE_REGISTERED',
  ])('the reason %s is kept', (reason) => {
    const body = accountUpdate({
      event: 'PARTNER_REMOVED',
      waba_info: { waba_id: WABA },
      disconnection_info: { reason, initiated_by: 'USER' },
    });
    expect(read(body)).toMatchObject([{ news: { reason, initiatedBy: 'USER' } }]);
  });

  it('case 49: reason and initiator outside the known lists are dropped, the removal is not', () => {
    const disconnection_info = { reason: 'the owner, Marta, was angry', initiated_by: 'Marta' };
    const body = accountUpdate({ event: 'PARTNER_REMOVED', waba_info: { waba_id: WABA }, disconnection_info });
    expect(read(body)).toMatchObject([{ news: { kind: 'partnerRemoved', reason: null, initiatedBy: null } }]);
    expect(JSON.stringify(read(body))).not.toContain('Marta');
  });

  it.each([
    ['partner-app-installed', 'PARTNER_APP_INSTALLED', null],
    ['account-restriction', 'ACCOUNT_RESTRICTION', null],
    ['account-alert', 'account_alerts', null],
    ['security', 'security', DIGITS],
    ['capability', 'business_capability_update', null],
    ['quality', 'phone_number_quality_update', DIGITS],
    ['name-review', 'phone_number_name_update', DIGITS],
  ])('%s is known and only kept', (file, name, digits) => {
    expect(read(golden(file))).toEqual([{ kind: 'recorded', name, scope: { ...ofWaba, digits } }]);
  });

  it('a WABA id that came as a long number keeps its digits', () => {
    const body = accountUpdate({ event: 'ACCOUNT_OFFBOARDED' }).replace(`"${WABA}"`, '31000000000000017001');
    expect(read(body)).toMatchObject([{ news: { wabaId: '31000000000000017001' } }]);
    expect(read(body.replace('31000000000000017001', '310000000000017'))).toMatchObject([{ news: { wabaId: WABA } }]);
  });
});

describe('news of the account itself', () => {
  const withInfo = (event: string, more: object, info: object = {}): string =>
    accountUpdate({ event, waba_info: { waba_id: WABA, owner_business_id: '5', ...info }, ...more });
  const newsIn = (body: string): unknown => {
    const [item] = read(body);
    return item?.kind === 'account' ? item.news : item;
  };

  it('FA13 the removal of our own app is news, that of another one is kept', () => {
    const removedApp = (id: unknown): string => withInfo('PARTNER_APP_UNINSTALLED', {}, { partner_app_id: id });
    expect(newsIn(removedApp(OUR_APP))).toEqual({ kind: 'appUninstalled', wabaId: WABA });
    expect(newsIn(removedApp(Number(OUR_APP)))).toEqual({ kind: 'appUninstalled', wabaId: WABA });
    expect(newsIn(removedApp('999'))).toMatchObject({ kind: 'recorded', name: 'PARTNER_APP_UNINSTALLED' });
    expect(newsIn(removedApp(undefined))).toMatchObject({ kind: 'recorded' });
  });

  it('FA16 a deletion names the WABA in the envelope', () => {
    expect(newsIn(accountUpdate({ event: 'ACCOUNT_DELETED' }))).toEqual({ kind: 'accountDeleted', wabaId: WABA });
  });

  it.each([
    ['DISABLE', { kind: 'accountBanned', wabaId: WABA }],
    ['SCHEDULE_FOR_DISABLE', { kind: 'recorded', name: 'DISABLED_UPDATE', scope: ofWaba }],
    ['REINSTATE', { kind: 'recorded', name: 'DISABLED_UPDATE', scope: ofWaba }],
  ])('FA19 the state %s', (waba_ban_state, expected) => {
    const body = accountUpdate({ event: 'DISABLED_UPDATE', ban_info: { waba_ban_state, waba_ban_date: 'soon' } });
    expect(newsIn(body)).toEqual(expected);
  });

  it('FA20 a decision of a review is news with its own key; an unknown one is kept', () => {
    const decided = (decision: string): string =>
      bodyOf('account_review_update', { decision }, { time: 1_795_305_600 });
    expect(newsIn(golden('account-review'))).toMatchObject({ kind: 'accountReviewed', wabaId: WABA });
    for (const decision of ['APPROVED', 'REJECTED', 'PENDING', 'DEFERRED']) {
      expect(newsIn(decided(decision))).toEqual({ kind: 'accountReviewed', wabaId: WABA, decision });
    }
    expect(keyOf(decided('APPROVED'))).not.toBe(keyOf(decided('PENDING')));
    expect(newsIn(decided('MAYBE'))).toMatchObject({ kind: 'recorded', name: 'account_review_update' });
  });
});

describe('the time of account news', () => {
  const offboardedAt = (time: unknown): string => accountUpdate({ event: 'ACCOUNT_OFFBOARDED' }, { time });

  it.each([
    ['number', 1_795_305_600, 1_795_305_600_000, false],
    ['text', '1795305600', 1_795_305_600_000, false],
    ['the first day of coexistence', Date.UTC(2025, 1, 11) / 1000, Date.UTC(2025, 1, 11), false],
    ['the second before', Date.UTC(2025, 1, 11) / 1000 - 1, RECEIVED_AT_MS, true],
    ['absent', undefined, RECEIVED_AT_MS, true],
    ['null', null, RECEIVED_AT_MS, true],
    ['zero', 0, RECEIVED_AT_MS, true],
    ['words', 'yesterday', RECEIVED_AT_MS, true],
    ['one second ahead', RECEIVED_AT_MS / 1000 + 1, RECEIVED_AT_MS, false],
    ['in the year 9999', 253_402_300_799, RECEIVED_AT_MS, false],
  ])('%s', (...[, time, occurredAtMs, isUntimed]) => {
    expect(read(offboardedAt(time))).toMatchObject([{ occurredAtMs, isUntimed }]);
  });

  it('case 48: 1e400 is no time', () => {
    expect(read(offboardedAt(1).replace('"time":1', '"time":1e400'))).toMatchObject([{ isUntimed: true }]);
  });
});

describe('the key of account news', () => {
  const removed = (extra: object, entry: object): string =>
    accountUpdate({ event: 'PARTNER_REMOVED', waba_info: { waba_id: WABA }, ...extra }, entry);

  it('is the same for each delivery of one happening, however late and in whatever spelling', () => {
    const body = accountUpdate({ event: 'ACCOUNT_OFFBOARDED' });
    const alias = bodyOf('account_offboarded', { waba_id: WABA, timestamp: 1_795_305_600 });
    expect(keyOf(body, RECEIVED_AT_MS + 86_400_000)).toBe(keyOf(body));
    expect(keyOf(alias)).toBe(keyOf(body));
  });

  it('case 56, mistake 9: differs by second, by event, by WABA and by number', () => {
    const keys = [
      keyOf(removed({}, { time: 1_796_515_200 })),
      keyOf(removed({}, { time: 1_796_515_201 })),
      keyOf(removed({ phone_number: DIGITS }, { time: 1_796_515_200 })),
      keyOf(removed({ phone_number: '15550100124' }, { time: 1_796_515_200 })),
      keyOf(removed({ waba_info: { waba_id: '99' } }, { time: 1_796_515_200 })),
      keyOf(accountUpdate({ event: 'ACCOUNT_OFFBOARDED' }, { time: 1_796_515_200 })),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('never shows the phone number', () => {
    expect(keyOf(golden('partner-removed-short'))).not.toContain(DIGITS);
    expect(keyOf(removed({ phone_number: DIGITS }, {}))).not.toContain(DIGITS);
  });

  it('case 56, mistake 9: of untimed news holds for its ten minutes only: a second real disconnect counts', () => {
    const bucketStart = Math.floor(RECEIVED_AT_MS / 600_000) * 600_000;
    const untimed = removed({}, {});
    expect(keyOf(untimed, bucketStart)).toBe(keyOf(untimed, bucketStart + 599_999));
    expect(keyOf(untimed, bucketStart + 600_000)).not.toBe(keyOf(untimed, bucketStart));
    expect(keyOf(removed({ more: 1 }, {}), bucketStart)).not.toBe(keyOf(untimed, bucketStart));
  });
});

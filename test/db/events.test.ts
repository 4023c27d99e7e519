/** The completion event on real Postgres: once, with the transition or not at all, told in order to its tenant alone (C22). */
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { eventPayloadSchema } from '../../src/api/event-payload.ts';
import { appendEvent } from '../../src/db/events.ts';
import { numberFacts, unroutedFacts } from '../../src/db/schema-inbox.ts';
import { outbox } from '../../src/db/schema-numbers.ts';
import { EVENT_TYPES } from '../../src/domain/events.ts';
import { tenantId } from '../../src/domain/ids.ts';
import { createNumber, ids, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';
import { finishDialog, goLiveRecord, SECOND_MS, signUp, takeSteps } from './signup-life.ts';

const bench = useDatabase();
const iso = (second: number): string => new Date(START_MS + second * SECOND_MS).toISOString();
const eventsOf = (tenant: string, after = 0, limit = 99) =>
  bench.stores.events.list(tenantId(tenant), { after, limit });

async function factIdOf(id: Ids): Promise<string> {
  const parked = await bench.store.db.select().from(unroutedFacts).where(eq(unroutedFacts.claimedBy, id.numberId));
  const queued = await bench.store.db.select().from(numberFacts).where(eq(numberFacts.numberId, id.numberId));
  return [...parked, ...queued].find(({ factId }) => factId.startsWith('meta/'))?.factId ?? 'none';
}

describe('number.connected', () => {
  it('tells ids, permissions, subscription and gate, each with the id of what proves it', async () => {
    const id = await signUp(bench, 'ten_whole');
    const [event, ...others] = await eventsOf('ten_whole');
    expect(others).toEqual([]);
    expect(event).toEqual({
      eventId: expect.stringMatching(/^evt_[\w-]{22}$/),
      position: expect.any(Number),
      type: 'number.connected',
      atMs: START_MS + 17 * SECOND_MS,
      numberId: id.numberId,
      data: {
        cycle: 1,
        attempt: 1,
        phoneNumberId: id.phoneNumberId,
        wabaId: id.wabaId,
        businessPortfolioId: '506914307656634',
        scopes: [
          { scope: 'whatsapp_business_management', accounts: 1 },
          { scope: 'whatsapp_business_messaging', accounts: 1 },
        ],
        subscription: { readBackAt: iso(15) },
        gate: { isOnBizApp: true, platformType: 'CLOUD_API', readAt: iso(16) },
        connectedAt: iso(17),
        evidence: [
          { proves: 'consent', id: 'disclosure/3', at: iso(0) },
          { proves: 'dialog', id: `dlg_of_${id.numberId}`, at: iso(10) },
          { proves: 'partner-added', id: await factIdOf(id), at: iso(13) },
          { proves: 'permissions', id: `grants/${id.numberId}/1/1`, at: iso(12) },
          { proves: 'account', id: `account/${id.wabaId}`, at: iso(13) },
          { proves: 'number', id: `moments/${id.numberId}/1/1/number-found`, at: iso(13) },
          { proves: 'claim', id: `moments/${id.numberId}/1/1/number-claimed`, at: iso(14) },
          { proves: 'subscription', id: `moments/${id.numberId}/1/1/account-subscribed`, at: iso(15) },
          { proves: 'gate', id: `moments/${id.numberId}/1/1/gate-passed`, at: iso(16) },
        ],
      },
    });
    expect(await factIdOf(id)).not.toBe('none');
    expect(JSON.stringify(event)).not.toMatch(/EAAG|the-code|Lotus/);
  });

  it('is written once, however often the transition is recorded, also by a run that an operator reset', async () => {
    const id = await signUp(bench, 'ten_once');
    await bench.stores.projection.record(goLiveRecord(id), 'run-1');
    const before = await eventsOf('ten_once');
    await bench.stores.projection.record({ ...goLiveRecord(id), atMs: START_MS + 99 * SECOND_MS }, 'run-2');
    expect(await eventsOf('ten_once')).toEqual(before);
    const second = { ...goLiveRecord(id, { cycle: 2 }), cycle: 2, sequence: 2 };
    await bench.stores.projection.record(second, 'run-2');
    const after = await eventsOf('ten_once');
    expect(after).toHaveLength(2);
    expect(new Set(after.map(({ eventId }) => eventId)).size).toBe(2);
  });

  it('is not there where the transition was rolled back, nor the transition without it', async () => {
    const id = ids('ten_rolled');
    await createNumber(bench, id);
    await finishDialog(bench, id);
    await takeSteps(bench, id);
    await bench.store.db.execute(sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`);
    await bench.store.db.execute(sql`create constraint trigger refused after insert on outbox
      deferrable initially deferred for each row execute function refuse()`);
    await expect(bench.stores.projection.record(goLiveRecord(id), 'run-1')).rejects.toThrow();
    await bench.store.db.execute(sql`drop trigger refused on outbox`);
    const linkState = async () => (await bench.stores.numbers.readSnapshot(id.numberId))?.link.state;
    expect([await linkState(), await eventsOf('ten_rolled')]).toEqual(['none', []]);
    await bench.stores.projection.record(goLiveRecord(id), 'run-1');
    expect([await linkState(), (await eventsOf('ten_rolled')).length]).toEqual(['live', 1]);
  });

  it('names nothing of an earlier cycle, and is told without what Meta has not told', async () => {
    const id = await signUp(bench, 'ten_later');
    const late = START_MS + 90 * SECOND_MS;
    const lastSignup = { openedAtMs: late, finishedAtMs: late, connectedAtMs: late };
    const record = { ...goLiveRecord(id, { cycle: 2, lastSignup }), cycle: 2, sequence: 2, atMs: late };
    await bench.stores.projection.record(record, 'run-1');
    const [, event] = await eventsOf('ten_later');
    expect(event?.data).toMatchObject({ cycle: 2, wabaId: id.wabaId, scopes: [], subscription: null });
    expect(event?.data).toMatchObject({ evidence: [{ proves: 'account' }, { proves: 'gate' }] });
  });
});

describe('the events of a tenant', () => {
  it('come in pages in their order, and show no other tenant’s', async () => {
    const numbers = [await signUp(bench, 'ten_pages'), await signUp(bench, 'ten_pages')];
    await signUp(bench, 'ten_beside');
    const [first] = await eventsOf('ten_pages', 0, 1);
    const rest = await eventsOf('ten_pages', first?.position ?? 0, 9);
    expect([first, ...rest].map((event) => event?.numberId)).toEqual(numbers.map(({ numberId }) => numberId));
    expect(await eventsOf('ten_pages', rest.at(-1)?.position ?? 0)).toEqual([]);
  });

  it('have reminders as due, those past the limit as overdue, and no nudge', async () => {
    const id = ids('ten_reminded');
    await createNumber(bench, id);
    const reminder = { ...id, cycle: 1, evidenceAtMs: START_MS, dueAtMs: START_MS + 7 };
    await bench.stores.activity.remind({ ...reminder, rung: '7' });
    await bench.stores.activity.remind({ ...reminder, rung: '7' });
    await bench.stores.activity.remind({ ...reminder, rung: 'overdue-1', dueAtMs: START_MS + 14 });
    const owner = { tenantId: id.tenantId, numberId: id.numberId };
    const nudge = { ...owner, dedupeKey: 'signup-nudge/x', kind: 'signup-nudge', payload: {}, dueAtMs: START_MS };
    await bench.store.db.insert(outbox).values(nudge);
    expect((await eventsOf('ten_reminded')).map(({ type, atMs, data }) => [type, atMs, data])).toEqual([
      ['activity.due', START_MS + 7, { cycle: 1, rung: '7', evidenceAt: iso(0) }],
      ['activity.overdue', START_MS + 14, { cycle: 1, rung: 'overdue-1', evidenceAt: iso(0) }],
    ]);
  });

  it('have the form that the description of the API tells of their type, and nothing else', async () => {
    const id = await signUp(bench, 'ten_described');
    const at = START_MS + 3_600 * SECOND_MS; // later than the signup, which is a sign of the app itself
    const reminder = { ...id, cycle: 1, evidenceAtMs: at, dueAtMs: at };
    for (const rung of ['7', 'overdue-1']) await bench.stores.activity.remind({ ...reminder, rung });
    const events = await eventsOf('ten_described');
    expect(events.map(({ type }) => type)).toEqual(EVENT_TYPES);
    for (const { eventId, type, numberId, data } of events) {
      const payload = { id: eventId, type, timestamp: iso(0), tenantId: 'ten_described', numberId, data };
      expect(eventPayloadSchema.parse(payload)).toEqual(payload);
    }
  });

  it('appear in the order of their places: a later place waits for an earlier one of its tenant, and for no other’s', async () => {
    const event = (tenant: string, dedupeKey: string) => {
      const { numberId } = ids(tenant);
      return {
        tenantId: tenantId(tenant),
        numberId,
        dedupeKey,
        kind: 'number.connected',
        payload: {},
        dueAtMs: 1,
      } as const;
    };
    const append = (tenant: string, dedupeKey: string) =>
      bench.store.db.transaction((tx) => appendEvent(tx, event(tenant, dedupeKey)));
    const waiting = async () => {
      const [row] = await bench.store.db.execute<{ count: number }>(sql`select count(*)::int as count from pg_locks
        where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`);
      return row?.count;
    };
    const order: string[] = [];
    let second: Promise<void> | undefined;
    await bench.store.db.transaction(async (tx) => {
      await appendEvent(tx, event('ten_order', 'order/1'));
      second = append('ten_order', 'order/2').then(() => void order.push('second'));
      await append('ten_free', 'order/free');
      await expect.poll(waiting, { timeout: 3_000 }).toBe(1);
      order.push('first');
    });
    await second;
    expect(order).toEqual(['first', 'second']);
    const places = (await eventsOf('ten_order')).map(({ position }) => position);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect([places.length, (await eventsOf('ten_free')).length]).toEqual([2, 1]);
  });
});

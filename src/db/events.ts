/** The events of a tenant: rows of the outbox, each written once, told in the order in which they became true. */
import { createHash } from 'node:crypto';
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { EVENT_KINDS, eventTypeOf, type EventKind, type EventType } from '../domain/events.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { signingSecretsOf } from './event-secrets.ts';
import { outbox } from './schema-numbers.ts';

interface EventRow {
  eventId: string;
  position: number;
  type: EventType;
  atMs: number;
  numberId: NumberId;
  data: unknown;
}

interface Events {
  list(tenantId: TenantId, page: { after: number; limit: number }): Promise<readonly EventRow[]>;
  readSecrets(tenantId: TenantId, nowMs: number): Promise<readonly string[]>;
}

export function createEvents(store: Store): Events {
  return {
    list: async (tenantId, { after, limit }) => {
      const isNext = and(eq(outbox.tenantId, tenantId), gt(outbox.position, after));
      const rows = await store.db
        .select()
        .from(outbox)
        .where(and(isNext, inArray(outbox.kind, [...EVENT_KINDS])))
        .orderBy(asc(outbox.position))
        .limit(limit);
      return rows.map(eventOf);
    },
    readSecrets: (tenantId, nowMs) => signingSecretsOf(store, tenantId, nowMs),
  };
}

export interface NewEvent {
  tenantId: TenantId;
  numberId: NumberId;
  /** The event's id comes from it: a repeat is the same event, and is not written again. */
  dedupeKey: string;
  kind: EventKind;
  payload: unknown;
  dueAtMs: number;
}

/** Another seed than those of the locks elsewhere. */
const lockOf = (tenantId: TenantId) => sql`select pg_advisory_xact_lock(hashtextextended(${tenantId}, 41))`;

/**
 * NOTE: places of one tenant are given out under a lock that is held to the end of the transaction: a place that became
 * visible after a higher one would be passed over by whoever reads on from there. So this is the last thing that a
 * transaction locks: nobody waits in a circle.
 */
export async function appendEvent(tx: Executor, event: NewEvent): Promise<void> {
  await tx.execute(lockOf(event.tenantId));
  await tx.insert(outbox).values(event).onConflictDoNothing();
}

/** 128 bits: far beyond any chance of two alike. */
const ID_CHARACTERS = 22;

function idOf(dedupeKey: string): string {
  return `evt_${createHash('sha256').update(dedupeKey).digest('base64url').slice(0, ID_CHARACTERS)}`;
}

/** NOTE: what was written once reads the same for ever, key by key: its text is signed. */
function eventOf({ position, dedupeKey, kind, payload, dueAtMs, numberId }: typeof outbox.$inferSelect): EventRow {
  const told = { eventId: idOf(dedupeKey), position, atMs: dueAtMs, numberId };
  if (kind === 'number.connected') return { ...told, type: kind, data: payload };
  const { cycle, rung, evidenceAtMs } = reminderIn(payload);
  const data = { cycle, rung, evidenceAt: new Date(evidenceAtMs).toISOString() };
  return { ...told, type: eventTypeOf('reminder', rung), data };
}

interface ReminderPayload {
  cycle: number;
  rung: string;
  evidenceAtMs: number;
}

/** Only `remind` writes rows of this kind, with exactly these fields. */
function reminderIn(payload: unknown): ReminderPayload {
  return payload as ReminderPayload;
}

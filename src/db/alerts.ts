/** Keeps what an operator must look at. */
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm';
import { storable } from './columns.ts';
import type { Executor, Store } from './connect.ts';
import { alerts } from './schema-alerts.ts';

interface NewAlert {
  kind: string;
  subject: string;
  detail: string;
  atMs: number;
}

interface Alert {
  alertId: string;
  kind: string;
  subject: string;
  detail: string;
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  closedAtMs: number | null;
}

interface Alerts {
  raise(alert: NewAlert): Promise<'opened' | 'repeated'>;
  list(page: { isOpen: boolean; limit: number }): Promise<readonly Alert[]>;
  close(alertId: string, atMs: number): Promise<Alert | null>;
}

const PREFIX = 'alt_';

export function createAlerts({ db }: Store): Alerts {
  return {
    raise: (alert) => raiseAlert(db, alert),
    list: async ({ isOpen, limit }) => {
      const rows = isOpen
        ? await db.select().from(alerts).where(isNull(alerts.closedAtMs)).orderBy(asc(alerts.position)).limit(limit)
        : await db.select().from(alerts).orderBy(desc(alerts.position)).limit(limit);
      return rows.map(alertOf);
    },
    close: (alertId, atMs) => closeAlert(db, alertId, atMs),
  };
}

/** Also inside another transaction, with what it is about. */
export async function raiseAlert(
  db: Executor,
  { kind, subject, detail, atMs }: NewAlert,
): Promise<'opened' | 'repeated'> {
  const [row] = await db
    .insert(alerts)
    .values({ kind, subject: storable(subject), detail: storable(detail), count: 1, firstAtMs: atMs, lastAtMs: atMs })
    .onConflictDoUpdate({
      target: [alerts.kind, alerts.subject],
      targetWhere: isNull(alerts.closedAtMs),
      set: {
        count: sql`${alerts.count} + 1`,
        detail: storable(detail),
        lastAtMs: sql`greatest(${alerts.lastAtMs}, ${atMs})`,
      },
    })
    .returning({ count: alerts.count });
  return row?.count === 1 ? 'opened' : 'repeated';
}

/** Closing a closed one changes nothing; null for an unknown one. */
async function closeAlert(db: Executor, alertId: string, atMs: number): Promise<Alert | null> {
  const position = Number(alertId.startsWith(PREFIX) ? alertId.slice(PREFIX.length) : Number.NaN);
  if (!Number.isSafeInteger(position)) return null;
  const isOpenRow = and(eq(alerts.position, position), isNull(alerts.closedAtMs));
  await db.update(alerts).set({ closedAtMs: atMs }).where(isOpenRow);
  const [row] = await db.select().from(alerts).where(eq(alerts.position, position));
  return row === undefined ? null : alertOf(row);
}

function alertOf({ position, ...row }: typeof alerts.$inferSelect): Alert {
  return { alertId: `${PREFIX}${position}`, ...row };
}

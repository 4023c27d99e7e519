/** Keeps what an operator must look at. */
import { and, asc, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { AlertKind } from '../domain/alerts.ts';
import { keepAct, type Signed } from './audit.ts';
import { storable } from './columns.ts';
import type { Executor, Store } from './connect.ts';
import { alerts } from './schema-alerts.ts';

interface NewAlert {
  kind: AlertKind;
  subject: string;
  detail: string;
  atMs: number;
}

interface Alert {
  alertId: string;
  position: number;
  kind: AlertKind;
  subject: string;
  detail: string;
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  closedAtMs: number | null;
}

interface Alerts {
  raise(alert: NewAlert): Promise<'opened' | 'repeated'>;
  list(page: { isOpen: boolean; after: number | null; limit: number }): Promise<readonly Alert[]>;
  close(alertId: string, signed: Signed): Promise<Alert | null>;
  settle(alert: Pick<NewAlert, 'kind' | 'subject' | 'atMs'>): Promise<void>;
}

const PREFIX = 'alt_';

/** Told once an alert, when it opens. */
export type OnOpened = (alert: Pick<NewAlert, 'kind' | 'subject'>) => void;

export function createAlerts({ db }: Store, onOpened: OnOpened = () => {}): Alerts {
  return {
    raise: async (alert) => {
      const raised = await raiseAlert(db, alert);
      if (raised === 'opened') onOpened({ kind: alert.kind, subject: alert.subject });
      return raised;
    },
    list: async ({ isOpen, ...page }) => (await (isOpen ? openPage(db, page) : fullPage(db, page))).map(alertOf),
    close: (alertId, signed) => db.transaction((tx) => closeAlert(tx, alertId, signed)),
    settle: (alert) => settleAlert(db, alert),
  };
}

interface Page {
  after: number | null;
  limit: number;
}

/** Oldest first. */
function openPage(db: Executor, { after, limit }: Page): Promise<Row[]> {
  const isNext = and(isNull(alerts.closedAtMs), after === null ? undefined : gt(alerts.position, after));
  return db.select().from(alerts).where(isNext).orderBy(asc(alerts.position)).limit(limit);
}

/** Newest first. */
function fullPage(db: Executor, { after, limit }: Page): Promise<Row[]> {
  const isNext = after === null ? undefined : lt(alerts.position, after);
  return db.select().from(alerts).where(isNext).orderBy(desc(alerts.position)).limit(limit);
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

/** What was wrong is right again by itself: no act of anybody's. Nothing happens where none is open. */
async function settleAlert(
  db: Executor,
  { kind, subject, atMs }: Pick<NewAlert, 'kind' | 'subject' | 'atMs'>,
): Promise<void> {
  const isOpenRow = and(eq(alerts.kind, kind), eq(alerts.subject, subject), isNull(alerts.closedAtMs));
  await db.update(alerts).set({ closedAtMs: atMs }).where(isOpenRow);
}

/** Closing a closed one changes nothing, and is no act; null for an unknown one. */
async function closeAlert(tx: Executor, alertId: string, signed: Signed): Promise<Alert | null> {
  const position = Number(alertId.startsWith(PREFIX) ? alertId.slice(PREFIX.length) : Number.NaN);
  if (!Number.isSafeInteger(position)) return null;
  const isOpenRow = and(eq(alerts.position, position), isNull(alerts.closedAtMs));
  const closed = await tx.update(alerts).set({ closedAtMs: signed.atMs }).where(isOpenRow).returning();
  if (closed.length > 0) await keepAct(tx, signed, { act: 'alert-close', tenantId: null, given: { alertId } });
  const [row] = await tx.select().from(alerts).where(eq(alerts.position, position));
  return row === undefined ? null : alertOf(row);
}

type Row = typeof alerts.$inferSelect;

function alertOf(row: Row): Alert {
  return { alertId: `${PREFIX}${row.position}`, ...row };
}

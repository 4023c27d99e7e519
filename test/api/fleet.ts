/** In-memory stores of what operators look after: tenants and keys, the quota of new customers, alerts. */
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import type { Alert, AuditEntry, Tenant } from '../../src/api/fleet-ports.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import type { WebhookReading } from '../../src/domain/app-webhooks.ts';
import { tenantId, type NumberId, type TenantId } from '../../src/domain/ids.ts';
import { reserveIn, type Quota, type Reservation } from '../../src/domain/quota.ts';

export const KEY = 'tdm_first-key-of-tenant-one';
export const OTHER_KEY = 'tdm_first-key-of-tenant-two';
export const OPERATOR_KEY = 'tdm_first-key-of-an-operator';
export const OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };

type Stored = <Result>(answer: () => Result, of?: 'keys') => Promise<Result>;

export function createFleet(stored: Stored, rows: ReadonlyMap<NumberId, { tenantId: TenantId }> = new Map()) {
  const allowed = { isEntitled: true, mayImport: true, pageOrigins: [], pageUrl: null };
  const state = {
    tenants: [
      { tenantId: tenantId('ten_1'), name: 'One', ...allowed },
      { tenantId: tenantId('ten_2'), name: 'Two', ...allowed },
    ] as Tenant[],
    quota: { limit: 1_000, tenants: 2, taken: [], waiting: [] } as Quota,
    reserved: new Map<NumberId, Reservation>(),
    granting: { granted: [] as NumberId[], late: [] as NumberId[] },
    alerts: [] as Alert[],
    audit: [] as AuditEntry[],
    commandIds: new Set<string>(),
    isAuditDown: false,
    provider: { configId: '720000000000059' as string | undefined, signupVersion: 'v4' as string | undefined },
    lastWebhookAtMs: null as number | null,
    /** What the watch of this process has seen, and what is stored. */
    reading: null as WebhookReading | null,
    readings: new Map<string, WebhookReading>(),
  };
  const keys = new Map<string, { tenantId: TenantId | null; role: 'backend' | 'operator' }>([
    [hashOfKey(KEY), { tenantId: tenantId('ten_1'), role: 'backend' }],
    [hashOfKey(OTHER_KEY), { tenantId: tenantId('ten_2'), role: 'backend' }],
    [hashOfKey(OPERATOR_KEY), { tenantId: null, role: 'operator' }],
  ]);

  const keep = (...[signed, { commandId, ...act }]: Parameters<ApiPorts['audit']['keep']>): void => {
    const entry = { numberId: null, ...signed, ...act, position: state.audit.length + 1 };
    if (state.isAuditDown) throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
    if (commandId === undefined || !state.commandIds.has(commandId)) state.audit.push(entry);
    if (commandId !== undefined) state.commandIds.add(commandId);
  };
  /** The rows after a place, in their order. */
  const after = <Row>(all: readonly Row[], isLast: (row: Row) => boolean): readonly Row[] =>
    all.slice(all.findIndex(isLast) + 1);

  const ports: Pick<ApiPorts, 'apiKeys' | 'tenants' | 'quota' | 'alerts' | 'audit' | 'webhookReadings'> = {
    apiKeys: { findKey: (hash) => stored(() => keys.get(hash) ?? null, 'keys') },
    tenants: {
      read: (id) => stored(() => state.tenants.find((one) => one.tenantId === id) ?? null),
      ofNumber: (id) => stored(() => rows.get(id)?.tenantId ?? null),
      knowsOrigin: (origin) => stored(() => state.tenants.some(({ pageOrigins }) => pageOrigins.includes(origin))),
      list: ({ after: last, limit }) =>
        stored(() => after(state.tenants, ({ tenantId: id }) => id === last).slice(0, limit)),
      change: (id, change, signed) =>
        stored(() => {
          keep(signed, { act: 'tenant-change', tenantId: id, given: change });
          const found = state.tenants.find((one) => one.tenantId === id);
          return found ? Object.assign(found, change) : null;
        }),
    },
    quota: {
      reserve: ({ tenantId: tenant, numberId, nowMs }) =>
        stored(() => {
          const answer = state.reserved.get(numberId) ?? reserveIn(state.quota, { tenantId: tenant, numberId }, nowMs);
          state.reserved.set(numberId, answer);
          return answer;
        }),
      grantNext: () => stored(() => state.granting),
      read: (nowMs) =>
        stored(() => {
          const { limit, taken, waiting } = state.quota;
          const counted = { taken: taken.length, left: limit - taken.length, waiting: waiting.length };
          return { limit, isOverridden: limit !== 1_000, ...counted, nextFreeAtMs: nowMs };
        }),
      setLimit: (limit) => stored(() => void (state.quota = { ...state.quota, limit })),
    },
    alerts: {
      raise: ({ atMs, ...alert }) =>
        stored(() => {
          const open = state.alerts.find(
            (one) => one.kind === alert.kind && one.subject === alert.subject && one.closedAtMs === null,
          );
          if (open) Object.assign(open, { count: open.count + 1, lastAtMs: atMs });
          const position = state.alerts.length + 1;
          const alertId = `alt_${position}`;
          if (!open)
            state.alerts.push({
              ...alert,
              alertId,
              position,
              count: 1,
              firstAtMs: atMs,
              lastAtMs: atMs,
              closedAtMs: null,
            });
          return open ? ('repeated' as const) : ('opened' as const);
        }),
      list: ({ isOpen, after: last, limit }) =>
        stored(() => {
          const all = isOpen ? state.alerts.filter((one) => one.closedAtMs === null) : state.alerts.toReversed();
          return after(all, ({ position }) => position === last).slice(0, limit);
        }),
      close: (id, signed) =>
        stored(() => {
          keep(signed, { act: 'alert-close', tenantId: null, given: { alertId: id } });
          const found = state.alerts.find((one) => one.alertId === id);
          if (found) found.closedAtMs ??= signed.atMs;
          return found ?? null;
        }),
      settle: ({ kind, subject, atMs }) =>
        stored(() => {
          const open = state.alerts.find(
            (one) => one.kind === kind && one.subject === subject && one.closedAtMs === null,
          );
          if (open) open.closedAtMs = atMs;
        }),
    },
    webhookReadings: {
      read: (appId: string) => stored(() => state.readings.get(appId) ?? null),
      keep: (appId: string, reading: WebhookReading) => stored(() => void state.readings.set(appId, reading)),
    },
    audit: {
      keep: (signed, act) => stored(() => keep(signed, act)),
      list: ({ tenantId: of, after: last, limit }) =>
        stored(() => {
          const all = state.audit.toReversed().filter((entry) => of === null || entry.tenantId === of);
          return after(all, ({ position }) => position === last).slice(0, limit);
        }),
    },
  };
  return { state, ports };
}

/** In-memory stores of what operators look after: tenants and keys, the quota of new customers, alerts. */
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import type { Alert, Tenant } from '../../src/api/fleet-ports.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import { tenantId, type NumberId, type TenantId } from '../../src/domain/ids.ts';
import { reserveIn, type Quota, type Reservation } from '../../src/domain/quota.ts';

export const KEY = 'tdm_first-key-of-tenant-one';
export const OTHER_KEY = 'tdm_first-key-of-tenant-two';
export const OPERATOR_KEY = 'tdm_first-key-of-an-operator';
export const OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };

type Stored = <Result>(answer: () => Result) => Promise<Result>;

export function createFleet(stored: Stored) {
  const allowed = { isEntitled: true, mayImport: true };
  const state = {
    tenants: [
      { tenantId: tenantId('ten_1'), name: 'One', ...allowed },
      { tenantId: tenantId('ten_2'), name: 'Two', ...allowed },
    ] as Tenant[],
    quota: { limit: 1_000, tenants: 2, taken: [], waiting: [] } as Quota,
    reserved: new Map<NumberId, Reservation>(),
    granting: { granted: [] as NumberId[], late: [] as NumberId[] },
    alerts: [] as Alert[],
    provider: { configId: '720000000000059' as string | undefined, signupVersion: 'v4' as string | undefined },
    lastWebhookAtMs: null as number | null,
  };
  const keys = new Map<string, { tenantId: TenantId | null; role: 'backend' | 'operator' }>([
    [hashOfKey(KEY), { tenantId: tenantId('ten_1'), role: 'backend' }],
    [hashOfKey(OTHER_KEY), { tenantId: tenantId('ten_2'), role: 'backend' }],
    [hashOfKey(OPERATOR_KEY), { tenantId: null, role: 'operator' }],
  ]);

  const ports: Pick<ApiPorts, 'apiKeys' | 'tenants' | 'quota' | 'alerts'> = {
    apiKeys: { findKey: (hash) => stored(() => keys.get(hash) ?? null) },
    tenants: {
      read: (id) => stored(() => state.tenants.find((one) => one.tenantId === id) ?? null),
      list: () => stored(() => state.tenants),
      change: (id, change) =>
        stored(() => {
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
      release: (id) => stored(() => void state.reserved.delete(id)),
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
          const alertId = `alt_${state.alerts.length + 1}`;
          if (!open)
            state.alerts.push({ ...alert, alertId, count: 1, firstAtMs: atMs, lastAtMs: atMs, closedAtMs: null });
          return open ? ('repeated' as const) : ('opened' as const);
        }),
      list: ({ isOpen, limit }) =>
        stored(() => state.alerts.filter((one) => !isOpen || one.closedAtMs === null).slice(0, limit)),
      close: (id, atMs) =>
        stored(() => {
          const found = state.alerts.find((one) => one.alertId === id);
          if (found) found.closedAtMs ??= atMs;
          return found ?? null;
        }),
    },
  };
  return { state, ports };
}

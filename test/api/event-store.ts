/** In-memory stores of events and connect times. */
import type { ConnectTimes, EventRow } from '../../src/api/event-ports.ts';
import type { ApiPorts } from '../../src/api/ports.ts';
import type { TenantId } from '../../src/domain/ids.ts';

type Fleet = Awaited<ReturnType<ConnectTimes['readFleet']>>;

/** 24 bytes each. */
export const SECRETS = {
  newer: 'whsec_bmV3ZXItc2VjcmV0LW9mLTI0LWJ5dGVz',
  older: 'whsec_b2xkZXItc2VjcmV0LW9mLTI0LWJ5dGVz',
} as const;

export function createEventStore(stored: <Result>(answer: () => Result) => Promise<Result>) {
  const nothing = { count: 0, p50Ms: null, p95Ms: null, p99Ms: null };
  const state = {
    events: [] as (EventRow & { tenantId: TenantId })[],
    secrets: [SECRETS.newer] as string[],
    secretReads: 0,
    fleet: { steps: [], fromDialogEnd: { ...nothing, withinObjective: 0 } } as Fleet,
    since: [] as number[],
  };
  const ports: Pick<ApiPorts, 'events' | 'connectTimes'> = {
    events: {
      list: (tenant, { after, limit }) =>
        stored(() =>
          state.events
            .filter((one) => one.tenantId === tenant && one.position > after)
            .slice(0, limit)
            .map(({ tenantId: _tenant, ...row }) => row),
        ),
      readSecrets: () =>
        stored(() => {
          state.secretReads += 1;
          return state.secrets;
        }),
    },
    connectTimes: {
      readFleet: (sinceMs) =>
        stored(() => {
          state.since.push(sinceMs);
          return state.fleet;
        }),
    },
  };
  return { state, ports };
}

/** The imports of the door: what was asked and has come, and the content, in memory. */
import type { ApiPorts, ContentRow, ImportTraces } from '../../src/api/ports.ts';
import type { NumberId, TenantId } from '../../src/domain/ids.ts';

const NO_TRACE: ImportTraces['contacts'] = {
  requests: [],
  firstAtMs: null,
  lastAtMs: null,
  chunks: 0,
  counted: 0,
  progress: 0,
  removed: 0,
  media: 0,
  groups: 0,
  dropped: 0,
};

export function createImportStore(stored: <Result>(answer: () => Result) => Promise<Result>) {
  const state = {
    traces: { contacts: NO_TRACE, history: NO_TRACE, phases: [] } as ImportTraces,
    content: [] as (ContentRow & { tenantId: TenantId; numberId: NumberId; kind: string })[],
    purges: [] as number[],
  };
  const ports: Pick<ApiPorts, 'syncs' | 'content'> = {
    syncs: { readTraces: () => stored(() => state.traces) },
    content: {
      read: (tenant, id, { kind, after, limit, nowMs }) =>
        stored(() =>
          state.content
            .filter((one) => one.tenantId === tenant && one.numberId === id && one.kind === kind)
            .filter(({ position, expiresAtMs }) => position > after && expiresAtMs > nowMs)
            .slice(0, limit),
        ),
      purgeExpired: (nowMs) => stored(() => (state.purges.push(nowMs), 0)),
    },
  };
  return { state, ports };
}

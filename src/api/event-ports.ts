/** What the HTTP door needs to tell backends what became true, and operators how long connecting takes. */
import type { ConnectMoment } from '../domain/connect-times.ts';
import type { EventType } from '../domain/events.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';

export interface EventRow {
  /** Stable: the same event has the same id for ever. */
  eventId: string;
  /** Rises along the events of a tenant: the cursor of its pages. */
  position: number;
  type: EventType;
  atMs: number;
  numberId: NumberId;
  /** JSON with a stable order of its keys: its text is signed. */
  data: unknown;
}

export interface Events {
  /** Oldest first; nothing ever appears before a place that was read. */
  list(tenantId: TenantId, page: { after: number; limit: number }): Promise<readonly EventRow[]>;
  /** The `whsec_…` that sign now, the newest first. Never logged, never answered. */
  readSecrets(tenantId: TenantId, nowMs: number): Promise<readonly string[]>;
}

/** Null where nothing was measured. */
export interface Percentiles {
  count: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

export interface ConnectTimes {
  /** Over the fleet: how long each step took since the one before it, and connecting since the dialog's end. */
  readFleet(sinceMs: number): Promise<{
    steps: readonly ({ step: ConnectMoment } & Percentiles)[];
    /** `withinObjective`: how many of them were in time. */
    fromDialogEnd: Percentiles & { withinObjective: number };
  }>;
}

/** What the HTTP door needs for the whole fleet: whose key calls, what a tenant may do, Meta's quota, alerts, audit. */
import type { AlertKind } from '../domain/alerts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Actor, KeyRole } from '../domain/key-role.ts';
import type { Reservation } from '../domain/quota.ts';

export interface ApiKeys {
  /** Whose key it is and what it may do, by its SHA-256; null for an unknown key. Operators belong to no tenant. */
  findKey(keyHash: string): Promise<{ tenantId: TenantId | null; role: KeyRole } | null>;
}

/** Who acts, why and when: kept with what an operator did, in its transaction where it has one. */
export interface Signed {
  /** See `keyIdOf`; `cli` at the command line. */
  keyId: string;
  role: Actor;
  /** Null where the act asks for none. */
  reason: string | null;
  atMs: number;
}

export interface AuditEntry extends Signed {
  /** Rises along the audit: the cursor of its pages. */
  position: number;
  /** Kebab-case, or the kind of a command. */
  act: string;
  /** What was asked for, in ids and values. */
  given: Readonly<Record<string, unknown>>;
  /** Null: the whole fleet's. */
  tenantId: TenantId | null;
  numberId: NumberId | null;
}

/** Append-only: what operators did. */
export interface Audit {
  /** For acts that no other port keeps. A command that is asked again is one act. */
  keep(
    signed: Signed,
    act: Pick<AuditEntry, 'act' | 'given' | 'tenantId'> & { numberId?: NumberId; commandId?: string },
  ): Promise<void>;
  /** Newest first; `tenantId` null: of all. */
  list(page: { tenantId: TenantId | null; after: number | null; limit: number }): Promise<readonly AuditEntry[]>;
}

/** What a tenant may do, as operators have set it. */
export interface Tenant {
  tenantId: TenantId;
  name: string;
  /** Null: nobody has said so, and so no. */
  isEntitled: boolean | null;
  mayImport: boolean;
  /** Exact origins of pages that may speak for its owners. */
  pageOrigins: readonly string[];
  /** Where an owner goes on with a dialog that was left. */
  pageUrl: string | null;
}

export interface Tenants {
  read(tenantId: TenantId): Promise<Tenant | null>;
  /** Whose number it is, also of one that is closed; null for an unknown one. */
  ofNumber(numberId: NumberId): Promise<TenantId | null>;
  list(page: { after: TenantId | null; limit: number }): Promise<readonly Tenant[]>;
  /** Whether any tenant has named it. */
  knowsOrigin(origin: string): Promise<boolean>;
  /** Null for an unknown tenant. */
  change(tenantId: TenantId, change: Partial<Omit<Tenant, 'tenantId'>>, signed: Signed): Promise<Tenant | null>;
}

/** Meta's quota of new customers, shared by all tenants. Slots are given out under one lock. */
export interface Quotas {
  /** Idempotent by number: asked again, a number is told what it was told before. Called before its row is made. */
  reserve(asked: { tenantId: TenantId; numberId: NumberId; nowMs: number }): Promise<Reservation>;
  /**
   * Gives out what is free, and queues `slotGranted` for each in the same transaction. `late`: promises that have passed
   * without a slot, told once, each with an alert.
   */
  grantNext(nowMs: number, limit: number): Promise<{ granted: readonly NumberId[]; late: readonly NumberId[] }>;
  read(nowMs: number): Promise<{
    limit: number;
    isOverridden: boolean;
    taken: number;
    left: number;
    waiting: number;
    nextFreeAtMs: number;
  }>;
  setLimit(limit: number, reason: string, atMs: number): Promise<void>;
}

export interface NewAlert {
  kind: AlertKind;
  /** An opaque id, never a phone number or a name; by kind, see `ALERTS`. */
  subject: string;
  detail: string;
  atMs: number;
}

export interface Alert extends Omit<NewAlert, 'atMs'> {
  alertId: string;
  /** The cursor of the pages. */
  position: number;
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  closedAtMs: number | null;
}

/** What an operator must look at: one open row a kind and subject. */
export interface Alerts {
  raise(alert: NewAlert): Promise<'opened' | 'repeated'>;
  /** Open ones oldest first; all of them newest first. */
  list(page: { isOpen: boolean; after: number | null; limit: number }): Promise<readonly Alert[]>;
  /** Null for an unknown one; closing twice changes nothing. */
  close(alertId: string, signed: Signed): Promise<Alert | null>;
  /** What was wrong is right again: closes the open one, if there is one, without an act of anybody's. */
  settle(alert: Pick<NewAlert, 'kind' | 'subject' | 'atMs'>): Promise<void>;
}

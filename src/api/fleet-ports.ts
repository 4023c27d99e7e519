/** What the HTTP door needs for the whole fleet: whose key calls, what a tenant may do, Meta's quota, alerts. */
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { KeyRole } from '../domain/key-role.ts';
import type { Reservation } from '../domain/quota.ts';

export interface ApiKeys {
  /** Whose key it is and what it may do, by its SHA-256; null for an unknown key. Operators belong to no tenant. */
  findKey(keyHash: string): Promise<{ tenantId: TenantId | null; role: KeyRole } | null>;
}

/** What a tenant may do, as operators have set it. */
export interface Tenant {
  tenantId: TenantId;
  name: string;
  /** Null: nobody has said so, and so no. */
  isEntitled: boolean | null;
  mayImport: boolean;
}

export interface Tenants {
  read(tenantId: TenantId): Promise<Tenant | null>;
  list(): Promise<readonly Tenant[]>;
  /** Null for an unknown tenant. */
  change(
    tenantId: TenantId,
    change: Partial<Pick<Tenant, 'name' | 'isEntitled' | 'mayImport'>>,
  ): Promise<Tenant | null>;
}

/** Meta's quota of new customers, shared by all tenants. Slots are given out under one lock. */
export interface Quotas {
  /** Idempotent by number: asked again, a number is told what it was told before. Called before its row is made. */
  reserve(asked: { tenantId: TenantId; numberId: NumberId; nowMs: number }): Promise<Reservation>;
  /** A first onboarding ended without a connection. The projection does so by itself where a number closes. */
  release(numberId: NumberId, atMs: number): Promise<void>;
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
  /** Kebab-case. */
  kind: string;
  /** An opaque id, never a phone number or a name. */
  subject: string;
  detail: string;
  atMs: number;
}

export interface Alert extends Omit<NewAlert, 'atMs'> {
  alertId: string;
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  closedAtMs: number | null;
}

/** What an operator must look at: one open row a kind and subject. */
export interface Alerts {
  raise(alert: NewAlert): Promise<'opened' | 'repeated'>;
  /** Open ones oldest first; all of them newest first. */
  list(page: { isOpen: boolean; limit: number }): Promise<readonly Alert[]>;
  /** Null for an unknown one; closing twice changes nothing. */
  close(alertId: string, atMs: number): Promise<Alert | null>;
}

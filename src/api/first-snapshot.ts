/** What must hold before a new onboarding, and the snapshot with which it begins: open, or queued with a date (CM01, AT01, AT02). */
import { freshSnapshot } from '../domain/fresh-snapshot.ts';
import { queuedForComeBack } from '../domain/come-back-queue.ts';
import type { CheckId, NumberId, PhoneNumber, TenantId } from '../domain/ids.ts';
import { queuedForSlot } from '../domain/quota-queue.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Tenant, Quotas, Tenants } from './fleet-ports.ts';
import type { EligibilityCheck, EligibilityChecks } from './eligibility-ports.ts';
import { Problem } from './problem.ts';

interface Wanted {
  tenantId: TenantId;
  numberId: NumberId;
  imports: { contacts: boolean; history: boolean };
  nowMs: number;
  /** The check that this onboarding rests on, and the number that it must have been made for. */
  check: { checkId: CheckId; phoneNumber: PhoneNumber | null } | null;
}

interface Ports {
  tenants: Pick<Tenants, 'read'>;
  quota: Pick<Quotas, 'reserve'>;
  eligibility: Pick<EligibilityChecks, 'eligibilityForOnboarding'> & {
    read(tenantId: TenantId, checkId: CheckId): Promise<Pick<EligibilityCheck, 'phoneNumber'> | null>;
  };
}

/**
 * Refuses a tenant that may not begin, then takes a slot. Repeating it for the same number takes no second one, so that a
 * request which was cut short before its row was written may be repeated.
 */
export async function firstSnapshot(ports: Ports, wanted: Wanted): Promise<Snapshot> {
  const { tenantId, numberId, imports, nowMs } = wanted;
  const tenant = entitled(await ports.tenants.read(tenantId));
  const fresh = freshSnapshot({ numberId, tenantId, nowMs, imports: importsOf(tenant, imports) });
  const comeBackAtMs = await comeBackDate(ports.eligibility, wanted);
  if (comeBackAtMs !== null) return queuedForComeBack(fresh, comeBackAtMs); // it takes its slot when the date has come
  const reserved = await ports.quota.reserve({ tenantId, numberId, nowMs });
  return reserved.kind === 'granted' ? fresh : queuedForSlot(fresh, reserved.promisedAtMs);
}

/** For new numbers alone: one that we have may always be connected again. What nobody has said counts as no. */
function entitled(tenant: Tenant | null): Tenant {
  if (tenant?.isEntitled !== true) throw new Problem('ENTITLEMENT_MISSING');
  return tenant;
}

/** CM01: null where the rules allow it now, as for an onboarding without a check. */
async function comeBackDate(
  eligibility: Ports['eligibility'],
  { tenantId, numberId, nowMs, check }: Wanted,
): Promise<number | null> {
  if (check === null) return null;
  const { checkId, phoneNumber } = check;
  const made = await eligibility.read(tenantId, checkId);
  if (made === null) throw new Problem('CHECK_UNKNOWN');
  if (made.phoneNumber !== null && made.phoneNumber !== phoneNumber) throw new Problem('CHECK_OF_ANOTHER_NUMBER');
  const found = await eligibility.eligibilityForOnboarding({ tenantId, checkId, numberId, atMs: nowMs });
  if (found?.verdict !== 'no') return null;
  if (found.comeBackAtMs === null) throw new Problem('ELIGIBILITY_REFUSED');
  return found.comeBackAtMs;
}

function importsOf({ mayImport }: Tenant, wanted: Wanted['imports']): Snapshot['imports'] {
  return mayImport ? wanted : { contacts: false, history: false, isForbidden: true };
}

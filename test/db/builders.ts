/** Numbers, findings and records for the tests of the store, each named after what it stands for. */
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { numberId, phoneNumberId, tenantId, wabaId } from '../../src/domain/ids.ts';
import type { NumberId, PhoneNumber, TenantId } from '../../src/domain/ids.ts';
import { freshSnapshot } from '../../src/domain/fresh-snapshot.ts';
import { DAY_MS } from '../../src/domain/policy.ts';
import type { Signed } from '../../src/db/audit.ts';
import type { TransitionRecord } from '../../src/domain/record.ts';
import type { Bench } from './database.ts';

export const START_MS = Date.UTC(2026, 10, 1);
let made = 0;

/** Another number each time, with ids of its own. */
export function ids(tenant = 'ten_a') {
  made += 1;
  const ordinal = String(made).padStart(4, '0');
  return {
    numberId: numberId(`num_${ordinal}`),
    tenantId: tenantId(tenant),
    wabaId: wabaId(`9${ordinal}`),
    phoneNumberId: phoneNumberId(`5${ordinal}`),
    digits: `1555010${ordinal}`,
  };
}
export type Ids = ReturnType<typeof ids>;

export function invited(id: { numberId: NumberId; tenantId: TenantId }): Snapshot {
  const { numberId: number, tenantId: tenant } = id;
  return freshSnapshot({
    numberId: number,
    tenantId: tenant,
    nowMs: START_MS,
    imports: { contacts: true, history: true },
  });
}

export function live(id: Ids, over: Partial<Snapshot> = {}): Snapshot {
  const start = invited(id);
  return {
    ...start,
    link: { ...start.link, state: 'live', sinceMs: START_MS, provedAtMs: START_MS },
    attempt: { ...start.attempt, state: 'none' },
    credential: 'valid',
    unsaid: [],
    wabaId: id.wabaId,
    phoneNumberId: id.phoneNumberId,
    ...over,
  };
}

export function gone(id: Ids, credential: 'held' | 'forgotten'): Snapshot {
  const before = live(id);
  const end = { reason: 'inactivity', initiator: null, atMs: START_MS + DAY_MS, phoneStillLinked: 'no' } as const;
  return { ...before, link: { ...before.link, state: 'gone', end }, credential };
}

export function recordOf(snapshot: Snapshot, over: Partial<TransitionRecord> = {}): TransitionRecord {
  return {
    numberId: snapshot.numberId,
    tenantId: snapshot.tenantId,
    cycle: snapshot.cycle,
    sequence: 1,
    atMs: START_MS,
    from: 'awaiting-signup',
    to: 'connected',
    nextDeadline: null,
    lines: [],
    goesLive: null,
    snapshot,
    ...over,
  };
}

/** An operator's word for an act. */
export function signed(over: Partial<Signed> = {}): Signed {
  return { keyId: 'a1b2c3d4e5f6', role: 'operator', reason: 'asked for', atMs: START_MS, ...over };
}

export async function createNumber(bench: Bench, id: Ids, phoneNumber: PhoneNumber | null = null): Promise<void> {
  const snapshot = invited(id);
  const nextDeadline = { kind: 'invitation-expires', atMs: snapshot.attempt.expiresAtMs } as const;
  await bench.stores.numbers.create({
    numberId: id.numberId,
    tenantId: id.tenantId,
    phoneNumber,
    reference: null,
    expected: null,
    snapshot,
    nextDeadline,
    atMs: START_MS,
  });
}

/** A number with its claim, on its way through the dialog. */
export async function claimNumber(bench: Bench, id: Ids, attempt = { cycle: 1, attempt: 1 }) {
  const key = { numberId: id.numberId, ...attempt };
  await bench.stores.claims.keepFinding(key, { ...id, verifiedName: null });
  const handOver = { onboardedAtMs: null, finishedAtMs: START_MS, grants: [] };
  return bench.stores.claims.claim(key, id.tenantId, handOver);
}

/** A connected number, through the same doors as in life. */
export async function connectNumber(bench: Bench, id: Ids): Promise<void> {
  await createNumber(bench, id);
  await claimNumber(bench, id);
  const goesLive = { attempt: 1, evidenceAtMs: START_MS };
  await bench.stores.projection.record(recordOf(live(id), { goesLive }), `run-${id.numberId}`);
}

/** Moves the last sign of the app forward, and posts one fact where a workflow waits for it (GR14). */
import { sql } from 'drizzle-orm';
import type { EvidenceKind } from '../domain/facts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import { MINUTE_MS } from '../domain/policy.ts';
import type { Executor } from './connect.ts';
import { queueFacts } from './fact-queue.ts';

export interface Touch {
  numberId: NumberId;
  evidence: EvidenceKind;
  atMs: number;
}

/** How far in the future evidence may claim to be (GR1). */
const AHEAD_MAX_MS = 5 * MINUTE_MS;

type TouchedRow = {
  number_id: NumberId;
  tenant_id: TenantId;
  at_ms: number;
  evidence: EvidenceKind;
  wants_evidence: boolean;
};

/** The latest touch of each number, none of them too far ahead of its receipt. */
function latestOfEach(touches: readonly Touch[], receivedAtMs: number): readonly Touch[] {
  const latest = new Map<NumberId, Touch>();
  for (const touch of touches) {
    const atMs = Math.min(touch.atMs, receivedAtMs + AHEAD_MAX_MS);
    const known = latest.get(touch.numberId);
    if (known === undefined || known.atMs < atMs) latest.set(touch.numberId, { ...touch, atMs });
  }
  return [...latest.values()];
}

/**
 * One statement for all numbers. It writes only what is newer by the debounce, or what a workflow waits for; rows are
 * locked in the order of their keys, so that two callers never wait for each other. NOTE: the lock re-reads a row that
 * changed meanwhile, so `wants_evidence` is the flag as it stood when it fell.
 */
export async function touchForward(
  tx: Executor,
  touches: readonly Touch[],
  rule: { debounceMs: number; receivedAtMs: number },
): Promise<void> {
  const given = latestOfEach(touches, rule.receivedAtMs);
  if (given.length === 0) return;
  const touched = await tx.execute<TouchedRow>(sql`
    with given as (
      select * from json_to_recordset(${JSON.stringify(given)}::json)
        as entry("numberId" text, "evidence" text, "atMs" bigint)
    ), locked as (
      select activity.number_id, activity.wants_evidence, given."atMs" as at_ms, given."evidence" as evidence
      from app_activity activity join given on given."numberId" = activity.number_id
      where activity.any_at_ms is null
        or given."atMs" >= activity.any_at_ms + ${rule.debounceMs}::bigint
        or (activity.wants_evidence and given."atMs" > activity.any_at_ms)
      order by activity.number_id
      for update of activity
    )
    update app_activity activity
    set any_at_ms = greatest(activity.any_at_ms, locked.at_ms), evidence = locked.evidence, wants_evidence = false
    from locked where locked.number_id = activity.number_id
    returning activity.number_id, activity.tenant_id, locked.at_ms, locked.evidence, locked.wants_evidence`);
  await queueFacts(
    tx,
    touched.filter((row) => row.wants_evidence).map((row) => seenFactOf(row, rule.receivedAtMs)),
  );
}

function seenFactOf(row: TouchedRow, receivedAtMs: number): Parameters<typeof queueFacts>[1][number] {
  return {
    tenantId: row.tenant_id,
    numberId: row.number_id,
    envelope: {
      factId: `seen/${row.at_ms}`,
      occurredAtMs: Math.min(row.at_ms, receivedAtMs),
      fact: { kind: 'activitySeen', evidence: row.evidence, evidenceAtMs: row.at_ms },
    },
  };
}

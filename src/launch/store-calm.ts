/** What lies in the store for the dispatcher to do, now and later: no workflow knows of it. */
import type postgres from 'postgres';
import { POLICY, SECOND_MS } from '../domain/policy.ts';
import { ONBOARDING_QUOTA, QUOTA_WINDOW_MS } from '../domain/quota.ts';

const JOIN_MS = POLICY.joinSeconds.value * SECOND_MS;

/** Null: nothing is due. */
export async function storedWork(sql: postgres.Sql, nowMs: number): Promise<string | null> {
  const [stored] = await sql<Record<'deliveries' | 'facts' | 'starts' | 'results' | 'quiet', number>[]>`
    select (select count(*)::int from webhook_deliveries where not is_processed and not_before_ms <= ${nowMs}) as deliveries,
           (select count(*)::int from number_facts where dispatched_at_ms is null and not_before_ms <= ${nowMs}) as facts,
           (select count(*)::int from numbers where started_at_ms is null) as starts,
           (select count(*)::int from dialog_runs where ending = 'coexistence' and code_received_at_ms is null
              and not is_result_posted and result_received_at_ms < ${nowMs - JOIN_MS}) as results,
           (select count(*)::int from number_traffic t join numbers n using (number_id)
             where t.due_at_ms <= ${nowMs} and t.seen_at_ms is null and t.told_at_ms is null
               and n.connection = 'connected') as quiet`;
  if (stored && Object.values(stored).some((count) => count > 0)) return `in the store: ${JSON.stringify(stored)}`;
  return (await areSlotsDue(sql, nowMs))
    ? "a slot of Meta's quota is free, or was promised, for a number that waits"
    : null;
}

/** When a signup result will have waited long enough for its code, a connected number for a message, or what was put off is tried again. */
export async function nextStoredAtMs(sql: postgres.Sql): Promise<(number | null)[]> {
  const [next] = await sql<Record<'lonely' | 'quiet' | 'deliveries' | 'facts', string | null>[]>`
    select (select min(result_received_at_ms) from dialog_runs
             where ending = 'coexistence' and code_received_at_ms is null and not is_result_posted) as lonely,
           (select min(t.due_at_ms) from number_traffic t join numbers n using (number_id)
             where t.seen_at_ms is null and t.told_at_ms is null and n.connection = 'connected') as quiet,
           (select min(not_before_ms) from webhook_deliveries where not is_processed) as deliveries,
           (select min(not_before_ms) from number_facts where dispatched_at_ms is null) as facts`;
  const atMs = (told: string | null | undefined): number | null => (told == null ? null : Number(told));
  const lonelyMs = atMs(next?.lonely);
  return [lonelyMs === null ? null : lonelyMs + JOIN_MS, atMs(next?.quiet), atMs(next?.deliveries), atMs(next?.facts)];
}

/** What the next round of the dispatcher gives out, or tells to be late. */
async function areSlotsDue(sql: postgres.Sql, nowMs: number): Promise<boolean> {
  const [quota] = await sql<{ waiting: number; late: number; taken: number; limit: number }[]>`
    select count(*) filter (where granted_at_ms is null and released_at_ms is null)::int as waiting,
           count(*) filter (where granted_at_ms is null and released_at_ms is null
             and not is_told_late and promised_at_ms <= ${nowMs})::int as late,
           count(*) filter (where granted_at_ms is not null
             and (used_at_ms > ${nowMs - QUOTA_WINDOW_MS} or (used_at_ms is null and released_at_ms is null)))::int as taken,
           coalesce((select "limit" from quota_limits), ${ONBOARDING_QUOTA.limits.basic})::int as limit
      from quota_slots`;
  return quota !== undefined && (quota.late > 0 || (quota.waiting > 0 && quota.taken < quota.limit));
}

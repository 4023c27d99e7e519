/** A transaction of the worker that waits for a lock of ours in the store, until it is let go. */
import type postgres from 'postgres';
import { expect } from 'vitest';
import { eventually, type Owner } from './people.ts';

export interface StoreLock {
  /** Resolves once a transaction waits for it. */
  isAwaited(): Promise<void>;
  /** Who waits goes on, also one whose process has died: Postgres does not look before it has done what was asked. */
  release(): Promise<void>;
  /** Who waits is cut off, and has done nothing. */
  cutOff(): Promise<void>;
}

type Take = (held: postgres.ReservedSql) => Promise<unknown>;

async function lock(sql: postgres.Sql, take: Take): Promise<StoreLock> {
  const held = await sql.reserve();
  await held`begin`;
  await take(held);
  const [own] = await held`select pg_backend_pid()::int as pid`;
  const pid = Number(own?.['pid']);
  const waiting = async (): Promise<number[]> => {
    const rows = await sql`select pid from pg_stat_activity where ${pid}::int = any(pg_blocking_pids(pid))`;
    return rows.map((row) => Number(row['pid']));
  };
  const release = async (): Promise<void> => {
    await held`rollback`;
    held.release();
  };
  return {
    isAwaited: () => eventually(async () => expect(await waiting()).not.toEqual([])),
    release,
    cutOff: async () => {
      for (const blocked of await waiting()) await sql`select pg_terminate_backend(${blocked}::int)`;
      await eventually(async () => expect(await waiting()).toEqual([]));
      await release();
    },
  };
}

/** What a claim of these digits waits for. */
export function lockDigits(sql: postgres.Sql, { digits }: Owner): Promise<StoreLock> {
  return lock(sql, (held) => held`select pg_advisory_xact_lock(hashtextextended(${`digits/${digits}`}, 1))`);
}

/** What a record of the number's state waits for. */
export function lockNumber(sql: postgres.Sql, { id }: Owner): Promise<StoreLock> {
  return lock(sql, (held) => held`select 1 from numbers where number_id = ${id} for no key update`);
}

/** What the intent to ask for an import waits for: another who has the same in hand, and thinks better of it. */
export function lockIntent(sql: postgres.Sql, { id }: Owner, type: 'contacts' | 'history'): Promise<StoreLock> {
  return lock(
    sql,
    (held) => held`
      insert into sync_requests (number_id, cycle, type, ask, tenant_id, intended_at_ms)
      select number_id, 1, ${type}, 1, tenant_id, 0 from numbers where number_id = ${id}`,
  );
}

/** What settling an import's request waits for. */
export function lockRequest(sql: postgres.Sql, { id }: Owner, type: 'contacts' | 'history'): Promise<StoreLock> {
  return lock(
    sql,
    (held) => held`select 1 from sync_requests where number_id = ${id} and type = ${type} for no key update`,
  );
}

/** Whether an attempt was taken over is asked under the locks of a claim: it must not cost a look at every fact. */
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { takenOverBy } from '../../src/db/hand-over.ts';
import { ids, START_MS } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();

it('an attempt that was taken over is found by its index, among 20,000 facts', async () => {
  const [giver, taker] = [ids(), ids()];
  const key = { numberId: giver.numberId, cycle: 1, attempt: 2 };
  await bench.store.db.execute(sql`
    insert into number_facts (tenant_id, number_id, fact_id, envelope)
    select 'ten_a', 'num_' || n % 500, 'code/dlg_' || n, '{}' from generate_series(1, 20000) n`);
  await bench.store.db.execute(sql`
    insert into number_facts (tenant_id, number_id, fact_id, envelope, dispatched_at_ms)
    values ('ten_a', ${taker.numberId}, ${`handover/${giver.numberId}/1/2`}, '{}', ${START_MS})`);
  await bench.store.db.execute(sql`analyze number_facts`);
  await bench.store.db.transaction(async (tx) => {
    expect(await takenOverBy(tx, key)).toBe(taker.numberId);
    expect(await takenOverBy(tx, { ...key, attempt: 1 })).toBeNull();
    const [scans] = await tx.execute(sql`
      select seq_scan::int as table, pg_stat_get_xact_numscans('number_facts_handed_over'::regclass)::int as index
      from pg_stat_xact_user_tables where relname = 'number_facts'`);
    expect(scans).toEqual({ table: 0, index: 2 });
  });
});

/** What the tests of Meta's quota do alike: each has the whole of it, and begins and ends onboardings as the API does. */
import { afterEach } from 'vitest';
import { quotaSlots } from '../../src/db/schema-quota.ts';
import { createNumber, invited, recordOf, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';

export function useQuota() {
  const bench = useDatabase();
  afterEach(async () => {
    await bench.store.db.delete(quotaSlots);
  });
  const quota = () => bench.stores.quota;
  const reserve = (id: Ids, nowMs = START_MS) => quota().reserve({ ...id, nowMs });
  /** The slot first, then the row. */
  const begin = async (id: Ids, nowMs = START_MS) => {
    const reserved = await reserve(id, nowMs);
    await createNumber(bench, id);
    return reserved;
  };
  const withdraw = async (id: Ids, atMs: number): Promise<void> => {
    const closed = recordOf({ ...invited(id), closed: 'withdrawn' }, { atMs, to: 'closed' });
    await bench.stores.projection.record(closed, `run-${id.numberId}`);
  };
  return { bench, quota, reserve, begin, withdraw };
}

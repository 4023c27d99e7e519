/** Tells whether anything that the progress of numbers shows has changed: one query, however many are watched. */
import { inArray, sql } from 'drizzle-orm';
import type { NumberId } from '../domain/ids.ts';
import type { Store } from './connect.ts';
import { numbers } from './schema-numbers.ts';

interface ProgressMarks {
  readMarks(ids: readonly NumberId[]): Promise<ReadonlyMap<NumberId, string>>;
}

/** Enough that no two states of a number have the same by chance. */
const MARK_CHARACTERS = 16;

/** Of the current cycle: what has arrived of the imports. NOTE: it is counted without waking the workflow. */
const ARRIVED = sql`(select string_agg(concat_ws('-', type, chunks, counted, progress), ',' order by type)
  from sync_ledger where sync_ledger.number_id = ${numbers.numberId} and sync_ledger.cycle = ${numbers.cycle})`;

/** What became of the runs of the dialog: rows that the workflow does not hear of. */
const DIALOGS = sql`(select concat_ws('-', count(*), count(abandoned_at_ms), count(code_received_at_ms),
    count(ending), count(error_at_ms))
  from dialog_runs where dialog_runs.number_id = ${numbers.numberId} and dialog_runs.cycle = ${numbers.cycle})`;

const MARK = sql<string>`left(md5(concat_ws('/', ${numbers.runId}, ${numbers.sequence}, ${numbers.updatedAtMs},
  ${ARRIVED}, ${DIALOGS})), ${sql.raw(String(MARK_CHARACTERS))})`;

export function createProgressMarks({ db }: Store): ProgressMarks {
  return {
    readMarks: async (ids) => {
      if (ids.length === 0) return new Map();
      const isAsked = inArray(numbers.numberId, [...ids]);
      const rows = await db.select({ numberId: numbers.numberId, mark: MARK }).from(numbers).where(isAsked);
      return new Map(rows.map(({ numberId, mark }) => [numberId, mark]));
    },
  };
}

/**
 * A pool of connections that outlives its server.
 *
 * The driver (postgres 3.4.9, its issues 1154 and 1208) has two faults where a connection dies: a transaction that goes on
 * writes to a socket that is gone, which ends the process; and a connection whose write was still buffered never writes
 * again. So a transaction is not continued over a lost connection, and after a loss the pool is replaced by a fresh one.
 */
import type postgres from 'postgres';

export type Pool = postgres.Sql<{ bigint: number }>;
type Transaction = postgres.TransactionSql<{ bigint: number }>;
type Work = (tx: Transaction) => Promise<unknown>;

/** The driver's and Node's words for a connection that was there and is gone, and Postgres's own when it shuts down. */
const LOST_CODES: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now
]);

/** What a replaced pool still has in hand may finish within this: longer than a lock may be held over a call to Meta. */
const REPLACED_TIMEOUT_SECONDS = 35;

function isLoss(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && LOST_CODES.has(error.code);
}

/** Opens no connection yet, neither now nor when a pool is replaced: the first query does. */
export function openLastingPool(open: () => Pool): Pool {
  let current = open();
  const { options } = current;
  const replace = (lost: Pool): void => {
    if (lost !== current) return;
    current = open();
    // whoever was given the first pool may have set how values are read and written
    Object.assign(current.options.parsers, options.parsers);
    Object.assign(current.options.serializers, options.serializers);
    void lost.end({ timeout: REPLACED_TIMEOUT_SECONDS }).catch(() => {});
  };
  const watched = <Query extends Promise<unknown>>(pool: Pool, query: Query): Query => {
    query.catch((error: unknown) => {
      if (isLoss(error)) replace(pool);
    });
    return query;
  };
  return asPool({
    options,
    unsafe: (...given: Parameters<Pool['unsafe']>) => watched(current, current.unsafe(...given)),
    begin: (work: Work) => watched(current, transact(current, work)),
    end: (given?: Parameters<Pool['end']>[0]) => current.end(given),
  });
}

/** drizzle's session asks a client for these four, and a transaction for `unsafe`; nothing else of ours holds the pool. */
function asPool(part: object): Pool {
  return part as Pool;
}

function asTransaction(part: object): Transaction {
  return part as Transaction;
}

/** NOTE: the driver rejects the whole transaction by itself when its connection closes, so the work need not end then. */
function transact(pool: Pool, work: Work): Promise<unknown> {
  const link = { isLost: false };
  const done = pool.begin(async (tx) => {
    const outcome = await Promise.allSettled([work(guarded(tx, link))]);
    // its commit or rollback would be written to a socket that is gone
    if (link.isLost) return new Promise<never>(() => {});
    return valueOf(outcome[0]);
  });
  done.catch(() => {
    link.isLost = true;
  });
  return done;
}

function valueOf(outcome: PromiseSettledResult<unknown>): unknown {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

function guarded(tx: Transaction, link: { isLost: boolean }): Transaction {
  return asTransaction({
    unsafe: (...given: Parameters<Pool['unsafe']>) => {
      if (link.isLost) return refusedQuery();
      const query = tx.unsafe(...given);
      query.catch((error: unknown) => {
        link.isLost ||= isLoss(error);
      });
      return query;
    },
  });
}

/** As the driver's queries, a promise that can also be asked for bare rows. */
function refusedQuery(): object {
  const reason = Object.assign(new Error('the connection of this transaction is lost'), { code: 'CONNECTION_CLOSED' });
  const refused = Promise.reject<never>(reason);
  refused.catch(() => {}); // whoever asks hears of it; a query that nobody awaits must not end the process
  return Object.assign(refused, { values: () => refused });
}

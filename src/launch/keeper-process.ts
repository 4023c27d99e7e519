/**
 * The keeper's own process: reads from its standard input whom to watch, and when that pipe closes, which it does however the
 * parent ends, ends everyone whom it still watches and leaves. Started by `keeper.ts`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endProcess } from './end-process.ts';
import { parseOrder, type Order } from './keeper-orders.ts';
import { identityOf } from './process-identity.ts';

type Watched = Extract<Order, { order: 'watch' }>;

const watched = new Map<number, Watched>();

// Ctrl-C and a closed terminal are for the parent: it stops its children in order, and the keeper sees what is left
// and the parent closes our output, which must not end us
process.stdout.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const order = parseOrder(line);
  if (order.order === 'watch') watched.set(order.pid, order);
  if (order.order === 'forget') watched.delete(order.pid);
});
lines.on('close', () => {
  void Promise.all([...watched.values()].map(endWatched)).then(() => process.exit(0));
});

process.stdout.write('ready');

async function endWatched({ pid, identity, signal, removeAfter }: Watched): Promise<void> {
  if (identity !== null && identityOf(pid) === identity) await endProcess(pid, signal);
  if (removeAfter !== null) rmSync(removeAfter, { recursive: true, force: true });
}

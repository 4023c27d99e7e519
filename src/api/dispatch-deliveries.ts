/** First half of the dispatcher: stored webhooks become facts, ledger rows and dates, all in our own store. */
import type { Clock } from '../domain/clock.ts';
import { MINUTE_MS } from '../domain/policy.ts';
import { readNews } from '../meta/webhook-facts.ts';
import type { Inbox } from './ports.ts';

const DELIVERIES_MAX = 50;
/** A delivery that cannot be processed waits; its neighbours go on. */
const POISON_WAIT_MS = 5 * MINUTE_MS;

interface Deps {
  inbox: Inbox;
  clock: Clock;
  /** Our Meta app. */
  appId: string;
}

type Stored = Awaited<ReturnType<Inbox['listUnprocessed']>>[number];

/** Answers how many deliveries were taken. Throws only where the store itself does not answer. */
export async function processDeliveries(deps: Deps): Promise<number> {
  const { inbox, clock } = deps;
  const deliveries = await inbox.listUnprocessed(clock.nowMs(), DELIVERIES_MAX);
  for (const delivery of deliveries) await processOne(deps, delivery);
  return deliveries.length;
}

/** NOTE: where postponing fails as well, the store is down and the delivery stays as it was. */
async function processOne({ inbox, clock, appId }: Deps, { deliveryId, body, receivedAtMs }: Stored): Promise<void> {
  try {
    await inbox.process(deliveryId, readNews(body, receivedAtMs, appId), receivedAtMs);
  } catch (error) {
    await inbox.postpone(deliveryId, reasonOf(error), clock.nowMs() + POISON_WAIT_MS);
  }
}

/** The kind of the error alone: its message may quote what the webhook said. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}

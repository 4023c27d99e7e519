/** Looks from time to time at the webhooks that Meta sends for our app, and tells operators when new signups are stopped by it. */
import { isFresh, missingFields, type AppWebhooks, type WebhookReading } from '../domain/app-webhooks.ts';
import type { Clock } from '../domain/clock.ts';
import { GraphError } from '../meta/graph-errors.ts';
import type { Alerts } from './fleet-ports.ts';
import type { WebhookReadings } from './ports.ts';
import { faultsOf, missingOf, type ProviderSettings } from './provider-readiness.ts';

export interface WebhookWatch {
  /** The latest look, this process's or another's; null: none yet. */
  reading(): WebhookReading | null;
  /** Looks at Meta if nobody has of late. Never fails: what went wrong is logged, and tried again at the next look. */
  look(): Promise<void>;
  start(): void;
  /** Lets a look in flight end. */
  stop(): Promise<void>;
}

export interface WatchDeps {
  graph: { readonly appId: string; readAppWebhooks(): Promise<AppWebhooks | null> };
  webhookReadings: WebhookReadings;
  alerts: Pick<Alerts, 'raise' | 'settle'>;
  provider: ProviderSettings;
  clock: Clock;
  log?: { warn(fields: object, message: string): void };
}

/** Pace of looking at the age, by the machine's own clock: what is too old is decided by the Clock alone. */
const LOOK_EVERY_MS = 5_000;
const ALERT = 'provider-not-ready' as const;

export function createWebhookWatch(deps: WatchDeps): WebhookWatch {
  let last: WebhookReading | null = null;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function lookOnce(): Promise<void> {
    try {
      last = await freshReading(deps, last);
    } catch (error) {
      deps.log?.warn({ err: error }, 'the look at our webhooks at Meta waits: a store does not answer');
    }
  }

  /** One at a time: whoever comes meanwhile waits for the same. */
  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => (looking = null));
    return looking;
  }

  return {
    reading: () => last,
    look,
    start() {
      timer ??= setInterval(() => void look(), LOOK_EVERY_MS);
      void look();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await looking;
    },
  };
}

/** Ours, else that of another process, else a new one, which is kept and told. */
async function freshReading(deps: WatchDeps, last: WebhookReading | null): Promise<WebhookReading | null> {
  const nowMs = deps.clock.nowMs();
  if (isFresh(last, nowMs)) return last;
  const stored = await deps.webhookReadings.read(deps.graph.appId);
  if (isFresh(stored, nowMs)) return stored;
  const reading = await readAtMeta(deps, nowMs);
  await deps.webhookReadings.keep(deps.graph.appId, reading);
  await tell(deps, reading);
  return reading;
}

/** That Meta does not answer is a reading too: it is asked again no sooner. */
async function readAtMeta({ graph }: WatchDeps, checkedAtMs: number): Promise<WebhookReading> {
  try {
    return { checkedAtMs, told: await graph.readAppWebhooks(), failure: null };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return { checkedAtMs, told: null, failure: error.failureCode };
  }
}

/** Raised again at each look that finds it so; settled only by knowing that all is well. */
async function tell({ graph, alerts, provider }: WatchDeps, reading: WebhookReading): Promise<void> {
  const { checkedAtMs: atMs } = reading;
  const faults = faultsOf(provider, reading, atMs);
  const missing = [...missingOf(provider), ...(missingFields(reading, atMs) ?? [])];
  const of = { kind: ALERT, subject: graph.appId, atMs };
  if (missingOf(provider).length > 0 || (faults ?? []).length > 0) {
    const wrong = [...(faults ?? []), ...missing].join(', ');
    await alerts.raise({ ...of, detail: `New signups are stopped (${wrong}): read /v1/operator/readiness.` });
  } else if (faults !== null) {
    await alerts.settle(of);
  }
}

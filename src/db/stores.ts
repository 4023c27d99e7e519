/** Every store over one connection pool, named after the port that it fills. */
import type { Clock } from '../domain/clock.ts';
import { createActivityRows } from './activity-rows.ts';
import { createAlerts, type OnOpened } from './alerts.ts';
import { createApiKeys } from './api-keys.ts';
import { createAudit } from './audit.ts';
import { createClaims } from './claims.ts';
import { createConnectTimes } from './connect-times.ts';
import type { Store } from './connect.ts';
import { createContent } from './content.ts';
import { createCredentials } from './credentials.ts';
import { createDialogLedger } from './dialog-ledger.ts';
import { createDialogRuns } from './dialog-runs.ts';
import { createEligibility } from './eligibility.ts';
import { createEvents } from './events.ts';
import { createFactQueue } from './fact-queue.ts';
import { createIdempotency } from './idempotency.ts';
import { createInbox } from './inbox.ts';
import { createNumbers } from './numbers.ts';
import { createProgressMarks } from './progress-marks.ts';
import { createProjection } from './projection.ts';
import { createQuota } from './quota.ts';
import { createSignupGuide } from './signup-guide.ts';
import { createSyncs } from './syncs.ts';
import { createTenants } from './tenants.ts';
import { createTraffic } from './traffic.ts';
import { createWebhookReadings } from './webhook-readings.ts';

export function createStores(
  store: Store,
  options: { clock: Clock; evidenceDebounceMs: number; onAlertOpened?: OnOpened },
) {
  const alerts = createAlerts(store, options.onAlertOpened);
  return {
    numbers: createNumbers(store),
    dialogRuns: createDialogRuns(store),
    dialogLedger: createDialogLedger(store),
    signupGuide: createSignupGuide(store),
    progress: createProgressMarks(store),
    inbox: createInbox(store, options),
    facts: createFactQueue(store),
    idempotency: createIdempotency(store),
    apiKeys: createApiKeys(store),
    tenants: createTenants(store),
    quota: createQuota(store),
    alerts,
    audit: createAudit(store),
    credentials: createCredentials(store, options),
    claims: createClaims(store, options),
    syncs: createSyncs(store),
    content: createContent(store),
    activity: createActivityRows(store),
    traffic: createTraffic(store),
    projection: createProjection(store),
    connectTimes: createConnectTimes(store, options),
    events: createEvents(store),
    eligibility: createEligibility(store, alerts),
    webhookReadings: createWebhookReadings(store),
  };
}

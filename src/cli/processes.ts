/** The processes of Tandem, composed: each gets its settings and a clock, and nothing reads the environment below it. */
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogLevel } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { buildApp } from '../api/app.ts';
import { createDispatcher } from '../api/dispatcher.ts';
import { engineRetry } from '../api/engine-retry.ts';
import { createNumberWorkflows, isEngineReady } from '../api/number-workflows.ts';
import { hashOfKey } from '../api/plugins/api-key.ts';
import type { Signed } from '../api/fleet-ports.ts';
import type { NumberWorkflows } from '../api/ports.ts';
import type { ProviderSettings } from '../api/provider-readiness.ts';
import { createWebhookWatch } from '../api/webhook-watch.ts';
import { createWebsites } from '../api/website-look.ts';
import { NO_WEBSITES } from '../api/websites.ts';
import { isStoreReady, openStore, type Store } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { createQuota } from '../db/quota.ts';
import { createStores } from '../db/stores.ts';
import { readLastWebhookAtMs } from '../db/last-webhook.ts';
import { settleOperatorKey } from '../db/api-keys.ts';
import { ensureTenant } from '../db/tenants.ts';
import type { Clock } from '../domain/clock.ts';
import { tenantId } from '../domain/ids.ts';
import { HOUR_MS, standardPolicy } from '../domain/policy.ts';
import type { Env } from '../env.ts';
import { loggerOptions } from '../logger.ts';
import { createGraph, type GraphClient } from '../meta/graph-client.ts';
import { TASK_QUEUE } from '../workflows/messages.ts';
import { warnOfRevokedKey } from './own-key.ts';

/** A process that runs until it is stopped. */
export interface Running {
  /** Lets what is in flight finish, within its bounds. */
  stop(): Promise<void>;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** The tenant of a first start; further ones are added by name. */
const FIRST_TENANT = { tenantId: tenantId('ten_first'), name: 'First tenant', isEntitled: true };
type Warn = (fields: Record<string, unknown>, message: string) => void;
/** Workflows kept in memory; each costs some hundred kilobytes. */
const CACHED_WORKFLOWS_MAX = 500;
const SHUTDOWN_GRACE_MS = 30_000;
/** Where the API hears Meta. */
const WEBHOOKS_PATH = '/webhooks/meta';

function storesOf(env: Env, clock: Clock, warn: Warn): { store: Store; stores: ReturnType<typeof createStores> } {
  const store = openStore({ url: env.secrets.databaseUrl, encryptionKeys: env.secrets.encryptionKeys });
  const evidenceDebounceMs = standardPolicy().evidenceDebounceHours * HOUR_MS;
  const onAlertOpened = (alert: { kind: string; subject: string }): void => warn({ ...alert }, 'alert opened');
  return { store, stores: createStores(store, { clock, evidenceDebounceMs, onAlertOpened }) };
}

/**
 * Brings the database up to date, makes the first tenant, and makes the operators' key of the settings the only one.
 * Answers the ids of the operators' keys that this has revoked.
 */
export async function runMigrations(env: Env): Promise<readonly string[]> {
  await migrate(env.secrets.databaseUrl);
  const { apiKey, operatorKey } = env.secrets;
  return withStore(env, async (store) => {
    await ensureTenant(store, { ...FIRST_TENANT, apiKeyHash: hashOfKey(apiKey) });
    const keyHash = operatorKey === undefined ? null : hashOfKey(operatorKey);
    return settleOperatorKey(store, { keyHash, atMs: systemClock.nowMs() });
  });
}

/** Makes a tenant with this key, or adds the key to one that is there. */
export async function addTenant(
  env: Env,
  { id, name, isEntitled, apiKey }: { id: string; name: string; isEntitled: boolean | null; apiKey: string },
): Promise<void> {
  const tenant = { tenantId: tenantId(id), name, isEntitled, apiKeyHash: hashOfKey(apiKey) };
  await withStore(env, (store) => ensureTenant(store, tenant));
}

/** Meta's quota of new customers, as an operator sets it. */
export async function setOnboardingLimit(env: Env, limit: number): Promise<void> {
  await withStore(env, (store) =>
    createQuota(store).setLimit(limit, 'set when it was brought up', systemClock.nowMs()),
  );
}

/** Who acts at the command line: whoever may run it there, with no key and no reason asked for. */
export function signedAtCommandLine(): Signed {
  return { keyId: 'cli', role: 'cli', reason: null, atMs: systemClock.nowMs() };
}

/** A store for one piece of work at the command line. */
export async function withStore<Result>(env: Env, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = openStore({ url: env.secrets.databaseUrl, encryptionKeys: env.secrets.encryptionKeys, max: 1 });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What `launch` changes at the door to Temporal; production changes nothing. */
export interface EngineHooks {
  interceptors?: NonNullable<ConnectionOptions['interceptors']>;
  wrapWorkflows?: (workflows: NumberWorkflows, client: Client) => NumberWorkflows;
}

function graphOf({ meta, secrets }: Env): GraphClient {
  const [appSecret] = secrets.metaAppSecrets;
  if (!appSecret) throw new Error('settings without an app secret');
  return createGraph({ baseUrl: meta.graphUrl, version: meta.graphVersion, appId: meta.appId, appSecret });
}

function providerOf({ meta, http }: Env): ProviderSettings {
  const callbackUrl = http.publicUrl === undefined ? undefined : `${http.publicUrl}${WEBHOOKS_PATH}`;
  return { configId: meta.configId, signupVersion: meta.signupVersion, callbackUrl };
}

/** The API with its dispatcher, and its look at the webhooks of our app. */
export async function runServer(env: Env, clock: Clock, hooks: EngineHooks = {}): Promise<Running & { url: string }> {
  const { store, stores } = storesOf(env, clock, (fields, message) => app.log.warn(fields, message));
  const connection = Connection.lazy({
    address: env.temporal.address,
    interceptors: hooks.interceptors ?? [engineRetry()],
  });
  const client = new Client({ connection, namespace: env.temporal.namespace });
  const plain = createNumberWorkflows(client);
  const workflows = hooks.wrapWorkflows?.(plain, client) ?? plain;
  const [firstKey] = env.secrets.encryptionKeys;
  if (!firstKey) throw new Error('settings without an encryption key');
  const ports = {
    ...stores,
    workflows,
    readiness: {
      isStoreReady: () => isStoreReady(store),
      isEngineReady: () => isEngineReady(client),
      lastWebhookAtMs: () => readLastWebhookAtMs(store),
    },
  };
  const dialogSecret = createHmac('sha256', firstKey.key).update('tandem dialog state').digest();
  const provider = providerOf(env);
  const log = { warn: (fields: object, message: string): void => app.log.warn(fields, message) };
  const webhookWatch = createWebhookWatch({ ...ports, graph: graphOf(env), provider, clock, log });
  const app = buildApp({
    ...ports,
    clock,
    appId: env.meta.appId,
    appSecrets: env.secrets.metaAppSecrets,
    verifyToken: env.secrets.metaVerifyToken,
    dialogSecret,
    brokerOrigin: env.http.brokerOrigin ?? null,
    provider,
    webhookWatch,
    websites: env.websites.areLookedUp ? createWebsites() : NO_WEBSITES,
    onAccepted: () => dispatcher.kick(),
    logger: loggerOptions(env.log),
  });
  const dispatcher = createDispatcher({ ...ports, clock, appId: env.meta.appId, log: app.log });
  const url = await app.listen({ host: env.http.host, port: env.http.port });
  dispatcher.start();
  const warn: Warn = (fields, message) => app.log.warn(fields, message);
  void warnOfRevokedKey(store, { apiKey: env.secrets.apiKey, warn });
  webhookWatch.start();
  return {
    url,
    stop: async () => {
      await app.close();
      await webhookWatch.stop();
      await dispatcher.stop();
      await connection.close();
      await store.close();
    },
  };
}

const SDK_LOG_LEVELS: Record<Env['log']['level'], LogLevel> = {
  fatal: 'ERROR',
  error: 'ERROR',
  warn: 'WARN',
  info: 'INFO',
  debug: 'DEBUG',
  trace: 'TRACE',
  silent: 'ERROR',
};

/** A worker of the one task queue; once a process, for the SDK's own log is set here. */
export async function runWorker(env: Env, clock: Clock): Promise<Running & { done: Promise<void> }> {
  const log = new DefaultLogger(SDK_LOG_LEVELS[env.log.level]);
  const { store, stores } = storesOf(env, clock, (fields, message) => log.warn(message, fields));
  const graph = graphOf(env);
  const level = SDK_LOG_LEVELS[env.log.level];
  const filter = { core: level === 'WARN' ? 'ERROR' : level, other: 'ERROR' } as const; // its core warns at each retry
  Runtime.install({ logger: log, telemetryOptions: { logging: { forward: {}, filter } } });
  const connection = await NativeConnection.connect({ address: env.temporal.address });
  const worker = await Worker.create({
    connection,
    namespace: env.temporal.namespace,
    taskQueue: TASK_QUEUE,
    activities: createActivities({ ...stores, graph }),
    maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    stickyQueueScheduleToStartTimeout: 3_000,
    ...workflowSource(env),
  });
  const done = worker.run();
  return {
    done,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await done;
      await connection.close();
      await store.close();
    },
  };
}

/** Production takes a bundle that was built before; without one it is built at start. */
function workflowSource(env: Env): { workflowBundle: { codePath: string } } | { workflowsPath: string } {
  if (env.temporal.workflowBundle) return { workflowBundle: { codePath: env.temporal.workflowBundle } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}

/**
 * One child process of a one-command run: the API, a worker or the local Meta, composed as in production save for the clock,
 * which the time machine can move. Started by `world.ts` with its settings in the environment; says `ready` over IPC.
 */
import type { Client, Connection } from '@temporalio/client';
import type { NumberWorkflows } from '../api/ports.ts';
import { runServer, runWorker, type Running } from '../cli/processes.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { readEnv } from '../env.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { shiftedClock } from './shifted-clock.ts';
import { moveWorkflow } from './fast-forward.ts';
import { startWithOffset } from './start-with-offset.ts';

export const ROLES = ['server', 'worker', 'local-meta'] as const;
export type Role = (typeof ROLES)[number];

/** How far behind the Clock a new run may begin. */
const LAG_MAX_MS = 100;
/** Settings of a one-command run that no production process knows. */
const clockFile = process.env['TANDEM_LAUNCH_CLOCK_FILE'] ?? '';
const clock = shiftedClock(clockFile);

async function start(role: Role): Promise<Running> {
  switch (role) {
    case 'server':
      return runServer(readEnv(process.env), clock, {
        interceptors: [startWithOffset(clockFile)],
        wrapWorkflows: startingAtClock,
      });
    case 'worker':
      return runWorker(readEnv(process.env), clock);
    case 'local-meta':
      return startLocalMeta();
  }
}

/** A signal during the skipped delay would begin a run before its time, so a start waits until the delay has been skipped. */
function startingAtClock(workflows: NumberWorkflows, client: Client): NumberWorkflows {
  return {
    ...workflows,
    start: async (snapshot) => {
      const outcome = await workflows.start(snapshot);
      const mover = { connection: connectionOf(client), namespace: client.options.namespace, arrivalTimeoutMs: 20_000 };
      if (outcome === 'started') await moveWorkflow(mover, workflowIdOf(snapshot.numberId), clock.nowMs() - LAG_MAX_MS);
      return outcome;
    },
  };
}

/** `runServer` makes its client over a connection of this class. */
function connectionOf(client: Client): Connection {
  return client.connection as Connection;
}

async function startLocalMeta(): Promise<Running> {
  const env = readEnv(process.env);
  const [appSecret = ''] = env.secrets.metaAppSecrets;
  const simulator = await startSimulator({
    clock,
    port: Number(new URL(env.meta.graphUrl).port),
    statePath: process.env['TANDEM_LAUNCH_META_STATE'] ?? null,
    appId: env.meta.appId,
    appSecret,
    businessId: process.env['TANDEM_LAUNCH_META_BUSINESS'] ?? '610000000000047',
    verifyToken: env.secrets.metaVerifyToken,
    webhookUrl: `http://${env.http.host}:${env.http.port}/webhooks/meta`,
  });
  return { stop: () => simulator.close() };
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((one) => one === text);
  if (!role) throw new Error(`unknown role ${text}: one of ${ROLES.join(', ')}`);
  return role;
}

const running = await start(roleOf(process.argv[2]));
process.once('SIGTERM', () => {
  void running.stop().then(() => process.exit(0));
});
process.send?.('ready');

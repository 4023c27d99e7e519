/** The processes as an operator runs them: from environment variables alone, without anything that launch adds. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hashOfKey } from '../../src/api/plugins/api-key.ts';
import { systemClock } from '../../src/cli/processes.ts';
import { keyIdOf } from '../../src/domain/key-role.ts';
import { createBackend } from '../../src/launch/backend.ts';
import { createDatabase } from '../../src/launch/database.ts';
import { startKeeper, type Keeper } from '../../src/launch/keeper.ts';
import { createLocalMetaControl } from '../../src/launch/local-meta.ts';
import { createNamespace } from '../../src/launch/namespace.ts';
import { freePort } from '../../src/launch/ports.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { acceptedTimes, eventually, finishDialog, isConnected, SECRETS, sendParts } from './bad-day.ts';
import { readinessOf } from './own-server.ts';

const APP_ID = '710000000000053';
const DIGITS = '15550117001';
const REQUIRED = [
  'DATABASE_URL',
  'TANDEM_API_KEY',
  'TANDEM_ENCRYPTION_KEYS',
  'META_APP_ID',
  'META_APP_SECRET',
  'META_VERIFY_TOKEN',
];

interface Program {
  child: ChildProcess;
  output: () => string;
  /** Its exit code. */
  ended: Promise<number | null>;
}

let keeper: Keeper;
let simulator: Simulator;
let settings: Record<string, string>;
const programs: Program[] = [];

function run(command: string, env: Record<string, string>): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...command.split(' ')], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) keeper.watch(child.pid);
  let output = '';
  const add = (part: Buffer): void => void (output += part.toString());
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const program = { child, output: () => output, ended };
  programs.push(program);
  return program;
}

beforeAll(async () => {
  const name = `t-${randomBytes(6).toString('hex')}`;
  keeper = await startKeeper();
  const [databaseUrl, apiPort, metaPort] = await Promise.all([
    createDatabase(inject('databaseUrl'), name),
    freePort(),
    freePort(),
    createNamespace(inject('temporalAddress'), name),
  ]);
  simulator = await startSimulator({
    clock: systemClock,
    port: metaPort,
    statePath: null,
    appId: APP_ID,
    appSecret: SECRETS.metaAppSecret,
    businessId: '610000000000047',
    verifyToken: SECRETS.metaVerifyToken,
    webhookUrl: `http://127.0.0.1:${apiPort}/webhooks/meta`,
  });
  settings = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: name,
    TANDEM_PORT: String(apiPort),
    TANDEM_API_KEY: SECRETS.apiKey,
    TANDEM_ENCRYPTION_KEYS: `k1:${SECRETS.encryptionKey}`,
    META_GRAPH_URL: simulator.url,
    META_APP_ID: APP_ID,
    META_CONFIG_ID: '1220000000000077',
    META_SIGNUP_VERSION: 'v4',
    META_APP_SECRET: SECRETS.metaAppSecret,
    META_VERIFY_TOKEN: SECRETS.metaVerifyToken,
    TANDEM_LOG_LEVEL: 'warn',
    TANDEM_WORKFLOW_BUNDLE: inject('workflowBundle'),
  };
});

afterAll(async () => {
  for (const { child } of programs) if (child.exitCode === null) child.kill('SIGKILL');
  await simulator.close();
  await keeper.stop();
});

test.each(['server', 'worker', 'migrate'])(
  '%s without settings names all that is missing, and ends with 1',
  async (command) => {
    const { ended, output } = run(command, {});
    expect(await ended).toBe(1);
    for (const name of REQUIRED) expect(output()).toMatch(new RegExp(`^  ${name} is missing: .+$`, 'm'));
    expect(output(), 'a message, not a stack').not.toContain('    at ');
  },
);

test('settings that are wrong are named together, and no secret is repeated', async () => {
  const wrong = { TANDEM_PORT: 'eighty', META_APP_SECRET: 'tooshort', TANDEM_ENCRYPTION_KEYS: 'k1:c2hvcnQ=' };
  const { ended, output } = run('server', { ...settings, ...wrong });
  expect(await ended).toBe(1);
  for (const name of Object.keys(wrong)) expect(output()).toMatch(new RegExp(`^  ${name} is refused`, 'm'));
  for (const secret of ['tooshort', 'c2hvcnQ', SECRETS.apiKey]) expect(output()).not.toContain(secret);
});

test('migrate, server and worker connect a number without launch, and end well when asked to', async () => {
  const migrated = run('migrate', settings);
  expect(await migrated.ended, migrated.output()).toBe(0);
  const again = run('migrate', settings);
  expect(await again.ended, again.output()).toBe(0);

  const [server, worker] = [run('server', settings), run('worker', settings)];
  const url = `http://127.0.0.1:${settings['TANDEM_PORT']}`;
  const outputs = (): string => `${server.output()}\n${worker.output()}`;
  const isReady = async (): Promise<boolean> => (await readinessOf({ apiUrl: url }))[0] === 200;
  await eventually('the server is ready', isReady, 30_000);
  const scene = { backend: createBackend(url, SECRETS.apiKey), meta: createLocalMetaControl(simulator.url) };
  expect(await scene.meta.post('webhooks/verify-endpoint')).toEqual({ isVerified: true, status: 200 });
  const invited = await finishDialog(scene, DIGITS);
  await sendParts(scene, invited);
  const { numberId } = invited;
  await eventually('connected', async () => isConnected(await scene.backend.readNumber(numberId)), 30_000);
  const importing = async (): Promise<boolean> => (await acceptedTimes(scene, DIGITS, 'syncHistory')) === 1;
  await eventually('both imports are asked for', importing, 30_000);

  for (const { child } of [server, worker]) child.kill('SIGTERM');
  expect([await server.ended, await worker.ended], outputs()).toEqual([0, 0]);
});

test('a server whose key in the settings was revoked starts, and says so with what to do', async () => {
  const keyId = keyIdOf(hashOfKey(SECRETS.apiKey));
  for (const command of ['migrate', `tenant revoke-key --id ten_first --key ${keyId}`, 'migrate']) {
    const program = run(command, settings);
    expect(await program.ended, program.output()).toBe(0);
  }
  const server = run('server', settings);
  const says = async (): Promise<boolean> => server.output().includes('the key in TANDEM_API_KEY was revoked');
  await eventually('the server says so', says, 30_000);
  expect(server.output()).toContain('tandem tenant add-key --id ten_first');
  server.child.kill('SIGTERM');
  expect(await server.ended, server.output()).toBe(0);
});

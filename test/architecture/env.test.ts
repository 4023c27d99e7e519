import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPageOrigin } from '../../src/api/page-origin.ts';
import { EnvError, envExample, envSchema, readEnv } from '../../src/env.ts';
import { ROOT } from './tool.ts';

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const REQUIRED = {
  DATABASE_URL: 'postgres://tandem:canary-password@localhost:5432/tandem',
  TANDEM_API_KEY: 'canary-api-key-0123456789',
  TANDEM_ENCRYPTION_KEYS: `new:${key(1)}, old:${key(2)}`,
  META_APP_ID: '1234567890',
  META_APP_SECRET: 'canary-app-secret-new, canary-app-secret-old',
  META_VERIFY_TOKEN: 'canary-verify-token-0123',
};

function problemsOf(source: Record<string, string | undefined>): readonly string[] {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings', () => {
  it('are written down in .env.example exactly as the schema has them', () => {
    const written = readFileSync(join(ROOT, '.env.example'), 'utf8');
    expect(written).toBe(envExample());
    const names = [...written.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(Object.keys(envSchema.shape));
  });

  it('have no secret in .env.example', () => {
    const filled = [...envExample().matchAll(/^(\w+)=(.+)$/gm)].map(([, name]) => name);
    expect(filled).toEqual(expect.arrayContaining(['TANDEM_PORT', 'META_GRAPH_VERSION']));
    expect(filled.filter((name) => name !== undefined && name in REQUIRED)).toEqual([]);
  });

  it('are complete with what has no default', () => {
    const env = readEnv(REQUIRED);
    expect(env.http).toEqual({ host: '127.0.0.1', port: 3000 });
    expect(env.temporal).toEqual({ address: '127.0.0.1:7233', namespace: 'default', workflowBundle: undefined });
    expect(env.meta).toEqual({ graphUrl: 'https://graph.facebook.com', graphVersion: 'v25.0', appId: '1234567890' });
    expect(env.log).toEqual({ level: 'info' });
  });

  it('keep the order of keys and app secrets, the current one first', () => {
    const { secrets } = readEnv(REQUIRED);
    expect(secrets.encryptionKeys.map(({ keyId, key: bytes }) => [keyId, bytes.length, bytes[0]])).toEqual([
      ['new', 32, 1],
      ['old', 32, 2],
    ]);
    expect(secrets.metaAppSecrets).toEqual(['canary-app-secret-new', 'canary-app-secret-old']);
  });

  it('report every problem at once, each with its name and remedy', () => {
    const problems = problemsOf({
      ...REQUIRED,
      META_APP_ID: undefined,
      TANDEM_PORT: '70000',
      TEMPORAL_ADDRESS: 'http://x',
    });
    expect(problems).toHaveLength(3);
    expect(problems).toContainEqual(expect.stringMatching(/^META_APP_ID is missing: copy it from/));
    expect(problems).toContainEqual(
      expect.stringMatching(/^TANDEM_PORT is refused \(.+\): write a number from 0 to 65535/),
    );
    expect(problems).toContainEqual(expect.stringMatching(/^TEMPORAL_ADDRESS is refused \(not host:port\)/));
  });

  it('name each missing variable when nothing is given', () => {
    expect(problemsOf({}).map((problem) => problem.split(' ')[0])).toEqual(Object.keys(REQUIRED));
  });

  it('take an empty variable for a missing one', () => {
    expect(problemsOf({ ...REQUIRED, TANDEM_API_KEY: '' })).toEqual([
      expect.stringContaining('TANDEM_API_KEY is missing'),
    ]);
    expect(readEnv({ ...REQUIRED, TANDEM_PORT: '' }).http.port).toBe(3000);
  });

  it.each([
    ['DATABASE_URL', 'mysql://canary@host/db'],
    ['TANDEM_API_KEY', 'canary'],
    ['TANDEM_ENCRYPTION_KEYS', 'canary:dG9vIHNob3J0'],
    ['TANDEM_ENCRYPTION_KEYS', `same:${key(1)},same:${key(2)}`],
    ['META_APP_SECRET', 'canary-app-secret-new,canary'],
    ['META_VERIFY_TOKEN', 'canary'],
    ['TANDEM_OPERATOR_KEY', 'canary'],
    ['META_CONFIG_ID', 'canary'],
    ['META_SIGNUP_VERSION', 'canary'],
    ['TANDEM_PUBLIC_URL', 'ftp://canary'],
    ['TANDEM_BROKER_URL', 'http://canary.example'],
    ['TANDEM_BROKER_URL', 'https://*.canary.example'],
    ['TANDEM_BROKER_URL', 'canary'],
    ['TANDEM_WEBSITE_LOOKUP', 'canary'],
  ])('refuse a bad %s without repeating it', (name, value) => {
    const problems = problemsOf({ ...REQUIRED, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} is refused`));
    expect(problems[0]).not.toMatch(/canary|AQEB/);
  });

  it('need no operator and no login configuration: then nobody operates, and no new signup can be opened', () => {
    const { secrets, meta } = readEnv(REQUIRED);
    expect([secrets.operatorKey, meta.configId, meta.signupVersion]).toEqual([undefined, undefined, undefined]);
    const more = { TANDEM_OPERATOR_KEY: 'canary-operator-key-01', META_CONFIG_ID: '42', META_SIGNUP_VERSION: 'v4' };
    const given = readEnv({ ...REQUIRED, ...more });
    expect([given.secrets.operatorKey, given.meta.configId, given.meta.signupVersion]).toEqual([
      'canary-operator-key-01',
      '42',
      'v4',
    ]);
    expect(envExample()).toContain('nobody may use them (secret)');
  });

  it('look up websites unless told otherwise, and take a public address with or without its slash', () => {
    expect([readEnv(REQUIRED).websites.areLookedUp, readEnv(REQUIRED).http.publicUrl]).toEqual([true, undefined]);
    const given = { TANDEM_WEBSITE_LOOKUP: 'off', TANDEM_PUBLIC_URL: 'https://tandem.example.com/' };
    const { websites, http } = readEnv({ ...REQUIRED, ...given });
    expect([websites.areLookedUp, http.publicUrl]).toEqual([false, 'https://tandem.example.com']);
  });

  it('U18 name the origin at which the window is opened only where it is stated: never our own address instead', () => {
    const at = (more: Record<string, string>) => readEnv({ ...REQUIRED, ...more }).http.brokerOrigin;
    expect(at({ TANDEM_PUBLIC_URL: 'https://tandem.example.com' })).toBeUndefined();
    const stated = ['https://Connect.example.com:443/path', 'http://localhost:5173/', 'http://[::1]:3000'];
    const origins = stated.map((address) => at({ TANDEM_BROKER_URL: address }) ?? '');
    expect(origins).toEqual(['https://connect.example.com', 'http://localhost:5173', 'http://[::1]:3000']);
    expect(origins.filter((origin) => !isPageOrigin(origin))).toEqual([]);
  });

  it('refuse one key for a backend and for operators, together with every other problem', () => {
    const shared = { ...REQUIRED, TANDEM_OPERATOR_KEY: REQUIRED.TANDEM_API_KEY };
    expect(problemsOf(shared)).toEqual([
      expect.stringMatching(/^TANDEM_OPERATOR_KEY is refused \(the same as TANDEM_API_KEY\): make one with/),
    ]);
    const both = problemsOf({ ...shared, TANDEM_PORT: '70000' });
    expect(both.map((problem) => problem.split(' ')[0])).toEqual(['TANDEM_PORT', 'TANDEM_OPERATOR_KEY']);
    expect(both.join()).not.toContain('canary');
  });

  it('cannot be changed by whoever reads them', () => {
    const env = readEnv(REQUIRED);
    for (const group of [env, ...Object.values(env), env.secrets.encryptionKeys])
      expect(Object.isFrozen(group)).toBe(true);
  });
});

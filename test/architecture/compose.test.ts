import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { envSchema } from '../../src/env.ts';
import { ROOT } from './tool.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const compose = read('docker-compose.yml');

/** The lines below `header` that are indented deeper than it. */
function blockOf(text: string, header: RegExp): string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => header.test(line));
  if (start < 0) throw new Error(`no ${String(header)} in docker-compose.yml`);
  const depth = (line: string): number => line.search(/\S/);
  const own = depth(lines[start] ?? '');
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && depth(line) <= own);
  return end < 0 ? rest : rest.slice(0, end);
}

const keysOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^\s+([A-Z][A-Z_]+):/.exec(line)?.[1] ?? []);
const imagesOf = (image: string): string[] =>
  [...compose.matchAll(new RegExp(`image: ${image}:(\\S+)`, 'g'))].map(([, tag = '']) => tag);

function pinned(module: string): string {
  const version = new RegExp(`${module} v(\\S+)`).exec(read('tools/temporal/go.mod'))?.[1];
  if (version === undefined) throw new Error(`${module} is not pinned in tools/temporal`);
  return version;
}

const shared = keysOf(blockOf(compose, /^x-tandem-environment:/));
const ofService = (service: string): string[] => keysOf(blockOf(compose, new RegExp(`^ {2}${service}:`)));

describe('the compose file', () => {
  it('runs the Temporal server that tools/temporal pins', () => {
    const server = pinned('go.temporal.io/server');
    expect(imagesOf('temporalio/server')).toEqual([server]);
    expect(imagesOf('temporalio/admin-tools')).toEqual([server, server]);
  });

  it('runs the UI that tools/temporal pins', () => {
    expect(imagesOf('temporalio/ui')).toEqual([pinned('github.com/temporalio/ui-server/v2')]);
  });

  it('gives our processes only variables that they know', () => {
    const given = [...shared, ...['api', 'worker', 'migrate'].flatMap(ofService)];
    expect(given.filter((name) => !(name in envSchema.shape))).toEqual([]);
  });

  it('gives our processes each variable that has no default', () => {
    const required = Object.entries(envSchema.shape).filter(([, schema]) => !schema.safeParse(undefined).success);
    expect(required.map(([name]) => name).filter((name) => !shared.includes(name))).toEqual([]);
  });

  it('U18 gives them the address at which Meta’s window is opened', () => {
    expect(shared).toContain('TANDEM_BROKER_URL');
  });

  it('has no default for a secret', () => {
    const secrets = /\$\{((?:[A-Z_]*(?:PASSWORD|SECRET|TOKEN|API_KEY|ENCRYPTION_KEYS)))(?!:\?|\w)/g;
    expect([...compose.matchAll(secrets)].map(([, name]) => name)).toEqual([]);
  });

  it('never changes the number of history shards, and keeps destructive buttons out of the UI', () => {
    expect(compose).toContain("NUM_HISTORY_SHARDS: '512'");
    for (const action of ['WORKFLOW_TERMINATE', 'WORKFLOW_RESET', 'BATCH_ACTIONS']) {
      expect(compose).toContain(`TEMPORAL_${action}_DISABLED: 'true'`);
    }
  });

  it('registers each search attribute with its type', () => {
    const attributes = [...read('deploy/temporal/setup-namespace.sh').matchAll(/^ensure_attribute (\w+) (\w+)$/gm)];
    expect(Object.fromEntries(attributes.map(([, name, type]) => [name, type]))).toEqual({
      TandemState: 'Keyword',
      TandemTenant: 'Keyword',
      TandemWaba: 'Keyword',
      TandemReason: 'Keyword',
      TandemNextDeadline: 'Datetime',
      TandemNeedsAttention: 'Bool',
      TandemCycle: 'Int',
    });
  });

  it('has an image that sets only variables that our processes know', () => {
    const set = [...read('Dockerfile').matchAll(/\b((?:TANDEM|META|TEMPORAL)_[A-Z_]+)=/g)].map(([, name = '']) => name);
    expect(set.length).toBeGreaterThan(0);
    expect(set.filter((name) => !(name in envSchema.shape))).toEqual([]);
  });
});

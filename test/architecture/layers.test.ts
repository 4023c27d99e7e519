import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT, runTool, withPlanted } from './tool.ts';

const Cruise = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

const LAYERS = [
  'domain',
  'meta',
  'workflows',
  'activities',
  'db',
  'delivery',
  'api',
  'simulator',
  'client',
  'launch',
  'cli',
];

async function cruise(folder: string): Promise<z.infer<typeof Cruise>> {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  const { stdout, stderr } = await runTool('depcruise', args, folder);
  if (stdout === '') throw new Error(stderr);
  return Cruise.parse(JSON.parse(stdout));
}

const WORLD = {
  'src/env.ts': 'export const env = 1;',
  'src/domain/clock.ts': 'export interface Clock { nowMs(): number }\nexport const now = 1;',
  'src/domain/rule.ts': 'export const rule = 1;',
  'src/activities/index.ts': 'export interface Calls { send(): void }\nexport const live = 1;',
  'src/workflows/messages.ts': 'export const fact = 1;',
  'src/workflows/inside.ts': 'export const inside = 1;',
  'src/meta/payload.ts': 'export const payload = 1;',
};

/** Each breaks one row of the table: what it shows, the rule, the path, and the text. */
const PLANTS = [
  [
    'the domain may not import an npm package',
    'domain-npm',
    'src/domain/npm.ts',
    'import { z } from "zod";\nexport const a = z;',
  ],
  [
    'the domain may not import from Node',
    'domain-node',
    'src/domain/node.ts',
    'import fs from "node:fs";\nexport const a = fs;',
  ],
  [
    'the domain may not know activities, not even by type',
    'domain-own-code',
    'src/domain/own.ts',
    'import type { Calls } from "../activities/index.ts";\nexport type A = Calls;',
  ],
  [
    'workflows may not run activities',
    'workflows-types-only',
    'src/workflows/run.ts',
    'import { live } from "../activities/index.ts";\nexport const a = live;',
  ],
  [
    'workflows may not use drizzle',
    'workflows-npm',
    'src/workflows/npm.ts',
    'import { sql } from "drizzle-orm";\nexport const a = sql;',
  ],
  [
    'workflows may not import from Node',
    'workflows-node',
    'src/workflows/node.ts',
    'import fs from "node:fs";\nexport const a = fs;',
  ],
  [
    'the API may not reach into workflows',
    'api-own-code',
    'src/api/own.ts',
    'import { inside } from "../workflows/inside.ts";\nexport const a = inside;',
  ],
  [
    'the API may not speak SQL',
    'api-npm',
    'src/api/npm.ts',
    'import postgres from "postgres";\nexport const a = postgres;',
  ],
  [
    'activities may not reach into the database',
    'activities-npm',
    'src/activities/npm.ts',
    'import postgres from "postgres";\nexport const a = postgres;',
  ],
  [
    'the local Meta may not share code with what it tests',
    'simulator-own-code',
    'src/simulator/wire.ts',
    'import { payload } from "../meta/payload.ts";\nexport const a = payload;',
  ],
  [
    'the local Meta may not share the rules',
    'simulator-own-code',
    'src/simulator/rule.ts',
    'import { rule } from "../domain/rule.ts";\nexport const a = rule;',
  ],
  [
    'an import must lead somewhere',
    'resolvable',
    'src/domain/lost.ts',
    'import { b } from "./gone.ts";\nexport const a = b;',
  ],
  [
    'a new folder needs a row first',
    'unknown-layer',
    'src/extra/new.ts',
    'import { rule } from "../domain/rule.ts";\nexport const a = rule;',
  ],
  [
    'logger.ts may not know a layer',
    'root-files-stand-alone',
    'src/logger.ts',
    'import { rule } from "./domain/rule.ts";\nexport const a = rule;',
  ],
  [
    'a cycle is refused',
    'no-cycles',
    'src/domain/round.ts',
    'import { about } from "./about.ts";\nexport const round = (): number => about;',
  ],
  [
    'only cli and launch may read the settings',
    'only-composers-read-env',
    'src/db/settings.ts',
    'import { env } from "../env.ts";\nexport const a = env;',
  ],
] as const;

const ALLOWED = {
  'src/domain/about.ts': 'import { round } from "./round.ts";\nexport const about: number = round();',
  'src/workflows/types.ts':
    'import type { Calls } from "../activities/index.ts";\nimport { proxyActivities } from "@temporalio/workflow";\nexport const a = proxyActivities<Calls>({});',
  'src/api/allowed.ts':
    'import { fact } from "../workflows/messages.ts";\nimport swagger from "@fastify/swagger";\nimport { createHmac } from "node:crypto";\nexport const a = [fact, swagger, createHmac];',
  'src/simulator/clock.ts': 'import type { Clock } from "../domain/clock.ts";\nexport type A = Clock;',
  'src/cli/settings.ts': 'import { env } from "../env.ts";\nexport const a = env;',
  'src/launch/settings.ts': 'import { env } from "../env.ts";\nexport const a = env;',
};

describe('the table of layers', () => {
  it('holds for the whole of src, of which the check sees more than 40 modules', async () => {
    const { modules, summary } = await cruise(ROOT);
    expect(summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    expect(modules.filter(({ source }) => source.startsWith('src/')).length).toBeGreaterThan(40);
  });

  it('has a row for each folder below src', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !LAYERS.includes(name))).toEqual([]);
  });
});

describe('the check of the layers', () => {
  const broken = new Map<string, Set<string>>();

  beforeAll(async () => {
    const files = { ...WORLD, ...ALLOWED, ...Object.fromEntries(PLANTS.map(([, , path, text]) => [path, text])) };
    const { summary } = await withPlanted(files, cruise);
    for (const { from, to, rule } of summary.violations) {
      // A cycle is reported at one of its members.
      const members = rule.name === 'no-cycles' ? [from, to] : [from];
      for (const member of members) broken.set(member, (broken.get(member) ?? new Set()).add(rule.name));
    }
  });

  it.each(PLANTS)('%s', (...[, rule, path]) => {
    expect([...(broken.get(path) ?? [])]).toContain(rule);
  });

  it('allows what the table allows', () => {
    const innocent = [...Object.keys(WORLD), ...Object.keys(ALLOWED)].filter((path) => path !== 'src/domain/about.ts');
    expect(innocent.filter((path) => broken.has(path))).toEqual([]);
  });
});

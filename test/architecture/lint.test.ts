import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runTool, withPlanted } from './tool.ts';

const Lint = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** One file for each rule: path, rule, and the text that breaks it. */
const PLANTS = [
  [
    'src/workflows/forgotten.ts',
    'typescript(no-floating-promises)',
    'import { proxyActivities } from "@temporalio/workflow";\ninterface Calls { send(): Promise<void> }\nconst calls = proxyActivities<Calls>({});\nexport function forget(): void { calls.send(); }',
  ],
  [
    'src/workflows/from-node.ts',
    'eslint(no-restricted-imports)',
    'import { join } from "node:path/posix";\nexport const path = join;',
  ],
  [
    'src/workflows/by-value.ts',
    'eslint(no-restricted-imports)',
    'import { live } from "../activities/live.ts";\nexport const value = live;',
  ],
  ['src/workflows/with-zod.ts', 'eslint(no-restricted-imports)', 'import { z } from "zod";\nexport const schema = z;'],
  ['src/workflows/network.ts', 'eslint(no-restricted-globals)', 'export const answer = fetch("https://example.com");'],
  ['src/workflows/process.ts', 'eslint(no-restricted-globals)', 'export const mode = process.env["MODE"];'],
  ['src/domain/time.ts', 'eslint(no-restricted-globals)', 'export const at = Date.now();'],
  ['src/domain/chance.ts', 'eslint(no-restricted-properties)', 'export const chance = Math.random();'],
  ['src/domain/package.ts', 'eslint(no-restricted-imports)', 'import { z } from "zod";\nexport const schema = z;'],
  [
    'src/domain/open-switch.ts',
    'typescript(switch-exhaustiveness-check)',
    'export function of(kind: "a" | "b"): number { switch (kind) { case "a": return 1; } return 2; }',
  ],
  ['src/domain/loose.ts', 'typescript(no-explicit-any)', 'export const loose: any = 1;'],
  [
    'src/domain/surely.ts',
    'typescript(no-non-null-assertion)',
    'export const surely = (text: string | undefined): string => text!;',
  ],
  [
    'src/domain/by-type.ts',
    'typescript(consistent-type-imports)',
    'import { Row } from "./row.ts";\nexport const row: Row = { id: 1 };',
  ],
  ['src/domain/thrown.ts', 'typescript(only-throw-error)', 'export function stop(): never { throw "stop"; }'],
  ['src/domain/default.ts', 'import(no-default-export)', 'export default 1;'],
  ['src/domain/Upper.ts', 'unicorn(filename-case)', 'export const upper = 1;'],
  [
    'src/domain/round.ts',
    'import(no-cycle)',
    'import { about } from "./about.ts";\nexport const round = (): number => about();',
  ],
  [
    'src/api/handed.ts',
    'typescript(no-misused-promises)',
    'export const handed = (list: number[]): void => list.forEach(async () => { await Promise.resolve(); });',
  ],
  ['src/api/printed.ts', 'eslint(no-console)', 'console.log("here");'],
  [
    'src/api/many.ts',
    'eslint(max-params)',
    'export const many = (a: number, b: number, c: number, d: number): number => a + b + c + d;',
  ],
  [
    'src/api/deep.ts',
    'eslint(max-depth)',
    'export function deep(a: boolean): void { if (a) { if (a) { if (a) { if (a) { deep(a); } } } } }',
  ],
  [
    'src/api/branchy.ts',
    'eslint(complexity)',
    `export function branchy(a: number): number {\n${lines(10, (n) => `  if (a === ${n}) return ${n + 1};`)}\n  return 0;\n}`,
  ],
  [
    'src/api/long.ts',
    'eslint(max-lines-per-function)',
    `export function long(): number {\n  let a = 0;\n${lines(60, (n) => `  a += ${n};`)}\n  return a;\n}`,
  ],
  ['src/api/big.ts', 'eslint(max-lines)', lines(301, (n) => `export const v${n} = ${n};`)],
] as const;

const INNOCENT = {
  'src/domain/row.ts': 'export interface Row { readonly id: number }',
  'src/domain/about.ts': 'import { round } from "./round.ts";\nexport const about = (): number => round();',
  'src/activities/live.ts': 'export interface Live { readonly id: number }\nexport const live = 1;',
  'src/workflows/types-only.ts': 'import type { Live } from "../activities/live.ts";\nexport type Known = Live;',
  'src/cli/main.ts': 'console.log("the command line may print");',
  'src/api/at-the-ceiling.ts': lines(300, (n) => `export const v${n} = ${n};`),
};

describe('the lint rules that carry weight', () => {
  const found = new Map<string, string[]>();

  beforeAll(async () => {
    const files = { ...INNOCENT, ...Object.fromEntries(PLANTS.map(([path, , text]) => [path, `${text}\n`])) };
    const { stdout } = await withPlanted(
      files,
      async (folder) => await runTool('oxlint', ['--type-aware', '-f', 'json', 'src'], folder),
    );
    for (const { filename, code } of Lint.parse(JSON.parse(stdout)).diagnostics) {
      found.set(filename, [...(found.get(filename) ?? []), code]);
    }
  });

  it.each(PLANTS)('%s is caught by %s', (path, code) => {
    expect(found.get(path)).toContain(code);
  });

  it('leave alone what is allowed', () => {
    const innocent = Object.keys(INNOCENT).filter((path) => path !== 'src/domain/about.ts');
    expect(innocent.filter((path) => found.has(path))).toEqual([]);
  });
});
